"""The losses of all steps since the last progress event, as columns whose size is bounded however long the run."""

from __future__ import annotations

import math
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

    def add(self, loss: Tensor) -> None:
        """Note the loss of one more step."""
        self._pending.append(loss)

    def cut(self, seconds: float, batch_size: int) -> Progress | None:
        """The columns since the last cut, `seconds` ago; None when no entry is complete."""
        if not self._pending:
            return None
        values = torch.stack(self._pending).tolist()
        self._pending.clear()
        steps: list[int] = []
        means: list[float] = []
        lows: list[float] = []
        highs: list[float] = []
        for step, value in enumerate(values, self.first + 1):
            self.group.append(value)
            if step % stride_at(step) == 0:
                if step > self.told:
                    steps.append(step)
                    means.append(sum(self.group) / len(self.group))
                    lows.append(min(self.group))
                    highs.append(max(self.group))
                self.group.clear()
        self.first += len(values)
        if not steps:
            return None
        spread = self.first > DENSE_STEPS
        return Progress(
            step=tuple(steps),
            loss=_short(means),
            low=_short(lows) if spread else None,
            high=_short(highs) if spread else None,
            examples_per_second=round(len(values) * batch_size / max(seconds, 1e-9), 1),
        )


def _short(values: list[float]) -> tuple[float, ...]:
    """Losses in as few digits as tell float32 numbers apart: the log takes half the room and loses nothing."""
    return tuple(float(str(value)) for value in np.array(values, dtype=np.float32))
