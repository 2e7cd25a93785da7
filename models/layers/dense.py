"""Layers in which every unit looks at all inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field
from torch import nn

from models.entry import Call, Label, Words, call
from models.layers.initial import INITIAL_LABEL, INITIAL_OPTIONS, Initial, with_initial
from models.layers.layer import GROUPS, Layer, Role
from models.shape import Kind, Shape


class Dense(Layer):
    """A row of units; each multiplies every input by a weight of its own, adds them up and adds a bias.

    This is the plainest layer with something to learn. With two inputs a unit draws one straight border through the plane;
    an activation behind it bends the result, and several units together cut out any region.

    Without an activation between them, two dense layers can do no more than one. A sequence is treated one time step after
    another, with the same weights.
    """

    op: Literal["dense"] = "dense"
    units: int = Field(8, ge=1, le=4096)
    """How many numbers the layer gives. More units can express more, and take more data and time to train."""
    bias: bool = True
    """Whether each unit adds a number of its own, so that its border need not pass through the origin."""
    initial: Initial = "default"

    title: ClassVar[Words] = Words("Dense", "全连接层")
    role: ClassVar[Role] = "weights"
    group: ClassVar[Words] = GROUPS["weights"]
    accepts: ClassVar[tuple[Kind, ...]] = ("features", "sequence")
    chinese: ClassVar[str] = (
        "一排神经元，每个都给所有输入各乘一个权重，加起来，再加上自己的偏置。\n\n"
        "这是最朴素的可学习的层。输入是平面上的点时，一个神经元就在平面上画一条直线；"
        "后面接一个激活函数把结果弯一弯，几个神经元合起来就能围出任意形状的区域。\n\n"
        "两个全连接层之间如果没有激活函数，本事并不比一层大。输入是序列时，每个时刻都用同一组权重。"
    )
    labels: ClassVar[Mapping[str, Label]] = {
        "units": Label("Units", "神经元数", "这一层给出多少个数。越多，能表达的越多，需要的数据和时间也越多。"),
        "bias": Label("Bias", "偏置", "每个神经元是否再加一个自己的数；有了它，分界线就不必经过原点。"),
        "initial": INITIAL_LABEL,
    }
    options: ClassVar[Mapping[str, Mapping[str, Words]]] = {"initial": INITIAL_OPTIONS}

    def call(self, shape: Shape) -> Call:
        """nn.Linear from the last axis to the units."""
        keywords: dict[str, Any] = {} if self.bias else {"bias": False}
        return with_initial(call(nn.Linear, shape.sizes[-1], self.units, **keywords), self.initial)
