"""The losses of all steps since the last progress event, as columns whose size is bounded however long the run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from models.events import Progress

DENSE_STEPS = 100_000
"""Steps of which every single loss is kept; after that an entry stands for 2, 4, 8 … steps, doubling as the run doubles."""


def stride_at(step: int) -> int:
    """Steps that the entry with step `step` stands for."""
    return 1 if step <= DENSE_STEPS else 2 ** math.ceil(math.log2(step / DENSE_STEPS))


@dataclass
class Columns:
    """Collects losses on the device; `cut` fetches them all at once, so no step waits for the device."""

    first: int
    """Step after which collecting begins."""
    told: int = 0
    """Entries up to this step have been said before and are not said again."""
    group: list[float] = field(default_factory=list)
    """Losses of the entry that is not complete yet, as of the last cut."""
    _pending: list[Tensor] = field(default_factory=list)

    def add(self, losses: Tensor) -> None:
        """Note the losses (steps,) of more steps."""
        self._pending.append(losses)

    def cut(self, seconds: float, batch_size: int) -> Progress | None:
        """The columns since the last cut, `seconds` ago; None when no entry is complete."""
        if not self._pending:
            return None
        values: list[float] = torch.cat(self._pending).tolist()
        self._pending.clear()
        count, last = len(values), self.first + len(values)
        if last <= DENSE_STEPS:
            begin = min(max(self.first, self.told), last)
            steps: Sequence[int] = range(begin + 1, last + 1)
            means = lows = highs = values[begin - self.first :]
        else:
            steps, means, lows, highs = self._grouped(values)
        self.first = last
        if not steps:
            return None
        spread = self.first > DENSE_STEPS
        return Progress(
            step=tuple(steps),
            loss=_short(means),
            low=_short(lows) if spread else None,
            high=_short(highs) if spread else None,
            examples_per_second=round(count * batch_size / max(seconds, 1e-9), 1),
        )

    def _grouped(self, values: list[float]) -> tuple[list[int], list[float], list[float], list[float]]:
        """Entries with their last step, mean, least and greatest; what is behind the last of them waits in `group`."""
        steps: list[int] = []
        means: list[float] = []
        lows: list[float] = []
        highs: list[float] = []
        step, place = self.first, 0
        while True:
            # Where the stride doubles, an entry ends.
            stride = stride_at(step + 1)
            following = (step // stride + 1) * stride
            group = self.group + values[place : place + following - step]
            place += following - step
            if place > len(values):
                self.group = group
                return steps, means, lows, highs
            self.group = []
            step = following
            if step > self.told:
                steps.append(step)
                means.append(sum(group) / len(group))
                lows.append(min(group))
                highs.append(max(group))


def _short(values: Sequence[float]) -> tuple[float, ...]:
    """Losses in as few digits as tell float32 numbers apart: the log takes half the room and loses nothing."""
    return tuple(map(float, map(str, np.array(values, dtype=np.float32))))
