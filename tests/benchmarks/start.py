"""From a request to the first number on the screen, from the command to a server that is ready, and the memory that both take."""

from __future__ import annotations

import compileall
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from models.datasets.files import find
from models.datasets.images import FASHION_FILES
from tests.benchmarks import tasks
from tests.benchmarks.pairing import Budget, Row
from tests.benchmarks.processes import proportional
from tests.server.playground import REPOSITORY, Playground

MANY = 8
"""Small jobs whose memory is measured."""
WHY_NOT_SOONER = (
    "the request, the database, the hand-over to a process that waits, its network and its first measurement took 22 ms in the best run "
    "that was traced, each a few"
)
WHY_NOT_READY = "most of it is the import of PyTorch, and of the catalogue as classes that validate"
PAUSE = 0.5
"""Seconds after the end of a job until somebody presses Play again; by then the next process has been forked ahead."""


def rows(budget: Budget) -> Iterator[Row]:
    """Waits in milliseconds or seconds, memory in MiB."""
    colds: list[float] = []
    idles: list[float] = []
    eachs: list[float] = []
    compile_code()
    for last in [False] * budget.count(2, 0) + [True]:
        with tempfile.TemporaryDirectory() as folder:
            begun = time.monotonic()
            server = Playground(Path(folder), "--slots", str(MANY))
            try:
                colds.append(time.monotonic() - begun)
                warm_up(server)
                idles.append(proportional(server.processes))
                eachs.append(one_more(server, idles[-1]))
                if last:
                    yield from waits(server, budget)
            finally:
                server.close()
    yield Row("From the command to a server that is ready", colds, "s", most=3, why=WHY_NOT_READY)
    yield Row("Memory of an idle server with its forkserver and the process that draws", idles, "MiB", most=500)
    yield Row("Memory of each further small job", eachs, "MiB", most=60)


def compile_code() -> None:
    """Write the bytecode that the first start leaves behind for all that follow, also where the environment forbids it."""
    for name in ("models", "server"):
        if not compileall.compile_dir(REPOSITORY / name, quiet=1):
            raise RuntimeError(f"{name}/ cannot be compiled")


def warm_up(server: Playground) -> None:
    """A first job and a first picture, so that all that a server has when it idles is there."""
    job = server.post(tasks.spiral(epochs=1))["id"]
    server.finish(job)
    server.client.get(f"/jobs/{job}/views/surface").raise_for_status()


def one_more(server: Playground, idle: float) -> float:
    """What a small job adds, of several at once."""
    jobs = [server.post(tasks.spiral(), steps_per_second=20)["id"] for _ in range(MANY)]
    for job in jobs:
        with server.socket(job) as viewer:
            viewer.until_steps(30)
    each = (proportional(server.processes) - idle) / MANY
    server.stop_all()
    return each


def waits(server: Playground, budget: Budget) -> Iterator[Row]:
    """From POST to the first loss on the socket, for a toy and for Fashion-MNIST."""
    toy = first_numbers(server, tasks.spiral(), budget.count(25, 5))
    yield Row("From POST to the first loss on the socket: a toy", toy, "ms", most=30, note=ninety(toy), why=WHY_NOT_SOONER)
    next_toy = first_numbers(server, tasks.spiral(), budget.count(25, 5), pause=0)
    yield Row("From POST to the first loss on the socket: a toy, at once behind another", next_toy, "ms", note=ninety(next_toy))
    if find("fashion_mnist", FASHION_FILES):
        fashion = first_numbers(server, tasks.images("cnn"), budget.count(10, 2))
        yield Row("From POST to the first loss on the socket: Fashion-MNIST", fashion, "ms", most=300, note=ninety(fashion))
    else:
        yield Row("From POST to the first loss on the socket: Fashion-MNIST", most=300, not_run="Fashion-MNIST is not on this machine")


def first_numbers(server: Playground, experiment: dict[str, Any], count: int, pause: float = PAUSE) -> list[float]:
    """Milliseconds, one job after the other, with a pause of so many seconds before each."""
    found: list[float] = []
    for _ in range(count):
        time.sleep(pause)
        begun = time.perf_counter()
        job = server.post(experiment)["id"]
        with server.socket(job) as viewer:
            viewer.until(lambda event: event["type"] in ("evaluated", "progress"))
            found.append(1000 * (time.perf_counter() - begun))
        server.command(job, "stop")
        server.finish(job)
    return found


def ninety(found: list[float]) -> str:
    """The note that tells what nine in ten stay below."""
    return f"nine in ten within {sorted(found)[int(0.9 * (len(found) - 1))]:.0f} ms"
