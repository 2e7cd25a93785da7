"""Layers that make an image smaller by summing up neighbourhoods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field
from torch import nn

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
    )
