"""A job's loss curve from its log, thinned without hiding anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import from_json

from server.course import type_of


@dataclass
class Curve:
    """Columns of the loss, one entry for a step or, far into a run, for several; and the evaluations."""

    step: list[int] = field(default_factory=list)
    loss: list[float | None] = field(default_factory=list)
    low: list[float | None] = field(default_factory=list)
    high: list[float | None] = field(default_factory=list)
    evaluations: list[dict[str, Any]] = field(default_factory=list)


def curve_of(lines: Sequence[bytes]) -> Curve:
    """The whole curve that a log holds."""
    curve = Curve()
    for line in lines:
        match type_of(line):
            case "progress":
                event = from_json(line)
                curve.step += event["step"]
                curve.loss += event["loss"]
                curve.low += event["low"] or event["loss"]
                curve.high += event["high"] or event["loss"]
            case "evaluated":
                curve.evaluations.append(from_json(line))
    return curve


def thinned(low: Sequence[float | None], high: Sequence[float | None], points: int) -> list[int]:
    """Which entries to show when at most `points` (3 or more) may be: the first, the last, and of each stretch between them
    the least, the greatest and the first that is not a number."""
    count = len(low)
    if count <= points:
        return list(range(count))
    # Each stretch keeps up to three entries; without gaps two.
    gaps = None in low or None in high
    stretches = max(1, (points - 2) // (3 if gaps else 2))
    kept = {0, count - 1}
    for stretch in range(stretches):
        begin = 1 + (count - 2) * stretch // stretches
        end = 1 + (count - 2) * (stretch + 1) // stretches
        known: Sequence[int] = range(begin, end)
        if gaps:
            known = [place for place in range(begin, end) if low[place] is not None and high[place] is not None]
            kept.update([place for place in range(begin, end) if low[place] is None or high[place] is None][:1])
        if known:
            kept.add(min(known, key=low.__getitem__))  # type: ignore[arg-type]
            kept.add(max(known, key=high.__getitem__))  # type: ignore[arg-type]
    return sorted(kept)
