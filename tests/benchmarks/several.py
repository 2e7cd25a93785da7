"""Several jobs at once through the server against the best that the machine can do: as many bare processes as cores, one thread each."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from itertools import cycle, islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from models.datasets.files import find
from models.datasets.images import FASHION_FILES
from models.experiment import Experiment
from models.network import threads_for
from models.train import train
from server.settings import cores
from tests.benchmarks import tasks
from tests.benchmarks.contestant import Contestant, python
from tests.benchmarks.ours import prepare
from tests.benchmarks.pairing import Budget, Row, Turn, interleave, per_second, ratios
from tests.server.playground import Playground

DIGITS: dict[str, Any] = {"op": "digits"}
CONVOLUTION: tasks.Layers = [
    {"op": "conv2d", "filters": 16},
    tasks.RELU,
    tasks.POOL,
    {"op": "conv2d", "filters": 32},
    tasks.RELU,
    tasks.FLATTEN,
]
WIDE: tasks.Layers = [tasks.FLATTEN, {"op": "dense", "units": 256}, tasks.RELU, {"op": "dense", "units": 256}, tasks.RELU]
WHY = "jobs of two seconds feel their start, the process that is forked ahead for the next, and the server, which stands on the same cores"
WHY_NOT_ALL = (
    "one core is left to the server, to pictures and to other jobs: two threads that wait for each other gain 1.6 times alone, and fall to "
    "a third or less beside anything that takes a core"
)
SIZES = {2: 0.9, 4: 0.9, 8: 0.9, 16: 0.75}
"""Jobs at once, and the share of the machine's best that they should reach together."""


def mixture(length: float) -> list[dict[str, Any]]:
    """A tiny network, a wide one and one of convolutions, each for about as long: two seconds or less at length 1."""
    return [
        tasks.spiral(epochs=max(1, round(1200 * length))),
        tasks.experiment(DIGITS, CONVOLUTION, epochs=max(1, round(25 * length)), batch_size=64),
        tasks.experiment(DIGITS, WIDE, epochs=max(1, round(75 * length)), batch_size=64),
    ]


def rows(budget: Budget) -> Iterator[Row]:
    """One large job alone, then a row for each number of jobs."""
    yield alone_on_the_machine(budget)
    kinds = mixture(budget.pick(2, 0.1))
    with tempfile.TemporaryDirectory() as folder:
        server = Playground(Path(folder))
        # A forkserver of its own, so that these processes are as young as the server's workers.
        with ProcessPoolExecutor(cores(), get_context("forkserver"), prepare, (1,)) as pool:
            try:
                alone(pool, kinds * cores())
                through(server, kinds)
                for count, target in SIZES.items():
                    experiments = list(islice(cycle(kinds), count))
                    turns = {"ours": partial(through, server, experiments), "best": partial(alone, pool, experiments)}
                    rates = interleave(turns, budget.count(3 if count < 8 else 2, 1))
                    what = f"{count} jobs of mixed sizes at once: to as many bare processes as cores"
                    yield Row(what, ratios(rates["ours"], rates["best"]), least=target, note=f"{cores()} cores", why=WHY)
            finally:
                server.close()


def alone_on_the_machine(budget: Budget) -> Row:
    """A large job on as many threads as it gets, to the same on all cores."""
    what = "CNN on Fashion-MNIST, batch 64, alone on the machine: to the same on all cores"
    if find("fashion_mnist", FASHION_FILES) is None:
        return Row(what, least=1, not_run="Fashion-MNIST is not on this machine")
    experiment = tasks.images("cnn")
    counts = {"ours": threads_for(Experiment.model_validate(experiment), cores()), "all": cores()}
    with ExitStack() as stack:
        contestants = {
            name: stack.enter_context(Contestant(python(), "-m", "tests.benchmarks.ours", "steps", json.dumps(experiment), str(count)))
            for name, count in counts.items()
        }
        seconds = budget.pick(2, 0.3)
        turns: dict[str, Turn] = {name: partial(contestant.run, seconds) for name, contestant in contestants.items()}
        rates = interleave(turns, budget.count(6, 2))
    note = f"{counts['ours']} of {counts['all']} cores; steps: {per_second(rates['ours'])} to {per_second(rates['all'])}"
    return Row(what, ratios(rates["ours"], rates["all"]), least=1, note=note, why=WHY_NOT_ALL)


def run(experiment: dict[str, Any]) -> None:
    """One training that nobody listens to."""
    for _ in train(Experiment.model_validate(experiment), lambda _seconds: None):
        pass


def alone(pool: ProcessPoolExecutor, experiments: Sequence[dict[str, Any]]) -> float:
    """Rate at which bare processes get these trainings done: one over the seconds until the last."""
    begun = time.perf_counter()
    list(pool.map(run, experiments))
    return 1 / (time.perf_counter() - begun)


def through(server: Playground, experiments: Sequence[dict[str, Any]]) -> float:
    """The same, as jobs of a server."""
    begun = time.time()
    jobs = [server.post(experiment)["id"] for experiment in experiments]
    ends = [ended(server, job) for job in jobs]
    return 1 / (max(ends) - begun)


def ended(server: Playground, job: str) -> float:
    """When a job ended, by the server's word. Nobody listens to it meanwhile, as nobody listens to the bare processes."""
    while (told := server.job(job))["finished"] is None:
        time.sleep(0.25)
    if told["state"] != "completed":
        raise RuntimeError("a job did not come to its end")
    return datetime.fromisoformat(told["finished"]).timestamp()
