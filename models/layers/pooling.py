"""Layers that make an image or a sequence smaller by summing up neighbourhoods, or larger again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field
from torch import nn

from models import sequence_modules
from models.entry import Call, Label, Words, call
from models.layers.layer import GROUPS, Layer, Misfit, Role
from models.shape import Kind, Shape

SIZE_LABEL = Label("Window", "窗口大小", "方窗的边长，以像素计；取 2，宽和高都减半，多出来的边缘舍去。")


class MaxPool2d(Layer):
    """Cuts each channel into small squares and keeps the greatest number of each.

    What counts is whether a pattern was found somewhere near, not on which pixel, so small shifts of the image change little.
    The smaller image also makes everything behind it cheaper, and lets the next filters see a larger part of the picture.
    """

    op: Literal["max_pool2d"] = "max_pool2d"
    size: int = Field(2, ge=1, le=16)
    """Width and height of a square in pixels; 2 halves width and height, and what is left over at the border is dropped."""

    title: ClassVar[Words] = Words("Max pooling", "最大池化")
    role: ClassVar[Role] = "shape"
    group: ClassVar[Words] = GROUPS["shape"]
    accepts: ClassVar[tuple[Kind, ...]] = ("image",)
    chinese: ClassVar[str] = (
        "把每个通道切成小方块，每块只留最大的那个数。\n\n"
        "要紧的是附近有没有找到图案，而不是恰好在哪个像素，所以图像稍微挪一挪，结果变化不大。"
        "图像变小了，后面的计算更省，后面的滤波器也能看到更大的一片。"
    )
    labels: ClassVar[Mapping[str, Label]] = {"size": SIZE_LABEL}

    def call(self, shape: Shape) -> Call:
        """nn.MaxPool2d; raises Misfit when the image is smaller than the window."""
        return call(nn.MaxPool2d, _fitting(self.size, shape))


class AveragePool2d(Layer):
    """Cuts each channel into small squares and keeps the mean of each.

    It shrinks the image as max pooling does, but softly: every pixel has its say, so strong single responses are blurred.
    """

    op: Literal["average_pool2d"] = "average_pool2d"
    size: int = Field(2, ge=1, le=16)
    """Width and height of a square in pixels; 2 halves width and height, and what is left over at the border is dropped."""

    title: ClassVar[Words] = Words("Average pooling", "平均池化")
    role: ClassVar[Role] = "shape"
    group: ClassVar[Words] = GROUPS["shape"]
    accepts: ClassVar[tuple[Kind, ...]] = ("image",)
    chinese: ClassVar[str] = (
        "把每个通道切成小方块，每块只留平均数。\n\n和最大池化一样缩小图像，但更柔和：每个像素都算数，个别很强的响应会被冲淡。"
    )
    labels: ClassVar[Mapping[str, Label]] = {"size": SIZE_LABEL}

    def call(self, shape: Shape) -> Call:
        """nn.AvgPool2d; raises Misfit when the image is smaller than the window."""
        return call(nn.AvgPool2d, _fitting(self.size, shape))


class GlobalPool2d(Layer):
    """Turns each channel into a single number: its mean or its greatest value.

    What remains is how much of each pattern the image holds, wherever it is. Images of any size give equally many numbers,
    and the layers behind need far fewer weights than after flattening.
    """

    op: Literal["global_pool2d"] = "global_pool2d"
    mode: Literal["average", "max"] = "average"
    """Whether a channel is summed up by its mean or by its greatest value."""

    title: ClassVar[Words] = Words("Global pooling", "全局池化")
    role: ClassVar[Role] = "shape"
    group: ClassVar[Words] = GROUPS["shape"]
    accepts: ClassVar[tuple[Kind, ...]] = ("image",)
    chinese: ClassVar[str] = (
        "把每个通道化成一个数：它的平均值或最大值。\n\n"
        "剩下的是图像里每种图案有多少，而不管它在哪里。不论图像多大，得到的数都一样多，"
        "后面的层所需的权重也比展平之后少得多。"
    )
    labels: ClassVar[Mapping[str, Label]] = {"mode": Label("Mode", "方式", "用平均值还是最大值来概括一个通道。")}
    options: ClassVar[Mapping[str, Mapping[str, Words]]] = {
        "mode": {"average": Words("Average", "平均值"), "max": Words("Maximum", "最大值")}
    }

    def call(self, shape: Shape) -> Call:
        """(channels, height, width) -> (channels,)."""
        return call(nn.Sequential, call(nn.AdaptiveAvgPool2d if self.mode == "average" else nn.AdaptiveMaxPool2d, 1), call(nn.Flatten))


class Pool1d(Layer):
    """Cuts a sequence into stretches of a few time steps and keeps the greatest number or the mean of each.

    Each feature is treated by itself. The sequence gets shorter, so what comes behind is cheaper and sees more of it at once.
    """

    op: Literal["pool1d"] = "pool1d"
    size: int = Field(2, ge=1, le=64)
    """Time steps in a stretch; 2 halves the length, and what is left over at the end is dropped."""
    mode: Literal["max", "average"] = "max"
    """Whether a stretch is summed up by its greatest value or by its mean."""

    title: ClassVar[Words] = Words("Pooling along time", "沿时间池化")
    role: ClassVar[Role] = "shape"
    group: ClassVar[Words] = GROUPS["shape"]
    accepts: ClassVar[tuple[Kind, ...]] = ("sequence",)
    chinese: ClassVar[str] = (
        "把序列切成几个时刻一段，每段只留最大的那个数或平均数。\n\n每个特征各算各的。序列变短了，后面的计算更省，一次能看到的也更长。"
    )
    labels: ClassVar[Mapping[str, Label]] = {
        "size": Label("Window", "窗口大小", "一段有几个时刻；取 2，长度减半，末尾多出来的舍去。"),
        "mode": Label("Mode", "方式", "用最大值还是平均值来概括一段。"),
    }
    options: ClassVar[Mapping[str, Mapping[str, Words]]] = {
        "mode": {"max": Words("Maximum", "最大值"), "average": Words("Average", "平均值")}
    }

    def call(self, shape: Shape) -> Call:
        """(time, features) -> (time / size, features); raises Misfit when the sequence is shorter than the window."""
        time = shape.sizes[0]
        if self.size > time:
            raise Misfit(
                Words(
                    f"A window of {self.size} time steps does not fit into a sequence of {time}.",
                    f"{self.size} 个时刻的窗口放不进长度为 {time} 的序列。",
                ),
                Words(f"Choose a window of {time} or less.", f"把窗口改为 {time} 或更小。"),
                change=("size", time),
            )
        pool = call(nn.MaxPool1d if self.mode == "max" else nn.AvgPool1d, self.size)
        return call(nn.Sequential, call(sequence_modules.Swap), pool, call(sequence_modules.Swap))


class TimePool(Layer):
    """Turns a sequence into a plain list: for each feature its mean or its greatest value over all time steps, or its last one.

    Sequences of any length then give equally many numbers. The mean asks how much of it there was, the maximum whether it ever
    occurred, and the last step suits a layer that has read everything by then.
    """

    op: Literal["time_pool"] = "time_pool"
    mode: Literal["average", "max", "last"] = "average"
    """Whether a feature is summed up by its mean, by its greatest value or by its last one."""

    title: ClassVar[Words] = Words("Pooling over all time", "全程池化")
    role: ClassVar[Role] = "shape"
    group: ClassVar[Words] = GROUPS["shape"]
    accepts: ClassVar[tuple[Kind, ...]] = ("sequence",)
    chinese: ClassVar[str] = (
        "把序列化成一串数：每个特征取全部时刻的平均值、最大值，或者最后一个值。\n\n"
        "不论序列多长，得到的数都一样多。平均值看的是总共有多少，最大值看的是有没有出现过；"
        "如果前一层读到最后已经什么都知道了，就取最后一个。"
    )
    labels: ClassVar[Mapping[str, Label]] = {"mode": Label("Mode", "方式", "用平均值、最大值还是最后一个值来概括一个特征。")}
    options: ClassVar[Mapping[str, Mapping[str, Words]]] = {
        "mode": {"average": Words("Average", "平均值"), "max": Words("Maximum", "最大值"), "last": Words("Last step", "最后一步")}
    }

    def call(self, shape: Shape) -> Call:
        """(time, features) -> (features,)."""
        return call(sequence_modules.OverTime, self.mode)


class Upsample2d(Layer):
    """Makes an image larger: each pixel becomes a small square, either of one colour or blending into its neighbours.

    It undoes the shrinking of a pooling layer, though what was lost stays lost. Nothing is learnt here, so a convolution usually
    stands behind it; together they do what a transposed convolution does, without its chequered pattern.
    """

    op: Literal["upsample2d"] = "upsample2d"
    factor: int = Field(2, ge=2, le=8)
    """How many times wider and higher the image becomes."""
    mode: Literal["nearest", "bilinear"] = "nearest"
    """Whether each pixel is just repeated, or the steps between pixels are smoothed."""

    title: ClassVar[Words] = Words("Up-sampling", "上采样")
    role: ClassVar[Role] = "shape"
    group: ClassVar[Words] = GROUPS["shape"]
    accepts: ClassVar[tuple[Kind, ...]] = ("image",)
    chinese: ClassVar[str] = (
        "把图像放大：每个像素变成一个小方块，要么一色，要么和邻居平滑过渡。\n\n"
        "它把池化缩小的图再放大，不过丢掉的细节回不来。这里没有可学的东西，所以后面通常接一个卷积层；"
        "两者合起来相当于转置卷积，又没有它那种棋盘纹。"
    )
    labels: ClassVar[Mapping[str, Label]] = {
        "factor": Label("Factor", "倍数", "宽和高各变成几倍。"),
        "mode": Label("Mode", "方式", "只是重复每个像素，还是让像素之间平滑过渡。"),
    }
    options: ClassVar[Mapping[str, Mapping[str, Words]]] = {
        "mode": {"nearest": Words("Repeated", "重复"), "bilinear": Words("Smooth", "平滑")}
    }

    def call(self, shape: Shape) -> Call:
        """(channels, height, width) -> (channels, factor · height, factor · width)."""
        return call(nn.Upsample, scale_factor=self.factor, mode=self.mode)


def _fitting(size: int, shape: Shape) -> int:
    _, height, width = shape.sizes
    if size <= min(height, width):
        return size
    raise Misfit(
        Words(
            f"A window of {size}×{size} does not fit into an image of {height}×{width}.",
            f"{size}×{size} 的窗口放不进 {height}×{width} 的图像。",
        ),
        Words(
            f"Choose a window of {min(height, width)} or less, or remove a layer that shrinks the image before it.",
            f"把窗口改为 {min(height, width)} 或更小，或者去掉前面某个缩小图像的层。",
        ),
        change=("size", min(height, width)),
    )
