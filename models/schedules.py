"""How the learning rate changes while training goes on."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, get_args

from pydantic import Field

from models import modules
from models.entry import Call, Entry, Label, Words, call


class RateSchedule(Entry):
    """A schedule: the factor by which the learning rate of each step is multiplied."""

    @abstractmethod
    def call(self) -> Call:
        """The call of a plain function factor(step, steps, **keywords) -> float, keywords only; steps count from 0."""


class Constant(RateSchedule):
    """Keeps the learning rate as it is.

    Simple, and fine for small problems. In the end the weights keep trembling around the goal instead of settling on it.
    """

    op: Literal["constant"] = "constant"

    title: ClassVar[Words] = Words("Constant", "不变")
    chinese: ClassVar[str] = "学习率一直不变。\n\n简单，小问题够用。到最后，权重会在目标附近抖动，停不下来。"

    def call(self) -> Call:
        """modules.constant_schedule."""
        return call(modules.constant_schedule)


class StepDecay(RateSchedule):
    """Lowers the learning rate by stairs: after each stretch of the run it is multiplied by the same factor.

    Long steps first to get near, short ones later to settle; in the loss curve each stair shows as a sudden drop.
    """

    op: Literal["step"] = "step"
    drop: float = Field(0.5, gt=0, le=1)
    """What the learning rate is multiplied by at each stair."""
    every: float = Field(0.25, ge=0.01, le=1)
    """Length of a stair, as a share of the whole run."""

    title: ClassVar[Words] = Words("Steps down", "阶梯下降")
    chinese: ClassVar[str] = (
        "学习率像下台阶：每过一段，就乘上同一个系数。\n\n先迈大步走近，再迈小步站稳；损失曲线上，每下一级就会陡降一次。"
    )
    labels: ClassVar[Mapping[str, Label]] = {
        "drop": Label("Drop", "系数", "每下一级，学习率乘上多少。"),
        "every": Label("Every", "每隔", "一级台阶有多长，占整个训练的比例。"),
    }

    def call(self) -> Call:
        """modules.step_schedule."""
        return call(modules.step_schedule, drop=self.drop, every=self.every)


class Cosine(RateSchedule):
    """Lowers the learning rate along half a cosine wave: slowly, then faster, then slowly again.

    The network explores for a while and settles gently at the end. A warm-up before it keeps the first steps, when everything
    is still random, from doing damage. A usual choice for deep networks.
    """

    op: Literal["cosine"] = "cosine"
    warm_up: float = Field(0.0, ge=0, le=0.5)
    """Share of the run in which the learning rate first rises to its full height; 0 starts at full height."""
    floor: float = Field(0.0, ge=0, le=1)
    """What is left of the learning rate at the end."""

    title: ClassVar[Words] = Words("Cosine", "余弦下降")
    chinese: ClassVar[str] = (
        "学习率沿半个余弦波下降：先慢，再快，最后又慢。\n\n"
        "先放开探索一阵，最后轻轻落稳。开头一切还是随机的，先预热一下，免得头几步走坏。深层网络常用。"
    )
    labels: ClassVar[Mapping[str, Label]] = {
        "warm_up": Label("Warm-up", "预热", "开头用多大比例的训练让学习率升到最高；0 表示一开始就最高。"),
        "floor": Label("Floor", "下限", "到最后，学习率还剩下几成。"),
    }

    def call(self) -> Call:
        """modules.cosine_schedule."""
        return call(modules.cosine_schedule, warm_up=self.warm_up, floor=self.floor)


class OneCycle(RateSchedule):
    """Raises the learning rate to its full height and then lowers it to almost nothing, once.

    The high rates in the middle let the network cross bad regions quickly and act against overfitting; often far fewer epochs
    are enough.
    """

    op: Literal["one_cycle"] = "one_cycle"
    peak_at: float = Field(0.3, ge=0.01, le=0.99)
    """Share of the run after which the learning rate is at its full height."""
    start: float = Field(0.04, ge=0, le=1)
    """Share of the learning rate that the first step takes."""
    final: float = Field(0.0, ge=0, le=1)
    """Share of the learning rate that the last step takes."""

    title: ClassVar[Words] = Words("One cycle", "单周期")
    chinese: ClassVar[str] = (
        "学习率先升到最高，再降到几乎为零，只此一个来回。\n\n中段的高学习率能很快越过不好的地方，也能抑制过拟合；往往用少得多的轮数就够了。"
    )
    labels: ClassVar[Mapping[str, Label]] = {
        "peak_at": Label("Peak at", "峰值位置", "训练进行到多大比例时，学习率最高。"),
        "start": Label("Start", "起点", "第一步用学习率的几成。"),
        "final": Label("Final", "终点", "最后一步用学习率的几成。"),
    }

    def call(self) -> Call:
        """modules.one_cycle_schedule."""
        return call(modules.one_cycle_schedule, peak_at=self.peak_at, start=self.start, final=self.final)


class WarmUp(RateSchedule):
    """Raises the learning rate from almost nothing to its full height, then keeps it.

    At the start everything is random and gradients are wild; short first steps keep them from throwing the weights far away.
    """

    op: Literal["warm_up"] = "warm_up"
    share: float = Field(0.1, ge=0, le=1)
    """Share of the run in which the learning rate rises."""

    title: ClassVar[Words] = Words("Warm-up", "预热")
    chinese: ClassVar[str] = (
        "学习率从几乎为零升到最高，然后保持不变。\n\n开头一切都是随机的，梯度乱跳；头几步小一点，权重就不会被甩得老远。"
    )
    labels: ClassVar[Mapping[str, Label]] = {"share": Label("Share", "比例", "训练的多大比例用来升高学习率。")}

    def call(self) -> Call:
        """modules.warm_up_schedule."""
        return call(modules.warm_up_schedule, share=self.share)


Schedule = Annotated[Constant | StepDecay | Cosine | OneCycle | WarmUp, Field(discriminator="op")]

SCHEDULES: tuple[type[RateSchedule], ...] = get_args(get_args(Schedule)[0])
