"""REINFORCE: do more often what turned out well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from models.datasets.control import WorldDataset
from models.datasets.dataset import Dataset
from models.entry import Label, Words
from models.methods.control import ControlMethod


class Reinforce(ControlMethod):
    """Plays whole episodes by chance, in proportion to its preferences, and afterwards prefers what turned out better than usual.

    The batch size is the number of episodes that are played side by side before each change of the weights. What followed each
    action (its return) is compared with the mean of all: what was above it becomes more probable, what was below less (Williams,
    1992). It needs nothing but the network; but it learns only from whole episodes, and a lucky one teaches wrong things too.
    """

    op: Literal["reinforce"] = "reinforce"
    updates: int = Field(5, ge=1, le=10_000)
    """Changes of the weights in one epoch. After each epoch the policy is tried out in 100 episodes without exploring."""
    baseline: bool = True
    """Compare returns with their mean. Without it every action that earned anything becomes more probable, and the steps are far
    more restless."""

    title: ClassVar[Words] = Words("REINFORCE", "REINFORCE 策略梯度")
    chinese: ClassVar[str] = (
        "按自己的偏好随机行动，玩完整整一局再回头看：结果比平常好的动作，以后多做。\n\n"
        "批大小就是每次改权重之前同时玩多少局。每个动作之后得到的回报，和全体平均值比：高于平均的更常做，低于平均的少做（Williams，1992）。"
        "它只需要一个网络，但非要等一局结束才能学，运气好的一局也会教错东西。"
    )
    labels: ClassVar[Mapping[str, Label]] = {
        "baseline": Label("Baseline", "基线", "把回报和平均值比较。不比的话，凡是得了分的动作都会更常做，学起来晃得厉害得多。"),
    }

    def examples_at_once(self, dataset: Dataset, batch_size: int) -> int:
        """Every moment of as many episodes, each as long as it may be."""
        return batch_size * (dataset.world().limit if isinstance(dataset, WorldDataset) else 1)
