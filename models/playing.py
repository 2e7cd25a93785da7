"""Acting in worlds: many copies side by side, episode after episode, and what a greedy policy earns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from models.worlds import World

Policy = Callable[[Tensor], Tensor]
"""From states (worlds, numbers) to actions (worlds,) int64, both on the CPU."""


@dataclass(frozen=True)
class Moment:
    """One step in every copy of a world."""

    states: Tensor
    actions: Tensor
    rewards: Tensor
    after: Tensor
    """The states that the actions led to, also where the episode is over."""
    ended: Tensor
    """Nothing comes after it."""
    over: Tensor
    """Ended, or broken off at the world's limit."""


class Arena:
    """Copies of a world side by side; where an episode is over, the next one begins.

    All that it remembers lies in tensors, so that it can be put into a snapshot.
    """

    def __init__(self, world: World, worlds: int, chance: Generator) -> None:
        self.world, self.chance = world, chance
        self.states = world.reset(worlds, chance)
        self.clock = torch.zeros(worlds, dtype=torch.int64)
        self.earned = torch.zeros(worlds)
        """Rewards of the running episodes so far."""
        self.finished: list[float] = []
        """Returns of the episodes that are over; whoever reads them clears them."""

    def step(self, actions: Tensor) -> Moment:
        """One action in each copy."""
        before = self.states
        outcome = self.world.step(before, actions, self.chance)
        self.clock += 1
        self.earned += outcome.rewards
        over = outcome.ended | (self.clock >= self.world.limit)
        self.states = outcome.states
        if over.any():
            self.finished += self.earned[over].tolist()
            fresh = self.world.reset(len(before), self.chance)
            self.states = torch.where(over.unsqueeze(1), fresh, self.states)
            self.clock = torch.where(over, 0, self.clock)
            self.earned = torch.where(over, 0.0, self.earned)
        return Moment(before, actions, outcome.rewards, outcome.states, outcome.ended, over)

    def tensors(self) -> dict[str, Tensor]:
        """What it remembers."""
        return {
            "states": self.states,
            "clock": self.clock,
            "earned": self.earned,
            "finished": torch.tensor(self.finished),
            "chance": self.chance.get_state(),
        }

    def take(self, tensors: dict[str, Tensor]) -> None:
        """Go on from what `tensors` gave."""
        self.states, self.clock, self.earned = (tensors[name].clone() for name in ("states", "clock", "earned"))
        self.finished = tensors["finished"].tolist()
        self.chance.set_state(tensors["chance"])


@dataclass(frozen=True)
class Episodes:
    """Whole episodes side by side, each padded behind its end."""

    states: Tensor
    """(time, worlds, numbers)."""
    actions: Tensor
    """(time, worlds)."""
    rewards: Tensor
    """(time, worlds); 0 behind the end."""
    going: Tensor
    """(time, worlds), bool: whether the episode was still going on."""
    last: Tensor
    """The states in which the episodes ended: (worlds, numbers)."""

    @property
    def returns(self) -> Tensor:
        """The sum of the rewards of each episode."""
        return self.rewards.sum(dim=0)


def episodes(world: World, policy: Policy, worlds: int, chance: Generator) -> Episodes:
    """Play so many episodes from their beginning to their end."""
    states = world.reset(worlds, chance)
    going = torch.ones(worlds, dtype=torch.bool)
    columns: list[tuple[Tensor, ...]] = []
    for _ in range(world.limit):
        actions = policy(states)
        outcome = world.step(states, actions, chance)
        columns.append((states, actions, torch.where(going, outcome.rewards, 0.0), going))
        states = torch.where(going.unsqueeze(1), outcome.states, states)
        going = going & ~outcome.ended
        if not going.any():
            break
    before, actions, rewards, alive = (torch.stack(column) for column in zip(*columns, strict=True))
    return Episodes(before, actions, rewards, alive, states)
