"""Fashion-MNIST against the ways in which people train it elsewhere: steps a second, and seconds to a goal."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack

from models.datasets.files import find
from models.datasets.images import FASHION_FILES
from models.experiment import Experiment
from models.network import threads_for
from models.presets import PRESETS
from server.settings import cores
from tests.benchmarks import tasks
from tests.benchmarks.contestant import REPOSITORY, Contestant, Unavailable, python
from tests.benchmarks.pairing import Budget, Row, interleave, per_second, ratios

TARGETS: dict[str, dict[str, float | None]] = {
    "cnn": {"textbook": 1.8, "torchvision_style": 2.8, "keras_tensorflow": 1.15, "lightning_style": None},
    "mlp": {"textbook": 2.4},
}
CONVOLUTIONS = "three fifths of our step are convolutions of 6 and 16 channels, which fill no vector"
WHY = {
    ("cnn", "textbook"): f"{CONVOLUTIONS}; the peer's are the same",
    ("cnn", "torchvision_style"): f"{CONVOLUTIONS}; the peer's speed differs from run to run",
    ("cnn", "keras_tensorflow"): f"{CONVOLUTIONS}; TensorFlow has them from the same library",
    ("mlp", "textbook"): "three fifths of our step are multiplications of matrices, as in the textbook's, and a quarter Adam, whose fused "
    "kernel is faster but rounds by where a tensor begins",
}
WHY_LATER = "the textbook's looks at the test set, every 100 steps, are free, and ours are not"
NAMES = {
    "textbook": "the textbook's loop",
    "torchvision_style": "transforms of each image, as torchvision does them",
    "keras_tensorflow": "Keras with TensorFlow",
    "lightning_style": "Lightning",
}


def command(peer: str, network: str, folder: str, threads: str, device: str = "cpu", seed: int = 0) -> list[str]:
    """How a peer is started."""
    if peer in ("textbook", "torchvision_style", "to_accuracy"):
        return [python(peer=True), "-m", "tests.benchmarks.peers.plain_torch", peer, network, folder, threads, device, str(seed)]
    return [python(peer=True), "-m", f"tests.benchmarks.peers.{peer}", network, folder, threads]


def rows(budget: Budget) -> Iterator[Row]:
    """A row for each peer and network, and one for the time to the goal."""
    folder = find("fashion_mnist", FASHION_FILES)
    if folder is None:
        yield Row("Fashion-MNIST against other loops", not_run="Fashion-MNIST is not on this machine")
        return
    for network in TARGETS:
        yield from speed(network, str(folder), budget)
    yield streamed(budget)
    yield to_the_goal(str(folder), budget)


def speed(network: str, folder: str, budget: Budget) -> Iterator[Row]:
    """Training steps alone, of the same network in the same batches on as many threads as a job of it gets."""
    experiment = tasks.images(network)
    threads = str(threads_for(Experiment.model_validate(experiment), cores()))
    with ExitStack() as stack:
        ours = stack.enter_context(Contestant(python(), "-m", "tests.benchmarks.ours", "steps", json.dumps(experiment), threads))
        contestants = {"ours": ours}
        absent: dict[str, str] = {}
        for peer in TARGETS[network]:
            try:
                contestants[peer] = stack.enter_context(Contestant(*command(peer, network, folder, threads)))
            except Unavailable as fault:
                absent[peer] = str(fault)
        seconds = budget.pick(2, 0.3)
        rates = interleave(
            {name: lambda contestant=contestant: contestant.run(seconds) for name, contestant in contestants.items()},  # type: ignore[misc]
            budget.count(6, 2),
        )
    for peer, target in TARGETS[network].items():
        what = f"{network.upper()} on Fashion-MNIST, batch {tasks.BATCH}, {threads} thread{'' if threads == '1' else 's'}: to {NAMES[peer]}"
        if peer in absent:
            yield Row(what, least=target, not_run=absent[peer])
        else:
            note = f"steps: {per_second(rates['ours'])} to {per_second(rates[peer])}"
            why = WHY.get((network, peer), "")
            yield Row(what, ratios(rates["ours"], rates[peer]), least=target, note=note, why=why)


def streamed(budget: Budget) -> Row:
    """Steps with examples from a file, read ahead, to steps with examples in memory."""
    experiment = json.dumps(tasks.images("mlp"))
    with ExitStack() as stack:
        contestants = {
            kind: stack.enter_context(Contestant(python(), "-m", "tests.benchmarks.ours", kind, experiment, "1"))
            for kind in ("streamed", "steps")
        }
        seconds = budget.pick(2, 0.3)
        rates = interleave(
            {name: lambda contestant=contestant: contestant.run(seconds) for name, contestant in contestants.items()},  # type: ignore[misc]
            budget.count(7, 2),
        )
    what = f"MLP on Fashion-MNIST, batch {tasks.BATCH}, examples read ahead from a memory map: to examples in memory"
    note = f"steps: {per_second(rates['streamed'])} to {per_second(rates['steps'])}"
    return Row(what, ratios(rates["streamed"], rates["steps"]), least=0.9, note=note)


def to_the_goal(folder: str, budget: Budget) -> Row:
    """Seconds until the test set is read well enough, by the preset's recipe and by the textbook's."""
    what = f"Fashion-MNIST to {tasks.GOAL} test accuracy by the preset's recipe: seconds to the textbook's"
    if budget.quick:
        return Row(what, most=1 / 3, not_run="it takes minutes, and this was --quick")
    experiment = next(preset.experiment for preset in PRESETS if preset.id == "fashion")
    threads = str(threads_for(experiment, cores()))
    ours: list[float] = []
    theirs: list[float] = []
    for seed in range(2):
        ours.append(seconds_of([python(), "-m", "tests.benchmarks.ours", "goal", seeded(experiment, seed), threads]))
        theirs.append(seconds_of(command("to_accuracy", "cnn", folder, threads, seed=seed)))
    note = f"{min(ours):.1f}-{max(ours):.1f} s with all measurements to {min(theirs):.1f}-{max(theirs):.1f} s of training alone"
    return Row(what, ratios(ours, theirs), most=1 / 3, note=note, why=WHY_LATER)


def seconds_of(contestant: list[str]) -> float:
    """What a contestant says that it took."""
    return float(json.loads(subprocess.run(contestant, cwd=REPOSITORY, check=True, stdout=subprocess.PIPE).stdout))


def seeded(experiment: Experiment, seed: int) -> str:
    """The experiment with another die, as JSON."""
    training = experiment.training.model_copy(update={"seed": seed, "weights_seed": seed})
    return experiment.model_copy(update={"training": training}).model_dump_json()
