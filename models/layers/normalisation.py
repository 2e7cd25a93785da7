"""Layers that bring numbers to mean 0 and deviation 1."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field
from torch import nn

from models.entry import Call, Label, Words, call
from models.layers.layer import GROUPS, Layer, Misfit, Role
from models.layers.reshape import largest_divisor
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


class GroupNorm(Layer):
    """Divides the channels of an image into groups and brings each group of each example to mean 0 and deviation 1, then rescales it.

    It stands between batch and layer normalisation: like the one it knows channels, like the other it looks at one example only.
    So it does not mind how small a batch is, and answers as it was trained. One group is layer normalisation; as many groups as
    channels treat each channel by itself (instance normalisation).

    Source: Wu and He, “Group normalization”, 2018.
    """

    op: Literal["group_norm"] = "group_norm"
    groups: int = Field(4, ge=1, le=1024)
    """Into how many groups of equal size the channels are divided."""

    title: ClassVar[Words] = Words("Group normalisation", "组归一化")
    role: ClassVar[Role] = "regularise"
    group: ClassVar[Words] = GROUPS["regularise"]
    accepts: ClassVar[tuple[Kind, ...]] = ("image",)
    chinese: ClassVar[str] = (
        "把图像的通道分成几组，每个样本的每一组各自平移、缩放到均值为 0、标准差为 1，再按学到的比例放大和移动。\n\n"
        "它介于批归一化和层归一化之间：像前者那样区分通道，像后者那样只看一个样本，"
        "所以批多小都无所谓，使用时也和训练时一样。只分一组就是层归一化；组数等于通道数，就是每个通道各管各的（实例归一化）。\n\n"
        "出处：Wu 与 He，“Group normalization”，2018。"
    )
    labels: ClassVar[Mapping[str, Label]] = {"groups": Label("Groups", "组数", "通道平分成几组。")}

    def call(self, shape: Shape) -> Call:
        """nn.GroupNorm; raises Misfit when the channels cannot be shared out evenly, or a group would be a single number."""
        channels = shape.sizes[0]
        if channels % self.groups:
            nearest = largest_divisor(channels, min(self.groups, channels))
            raise Misfit(
                Words(
                    f"{channels} channels cannot be divided into {self.groups} equal groups.",
                    f"{channels} 个通道没法平分成 {self.groups} 组。",
                ),
                Words(f"Choose {nearest} {'group' if nearest == 1 else 'groups'}.", f"改为 {nearest} 组。"),
                change=("groups", nearest),
            )
        if math.prod(shape.sizes) == self.groups:
            raise Misfit(
                Words(
                    "Group normalisation compares the numbers of a group; a single number would always become 0.",
                    "组归一化要在一组的各个数之间比较；一组只有一个数，结果永远是 0。",
                ),
                Words("Choose fewer groups, or remove the layer.", "减少组数，或者去掉这一层。"),
                change=("groups", 1) if self.groups > 1 else None,
            )
        return call(nn.GroupNorm, self.groups, channels)


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
