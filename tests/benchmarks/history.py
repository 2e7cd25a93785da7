"""The curve of a job that has done a million steps: how long the server needs to give it, and how large it is."""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

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
    """One row; the steps are not done, but told in the log as a run would have told them."""
    steps = int(budget.pick(1_000_000, 100_000))
    with tempfile.TemporaryDirectory() as folder:
        server = Playground(Path(folder))
        try:
            job = server.post(tasks.spiral(epochs=2))["id"]
            server.finish(job)
            server.end()
            told = lengthen(server.data / "jobs" / job / "events.jsonl", steps)
            server.start()
            took: list[float] = []
            for _ in range(budget.count(9, 3)):
                begun = time.perf_counter()
                answer = server.client.get(f"/jobs/{job}/metrics")
                took.append(1000 * (time.perf_counter() - begun))
            curve = answer.raise_for_status().json()
            assert curve["step"][-1] == steps, curve["step"][-1]
        finally:
            server.close()
    shown = f"{curve['shown']:,} of {curve['of']:,} entries in {len(answer.content) / 1024:.0f} KiB"
    note = f"{shown}, from a log of {told / 2**20:.1f} MiB; the first time {took[0]:.0f} ms"
    yield Row(f"The curve of a job with {steps:,} steps: time in the server", took, "ms", most=500, note=note)


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
