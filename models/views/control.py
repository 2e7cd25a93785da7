"""Views of a policy: an episode as it would go now, and which action is preferred where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, Self

import torch
from pydantic import Field
from torch import Tensor

from models import pictures
from models.actor import Actor
from models.datasets.control import CartPoleDataset, GridWorldDataset
from models.entry import Label, Words
from models.experiment import Experiment
from models.pictures import Heatmap
from models.task import Control
from models.views.scene import Scene
from models.views.view import Unseen, View, plane, signed_bytes
from models.worlds import GOAL, PIT, WALL, CartPole

CELLS = 60
"""Cells along each side of a map of the policy."""


def _actor(scene: Scene, view: View) -> Actor:
    if not isinstance(scene.task, Control):
        raise Unseen(f"the view {view.op!r} needs a network that acts in a world; this one learns something else")
    return Actor(scene.experiment, scene.network, scene.data)


class GreedyEpisode(View):
    """One episode as the network would play it now, doing what it thinks best at every step."""

    op: Literal["episode"] = "episode"
    number: int = Field(0, ge=0, le=9999)
    """Which episode: each begins, and has its chance, in its own way."""
    title: ClassVar[Words] = Words("Episode", "一局")
    chinese: ClassVar[str] = """网络现在会怎样玩这一局：每一步都做它认为最好的动作。"""
    labels: ClassVar[Mapping[str, Label]] = {"number": Label("Episode", "第几局", "看第几局：每一局的开头和运气都不同。")}

    @classmethod
    def large(cls, experiment: Experiment) -> Self | None:
        """For worlds."""
        return cls() if isinstance(experiment.task(), Control) else None

    def draw(self, scene: Scene) -> pictures.Episode:
        """Its moments; for a grid also what is expected of, and done in, each cell."""
        actor, dataset = _actor(scene, self), scene.experiment.dataset
        played = actor.tried_out(1, self.number + 1)
        values, policy = _cells(actor, scene, dataset) if isinstance(dataset, GridWorldDataset) else (None, None)
        states = [*played.states[:, 0].tolist(), played.last[0].tolist()]
        return pictures.Episode(
            world="grid" if policy else "cart_pole",
            states=tuple(tuple(float(f"{number:.4g}") for number in state) for state in states),
            actions=tuple(played.actions[:, 0].tolist()),
            rewards=tuple(round(reward, 4) for reward in played.rewards[:, 0].tolist()),
            grid=dataset.rows if isinstance(dataset, GridWorldDataset) else None,
            values=values,
            policy=policy,
            limit=actor.world.limit,
        )


def _cells(actor: Actor, scene: Scene, dataset: GridWorldDataset) -> tuple[tuple[float | None, ...] | None, tuple[int | None, ...]]:
    """What is expected from each cell on, where anything is, and what is preferred there."""
    cells = "".join(dataset.rows)
    scene.network.eval()
    answers = actor.answers(torch.arange(len(cells), dtype=torch.float64).unsqueeze(1))
    scene.network.train()
    numbers = answers[:, : actor.actions]
    policy = tuple(
        None if cell in (WALL, GOAL, PIT) else action for cell, action in zip(cells, numbers.argmax(dim=1).tolist(), strict=True)
    )
    expected = _expected(scene, answers)
    if expected is None:
        return None, policy
    shown = (None if action is None else _rounded(value) for action, value in zip(policy, expected.tolist(), strict=True))
    return tuple(shown), policy


def _expected(scene: Scene, answers: Tensor) -> Tensor | None:
    """The return that the network foretells, where it foretells any."""
    task = scene.task
    assert isinstance(task, Control)
    if task.critic:
        return answers[:, -1]
    return answers.amax(dim=1) if task.gives == "values" else None


def _rounded(value: float) -> float | None:
    return round(value, 4) if abs(value) < 1e9 else None


class PolicyMap(View):
    """Which push the network prefers for every angle and angular speed of the pole, with the cart at rest in the middle.

    Blue is a push to the right, orange one to the left; the paler, the less decided.
    """

    op: Literal["policy"] = "policy"
    title: ClassVar[Words] = Words("Policy", "策略图")
    chinese: ClassVar[str] = """小车停在正中时，杆的每一种角度和角速度，网络更想往哪边推。

    蓝色是往右推，橙色是往左推；颜色越浅越拿不定主意。"""

    @classmethod
    def large(cls, experiment: Experiment) -> Self | None:
        """For the pole on the cart."""
        return cls() if isinstance(experiment.dataset, CartPoleDataset) and isinstance(experiment.task(), Control) else None

    def draw(self, scene: Scene) -> Heatmap:
        """One plane: the difference of the two probabilities; of the two values, in units of their greatest difference."""
        actor = _actor(scene, self)
        if not isinstance(actor.world, CartPole):
            raise Unseen(f"the view {self.op!r} needs the pole on the cart; try 'episode'")
        steepest, fastest = CartPole.STEEPEST, 2.0
        middles = (torch.arange(CELLS, dtype=torch.float64) + 0.5) / CELLS * 2 - 1
        speeds, angles = torch.meshgrid(-middles * fastest, middles * steepest, indexing="ij")
        still = torch.zeros(CELLS * CELLS, dtype=torch.float64)
        scene.network.eval()
        numbers = actor.answers(torch.stack([still, still, angles.flatten(), speeds.flatten()], dim=1))[:, :2]
        scene.network.train()
        task = scene.task
        assert isinstance(task, Control)
        if task.gives == "preferences":
            numbers = numbers.softmax(dim=1)
        lean = (numbers[:, 1] - numbers[:, 0]).unsqueeze(0)
        scale = 1.0 if task.gives == "preferences" else float(lean.abs().nan_to_num(0.0, 0.0, 0.0).amax())
        return Heatmap(
            planes=(plane("output", 0, CELLS, CELLS, scale).model_copy(update={"label": self.title}),),
            axes=(Words("angle", "角度"), Words("angular speed", "角速度")),
            x=(-steepest, steepest),
            y=(-fastest, fastest),
            cells=signed_bytes(lean, torch.tensor([scale])),
        )
