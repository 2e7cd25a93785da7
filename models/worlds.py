"""Worlds to act in, many copies side by side: how each begins, what an action does to it, and what can be seen of it."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Generator, Tensor


@dataclass(frozen=True)
class Outcome:
    """What one action has done in each copy of a world."""

    states: Tensor
    """(worlds, numbers), float64."""
    rewards: Tensor
    """(worlds,), float32."""
    ended: Tensor
    """(worlds,), bool: nothing can happen there any more."""


class World(ABC):
    """The rules of a world. Chance comes from the generator that is given, nothing else is remembered."""

    actions: int
    limit: int
    """Steps after which an episode is broken off, though it might go on."""
    unit: float = 1.0
    """A large return: networks foretell returns in this unit, in which they are about as large as all else that a network gives."""

    @abstractmethod
    def reset(self, worlds: int, chance: Generator) -> Tensor:
        """So many copies at their beginning: (worlds, numbers), float64."""

    @abstractmethod
    def step(self, states: Tensor, actions: Tensor, chance: Generator) -> Outcome:
        """What becomes of each copy by its action, (worlds,) int64."""

    @abstractmethod
    def observation(self, states: Tensor) -> Tensor:
        """What can be seen of each copy: (worlds, inputs), float32."""


class CartPole(World):
    """A pole stands on a cart that is pushed to the left (0) or to the right (1): the rules of gymnasium's CartPole-v1, which are
    those of Barto, Sutton and Anderson (1983).

    State: place of the cart in metres, its speed, angle of the pole in radians, its angular speed. Each step takes 0.02 seconds and
    is rewarded by 1. An episode ends when the pole leans by more than 12 degrees or the cart is more than 2.4 metres off the middle.
    """

    actions = 2
    limit = 500
    unit = 100.0

    GRAVITY = 9.8
    POLE_MASS = 0.1
    TOTAL_MASS = 1.1
    HALF_LENGTH = 0.5
    FORCE = 10.0
    SECONDS = 0.02
    FARTHEST = 2.4
    STEEPEST = 12 * 2 * math.pi / 360

    def reset(self, worlds: int, chance: Generator) -> Tensor:
        """Nearly upright and nearly at rest: all four numbers evenly between -0.05 and 0.05."""
        return torch.rand(worlds, 4, generator=chance, dtype=torch.float64) * 0.1 - 0.05

    def step(self, states: Tensor, actions: Tensor, chance: Generator) -> Outcome:
        """One step of Euler's method. Without chance."""
        _place, speed, angle, turn = states.unbind(1)
        cosine, sine = angle.cos(), angle.sin()
        moment = self.POLE_MASS * self.HALF_LENGTH
        force = (actions.double() * 2 - 1) * self.FORCE
        push = (force + moment * turn.square() * sine) / self.TOTAL_MASS
        inertia = self.HALF_LENGTH * (4 / 3 - self.POLE_MASS * cosine.square() / self.TOTAL_MASS)
        turning = (self.GRAVITY * sine - cosine * push) / inertia
        speeding = push - moment * turning * cosine / self.TOTAL_MASS
        after = states + self.SECONDS * torch.stack([speed, speeding, turn, turning], dim=1)
        ended = (after[:, 0].abs() > self.FARTHEST) | (after[:, 2].abs() > self.STEEPEST)
        return Outcome(after, torch.ones(len(states)), ended)

    def observation(self, states: Tensor) -> Tensor:
        """The state itself."""
        return states.float()


GOAL, PIT, WALL, START = "G", "O", "#", "S"

MOVES = ((0, -1), (1, 0), (0, 1), (-1, 0))
"""Rows and columns by which the actions left, down, right and up lead on: in gymnasium's order, so that neighbours in it are sideways."""


class GridWorld(World):
    """A field of cells to walk on, as in gymnasium's FrozenLake: left (0), down (1), right (2), up (3).

    `rows` tells the cells: "S" the start, "G" the goal, "O" a pit, "#" a wall, "." free. State: the number of the cell, row by row.
    The goal is rewarded by 1, a pit costs `pit`; both end the episode. Every step costs `cost`. With probability `slip` a step goes to
    one side of where it was meant to go. Who walks into a wall, or off the field, stays.
    """

    actions = 4
    limit = 100

    def __init__(self, rows: tuple[str, ...], slip: float = 0.0, pit: float = 0.0, cost: float = 0.0) -> None:
        self.rows, self.slip = rows, slip
        self.width, cells = len(rows[0]), "".join(rows)
        self.cells = len(cells)
        self.start = cells.index(START)
        self.leads = torch.tensor([[self._beside(cell, move) for move in MOVES] for cell in range(self.cells)])
        """Cell that each action leads to from each cell: (cells, actions)."""
        worth = {GOAL: 1.0, PIT: -pit}
        self.rewards = torch.tensor([worth.get(cell, 0.0) - cost for cell in cells])
        self.ends = torch.tensor([cell in worth for cell in cells])

    def _beside(self, cell: int, move: tuple[int, int]) -> int:
        row, column = cell // self.width + move[0], cell % self.width + move[1]
        free = 0 <= row < len(self.rows) and 0 <= column < self.width and self.rows[row][column] != WALL
        return row * self.width + column if free else cell

    def reset(self, worlds: int, chance: Generator) -> Tensor:
        """All at the start."""
        return torch.full((worlds, 1), float(self.start), dtype=torch.float64)

    def step(self, states: Tensor, actions: Tensor, chance: Generator) -> Outcome:
        """A step where the action leads, or to a side of it."""
        if self.slip:
            dice = torch.rand(len(states), generator=chance)
            turned = (dice < self.slip / 2).long() - ((dice >= self.slip / 2) & (dice < self.slip)).long()
            actions = (actions + turned) % self.actions
        cells = self.leads[states[:, 0].long(), actions]
        return Outcome(cells.double().unsqueeze(1), self.rewards[cells], self.ends[cells])

    def observation(self, states: Tensor) -> Tensor:
        """One input for each cell: 1 where one is, 0 elsewhere."""
        return torch.nn.functional.one_hot(states[:, 0].long(), self.cells).float()
