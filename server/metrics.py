"""A job's loss curve from its log, thinned without hiding anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import from_json


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
        event = from_json(line)
        match event["type"]:
            case "progress":
                curve.step += event["step"]
                curve.loss += event["loss"]
                curve.low += event["low"] or event["loss"]
                curve.high += event["high"] or event["loss"]
            case "evaluated":
                curve.evaluations.append(event)
    return curve


def thinned(low: Sequence[float | None], high: Sequence[float | None], points: int) -> list[int]:
    """Which entries to show when at most `points` (3 or more) may be: the first, the last, and of each stretch between them
    the least, the greatest and the first that is not a number."""
    count = len(low)
    if count <= points:
        return list(range(count))
    # Each stretch keeps up to three entries; without gaps two.
    kept_of_each = 3 if None in low else 2
    stretches = max(1, (points - 2) // kept_of_each)
    kept = {0, count - 1}
    for stretch in range(stretches):
        begin = 1 + (count - 2) * stretch // stretches
        end = 1 + (count - 2) * (stretch + 1) // stretches
        numbers = [(low[index], high[index], index) for index in range(begin, end)]
        known = [(least, greatest, index) for least, greatest, index in numbers if least is not None and greatest is not None]
        if known:
            kept.add(min(known, key=lambda entry: entry[0])[2])
            kept.add(max(known, key=lambda entry: entry[1])[2])
        kept.update(next(([index] for least, greatest, index in numbers if least is None or greatest is None), []))
    return sorted(kept)
