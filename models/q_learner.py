"""Deep Q-learning: a long memory of what happened, a target network, and chance that fades."""

from __future__ import annotations

import copy
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.checkpoint import Snapshot
from models.control_learner import ControlLearner
from models.data import Data
from models.experiment import Experiment
from models.learner import TRACED_AFTER
from models.methods.deep_q import DeepQ
from models.playing import Moment

WARM_UP = 500
"""Experiences by chance alone before the first update."""
MEMORY, TARGET = "memory.", "target."


class Memory:
    """The latest experiences, in a ring."""

    def __init__(self, size: int, numbers: int) -> None:
        self.states = torch.zeros(size, numbers, dtype=torch.float64)
        self.after = torch.zeros(size, numbers, dtype=torch.float64)
        self.actions = torch.zeros(size, dtype=torch.int64)
        self.rewards = torch.zeros(size)
        self.ended = torch.zeros(size, dtype=torch.bool)
        self.count = 0
        """Experiences so far, also those that are forgotten."""

    def __len__(self) -> int:
        return min(self.count, len(self.rewards))

    def add(self, moment: Moment) -> None:
        """Remember one step of all worlds."""
        places = torch.arange(self.count, self.count + len(moment.actions)) % len(self.rewards)
        for name in ("states", "after", "actions", "rewards", "ended"):
            getattr(self, name)[places] = getattr(moment, name)
        self.count += len(moment.actions)

    def tensors(self) -> dict[str, Tensor]:
        """What it holds."""
        held = {name: getattr(self, name)[: len(self)] for name in ("states", "after", "actions", "rewards", "ended")}
        return {**held, "count": torch.tensor(self.count)}

    def take(self, tensors: dict[str, Tensor]) -> None:
        """Go on from what `tensors` gave."""
        self.count = int(tensors["count"])
        for name in ("states", "after", "actions", "rewards", "ended"):
            getattr(self, name)[: len(self)] = tensors[name]


class DeepQLearner(ControlLearner):
    """One step in each world, then one update from experiences of long ago."""

    def __init__(self, experiment: Experiment, data: Data, device: str, traced_after: int | None = TRACED_AFTER) -> None:
        super().__init__(experiment, data, device, traced_after)
        method = cast(DeepQ, self.method)
        self.memory = Memory(method.memory, self.arena.states.shape[1])
        self.target: nn.Module = copy.deepcopy(self.network).eval().requires_grad_(False)

    def worlds(self) -> int:
        """As many as the method says."""
        return cast(DeepQ, self.method).worlds

    @property
    def chance(self) -> float:
        """Share of actions that are taken by chance now."""
        method = cast(DeepQ, self.method)
        fading = max(1.0, method.exploring * self.steps)
        return max(method.chance, 1 - (1 - method.chance) * self.step_count / fading)

    def improve(self) -> Tensor:
        """Act once; the loss of a batch of experiences: how far the worth foretold is from reward and worth of what came after."""
        method = cast(DeepQ, self.method)
        if self.step_count % method.refresh == 0:
            self.target.load_state_dict(self.network.state_dict())
        while len(self.memory) < min(max(WARM_UP, self.batch_size), method.memory):
            self._act(1.0)
        self._act(self.chance)
        drawn = torch.randint(len(self.memory), (self.batch_size,), generator=self.arena.chance)
        before, after = (self.actor.seen(states[drawn]) for states in (self.memory.states, self.memory.after))
        actions, rewards, ended = (part[drawn].to(self.device) for part in (self.memory.actions, self.memory.rewards, self.memory.ended))
        with torch.no_grad():
            worth = self.target(after)
            best = self.network(after).argmax(dim=1) if method.double else worth.argmax(dim=1)
            following = worth.gather(1, best.unsqueeze(1)).squeeze(1)
            wanted = rewards / self.world.unit + method.discount * torch.where(ended, 0.0, following)
        foretold = self.network(before).gather(1, actions.unsqueeze(1)).squeeze(1)
        return F.smooth_l1_loss(foretold, wanted)

    def _act(self, share: float) -> None:
        """One step in each world, so large a share of them by chance."""
        chance, count = self.arena.chance, len(self.arena.states)
        random = torch.rand(count, generator=chance) < share
        actions = torch.randint(self.world.actions, (count,), generator=chance)
        if not random.all():
            self.network.eval()
            actions = torch.where(random, actions, self.actor.best(self.arena.states))
            self.network.train()
        self.memory.add(self.arena.step(actions))

    def snapshot(self) -> Snapshot:
        """With memory and target network."""
        plain = super().snapshot()
        held = {f"{MEMORY}{name}": value for name, value in self.memory.tensors().items()}
        older = {f"{TARGET}{name}": value for name, value in self.target.state_dict().items()}
        return Snapshot(plain.step, plain.epoch, {**plain.tensors, **held, **older}, plain.numbers)

    def restore(self, snapshot: Snapshot) -> None:
        """Go on, with memory and target network as they were."""
        super().restore(snapshot)
        held = {name.removeprefix(MEMORY): value for name, value in snapshot.tensors.items() if name.startswith(MEMORY)}
        self.memory.take(held)
        self.target.load_state_dict(
            {name.removeprefix(TARGET): value for name, value in snapshot.tensors.items() if name.startswith(TARGET)}
        )
