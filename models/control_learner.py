"""Learning by reward: the base of the learners that act in worlds."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from typing import cast

import torch
from torch import Tensor

from models.actor import Actor
from models.checkpoint import Snapshot
from models.data import Data
from models.evaluation import evaluation_steps
from models.events import Metrics
from models.experiment import Experiment
from models.learner import TRACED_AFTER, Learner
from models.methods.control import ControlMethod
from models.playing import Arena

TRIALS = 100
"""Episodes in which a policy is tried out without exploring."""
TOLD = 200
"""Most returns that one evaluation tells."""
WORLD = "world."


class ControlLearner(Learner):
    """Changes a policy by what it earns. An epoch is a number of updates; a step is one update.

    The worlds, what they have in memory and their chance are part of the snapshot, so going on from one is exact.
    """

    def __init__(self, experiment: Experiment, data: Data, device: str, traced_after: int | None = TRACED_AFTER) -> None:
        super().__init__(experiment, data, device, traced_after)
        self.steps_per_epoch = cast(ControlMethod, self.method).updates
        self.steps = self.steps_per_epoch * experiment.training.epochs
        self.actor = Actor(experiment, self.network, data)
        self.world = self.actor.world
        self.arena = Arena(self.world, self.worlds(), torch.Generator().manual_seed(experiment.training.seed))
        self._last_loss: Tensor | None = None
        self._evaluated = self._coming_evaluations()

    def worlds(self) -> int:
        """Copies of the world that go on side by side."""
        return self.batch_size

    @abstractmethod
    def improve(self) -> Tensor:
        """Act, and give the loss of one update, with its gradient to be taken."""

    def step(self) -> Tensor:
        """One update; its loss stays on the device as a 0-dimensional tensor."""
        if self.step_count == self._evaluated[0]:
            # Those episodes have been told of.
            self.arena.finished.clear()
            self._evaluated = self._evaluated[1:] or (-1,)
        rate = self.rate
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        loss, self.gradient_norm = self._descent(self.improve())
        self.optimizer.step()
        self.step_count += 1
        self._last_loss = loss
        return loss

    def evaluations(self) -> tuple[Callable[[], Metrics], Callable[[], Metrics]]:
        """What tells of the episodes in training, and what tries out the policy."""

        def training() -> Metrics:
            returns = self.arena.finished
            return Metrics(
                loss=None if self._last_loss is None else self._last_loss.item(),
                reward=sum(returns) / len(returns) if returns else None,
                returns=tuple(returns[-TOLD:]),
            )

        def validation() -> Metrics:
            return Metrics(loss=None, reward=self.actor.tried_out(TRIALS).returns.mean().item())

        return training, validation

    def snapshot(self) -> Snapshot:
        """With the worlds as they are."""
        plain = super().snapshot()
        tensors = {**plain.tensors, **{f"{WORLD}{name}": value for name, value in self.arena.tensors().items()}}
        if self._last_loss is not None:
            tensors["loss"] = self._last_loss
        return Snapshot(plain.step, plain.epoch, tensors, plain.numbers)

    def restore(self, snapshot: Snapshot) -> None:
        """Go on, in the worlds as they were."""
        super().restore(snapshot)
        self.arena.take({name.removeprefix(WORLD): value for name, value in snapshot.tensors.items() if name.startswith(WORLD)})
        self._last_loss = snapshot.tensors.get("loss")
        self._evaluated = self._coming_evaluations()

    def _coming_evaluations(self) -> tuple[int, ...]:
        coming: Iterator[int] = evaluation_steps(self.steps_per_epoch, self.steps)
        return tuple(step for step in coming if step >= self.step_count) or (-1,)
