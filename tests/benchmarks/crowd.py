"""A thousand viewers of one job: how long a step is on its way to them, and what they cost the server."""

from __future__ import annotations

import resource
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import tasks
from tests.benchmarks.audience import Audience
from tests.benchmarks.pairing import Budget, Row
from tests.benchmarks.processes import computed
from tests.server.playground import Playground

STEPS_PER_SECOND = 1000
"""A pace at which every step is told by itself and there is something to tell each time that the columns are cut."""

WHY = "one late step in a hundred decides it, and the viewers' own process stands on the same two cores"


def rows(budget: Budget) -> Iterator[Row]:
    """Milliseconds from step to viewer, and the server's share of a core."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 8192)), hard))
    viewers = int(budget.pick(1000, 50))
    with tempfile.TemporaryDirectory() as folder:
        server = Playground(Path(folder), "--max-sockets", "2000")
        try:
            job = server.post(tasks.spiral(), steps_per_second=STEPS_PER_SECOND)["id"]
            slowest: list[float] = []
            shares: list[float] = []
            deliveries: list[float] = []
            with Audience(server, job, viewers) as audience:
                audience.listen(budget.pick(2, 0.5))
                for _ in range(budget.count(5, 2)):
                    before = computed(server.process.pid)
                    heard = audience.listen(budget.pick(4, 1))
                    took = computed(server.process.pid) - before
                    slowest.append(1000 * heard["p99"])
                    shares.append(100 * took / heard["seconds"])
                    deliveries.append(1e6 * took / max(1, heard["messages"]))
        finally:
            server.close()
    seen = f"{heard['messages'] / heard['seconds']:,.0f} messages/s, {heard['bytes'] / heard['seconds'] / 1e6:.1f} MB/s; half of the steps"
    note = f"{seen} within {1000 * heard['median']:.0f} ms; no event missing or double"
    yield Row(f"{viewers:,} viewers of one job: from a step to a viewer, 99 in 100 within", slowest, "ms", most=150, note=note, why=WHY)
    yield Row(f"{viewers:,} viewers of one job: the server's share of a core", shares, "%", most=100)
    yield Row(f"{viewers:,} viewers of one job: the server's work for a delivery", deliveries, "µs")
