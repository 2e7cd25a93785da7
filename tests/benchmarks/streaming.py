"""The loop that streams from its worker through a real server against the same loop with nobody listening: steps a second."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.benchmarks import tasks
from tests.benchmarks.audience import Audience
from tests.benchmarks.contestant import Contestant, python
from tests.benchmarks.pairing import Budget, Row, Turn, interleave, per_second, ratios
from tests.server.playground import Playground, Viewer


def moment(event: dict[str, Any]) -> float:
    """When an event was written into the log, in seconds."""
    return datetime.fromisoformat(event["at"]).timestamp()


def rows(budget: Budget) -> Iterator[Row]:
    """One viewer, and a hundred more."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = Playground(folder)
        stack.callback(server.close)
        job = server.post(tasks.spiral(), paused=True)["id"]
        viewer = stack.enter_context(server.socket(job))
        viewer.until_state("paused")
        unwatched = stack.enter_context(Contestant(python(), "-m", "tests.benchmarks.ours", "unwatched", json.dumps(tasks.spiral()), "1"))
        seconds, rounds = budget.pick(1, 0.2), budget.count(11, 3)

        def streamed() -> float:
            return turn(server, job, viewer, seconds)

        what = "2-8-8-1 at full speed, streamed live to {}: steps a second to the same loop unwatched"
        turns: dict[str, Turn] = {"streamed": streamed, "unwatched": lambda: unwatched.run(seconds)}
        yield row(what.format("a viewer"), 0.97, turns, rounds)
        viewers = int(budget.pick(100, 20))
        with Audience(server, job, viewers):
            yield row(what.format(f"{viewers} viewers"), 0.95, turns, rounds)


WHY = (
    "a second differs from the next by a third, on two cores that server, viewers and worker share; the worker's processor time a step is "
    "that of the bare loop"
)


def row(what: str, least: float, turns: dict[str, Turn], rounds: int) -> Row:
    """Some rounds as a line of the table."""
    rates = interleave(turns, rounds)
    note = f"steps: {per_second(rates['streamed'])} to {per_second(rates['unwatched'])}"
    return Row(what, ratios(rates["streamed"], rates["unwatched"]), least=least, note=note, why=WHY)


def turn(server: Playground, job: str, viewer: Viewer, seconds: float) -> float:
    """Let a paused job run for a while; the steps a second that its events tell of."""
    viewer.events.clear()
    server.command(job, "resume")
    begun = viewer.until_state("running")
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        viewer.heard(left)
    server.command(job, "pause")
    ended = viewer.until_state("paused")
    return float(ended["step"] - begun["step"]) / (moment(ended) - moment(begun))
