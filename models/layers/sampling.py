"""The narrow place of a variational autoencoder: a code that is drawn by chance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from models import modules
from models.entry import Call, Label, Words, call
from models.layers.layer import GROUPS, Layer, Role
from models.shape import Kind, Shape


class Sampling(Layer):
    """Squeezes an example into a few numbers, its code, and draws each of them by chance round the place that it has found.

    So a code is not a point but a small cloud. What is decoded has to be right everywhere in the cloud, and a penalty pulls all
    clouds to the middle: they come to lie close together without gaps, and any place between two codes decodes to something
    that might have been an example. This makes a variational autoencoder (Kingma and Welling, 2014) of one that gives back.
    After training the code is the middle of its cloud. The loss that is shown is without the penalty.
    """

    op: Literal["sampling"] = "sampling"
    numbers: int = Field(2, ge=1, le=1024)
    """Numbers in the code. Two can be seen as a map."""
    weight: float = Field(0.001, ge=0, le=10, json_schema_extra={"scale": "log"})
    """Weight of the penalty that pulls the clouds to the middle. Too much, and all codes become the same."""

    title: ClassVar[Words] = Words("Sampling", "变分采样")
    role: ClassVar[Role] = "weights"
    group: ClassVar[Words] = GROUPS["weights"]
    accepts: ClassVar[tuple[Kind, ...]] = ("features",)
    chinese: ClassVar[str] = (
        "把样本挤成几个数，也就是它的编码，再在找到的位置周围随机抽取。\n\n"
        "这样，编码不是一个点，而是一小团云。云里每一处都要解码得对，惩罚项又把所有的云往中间拉："
        "它们紧挨着、不留空隙，任意两个编码之间的位置，解码出来也像个样本。"
        "自编码器有了它，就成了变分自编码器（Kingma 与 Welling，2014）。"
        "训练完，编码就取云的中心。显示的损失不含这个惩罚。"
    )
    labels: ClassVar[Mapping[str, Label]] = {
        "numbers": Label("Numbers", "编码长度", "编码有几个数。两个数可以画成地图。"),
        "weight": Label("Weight", "权重", "把云往中间拉的惩罚有多重。太重，所有编码都会变成一样。"),
    }

    def call(self, shape: Shape) -> Call:
        """modules.Sampling."""
        return call(modules.Sampling, shape.sizes[0], self.numbers, self.weight)
