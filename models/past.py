"""What the log of a job already tells when it goes on after an interruption, so that nothing is said twice or left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from models.events import Evaluated


@dataclass(frozen=True)
class Past:
    """All that has been said before. Nothing, for a job that begins."""

    step: int = 0
    """The last step of which anything is said."""
    told: int = 0
    """The last step whose loss is in a column."""
    evaluations: Mapping[int, Evaluated] = field(default_factory=dict)
    """By step, in order."""
    findings: frozenset[tuple[str, str | None]] = frozenset()
    """Name and node of each."""
    retunes: Mapping[int, float] = field(default_factory=dict)
    """Learning rates that a person has set, by the step after which each holds."""
    checkpoints: frozenset[int] = frozenset()
    """Steps of the snapshots up to which the log is complete: going on from any other would leave something unsaid."""


def past_of(events: Iterable[Mapping[str, Any]]) -> Past:
    """The past that a log tells, from its events as JSON objects."""
    steps, told = [0], 0
    evaluations: dict[int, Evaluated] = {}
    findings: set[tuple[str, str | None]] = set()
    retunes: dict[int, float] = {}
    checkpoints: set[int] = set()
    for event in events:
        match event["type"]:
            case "progress":
                told = event["step"][-1]
            case "evaluated":
                fields = {name: value for name, value in event.items() if name not in ("seq", "at")}
                evaluations[event["step"]] = Evaluated.model_validate(fields)
                steps.append(event["step"])
            case "found":
                findings.add((event["op"], event["node"]))
            case "retuned":
                retunes[event["step"]] = event["lr"]
                steps.append(event["step"])
            case "checkpointed":
                checkpoints.add(event["step"])
    return Past(max(*steps, told), told, evaluations, frozenset(findings), retunes, frozenset(checkpoints))
