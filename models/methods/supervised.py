"""Learning from examples whose answers are known."""

from __future__ import annotations

from typing import ClassVar, Literal

from models.datasets.dataset import Dataset
from models.entry import Words
from models.methods.method import Method
from models.task import Task


class Supervised(Method):
    """Learns from examples with their right answers: the usual way.

    All layers learn together (end to end): the error at the output goes back through the whole network.
    """

    op: Literal["supervised"] = "supervised"

    title: ClassVar[Words] = Words("From answers", "有监督")
    chinese: ClassVar[str] = "看着样本和正确答案学，这是最常见的方式。\n\n所有层一起学（端到端）：输出端的误差沿着整个网络往回传。"

    def task(self, dataset: Dataset) -> Task:
        """The dataset's own."""
        return dataset.task()

    def unsuited(self, dataset: Dataset) -> Words | None:
        """In a world nobody knows the right answers."""
        if dataset.modality == "control":
            return Words(
                "In this world nobody knows which action is right: the network has to find out by the reward.",
                "在这个世界里没人知道哪个动作才对，网络只能从奖励里学。",
            )
        return None
