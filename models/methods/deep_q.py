"""Deep Q-learning: foretell what each action will bring, and do the best."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from models.datasets.dataset import Dataset
from models.entry import Label, Words
from models.methods.control import ControlMethod


class DeepQ(ControlMethod):
    """Learns what return to expect after each action, and does what promises most.

    What an action is worth is its reward and what the best action after it is worth: so the network learns from its own estimates.
    Two things keep it from running after itself: it learns from experiences drawn by chance out of a long memory, and takes the
    worth of what follows from an older copy of itself, the target network. At first it acts by chance, later less and less.
    The batch size is the number of experiences that are drawn for each change of the weights (Mnih et al., 2015).
    """

    op: Literal["dqn"] = "dqn"
    updates: int = Field(200, ge=1, le=10_000)
    """Changes of the weights in one epoch. After each epoch the policy is tried out in 100 episodes without exploring."""
    worlds: int = Field(8, ge=1, le=256)
    """Worlds that go on side by side; each takes one step before each change of the weights."""
    memory: int = Field(20_000, ge=1000, le=500_000, json_schema_extra={"scale": "log"})
    """Experiences that are remembered; the oldest go first."""
    refresh: int = Field(10, ge=1, le=10_000)
    """Changes of the weights after which the target network becomes a copy of the network again."""
    exploring: float = Field(0.3, ge=0.01, le=1)
    """Share of the training in which acting by chance goes down from always to what stays."""
    chance: float = Field(0.05, ge=0, le=1)
    """Share of actions that are taken by chance from then on."""
    double: bool = True
    """Let the network choose the best next action and the target network say what it is worth (van Hasselt et al., 2016). Without it
    whatever is overestimated is also chosen."""

    title: ClassVar[Words] = Words("Deep Q-learning", "深度 Q 学习")
    answers: ClassVar[Mapping[str, Any]] = {"gives": "values"}
    chinese: ClassVar[str] = (
        "学着预测每个动作之后能得多少回报，然后挑最有希望的做。\n\n"
        "一个动作值多少，等于它的奖励，加上之后最好的动作值多少，所以网络是在向自己的估计学习。"
        "有两样东西防止它追着自己跑：一是从很长的记忆里随机抽取经历来学；二是后续值多少，问的是自己的一个旧副本，即目标网络。"
        "一开始全凭随机行动，以后越来越少。批大小是每次改权重时抽取多少条经历（Mnih 等，2015）。"
    )
    labels: ClassVar[Mapping[str, Label]] = {
        "worlds": Label("Worlds", "世界数", "同时进行多少个世界；每次改权重之前，每个世界走一步。"),
        "memory": Label("Replay memory", "经验回放", "记住多少条经历；满了就先忘最早的。"),
        "refresh": Label("Target renewed after", "目标网络更新间隔", "改多少次权重之后，把目标网络换成网络现在的样子。"),
        "exploring": Label("Share spent exploring", "探索期占比", "训练的前多大一部分里，随机行动从百分之百降下来。"),
        "chance": Label("Random actions", "随机动作占比", "在那以后，还有多少动作是随机的。"),
        "double": Label(
            "Double", "双重估计", "由网络挑下一步最好的动作，由目标网络说它值多少（van Hasselt 等，2016）。否则哪个被高估，就会挑中哪个。"
        ),
    }

    def examples_at_once(self, dataset: Dataset, batch_size: int) -> int:
        """The experiences, and the states after them, twice."""
        return 3 * batch_size

    def remembered_bytes(self, dataset: Dataset) -> int:
        """The memory: two states of at most four float64 numbers, and what lay between them."""
        return self.memory * 2 * 96
