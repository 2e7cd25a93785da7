"""The base of the methods that learn by reward."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from models.datasets.control import WorldDataset
from models.datasets.dataset import Dataset
from models.entry import Label, Words
from models.methods.method import Method, Written
from models.task import Control, Task


class ControlMethod(Method):
    """Learns by acting in a world and by what that brings."""

    discount: float = Field(0.99, ge=0, le=1)
    """How much a reward counts that comes one step later: with 0.99 a reward a hundred steps away counts about a third."""
    updates: int = Field(20, ge=1, le=10_000)
    """Changes of the weights in one epoch. After each epoch the policy is tried out in 100 episodes without exploring."""

    answers: ClassVar[Mapping[str, Any]] = {}
    """What the task says of the network's numbers, where it is not the usual."""
    group: ClassVar[Words] = Words("By reward", "靠奖励")
    labels: ClassVar[Mapping[str, Label]] = {
        "discount": Label("Discount", "折扣", "晚一步到手的奖励打几折。0.99 时，一百步以后的奖励大约只算三分之一。"),
        "updates": Label("Updates in an epoch", "每轮更新次数", "一轮里修改多少次权重。每轮结束后，不再试探，实打实玩 100 局看看成绩。"),
    }

    def task(self, dataset: Dataset) -> Task:
        """A choice among the world's actions; a dataset that has none is unsuited."""
        task = dataset.task()
        return task.model_copy(update=self.answers) if isinstance(task, Control) else task

    def written(self) -> Written | None:
        """A script would need the worlds as well."""
        return None

    def unsuited(self, dataset: Dataset) -> Words | None:
        """Only a world gives rewards."""
        if isinstance(dataset, WorldDataset):
            return None
        return Words(
            "Learning by reward needs a world to act in; these are examples.", "靠奖励学习需要一个可以行动的世界，而这里是一批样本。"
        )
