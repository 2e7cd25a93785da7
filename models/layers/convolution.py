"""Layers that slide small filters over an image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field
from torch import nn

from models import modules
from models.entry import Call, Label, Words, call
from models.layers.initial import INITIAL_LABEL, INITIAL_OPTIONS, Initial, with_initial
from models.layers.layer import GROUPS, Layer, Misfit, Role
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
        if self.padding == "valid" and self.kernel > min(height, width):
            raise Misfit(
                Words(
                    f"A kernel of {self.kernel}×{self.kernel} does not fit into an image of {height}×{width}.",
                    f"{self.kernel}×{self.kernel} 的卷积核放不进 {height}×{width} 的图像。",
                ),
                Words(
                    f"Choose a kernel of {min(height, width)} or less, or the padding “same size”.",
                    f"把核大小改为 {min(height, width)} 或更小，或者选择补零。",
                ),
            )
        keywords: dict[str, Any] = {} if self.stride == 1 else {"stride": self.stride}
        even = self.kernel % 2 == 0
        # torch's own padding="same" refuses strides and warns about even kernels.
        if self.padding == "same" and not even and self.kernel > 1:
            keywords["padding"] = self.kernel // 2
        if not self.bias:
            keywords["bias"] = False
        module = modules.EvenConv2d if self.padding == "same" and even else nn.Conv2d
        return with_initial(call(module, channels, self.filters, self.kernel, **keywords), self.initial)
