"""What counts as a mistake, and how much: the number that training makes small."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field
from torch import nn

from models import modules
from models.entry import Call, Entry, Label, Words, call
from models.task import Classification, NextToken, Reconstruction, Regression, Task, TaskKind

GENERAL = Words("General", "通用")
CLASSES = Words("For classes", "分类用")
NUMBERS = Words("For numbers", "回归用")


class Criterion(Entry):
    """A loss: the mean over a batch of how wrong each answer is."""

    tasks: ClassVar[tuple[TaskKind, ...]]
    """Kinds of task it can judge; the network's check refuses it for others."""

    @abstractmethod
    def call(self, task: Task) -> Call:
        """What makes the nn.Module: forward(output (batch, outputs), target) -> scalar mean.

        Targets are int64 classes (batch,), where two classes share one output, or float32 numbers (batch, outputs).
        """


class Automatic(Criterion):
    """Chooses the usual loss for the task: cross-entropy for classes and tokens, squared error for numbers.

    A good choice unless you want to find out what another loss does.
    """

    op: Literal["auto"] = "auto"

    title: ClassVar[Words] = Words("Automatic", "自动")
    group: ClassVar[Words] = GENERAL
    tasks: ClassVar[tuple[TaskKind, ...]] = get_args(TaskKind)
    chinese: ClassVar[str] = "按任务选常用的损失：分类和预测词元用交叉熵，数值用均方误差。\n\n除非想看看别的损失有什么不同，用它就好。"

    def call(self, task: Task) -> Call:
        """CrossEntropy's call or MeanSquaredError's."""
        numbers = isinstance(task, Regression | Reconstruction)
        return MeanSquaredError().call(task) if numbers else CrossEntropy().call(task)


class CrossEntropy(Criterion):
    """How surprised the network is by the truth: -log of the probability that it gave to the right class.

    Being sure and wrong costs without limit, being sure and right costs nothing. So the network learns probabilities that can
    be trusted, and its gradient stays strong as long as it is wrong.
    """

    op: Literal["cross_entropy"] = "cross_entropy"

    title: ClassVar[Words] = Words("Cross-entropy", "交叉熵")
    group: ClassVar[Words] = CLASSES
    tasks: ClassVar[tuple[TaskKind, ...]] = ("classification", "next_token")
    chinese: ClassVar[str] = (
        "网络看到真相时有多意外：正确类别的概率取对数再变号。\n\n"
        "很有把握却错了，代价没有上限；很有把握又对了，代价为零。这样学到的概率信得过，而且只要还错着，梯度就一直有力。"
    )

    def call(self, task: Task) -> Call:
        """nn.CrossEntropyLoss, or its form for one output."""
        if isinstance(task, NextToken):
            return call(modules.TokenCrossEntropy)
        return call(modules.BinaryCrossEntropy if task.outputs == 1 else nn.CrossEntropyLoss)


class MeanSquaredError(Criterion):
    """The square of the distance between answer and truth.

    Twice the distance costs four times as much, so a few far-off examples can pull the whole answer towards them.

    For classes the distance is taken between each class's probability and the truth (1 for the right class, 0 for the
    others). It learns more slowly than cross-entropy, because its gradient fades where the network is sure and wrong.
    """

    op: Literal["mse"] = "mse"

    title: ClassVar[Words] = Words("Squared error", "均方误差")
    group: ClassVar[Words] = NUMBERS
    tasks: ClassVar[tuple[TaskKind, ...]] = ("classification", "regression", "reconstruction")
    chinese: ClassVar[str] = (
        "答案与真相之差的平方。\n\n"
        "差两倍，代价就是四倍，所以少数离得很远的样本会把整个答案拉向自己。\n\n"
        "用于分类时，比较的是各类的概率和真相（正确类为 1，其余为 0）。它比交叉熵学得慢：网络越是自信地犯错，梯度反而越弱。"
    )

    def call(self, task: Task) -> Call:
        """nn.MSELoss, on probabilities for classes."""
        return _on_answers(call(nn.MSELoss), task)


class MeanAbsoluteError(Criterion):
    """The distance between answer and truth, as it is.

    Far-off examples count no more than in proportion, so single wild ones do little harm. The gradient has the same length
    near and far, which makes the last steps restless.

    For classes the distance is taken between each class's probability and the truth (1 for the right class, 0 for the others).
    """

    op: Literal["mae"] = "mae"

    title: ClassVar[Words] = Words("Absolute error", "平均绝对误差")
    group: ClassVar[Words] = NUMBERS
    tasks: ClassVar[tuple[TaskKind, ...]] = ("classification", "regression", "reconstruction")
    chinese: ClassVar[str] = (
        "答案与真相之差，有多少算多少。\n\n"
        "离得远的样本只按比例计，个别离谱的数据坏不了事。但远近的梯度一样大，最后几步会来回晃。\n\n"
        "用于分类时，比较的是各类的概率和真相（正确类为 1，其余为 0）。"
    )

    def call(self, task: Task) -> Call:
        """nn.L1Loss, on probabilities for classes."""
        return _on_answers(call(nn.L1Loss), task)


class Huber(Criterion):
    """Squared error for small distances, absolute error for large ones.

    It is calm near the truth like the one and forgives far-off examples like the other.

    For classes the distance is taken between each class's probability and the truth (1 for the right class, 0 for the others).
    """

    op: Literal["huber"] = "huber"
    delta: float = Field(1.0, ge=0.01, le=100, json_schema_extra={"scale": "log"})
    """Distance from which on an error counts in proportion instead of squared."""

    title: ClassVar[Words] = Words("Huber", "Huber 损失")
    group: ClassVar[Words] = NUMBERS
    tasks: ClassVar[tuple[TaskKind, ...]] = ("classification", "regression", "reconstruction")
    chinese: ClassVar[str] = (
        "差得少按平方算，差得多按绝对值算。\n\n"
        "靠近真相时像前者那样平稳，碰到离谱的样本又像后者那样宽容。\n\n"
        "用于分类时，比较的是各类的概率和真相（正确类为 1，其余为 0）。"
    )
    labels: ClassVar[Mapping[str, Label]] = {"delta": Label("Delta", "分界", "误差超过这个值，就不再按平方、而是按比例计算。")}

    def call(self, task: Task) -> Call:
        """nn.HuberLoss, on probabilities for classes."""
        return _on_answers(call(nn.HuberLoss, **_unless(1.0, delta=self.delta)), task)


class Hinge(Criterion):
    """Asks that the right class be ahead by a margin of 1, and is content from there on.

    Only examples near the border or on its wrong side count, as in a support vector machine. The scores are not made to be
    probabilities, so do not trust them as such.
    """

    op: Literal["hinge"] = "hinge"

    title: ClassVar[Words] = Words("Hinge", "合页损失")
    group: ClassVar[Words] = CLASSES
    tasks: ClassVar[tuple[TaskKind, ...]] = ("classification",)
    chinese: ClassVar[str] = (
        "要求正确的类别领先 1 分，做到了就不再计较。\n\n"
        "只有靠近边界或站错边的样本才算数，和支持向量机一样。它不管分数像不像概率，所以别把分数当概率来信。"
    )

    def call(self, task: Task) -> Call:
        """nn.MultiMarginLoss, or its form for one output."""
        return call(modules.BinaryHinge if task.outputs == 1 else nn.MultiMarginLoss)


class Focal(Criterion):
    """Cross-entropy that looks away from what is easy and stays with the hard examples.

    Each example is weighted with (1 - p)ᵞ, where p is the probability of the right class. It helps when easy examples are so
    many that they drown the few hard ones, as with rare classes.
    """

    op: Literal["focal"] = "focal"
    gamma: float = Field(2.0, ge=0, le=10)
    """How strongly easy examples are played down; 0 is plain cross-entropy."""

    title: ClassVar[Words] = Words("Focal", "焦点损失")
    group: ClassVar[Words] = CLASSES
    tasks: ClassVar[tuple[TaskKind, ...]] = ("classification",)
    chinese: ClassVar[str] = (
        "一种交叉熵，不在容易的样本上花力气，盯住难的。\n\n"
        "每个样本乘上 (1 - p)ᵞ，p 是正确类别的概率。容易的样本太多、把少数难的淹没时（比如有稀少的类别），它就有用。"
    )
    labels: ClassVar[Mapping[str, Label]] = {"gamma": Label("Gamma", "Gamma", "把容易的样本看轻多少；0 就是普通的交叉熵。")}

    def call(self, task: Task) -> Call:
        """modules.Focal."""
        return call(modules.Focal, **_unless(2.0, gamma=self.gamma))


class LabelSmoothing(Criterion):
    """Cross-entropy with a truth that is never quite certain: a small share of it is spread over all classes.

    The network is not rewarded for ever greater scores, so it stays less sure of itself and often does better on new examples.
    """

    op: Literal["label_smoothing"] = "label_smoothing"
    amount: float = Field(0.1, ge=0, le=0.9)
    """Share of the truth that is spread evenly over all classes; 0 is plain cross-entropy."""

    title: ClassVar[Words] = Words("Label smoothing", "标签平滑")
    group: ClassVar[Words] = CLASSES
    tasks: ClassVar[tuple[TaskKind, ...]] = ("classification",)
    chinese: ClassVar[str] = (
        "真相不再百分之百确定的交叉熵：拿出一小份，平均分给所有类别。\n\n"
        "分数一味变大不再有好处，网络就不会过分自信，碰到新样本往往表现更好。"
    )
    labels: ClassVar[Mapping[str, Label]] = {"amount": Label("Amount", "程度", "真相拿出多少平均分给所有类别；0 就是普通的交叉熵。")}

    def call(self, task: Task) -> Call:
        """nn.CrossEntropyLoss with label smoothing, or its form for one output."""
        if task.outputs == 1:
            return call(modules.BinaryCrossEntropy, smoothing=self.amount)
        return call(nn.CrossEntropyLoss, label_smoothing=self.amount)


def _on_answers(loss: Call, task: Task) -> Call:
    return call(modules.OnProbabilities, loss) if isinstance(task, Classification) else loss


def _unless(default: float, **keyword: float) -> dict[str, Any]:
    return {name: value for name, value in keyword.items() if value != default}


Loss = Annotated[
    Automatic
    # For classes
    | CrossEntropy
    | LabelSmoothing
    | Focal
    | Hinge
    # For numbers
    | MeanSquaredError
    | MeanAbsoluteError
    | Huber,
    Field(discriminator="op"),
]

LOSSES: tuple[type[Criterion], ...] = get_args(get_args(Loss)[0])
