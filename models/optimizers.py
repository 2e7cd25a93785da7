"""The rules that turn gradients into new weights."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field
from torch import optim

from models import modules
from models.entry import Call, Entry, Label, Words, call

PLAIN = Words("One rate for all weights", "所有权重同一步长")
ADAPTIVE = Words("A rate for each weight", "每个权重各自的步长")

LearningRate = Annotated[
    float,
    Field(
        ge=1e-6,
        le=10,
        description="How far a step goes. Too small and learning takes for ever, too large and it jumps past the goal or blows up.",
        json_schema_extra={"scale": "log"},
    ),
]

WeightDecay = Annotated[
    float,
    Field(
        ge=0,
        le=1,
        description="How strongly every weight is pulled towards 0 at each step. Small weights make smoother answers; 0 pulls nothing.",
        json_schema_extra={"scale": "log"},
    ),
]

Share = Annotated[float, Field(ge=0, lt=1, json_schema_extra={"advanced": True})]


class UpdateRule(Entry):
    """An optimizer: what a step does with the gradients."""

    lr: LearningRate
    weight_decay: WeightDecay = 0.0

    labels: ClassVar[Mapping[str, Label]] = {
        "lr": Label("Learning rate", "学习率", "一步走多远。太小，学得没完没了；太大，会跨过目标，甚至发散。"),
        "weight_decay": Label("Weight decay", "权重衰减", "每一步把所有权重往 0 拉多少。权重小，答案更平滑；0 表示不拉。"),
    }

    @abstractmethod
    def call(self) -> Call:
        """What makes the torch.optim.Optimizer, keywords only; the caller puts the parameters in front."""

    @abstractmethod
    def remembered(self) -> int:
        """Numbers that the optimizer keeps for each weight."""


class SGD(UpdateRule):
    """Follows the gradient downhill, each step as long as the slope is steep.

    The plainest rule there is. With momentum it rolls like a ball: it gains speed along a valley and is not thrown about by
    every bump.
    """

    op: Literal["sgd"] = "sgd"
    lr: LearningRate = 0.03
    momentum: float = Field(0.0, ge=0, lt=1)
    """Share of the last step that is added to the next; 0 is no momentum, 0.9 a usual choice."""
    nesterov: bool = False
    """Whether to look ahead to where the momentum leads before the slope is followed. Does nothing without momentum."""

    title: ClassVar[Words] = Words("SGD", "SGD（随机梯度下降）")
    group: ClassVar[Words] = PLAIN
    chinese: ClassVar[str] = (
        "沿着梯度往下走，坡越陡，步子越大。\n\n最朴素的办法。加上动量就像一个滚动的球：顺着山谷越滚越快，不会被每个小坎弹来弹去。"
    )
    labels: ClassVar[Mapping[str, Label]] = {
        "momentum": Label("Momentum", "动量", "上一步有多少带到下一步；0 表示没有动量，常用 0.9。"),
        "nesterov": Label("Nesterov", "Nesterov 动量", "先看动量会把自己带到哪里，再按那里的坡走。没有动量时不起作用。"),
    }

    def call(self) -> Call:
        """torch.optim.SGD."""
        # torch refuses Nesterov without momentum, where the two rules are one and the same.
        nesterov = self.nesterov and self.momentum > 0
        return call(
            optim.SGD,
            lr=self.lr,
            **_unless(0.0, momentum=self.momentum),
            **_unless(False, nesterov=nesterov),
            **_unless(0.0, weight_decay=self.weight_decay),
        )

    def remembered(self) -> int:
        """The last step, with momentum."""
        return 1 if self.momentum else 0


class Adam(UpdateRule):
    """Gives every weight a step length of its own, from how large and how steady its gradient has been.

    Weights with small or rare gradients still move, so it works on most problems without much tuning.

    Weight decay is added to the gradient and scaled with it; AdamW keeps the two apart.
    """

    op: Literal["adam"] = "adam"
    lr: LearningRate = 0.01
    beta1: Share = 0.9
    """How long the mean of the gradient remembers: the share of it that is kept at each step."""
    beta2: Share = 0.999
    """How long the mean of the squared gradient remembers, which sets the step length."""

    title: ClassVar[Words] = Words("Adam", "Adam")
    group: ClassVar[Words] = ADAPTIVE
    chinese: ClassVar[str] = (
        "根据梯度一向有多大、多稳，给每个权重各自的步长。\n\n"
        "梯度很小或很少出现的权重也能前进，所以多数问题不怎么调就能用。\n\n"
        "权重衰减先加进梯度里，再一起缩放；AdamW 则把两者分开。"
    )
    labels: ClassVar[Mapping[str, Label]] = {
        "beta1": Label("Beta 1", "Beta 1", "梯度的均值记多久：每一步保留多少。"),
        "beta2": Label("Beta 2", "Beta 2", "梯度平方的均值记多久，它决定步长。"),
    }

    def call(self) -> Call:
        """torch.optim.Adam."""
        return call(
            optim.Adam,
            lr=self.lr,
            **_unless((0.9, 0.999), betas=(self.beta1, self.beta2)),
            **_unless(0.0, weight_decay=self.weight_decay),
        )

    def remembered(self) -> int:
        """Means of the gradient and of its square."""
        return 2


class AdamW(UpdateRule):
    """Adam with a weight decay that shrinks all weights alike, whatever their gradients.

    In Adam the decay of a weight is divided by the size of its gradient, so busy weights hardly shrink. Here it is done apart,
    which is why it is the usual choice for large networks.
    """

    op: Literal["adamw"] = "adamw"
    lr: LearningRate = 0.01
    weight_decay: WeightDecay = 0.01
    beta1: Share = 0.9
    """How long the mean of the gradient remembers: the share of it that is kept at each step."""
    beta2: Share = 0.999
    """How long the mean of the squared gradient remembers, which sets the step length."""

    title: ClassVar[Words] = Words("AdamW", "AdamW")
    group: ClassVar[Words] = ADAPTIVE
    chinese: ClassVar[str] = (
        "Adam 的一种，权重衰减对所有权重一视同仁，不管梯度大小。\n\n"
        "在 Adam 里，衰减会除以梯度的大小，梯度大的权重几乎不缩；这里单独来做，所以大网络常用它。"
    )
    labels: ClassVar[Mapping[str, Label]] = Adam.labels

    def call(self) -> Call:
        """torch.optim.AdamW."""
        return call(
            optim.AdamW,
            lr=self.lr,
            **_unless((0.9, 0.999), betas=(self.beta1, self.beta2)),
            **_unless(0.01, weight_decay=self.weight_decay),
        )

    def remembered(self) -> int:
        """Means of the gradient and of its square."""
        return 2


class RMSprop(UpdateRule):
    """Divides each weight's step by how large its gradient has been lately.

    Steep directions take shorter steps and flat ones longer, so a narrow valley is crossed without swinging from side to side.
    Adam is this with a mean of the gradient added.
    """

    op: Literal["rmsprop"] = "rmsprop"
    lr: LearningRate = 0.01
    alpha: Share = 0.99
    """How long the mean of the squared gradient remembers: the share of it that is kept at each step."""
    momentum: float = Field(0.0, ge=0, lt=1)
    """Share of the last step that is added to the next; 0 is no momentum."""

    title: ClassVar[Words] = Words("RMSprop", "RMSprop")
    group: ClassVar[Words] = ADAPTIVE
    chinese: ClassVar[str] = (
        "每个权重的步长除以它最近梯度的大小。\n\n陡的方向步子小，平的方向步子大，穿过狭谷时不会左右乱摆。再加上梯度的均值，就成了 Adam。"
    )
    labels: ClassVar[Mapping[str, Label]] = {
        "alpha": Label("Alpha", "Alpha", "梯度平方的均值记多久：每一步保留多少。"),
        "momentum": Label("Momentum", "动量", "上一步有多少带到下一步；0 表示没有动量。"),
    }

    def call(self) -> Call:
        """torch.optim.RMSprop."""
        return call(
            optim.RMSprop,
            lr=self.lr,
            **_unless(0.99, alpha=self.alpha),
            **_unless(0.0, momentum=self.momentum),
            **_unless(0.0, weight_decay=self.weight_decay),
        )

    def remembered(self) -> int:
        """The mean of the squared gradient, and the last step with momentum."""
        return 2 if self.momentum else 1


class Adagrad(UpdateRule):
    """Divides each weight's step by the size of all its gradients so far.

    Weights that seldom get a gradient take long steps when one comes. The sum only grows, so steps become shorter and shorter,
    and a long training comes to rest by itself, sometimes too soon.
    """

    op: Literal["adagrad"] = "adagrad"
    lr: LearningRate = 0.1

    title: ClassVar[Words] = Words("Adagrad", "Adagrad")
    group: ClassVar[Words] = ADAPTIVE
    chinese: ClassVar[str] = (
        "每个权重的步长除以它至今所有梯度的总大小。\n\n"
        "很少有梯度的权重，一来梯度就迈大步。总和只增不减，步子会越来越小，训练久了自己就停下来，有时停得太早。"
    )

    def call(self) -> Call:
        """torch.optim.Adagrad."""
        return call(optim.Adagrad, lr=self.lr, **_unless(0.0, weight_decay=self.weight_decay))

    def remembered(self) -> int:
        """The sum of the squared gradients."""
        return 1


class Lion(UpdateRule):
    """Moves every weight by the same distance, only up or down, as the running mean of its gradient says.

    It was found by a computer that searched among programs. It needs half of Adam's memory and a learning rate three to ten
    times smaller. Weight decay is done apart, as in AdamW.
    """

    op: Literal["lion"] = "lion"
    lr: LearningRate = 0.002
    beta1: Share = 0.9
    """How much the direction of a step follows the running mean instead of the newest gradient."""
    beta2: Share = 0.99
    """How long the running mean remembers: the share of it that is kept at each step."""

    title: ClassVar[Words] = Words("Lion", "Lion")
    group: ClassVar[Words] = ADAPTIVE
    chinese: ClassVar[str] = (
        "每个权重都走同样的距离，只看梯度的滑动平均是正还是负，决定往上还是往下。\n\n"
        "它是计算机在许多程序里搜索出来的。占的内存只有 Adam 的一半，学习率要小三到十倍。权重衰减和 AdamW 一样单独来做。"
    )
    labels: ClassVar[Mapping[str, Label]] = {
        "beta1": Label("Beta 1", "Beta 1", "这一步的方向有多少听滑动平均的，其余听最新的梯度。"),
        "beta2": Label("Beta 2", "Beta 2", "滑动平均记多久：每一步保留多少。"),
    }

    def call(self) -> Call:
        """modules.Lion."""
        return call(
            modules.Lion,
            lr=self.lr,
            **_unless((0.9, 0.99), betas=(self.beta1, self.beta2)),
            **_unless(0.0, weight_decay=self.weight_decay),
        )

    def remembered(self) -> int:
        """The running mean of the gradient."""
        return 1


def _unless(default: object, **keyword: Any) -> dict[str, Any]:
    """The keyword, unless torch would choose the same by itself: scripts stay short."""
    return {name: value for name, value in keyword.items() if value != default}


Optimizer = Annotated[
    # One rate for all weights
    SGD
    # A rate for each weight
    | Adam
    | AdamW
    | RMSprop
    | Adagrad
    | Lion,
    Field(discriminator="op"),
]

OPTIMIZERS: tuple[type[UpdateRule], ...] = get_args(get_args(Optimizer)[0])
