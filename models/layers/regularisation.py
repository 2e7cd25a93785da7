"""Layers that disturb training so that the network does not learn the examples by heart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field
from torch import nn

from models import modules
from models.entry import Call, Label, Words, call
from models.layers.layer import GROUPS, Layer, Role
from models.shape import Shape


class Dropout(Layer):
    """Switches off a random share of its inputs while training.

    A network that cannot rely on any single input memorises less, so the gap between training and validation shrinks.

    The inputs that stay are made larger to make up for the missing ones. After training nothing is switched off.
    """

    op: Literal["dropout"] = "dropout"
    rate: float = Field(0.2, ge=0, lt=1)
    """Share of inputs switched off."""

    title: ClassVar[Words] = Words("Dropout", "随机失活")
    role: ClassVar[Role] = "regularise"
    group: ClassVar[Words] = GROUPS["regularise"]
    chinese: ClassVar[str] = (
        "训练时随机关掉一部分输入。\n\n"
        "网络不能只靠某一个输入，就不容易死记硬背，训练和验证之间的差距会缩小。\n\n"
        "留下的输入会放大一些，补上缺掉的份量。训练完就一个也不关了。"
    )
    labels: ClassVar[Mapping[str, Label]] = {"rate": Label("Rate", "比例", "关掉的输入所占的比例。")}

    def call(self, shape: Shape) -> Call:
        """nn.Dropout."""
        return call(nn.Dropout, self.rate)


class GaussianNoise(Layer):
    """Adds a little random noise to every input while training.

    No example ever arrives twice in quite the same form, so the network learns smooth answers instead of single points.
    After training no noise is added.
    """

    op: Literal["gaussian_noise"] = "gaussian_noise"
    deviation: float = Field(0.1, ge=0, le=10)
    """Standard deviation of the noise: how far a number is moved, typically."""

    title: ClassVar[Words] = Words("Gaussian noise", "高斯噪声")
    role: ClassVar[Role] = "regularise"
    group: ClassVar[Words] = GROUPS["regularise"]
    chinese: ClassVar[str] = (
        "训练时给每个输入加一点随机噪声。\n\n"
        "同一个样本每次来都不完全一样，网络学到的就是平滑的答案，而不是一个个孤立的点。训练完就不再加噪声。"
    )
    labels: ClassVar[Mapping[str, Label]] = {"deviation": Label("Deviation", "标准差", "噪声的标准差：一个数一般会偏移多少。")}

    def call(self, shape: Shape) -> Call:
        """modules.GaussianNoise."""
        return call(modules.GaussianNoise, self.deviation)
