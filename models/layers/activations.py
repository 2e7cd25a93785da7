"""Layers that bend each number by itself, which is what lets a network learn more than straight lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field
from torch import nn

from models import modules
from models.entry import Call, Label, Words, call
from models.layers.layer import GROUPS, Layer, Role
from models.shape import Shape


class Activation(Layer):
    """A function applied to what a layer gives; the shape stays."""

    role: ClassVar[Role] = "activation"
    group: ClassVar[Words] = GROUPS["activation"]


class ReLU(Activation):
    """Lets positive numbers pass and turns negative ones into 0: max(0, x).

    It costs next to nothing and its gradient does not fade for positive numbers, so it is the usual choice for deep networks.
    A unit that is negative for every example has no gradient left and stays dead.
    """

    op: Literal["relu"] = "relu"

    title: ClassVar[Words] = Words("ReLU", "ReLU")
    chinese: ClassVar[str] = (
        "正数放行，负数变成 0：max(0, x)。\n\n"
        "几乎不花计算，对正数来说梯度也不会变弱，所以是深层网络最常用的选择。"
        "如果一个神经元对所有样本都给出负数，它就没有梯度，再也学不动了（“死掉”）。"
    )

    def call(self, shape: Shape) -> Call:
        """nn.ReLU."""
        return call(nn.ReLU)


class LeakyReLU(Activation):
    """Like ReLU, but lets a small part of negative numbers through.

    The gradient is never zero, so no unit can die.
    """

    op: Literal["leaky_relu"] = "leaky_relu"
    slope: float = Field(0.01, ge=0, le=1)
    """What negative numbers are multiplied by; 0 is ReLU, 1 changes nothing."""

    title: ClassVar[Words] = Words("Leaky ReLU", "Leaky ReLU")
    chinese: ClassVar[str] = "和 ReLU 一样，只是让负数也漏过去一小部分。\n\n梯度永远不为零，神经元就不会死掉。"
    labels: ClassVar[Mapping[str, Label]] = {"slope": Label("Slope", "斜率", "负数乘上多少；0 就是 ReLU，1 等于什么都不做。")}

    def call(self, shape: Shape) -> Call:
        """nn.LeakyReLU."""
        return call(nn.LeakyReLU, self.slope)


class ELU(Activation):
    """Like ReLU for positive numbers, while negative ones bend smoothly towards -1: eˣ - 1.

    The mean of what it gives is closer to 0 than with ReLU, which helps the layer behind it, and there is no sharp corner.
    """

    op: Literal["elu"] = "elu"

    title: ClassVar[Words] = Words("ELU", "ELU")
    chinese: ClassVar[str] = (
        "正数和 ReLU 一样，负数则平滑地弯向 -1：eˣ - 1。\n\n给出的数平均起来比 ReLU 更接近 0，后面的层更好学；曲线也没有尖角。"
    )

    def call(self, shape: Shape) -> Call:
        """nn.ELU."""
        return call(nn.ELU)


class GELU(Activation):
    """A smooth ReLU: multiplies x by the chance that a normally distributed number is smaller than x.

    Large positive numbers pass, large negative ones vanish, and in between the curve is round. It is the activation of most
    language models.
    """

    op: Literal["gelu"] = "gelu"

    title: ClassVar[Words] = Words("GELU", "GELU")
    chinese: ClassVar[str] = (
        "平滑的 ReLU：把 x 乘上“一个正态分布的随机数比 x 小”的概率。\n\n"
        "很大的正数放行，很大的负数消失，中间是圆滑的曲线。多数语言模型用的就是它。"
    )

    def call(self, shape: Shape) -> Call:
        """nn.GELU."""
        return call(nn.GELU)


class SiLU(Activation):
    """A smooth ReLU: multiplies x by its own sigmoid.

    Also known as swish. It dips a little below 0 for small negative numbers, and its gradient is smooth everywhere.
    """

    op: Literal["silu"] = "silu"

    title: ClassVar[Words] = Words("SiLU (swish)", "SiLU（Swish）")
    chinese: ClassVar[str] = "平滑的 ReLU：把 x 乘上它自己的 sigmoid。\n\n也叫 Swish。在不大的负数处略微低于 0，处处光滑。"

    def call(self, shape: Shape) -> Call:
        """nn.SiLU."""
        return call(nn.SiLU)


class Mish(Activation):
    """A smooth ReLU: multiplies x by the tanh of its softplus.

    It is close to SiLU, a little deeper below 0, and costs a little more.
    """

    op: Literal["mish"] = "mish"

    title: ClassVar[Words] = Words("Mish", "Mish")
    chinese: ClassVar[str] = "平滑的 ReLU：x 乘上 tanh(softplus(x))。\n\n和 SiLU 很像，在 0 以下凹得略深，计算也略贵。"

    def call(self, shape: Shape) -> Call:
        """nn.Mish."""
        return call(nn.Mish)


class Tanh(Activation):
    """Squeezes any number smoothly into the range from -1 to 1.

    It is symmetric around 0 and learns small problems quickly and smoothly. Far from 0 it is flat, so in deep networks the
    gradient fades from layer to layer.
    """

    op: Literal["tanh"] = "tanh"

    title: ClassVar[Words] = Words("Tanh", "Tanh")
    chinese: ClassVar[str] = (
        "把任何数平滑地压到 -1 和 1 之间。\n\n它关于 0 对称，学小问题又快又平滑。离 0 远的地方曲线很平，所以网络一深，梯度就一层层变弱。"
    )

    def call(self, shape: Shape) -> Call:
        """nn.Tanh."""
        return call(nn.Tanh)


class Sigmoid(Activation):
    """Squeezes any number smoothly into the range from 0 to 1, like a switch with a soft edge.

    It was the classic model of a neuron that fires or does not. Its slope is at most a quarter, so gradients fade quickly
    when several of them stand behind one another.
    """

    op: Literal["sigmoid"] = "sigmoid"

    title: ClassVar[Words] = Words("Sigmoid", "Sigmoid")
    chinese: ClassVar[str] = (
        "把任何数平滑地压到 0 和 1 之间，像一个边缘柔和的开关。\n\n"
        "它是“神经元放电或不放电”的经典模型。斜率最大也只有四分之一，几层叠起来梯度很快就变弱了。"
    )

    def call(self, shape: Shape) -> Call:
        """nn.Sigmoid."""
        return call(nn.Sigmoid)


class Softplus(Activation):
    """A ReLU with a rounded corner whose answers are always positive: log(1 + eˣ).

    Useful where a number must be positive, such as a width or a rate. Its slope is the sigmoid.
    """

    op: Literal["softplus"] = "softplus"

    title: ClassVar[Words] = Words("Softplus", "Softplus")
    chinese: ClassVar[str] = "把 ReLU 的尖角磨圆，结果永远为正：log(1 + eˣ)。\n\n适合必须为正的数，比如宽度或速率。它的斜率正是 sigmoid。"

    def call(self, shape: Shape) -> Call:
        """nn.Softplus."""
        return call(nn.Softplus)


class Sine(Activation):
    """A wave: goes up and down again and again as the input grows.

    A few units are enough for patterns that repeat, such as rings and spirals, where others need many. Higher frequencies
    draw finer detail, and learn noise more readily.
    """

    op: Literal["sine"] = "sine"
    frequency: float = Field(1.0, ge=0.1, le=100, json_schema_extra={"scale": "log"})
    """How fast the wave swings: the input is multiplied by it first."""

    title: ClassVar[Words] = Words("Sine", "正弦")
    chinese: ClassVar[str] = (
        "一条波浪：输入越来越大，输出一上一下地来回摆。\n\n"
        "对圆环、螺旋这类重复的图案，别的激活函数要很多神经元，它只要几个。频率越高，画得越细，也越容易把噪声学进去。"
    )
    labels: ClassVar[Mapping[str, Label]] = {"frequency": Label("Frequency", "频率", "波浪摆得多快：输入先乘上这个数。")}

    def call(self, shape: Shape) -> Call:
        """modules.Sine."""
        return call(modules.Sine, self.frequency)


class Softmax(Activation):
    """Turns a list of numbers into shares that are positive and add up to 1.

    The greatest number gets the greatest share, the more so the further it is ahead. Inside a network it makes units compete.
    The output needs none: the loss applies it already. In an image the channels compete at every pixel, in a sequence the
    features at every time step.
    """

    op: Literal["softmax"] = "softmax"

    title: ClassVar[Words] = Words("Softmax", "Softmax")
    chinese: ClassVar[str] = (
        "把一串数变成份额，全为正，加起来等于 1。\n\n"
        "最大的数占最大的份额，领先越多占得越多；放在网络中间，就是让神经元互相竞争。"
        "输出层不需要它，损失函数里已经有了。图像在每个像素上由各通道竞争，序列在每个时刻由各特征竞争。"
    )

    def call(self, shape: Shape) -> Call:
        """nn.Softmax over features or channels."""
        return call(nn.Softmax, dim=2 if shape.kind == "sequence" else 1)
