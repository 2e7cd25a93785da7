"""Layers that only change the order in which numbers are arranged."""

from __future__ import annotations

from typing import ClassVar, Literal

from torch import nn

from models.entry import Call, Words, call
from models.layers.layer import GROUPS, Layer, Role
from models.shape import Shape


class Flatten(Layer):
    """Lays out an image or a sequence as one plain list of numbers.

    Dense layers take plain lists, so this stands between the convolutions and them. Nothing is lost but the knowledge of
    which numbers were neighbours.
    """

    op: Literal["flatten"] = "flatten"

    title: ClassVar[Words] = Words("Flatten", "展平")
    role: ClassVar[Role] = "shape"
    group: ClassVar[Words] = GROUPS["shape"]
    chinese: ClassVar[str] = (
        "把图像或序列摊开成一串数。\n\n全连接层只收一串数，所以它站在卷积层和全连接层之间。数一个不少，丢掉的只是谁和谁相邻。"
    )

    def call(self, shape: Shape) -> Call:
        """nn.Flatten."""
        return call(nn.Flatten)
