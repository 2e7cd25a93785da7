"""What a job's log proves: that nothing is missing or told twice, and that two jobs computed the same to the last bit."""

from __future__ import annotations

import json
import signal
from dataclasses import dataclass
from typing import Any

from tests.server.playground import FINAL, Event, Playground, spiral

Experiment = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """All that a job says of what it computed, without when it said so."""

    steps: tuple[int, ...]
    losses: tuple[float | None, ...]
    evaluations: tuple[tuple[Any, ...], ...]
    findings: tuple[tuple[Any, ...], ...]
    retunes: tuple[tuple[int, float], ...]
    outcome: tuple[Any, ...] | None


def scores(metrics: dict[str, Any]) -> dict[str, Any]:
    """Those that were measured: a log of an older release does not name what it did not know."""
    return {name: value for name, value in metrics.items() if value is not None}


def told(events: list[Event]) -> Told:
    """Take a log apart."""
    progress = [event for event in events if event["type"] == "progress"]
    ends = [event for event in events if event["type"] == "finished"]
    assert len(ends) < 2, "it ended twice"
    return Told(
        steps=tuple(step for event in progress for step in event["step"]),
        losses=tuple(loss for event in progress for loss in event["loss"]),
        evaluations=tuple(
            (event["step"], scores(event["training"]), scores(event["validation"]), event["lr"], event["gradient_norm"])
            for event in events
            if event["type"] == "evaluated"
        ),
        findings=tuple((event["op"], event["step"], event["node"], event["text"]) for event in events if event["type"] == "found"),
        retunes=tuple((event["step"], event["lr"]) for event in events if event["type"] == "retuned"),
        outcome=(ends[0]["step"], ends[0]["outcome"], ends[0]["reason"]) if ends else None,
    )


def log_of(server: Playground, job: str) -> list[Event]:
    """The log of a job that has ended, after a look that it is 1 to n in the file, over REST and over the socket."""
    log = server.log_file(job)
    assert [event["seq"] for event in log] == list(range(1, len(log) + 1))
    assert server.events(job) == log
    with server.socket(job) as viewer:
        for _event in log:
            viewer.until(lambda _event: True)
        assert viewer.events == log
    assert server.job(job)["last_seq"] == len(log)
    assert [event["state"] for event in log if event["type"] == "state"][-1] == server.job(job)["state"]
    return log


def result_of(server: Playground, job: str) -> Told:
    """What a job has computed, after a look that its log is whole and no step is missing or told twice."""
    result = told(log_of(server, job))
    # From step 100,000 on an entry stands for several steps.
    assert result.steps[:100_000] == tuple(range(1, min(len(result.steps), 100_000) + 1))
    return result


TWINS: dict[str, Told] = {}


def undisturbed(server: Playground, experiment: Experiment) -> Told:
    """What an experiment computes when nothing happens to it, on this server or on one before: they all compute the same."""
    text = json.dumps(experiment, sort_keys=True)
    if text not in TWINS:
        job = server.post(experiment)["id"]
        done = server.finish(job)
        assert done["state"] == "completed", done["reason"]
        TWINS[text] = result_of(server, job)
    return TWINS[text]


def dropping(**training: Any) -> Experiment:
    """A small experiment that takes random numbers at every step, so that going on from a wrong place shows in every loss."""
    experiment = spiral(**{"epochs": 120, **training})
    experiment["network"].insert(2, {"id": "d1", "layer": {"op": "dropout", "rate": 0.2}})
    return experiment


def kill(server: Playground) -> None:
    """End the server in an instant."""
    assert server.end(signal.SIGKILL) == -signal.SIGKILL


def busy(server: Playground) -> int:
    """Slots of the processor that are leased."""
    slots: int = server.client.get("/health").json()["devices"][0]["busy"]
    return slots


def ended(server: Playground, job: str) -> bool:
    """Whether the job is in a final state."""
    return server.job(job)["state"] in FINAL
