"""Layers that bring numbers to mean 0 and deviation 1."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

from torch import nn

from models.entry import Call, Words, call
from models.layers.layer import GROUPS, Layer, Misfit, Role
from models.shape import Kind, Shape


class BatchNorm(Layer):
    """Shifts and scales each feature so that over a batch its mean is 0 and its deviation 1, then lets the network rescale it.

    Layers behind it find their inputs in the same range all the time, so larger learning rates work and deep networks train
    sooner. In an image every channel is one feature.

    While training it looks at the current batch; afterwards it uses running means, so that an answer does not depend on its
    neighbours. Batches should not be too small: one example has nothing to be compared with.
    """

    op: Literal["batch_norm"] = "batch_norm"

    title: ClassVar[Words] = Words("Batch normalisation", "批归一化")
    role: ClassVar[Role] = "regularise"
    group: ClassVar[Words] = GROUPS["regularise"]
    accepts: ClassVar[tuple[Kind, ...]] = ("features", "image")
    chinese: ClassVar[str] = (
        "把每个特征在一批样本上平移、缩放到均值为 0、标准差为 1，再让网络自己决定放大多少、移动多少。\n\n"
        "后面的层收到的数总在差不多的范围里，学习率可以大一些，深的网络也学得更快。对图像来说，每个通道算一个特征。\n\n"
        "训练时用当前这一批的均值；训练完用平时积累的均值，这样答案就不受同批样本影响。"
        "一批不能太小：只有一个样本，就没什么可比的。"
    )

    def call(self, shape: Shape) -> Call:
        """nn.BatchNorm1d for features, nn.BatchNorm2d for images."""
        return call(nn.BatchNorm2d if shape.kind == "image" else nn.BatchNorm1d, shape.sizes[0])


class LayerNorm(Layer):
    """Shifts and scales the numbers of each example so that their mean is 0 and their deviation 1, then rescales them as learnt.

    Every example is treated by itself, so the size of a batch does not matter, and training and answering work alike.
    Sequences are treated one time step after another; in an image all channels are taken together, and each channel learns
    one scale and one shift.
    """

    op: Literal["layer_norm"] = "layer_norm"

    title: ClassVar[Words] = Words("Layer normalisation", "层归一化")
    role: ClassVar[Role] = "regularise"
    group: ClassVar[Words] = GROUPS["regularise"]
    chinese: ClassVar[str] = (
        "把每个样本自己的那些数平移、缩放到均值为 0、标准差为 1，再按学到的比例放大和移动。\n\n"
        "每个样本各管各的，所以批大小无所谓，训练时和使用时也完全一样。"
        "序列按时刻逐个处理；图像则把所有通道合在一起算，每个通道学一个比例和一个偏移。"
    )

    def call(self, shape: Shape) -> Call:
        """nn.LayerNorm over the last axis; for images nn.GroupNorm with one group. Raises Misfit for a single number."""
        numbers = math.prod(shape.sizes) if shape.kind == "image" else shape.sizes[-1]
        if numbers < 2:
            raise Misfit(
                Words(
                    "Layer normalisation compares the numbers of an example; a single number would always become 0.",
                    "层归一化要在一个样本的各个数之间比较；只有一个数，结果永远是 0。",
                ),
                Words("Give the layer before it two or more units, or remove this one.", "让前一层给出两个以上的数，或者去掉这一层。"),
            )
        if shape.kind == "image":
            return call(nn.GroupNorm, 1, shape.sizes[0])
        return call(nn.LayerNorm, shape.sizes[-1])
