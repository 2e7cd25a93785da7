"""Layers that slide small filters over an image or along a sequence."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field
from torch import nn

from models import modules, sequence_modules
from models.entry import Call, Label, Words, call
from models.layers.initial import INITIAL_LABEL, INITIAL_OPTIONS, Initial, with_initial
from models.layers.layer import GROUPS, Layer, Misfit, Role
from models.layers.reshape import largest_divisor
from models.shape import Kind, Shape


class Conv2d(Layer):
    """Slides small filters over the image; each looks for one pattern and gives a map of where it is found.

    The same few weights are used at every place, so a pattern that was learnt in one corner is recognised in all of them,
    and the layer needs far fewer weights than a dense one. Filters behind others see patterns of patterns: edges, then
    corners, then shapes.
    """

    op: Literal["conv2d"] = "conv2d"
    filters: int = Field(8, ge=1, le=1024)
    """How many patterns are looked for; each gives one channel of the result."""
    kernel: int = Field(3, ge=1, le=11)
    """Width and height of a filter in pixels: how much of the image it sees at once."""
    stride: int = Field(1, ge=1, le=8)
    """Pixels from one place of the filter to the next; 2 halves width and height."""
    padding: Literal["same", "valid"] = "same"
    """Whether zeros are put around the image so that the result stays as large (same), or the filter stays inside (valid)."""
    dilation: int = Field(1, ge=1, le=16, json_schema_extra={"advanced": True})
    """Pixels from one weight of a filter to the next; 2 leaves out every other pixel, so a filter sees twice as far."""
    groups: int = Field(1, ge=1, le=1024, json_schema_extra={"advanced": True})
    """Into how many groups channels and filters are divided; each filter sees its own group only. As many groups as channels: each
    channel is filtered by itself (depthwise)."""
    bias: bool = True
    """Whether each filter adds a number of its own to its map."""
    initial: Initial = "default"

    title: ClassVar[Words] = Words("Convolution", "卷积层")
    role: ClassVar[Role] = "weights"
    group: ClassVar[Words] = GROUPS["weights"]
    accepts: ClassVar[tuple[Kind, ...]] = ("image",)
    chinese: ClassVar[str] = (
        "用小小的滤波器在图像上滑动，每个滤波器寻找一种图案，给出它在哪里出现的一张图。\n\n"
        "每个位置用的都是同一小组权重，所以在一个角落学会的图案，到哪儿都认得，权重也比全连接层少得多。"
        "叠在后面的滤波器看到的是图案的图案：先是边缘，再是拐角，再是形状。"
    )
    labels: ClassVar[Mapping[str, Label]] = {
        "filters": Label("Filters", "滤波器数", "寻找多少种图案；每种给出结果的一个通道。"),
        "kernel": Label("Kernel size", "核大小", "滤波器的边长，以像素计：一次能看到图像的多大一块。"),
        "stride": Label("Stride", "步幅", "滤波器每次移动多少像素；取 2，宽和高都减半。"),
        "padding": Label("Padding", "填充", "在图像四周补零，让结果和原图一样大（补零）；或者滤波器不出边界（不补）。"),
        "dilation": Label("Dilation", "空洞", "滤波器相邻两个权重隔多少像素；取 2 就是隔一个看一个，权重一样多，看得远一倍。"),
        "groups": Label(
            "Groups", "分组", "通道和滤波器分成几组，每个滤波器只看自己那一组。组数和通道数一样多时，每个通道各滤各的（逐通道卷积）。"
        ),
        "bias": Label("Bias", "偏置", "每个滤波器是否给自己的图再加一个数。"),
        "initial": INITIAL_LABEL,
    }
    options: ClassVar[Mapping[str, Mapping[str, Words]]] = {
        "padding": {"same": Words("Same size", "补零，大小不变"), "valid": Words("None", "不补，边缘缩小")},
        "initial": INITIAL_OPTIONS,
    }

    def call(self, shape: Shape) -> Call:
        """nn.Conv2d; raises Misfit when an unpadded image is smaller than the kernel."""
        channels, height, width = shape.sizes
        reach = self.dilation * (self.kernel - 1) + 1
        if self.padding == "valid" and reach > min(height, width):
            raise Misfit(
                Words(
                    f"A kernel of {reach}×{reach} does not fit into an image of {height}×{width}.",
                    f"{reach}×{reach} 的卷积核放不进 {height}×{width} 的图像。",
                ),
                Words(
                    f"Choose a kernel of {min(height, width)} or less, or the padding “same size”.",
                    f"把核大小改为 {min(height, width)} 或更小，或者选择补零。",
                ),
                change=("padding", "same"),
            )
        _require_groups(self.groups, channels, self.filters)
        keywords = _settings(self)
        # torch's own padding="same" refuses strides and warns about even kernels.
        even = reach % 2 == 0
        if self.padding == "same" and not even and reach > 1:
            keywords["padding"] = reach // 2
        module = modules.EvenConv2d if self.padding == "same" and even else nn.Conv2d
        return with_initial(call(module, channels, self.filters, self.kernel, **keywords), self.initial)


class Conv1d(Layer):
    """Slides small filters along a sequence; each looks for one pattern in time and tells at each step how well it is found there.

    A filter sees a few neighbouring steps at once, with all their features, and uses the same weights everywhere: a sound is
    recognised whenever it comes. With dilation, layers behind one another see twice as far each.
    """

    op: Literal["conv1d"] = "conv1d"
    filters: int = Field(16, ge=1, le=1024)
    """How many patterns are looked for; each gives one feature of the result."""
    kernel: int = Field(3, ge=1, le=64)
    """How many time steps a filter sees at once."""
    stride: int = Field(1, ge=1, le=16)
    """Time steps from one place of the filter to the next; 2 halves the length."""
    padding: Literal["same", "causal", "valid"] = "same"
    """Whether zeros are put at both ends so that the length stays (same), all of them before the beginning, so that no step sees what
    comes after it (causal), or the filter stays inside (valid)."""
    dilation: int = Field(1, ge=1, le=64)
    """Time steps from one weight of a filter to the next; 2 leaves out every other step, so a filter sees twice as far."""
    groups: int = Field(1, ge=1, le=1024, json_schema_extra={"advanced": True})
    """Into how many groups features and filters are divided; each filter sees its own group only."""
    bias: bool = True
    """Whether each filter adds a number of its own."""
    initial: Initial = "default"

    title: ClassVar[Words] = Words("Convolution along time", "时间卷积")
    role: ClassVar[Role] = "weights"
    group: ClassVar[Words] = GROUPS["weights"]
    accepts: ClassVar[tuple[Kind, ...]] = ("sequence",)
    chinese: ClassVar[str] = (
        "用小小的滤波器沿着序列滑动，每个滤波器寻找时间上的一种图案，说出它在每个时刻像不像。\n\n"
        "滤波器一次看相邻几个时刻的全部特征，到处都用同一组权重：一个音不管什么时候来，都认得出。"
        "配上空洞，一层接一层，每层看得比前一层远一倍。"
    )
    labels: ClassVar[Mapping[str, Label]] = {
        "filters": Label("Filters", "滤波器数", "寻找多少种图案；每种给出结果的一个特征。"),
        "kernel": Label("Kernel size", "核大小", "滤波器一次看几个时刻。"),
        "stride": Label("Stride", "步幅", "滤波器每次移动几个时刻；取 2，长度减半。"),
        "padding": Label("Padding", "填充", "两头补零，长度不变；全补在开头，谁也看不到后面的时刻；或者不补，滤波器不出边界。"),
        "dilation": Label("Dilation", "空洞", "滤波器相邻两个权重隔几个时刻；取 2 就是隔一个看一个，看得远一倍。"),
        "groups": Label("Groups", "分组", "特征和滤波器分成几组，每个滤波器只看自己那一组。"),
        "bias": Label("Bias", "偏置", "每个滤波器是否再加一个自己的数。"),
        "initial": INITIAL_LABEL,
    }
    options: ClassVar[Mapping[str, Mapping[str, Words]]] = {
        "padding": {
            "same": Words("Same length", "补零，长度不变"),
            "causal": Words("Only backwards", "只看过去"),
            "valid": Words("None", "不补，两头缩短"),
        },
        "initial": INITIAL_OPTIONS,
    }

    def call(self, shape: Shape) -> Call:
        """(time, features) -> (⌈time / stride⌉, filters) unless unpadded; raises Misfit."""
        time, features = shape.sizes
        reach = self.dilation * (self.kernel - 1) + 1
        if self.padding == "valid" and reach > time:
            raise Misfit(
                Words(
                    f"A kernel that reaches over {reach} time steps does not fit into a sequence of {time}.",
                    f"跨 {reach} 个时刻的卷积核放不进长度为 {time} 的序列。",
                ),
                Words("Choose a smaller kernel, or the padding “same length”.", "把核改小，或者选择补零。"),
                change=("padding", "same"),
            )
        _require_groups(self.groups, features, self.filters)
        keywords = _settings(self)
        swap, before, after = call(sequence_modules.Swap), (reach - 1) // 2, reach // 2
        parts = [swap]
        if self.padding == "causal" and reach > 1:
            parts.append(call(nn.ZeroPad1d, (reach - 1, 0)))
        elif self.padding == "same" and before != after:
            parts.append(call(nn.ZeroPad1d, (before, after)))
        elif self.padding == "same" and before:
            keywords["padding"] = before
        parts.append(with_initial(call(nn.Conv1d, features, self.filters, self.kernel, **keywords), self.initial))
        return call(nn.Sequential, *parts, swap)


class ConvTranspose2d(Layer):
    """A convolution the other way round: each pixel paints its filter into a larger image, and where they overlap they add up.

    Where a convolution turns an image into maps of patterns, this turns maps back into an image, twice as large or more.
    Networks that draw, such as decoders, consist of it. Kernels that the stride divides overlap evenly; others leave a
    chequered pattern.
    """

    op: Literal["conv_transpose2d"] = "conv_transpose2d"
    filters: int = Field(8, ge=1, le=1024)
    """Channels of the result."""
    kernel: int = Field(4, ge=2, le=16)
    """Width and height of what each pixel paints; at least the stride."""
    stride: int = Field(2, ge=2, le=8)
    """How many times wider and higher the image becomes."""
    bias: bool = True
    """Whether each filter adds a number of its own to its map."""

    title: ClassVar[Words] = Words("Transposed convolution", "转置卷积")
    role: ClassVar[Role] = "weights"
    group: ClassVar[Words] = GROUPS["weights"]
    accepts: ClassVar[tuple[Kind, ...]] = ("image",)
    chinese: ClassVar[str] = (
        "反过来做的卷积：每个像素把自己的滤波器画到一幅更大的图上，重叠的地方加起来。\n\n"
        "卷积把图像变成一张张图案分布图，它把分布图变回图像，放大到两倍或更多。会“画画”的网络（比如解码器）就靠它。"
        "核大小能被步幅整除时，重叠得均匀；否则会留下棋盘纹。"
    )
    labels: ClassVar[Mapping[str, Label]] = {
        "filters": Label("Filters", "滤波器数", "结果有几个通道。"),
        "kernel": Label("Kernel size", "核大小", "每个像素画出的方块的边长，不小于步幅。"),
        "stride": Label("Stride", "步幅", "宽和高各变成几倍。"),
        "bias": Label("Bias", "偏置", "每个滤波器是否给自己的图再加一个数。"),
    }

    def call(self, shape: Shape) -> Call:
        """(channels, height, width) -> (filters, stride · height, stride · width); raises Misfit."""
        if self.kernel < self.stride:
            raise Misfit(
                Words(
                    f"A kernel of {self.kernel} leaves gaps between pixels that are {self.stride} apart.",
                    f"像素之间隔 {self.stride}，大小为 {self.kernel} 的核填不满，会留下空隙。",
                ),
                Words(f"Choose a kernel of {self.stride} or more.", f"把核大小改为 {self.stride} 或更大。"),
                change=("kernel", self.stride),
            )
        keywords: dict[str, Any] = {"stride": self.stride}
        # torch gives stride · (size - 1) + kernel pixels; what is more than stride · size is cut off at the border.
        padding, even = divmod(self.kernel - self.stride + 1, 2)
        if padding:
            keywords["padding"] = padding
        if not even:
            keywords["output_padding"] = 1
        if not self.bias:
            keywords["bias"] = False
        return call(nn.ConvTranspose2d, shape.sizes[0], self.filters, self.kernel, **keywords)


class SqueezeExcitation(Layer):
    """Lets the network turn each channel up or down, depending on what the whole image holds.

    Every channel is squeezed into its mean; two small dense layers make of all the means a number from 0 to 1 for each
    channel, and the channel is multiplied by it. A few weights let a convolution know what is going on elsewhere in the image.

    Source: Hu et al., “Squeeze-and-excitation networks”, 2018.
    """

    op: Literal["squeeze_excitation"] = "squeeze_excitation"
    reduction: int = Field(4, ge=1, le=64)
    """How many times fewer units than channels the first of the two dense layers has."""

    title: ClassVar[Words] = Words("Squeeze and excitation", "挤压与激励（SE）")
    role: ClassVar[Role] = "weights"
    group: ClassVar[Words] = GROUPS["weights"]
    accepts: ClassVar[tuple[Kind, ...]] = ("image",)
    chinese: ClassVar[str] = (
        "让网络根据整幅图的内容，把每个通道调强或调弱。\n\n"
        "先把每个通道“挤”成它的平均值，再由两个小的全连接层从所有平均值算出每个通道的一个 0 到 1 的数，乘回到那个通道上。"
        "只用一点权重，卷积层就知道图像别处在发生什么。\n\n"
        "出处：Hu 等，“Squeeze-and-excitation networks”，2018。"
    )
    labels: ClassVar[Mapping[str, Label]] = {"reduction": Label("Reduction", "缩减倍数", "两个全连接层中，第一个的神经元比通道少几倍。")}

    def call(self, shape: Shape) -> Call:
        """The shape stays."""
        channels = shape.sizes[0]
        return call(modules.SqueezeExcitation, channels, max(1, channels // self.reduction))


def _settings(layer: Conv1d | Conv2d) -> dict[str, Any]:
    """What torch's constructors are told beyond their own defaults."""
    chosen = {"stride": layer.stride, "dilation": layer.dilation, "groups": layer.groups}
    keywords: dict[str, Any] = {name: value for name, value in chosen.items() if value != 1}
    return keywords if layer.bias else {**keywords, "bias": False}


def _require_groups(groups: int, channels: int, filters: int) -> None:
    if channels % groups or filters % groups:
        shared = math.gcd(channels, filters)
        nearest = largest_divisor(shared, min(groups, shared))
        raise Misfit(
            Words(
                f"{channels} channels and {filters} filters cannot both be divided into {groups} equal groups.",
                f"{channels} 个通道和 {filters} 个滤波器没法都平分成 {groups} 组。",
            ),
            Words(
                f"Choose {nearest} {'group' if nearest == 1 else 'groups'}, or filters that are a multiple of the groups.",
                f"改为 {nearest} 组，或者让滤波器数是组数的倍数。",
            ),
            change=("groups", nearest),
        )
