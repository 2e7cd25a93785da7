"""What every benchmark shares: contestants that take turns, ratios of what they do in the same round, and the row that comes of it."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Turn = Callable[[], float]
"""Has a contestant do its part once and gives a rate, such as steps a second."""


@dataclass(frozen=True)
class Budget:
    """How long the benchmarks may take: minutes for figures, or seconds to see that they run."""

    quick: bool = False

    def pick(self, full: float, quick: float) -> float:
        """Seconds of a turn, or another size."""
        return quick if self.quick else full

    def count(self, full: int, quick: int) -> int:
        """How many rounds, or of something else."""
        return quick if self.quick else full


@dataclass(frozen=True)
class Row:
    """One line of the table: what was measured, once for each round, and what it should be."""

    what: str
    values: Sequence[float] = ()
    unit: str = "×"
    least: float | None = None
    """Target that the median should reach."""
    most: float | None = None
    """Target that the median should not exceed."""
    note: str = ""
    """What a reader must know to judge the figure."""
    why: str = ""
    """Why a target is missed, as far as it is known; said only where it is."""
    not_run: str = ""
    """Why there is no figure."""

    @property
    def median(self) -> float:
        """The figure."""
        return statistics.median(self.values)

    @property
    def spread(self) -> tuple[float, float]:
        """Between what the middle 80 % lie."""
        ordered = sorted(self.values)
        cut = len(ordered) // 10
        return ordered[cut], ordered[-1 - cut]

    @property
    def verdict(self) -> str:
        """Whether the target is met, or by how much it is missed."""
        if self.not_run:
            return f"not run: {self.not_run}"
        reason = f": {self.why}" if self.why else ""
        if self.least is not None and self.median < self.least:
            return missed(1 - self.median / self.least) + reason
        if self.most is not None and self.median > self.most:
            return (missed(self.median / self.most - 1) if self.most else "missed") + reason
        return "met" if self.least is not None or self.most is not None else "no target"


def missed(share: float) -> str:
    """By how much of the target."""
    return f"missed by {100 * share:.{1 if share < 0.1 else 0}f} %"


def interleave(turns: Mapping[str, Turn], rounds: int) -> dict[str, list[float]]:
    """Let contestants take turns and give each one's rates, a rate for each round. Who begins changes from round to round, so that
    neither a machine that warms up nor one that tires favours anybody."""
    names = list(turns)
    rates: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        place = number % len(names)
        for name in names[place:] + names[:place]:
            rates[name].append(turns[name]())
    return rates


def ratios(above: Sequence[float], below: Sequence[float]) -> list[float]:
    """What one did for what the other did, round by round."""
    return [one / other for one, other in zip(above, below, strict=True)]


def per_second(rates: Sequence[float]) -> str:
    """A typical rate, for a note; only ratios mean anything on another machine."""
    median = statistics.median(rates)
    return f"{median:,.0f}/s" if median >= 100 else f"{median:.3g}/s"
