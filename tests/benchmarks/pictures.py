"""What it costs a worker to draw live pictures: share of a core while they are watched, less the share while they are not."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import tasks
from tests.benchmarks.pairing import Budget, Row, interleave
from tests.benchmarks.processes import computed
from tests.server.playground import Playground, Viewer

RATE = 30
"""Frames a second at which the cost is told."""
STEPS_PER_SECOND = 100
"""Slow enough that what a step costs does not hide what a picture costs."""

WHY = (
    "a pair of pictures takes 0.6 to 1 ms while the processor's caches hold what it needs, and twice as much when the worker has slept "
    "between two; 2 % of a core is 0.67 ms a pair"
)


def rows(budget: Budget) -> Iterator[Row]:
    """One row for a small network."""
    with tempfile.TemporaryDirectory() as folder:
        server = Playground(Path(folder))
        try:
            job = server.post(tasks.spiral(), steps_per_second=STEPS_PER_SECOND)["id"]
            with server.socket(job) as viewer:
                viewer.until_steps(50)
                worker = server.worker(job)
                shown: list[float] = []

                def watched() -> float:
                    viewer.watch({"op": "surface"}, {"op": "neurons"})
                    viewer.until_picture("neurons")
                    share, frames = spent(viewer, worker, budget.pick(3, 1))
                    shown.append(frames)
                    return share

                def unwatched() -> float:
                    viewer.watch()
                    spent(viewer, worker, 0.2)
                    return spent(viewer, worker, budget.pick(3, 1))[0]

                shares = interleave({"watched": watched, "unwatched": unwatched}, budget.count(7, 2))
        finally:
            server.close()
    costs = [(one - other) * RATE / frames for one, other, frames in zip(shares["watched"], shares["unwatched"], shown, strict=True)]
    note = f"{sorted(shown)[len(shown) // 2]:.0f} frames a second were drawn; the figure is for {RATE}"
    what = f"Decision surface and all neurons of 2-8-8-1, {RATE} frames a second: more share of a core in the worker"
    yield Row(what, costs, "%", most=2, note=note, why=WHY)


def spent(viewer: Viewer, worker: int, seconds: float) -> tuple[float, float]:
    """Per cent of a core that a worker takes while a viewer listens, and pairs of pictures a second."""
    viewer.events.clear()
    viewer.pictures.clear()
    before, begun = computed(worker), time.monotonic()
    while (left := begun + seconds - time.monotonic()) > 0:
        try:
            viewer.next(left)
        except TimeoutError:
            break
    passed = time.monotonic() - begun
    return 100 * (computed(worker) - before) / passed, len(viewer.pictures) / 2 / passed
