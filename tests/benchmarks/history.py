"""The past of a job that has done a million steps: how long the server needs to give it, and how large it is."""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from models.columns import Columns
from models.evaluation import evaluation_steps
from models.events import Evaluated, Event, Metrics
from server.log import now
from tests.benchmarks import tasks
from tests.benchmarks.pairing import Budget, Row
from tests.server.playground import Playground

CUT = 1000
"""Steps in a progress event."""


def rows(budget: Budget) -> Iterator[Row]:
    """Two rows; the steps are not done, but told in the log as a run would have told them. The job has ended and nobody looks at it, so
    that the server reads its whole log each time."""
    steps = int(budget.pick(1_000_000, 100_000))
    with tempfile.TemporaryDirectory() as folder:
        server = Playground(Path(folder))
        try:
            job = server.post(tasks.spiral(epochs=2))["id"]
            server.finish(job)
            server.end()
            told = lengthen(server.data / "jobs" / job / "events.jsonl", steps)
            server.start()
            asked = {what: Asked(server, f"/jobs/{job}/{what}") for what in ("course", "metrics")}
            for _ in range(budget.count(9, 3)):
                for answer in asked.values():
                    answer.ask()
        finally:
            server.close()
    (progress,) = [event for event in asked["course"].body["events"] if event["type"] == "progress"]
    curve = asked["metrics"].body
    assert progress["step"][-1] == curve["step"][-1] == steps, (progress["step"][-1], curve["step"][-1])
    of = f"of {curve['of']:,} entries and {curve['evaluations_of']:,} evaluations"
    for what, shown, answer in (
        (f"What the page shows of a job with {steps:,} steps", len(progress["step"]), asked["course"]),
        (f"The curve of a job with {steps:,} steps", curve["shown"], asked["metrics"]),
    ):
        size = f"{answer.size / 1024:.0f} KiB, from a log of {told / 2**20:.1f} MiB"
        note = f"{shown:,} {of} in {size}; the first time {answer.took[0]:.0f} ms"
        yield Row(f"{what}: time in the server", answer.took, "ms", most=500, note=note)


class Asked:
    """One question to the server, the milliseconds of each answer, and the last answer."""

    def __init__(self, server: Playground, path: str) -> None:
        self._server = server
        self._path = path
        self.took: list[float] = []
        self.size = 0
        self.body: dict[str, Any] = {}

    def ask(self) -> None:
        """Ask once more."""
        begun = time.perf_counter()
        answer = self._server.client.get(self._path)
        self.took.append(1000 * (time.perf_counter() - begun))
        self.size = len(answer.content)
        self.body = answer.raise_for_status().json()


def lengthen(log: Path, steps: int) -> int:
    """Write further progress into a job's log, with the measurements of its epochs; its size."""
    events = [json.loads(line) for line in log.read_text().splitlines()]
    per_epoch = next(event["steps_per_epoch"] for event in events if event["type"] == "started")
    first = max(event["step"][-1] for event in events if event["type"] == "progress")
    measured = (step for step in evaluation_steps(per_epoch, steps) if step > first)
    next_measured = next(measured)
    die, columns, seq = random.Random(1), Columns(first), len(events)
    with log.open("a") as file:

        def say(event: Event) -> None:
            nonlocal seq
            seq += 1
            file.write(f'{{"seq":{seq},"at":"{now()}",' + event.model_dump_json()[1:] + "\n")

        for begin in range(first, steps, CUT):
            end = min(steps, begin + CUT)
            columns.add(torch.tensor([die.random() for _ in range(begin, end)]))
            if (progress := columns.cut(0.05, 10)) is None:
                raise RuntimeError("an event without an entry")
            say(progress)
            while next_measured <= end:
                scores = [Metrics(loss=die.random(), accuracy=die.random()) for _ in range(2)]
                epoch = next_measured / per_epoch
                say(Evaluated(step=next_measured, epoch=epoch, training=scores[0], validation=scores[1], lr=0.03, gradient_norm=1.0))
                next_measured = next(measured, steps + 1)
    return log.stat().st_size
