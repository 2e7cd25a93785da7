"""Actor and critic: one half of the network acts, the other foretells how that will turn out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from models.datasets.dataset import Dataset
from models.entry import Label, Words
from models.methods.control import ControlMethod


class ActorCritic(ControlMethod):
    """Acts by chance, in proportion to its preferences, and foretells the return: what goes better than foretold is done more often.

    The output layer has one number more, the critic: the return that is expected from here on. An action is judged by how much
    better things stand after it than the critic had thought (the advantage), so nobody has to wait for the end of an episode.
    The batch size is the number of worlds that go on side by side; in each, a few steps are taken before the weights change.

    Mnih et al. (2016), with the generalised advantage of Schulman et al. (2016).
    """

    op: Literal["actor_critic"] = "actor_critic"
    horizon: int = Field(16, ge=1, le=512)
    """Steps in each world before each change of the weights."""
    blend: float = Field(0.95, ge=0, le=1)
    """How far the rewards that really came are trusted over the critic: 0 looks one step ahead and believes the critic, 1 believes
    only rewards."""
    entropy: float = Field(0.01, ge=0, le=1)
    """Reward for being undecided: keeps the policy from settling before it has tried everything."""
    critic: float = Field(0.5, ge=0, le=10)
    """Weight of the critic's error beside the actor's."""

    title: ClassVar[Words] = Words("Actor and critic", "演员与评论家")
    answers: ClassVar[Mapping[str, Any]] = {"critic": True}
    chinese: ClassVar[str] = (
        "一边按偏好随机行动，一边预测最后能得多少回报：结果比预测好的动作，以后多做。\n\n"
        "输出层多出一个数，就是评论家：从现在起预计还能得多少。一个动作好不好，看它之后的局面比评论家原先想的好多少（优势），"
        "所以不必等一局结束。批大小是同时进行的世界数；每个世界走几步，改一次权重。\n\n"
        "Mnih 等（2016），用的是 Schulman 等（2016）的广义优势估计。"
    )
    labels: ClassVar[Mapping[str, Label]] = {
        "horizon": Label("Steps between updates", "每次更新的步数", "每个世界走多少步，改一次权重。"),
        "blend": Label("Trust in rewards", "信奖励的程度", "多信真正到手的奖励，少信评论家：0 只看下一步、其余听评论家的，1 只信奖励。"),
        "entropy": Label("Entropy bonus", "熵奖励", "奖励犹豫不决，免得还没试遍就定了型。"),
        "critic": Label("Weight of the critic", "评论家的权重", "评论家的误差和演员的比，占多大分量。"),
    }

    def examples_at_once(self, dataset: Dataset, batch_size: int) -> int:
        """The steps of all worlds, and the states after them for the critic."""
        return 2 * batch_size * self.horizon
