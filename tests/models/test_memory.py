"""The estimate of memory: from shapes alone, and near to what trainings really take."""

from __future__ import annotations

import gc
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from models.checkpoint import Snapshot, write
from models.commands import Command, Watch
from models.events import Evaluated
from models.experiment import Experiment
from models.memory import needed
from models.optimizers import OPTIMIZERS, SGD, RMSprop, UpdateRule
from models.train import train
from models.views.plane import Neurons, Surface
from tests.models.experiments import TINY, experiment
from tests.models.test_datasets import HERE, SMALL

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[2]
MIB = 2**20

TANH, RELU, POOL, FLATTEN, NORM = ({"op": op} for op in ("tanh", "relu", "max_pool2d", "flatten", "batch_norm"))
POINTS = {"op": "spiral", "samples": 5000}
IMAGES = {"op": "mnist"}


def living_tensors() -> int:
    gc.collect()
    return sum(issubclass(type(thing), torch.Tensor) for thing in gc.get_objects())


def test_estimating_leaves_nothing_behind() -> None:
    """A server estimates each network that somebody draws or trains, for months."""

    def estimate(seeds: range) -> None:
        for seed in seeds:
            needed(experiment(POINTS, dense(4), TANH, dense(4), RELU, seed=seed))

    estimate(range(100))
    before = living_tensors()
    estimate(range(100, 200))
    assert living_tensors() <= before


def dense(units: int) -> dict[str, Any]:
    return {"op": "dense", "units": units}


def conv(filters: int, kernel: int = 3) -> dict[str, Any]:
    return {"op": "conv2d", "filters": filters, "kernel": kernel}


WIDE = (FLATTEN, dense(4096), RELU, dense(4096), RELU)
CASES = {
    "tiny": TINY,
    "points, three layers of 512": experiment(POINTS, dense(512), TANH, dense(512), TANH, dense(512), TANH, batch_size=500),
    "points, two layers of 2048": experiment(POINTS, dense(2048), TANH, dense(2048), TANH, batch_size=500),
    "digits, 17 million weights, SGD": experiment({"op": "digits"}, *WIDE, batch_size=512, optimizer={"op": "sgd"}),
    "digits, 17 million weights, Adam": experiment({"op": "digits"}, *WIDE, batch_size=512),
    "images with noise": experiment({**IMAGES, "noise": 0.1}, FLATTEN, dense(32), RELU, batch_size=1000),
    "convolutions, small batch": experiment(IMAGES, conv(16), RELU, POOL, conv(32), RELU, POOL, FLATTEN, dense(64), batch_size=64),
    "convolutions, large batch": experiment(IMAGES, conv(16), NORM, RELU, POOL, conv(32), NORM, RELU, FLATTEN, batch_size=1024),
    "large kernels": experiment(IMAGES, conv(32, 5), {"op": "gelu"}, conv(32, 4), {"op": "average_pool2d"}, FLATTEN, batch_size=512),
    "a GRU over 256 steps": experiment(
        {"op": "digits"},
        FLATTEN,
        dense(1024),
        {"op": "to_sequence", "features": 4},
        {"op": "gru", "units": 64, "give": "all"},
        batch_size=256,
    ),
    "words, two layers of GRU": experiment(
        {"op": "headlines", "samples": 20_000, "length": 64, "vocabulary": 20_000},
        {"op": "embedding", "features": 128},
        {"op": "gru", "units": 64, "layers": 2},
        batch_size=256,
    ),
    "characters to write": experiment(
        {"op": "writing", "texts": "english_headlines", "length": 64},
        {"op": "embedding", "features": 64},
        {"op": "gru", "units": 128, "give": "all"},
        batch_size=128,
    ),
    "transformer blocks over 128 steps": experiment(
        {"op": "digits"},
        FLATTEN,
        dense(4096),
        {"op": "to_sequence", "features": 32},
        *[{"op": "transformer_block", "heads": 4}] * 2,
        batch_size=256,
    ),
    "trees, 128 units": experiment({"op": "list_operations", "samples": 2000}, {"op": "tree_lstm", "units": 128}, batch_size=256),
}


@pytest.mark.parametrize("rule", [*(kind.model_validate({}) for kind in OPTIMIZERS), SGD(momentum=0.9), RMSprop(momentum=0.9)], ids=repr)
def test_an_optimizer_remembers_what_it_says(rule: UpdateRule) -> None:
    parameter = nn.Parameter(torch.zeros(1000))
    parameter.grad = torch.ones(1000)
    optimizer = rule.call().before([parameter]).build()
    optimizer.step()
    assert rule.remembered() == sum(value.numel() for value in optimizer.state[parameter].values() if torch.is_tensor(value)) // 1000


@pytest.mark.parametrize("kind", HERE, ids=lambda kind: kind.__name__)
def test_examples_are_counted_without_loading(kind: type) -> None:
    dataset = kind(**SMALL.get(kind, {}))
    inputs, _, held_out, _ = dataset.call().build()
    assert dataset.counts() == (len(inputs), len(held_out))


def test_what_takes_more_is_estimated_higher() -> None:
    def total(*layers: dict[str, Any], **training: Any) -> int:
        return needed(experiment(IMAGES, *layers, FLATTEN, **training)).total

    base = total(conv(8), batch_size=1024)
    assert total(conv(16), batch_size=1024) > base
    assert total(conv(8), RELU, batch_size=1024) > base
    assert total(conv(8), batch_size=2048) > base
    assert total(conv(8), FLATTEN, dense(100), batch_size=1024) > base
    wide = experiment(IMAGES, FLATTEN, dense(4096), optimizer={"op": "sgd"}), experiment(IMAGES, FLATTEN, dense(4096))
    assert [needed(one).optimizer for one in wide] == [4 * 784 * 4096, 4 * (2 * (784 * 4096 + 4096 + 40970) + 2 * 784 * 4096)]
    assert needed(wide[1], batch_size=1).activations <= needed(wide[1], batch_size=4096).activations


def test_estimating_allocates_nothing() -> None:
    """Forty gigabytes of weights are weighed in the memory of a few shapes."""
    huge = experiment(IMAGES, conv(1024), FLATTEN, dense(4096), batch_size=4096)
    before = _status("VmRSS")
    assert needed(huge).total > 40 * 2**30
    assert _status("VmRSS") - before < 100 * MIB


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(sys.platform != "linux", reason="peaks of memory are read where Linux shows them")
def test_the_estimate_is_near_to_what_trainings_take() -> None:
    """Never less than a 1.3th of it, and above 100 MiB never more than two and a half times as much."""
    rows = []
    for name, case in CASES.items():
        command = [sys.executable, "-c", "from tests.models.test_memory import measure; measure()"]
        process = subprocess.run(command, cwd=REPOSITORY, input=case.model_dump_json().encode(), capture_output=True, check=True)
        rows.append((name, needed(case).total, int(process.stdout)))
    for name, estimate, measured in rows:
        print(f"{name:35} estimated {estimate / MIB:6.0f} MiB  measured {measured / MIB:6.0f} MiB  {estimate / measured:.2f}")
    for name, estimate, measured in rows:
        assert measured < 1.3 * estimate, name
        assert estimate < 2.5 * max(measured, 100 * MIB), name


def measure() -> None:
    """Train the experiment that comes in, beginning, checkpoints and pictures included; say how many bytes it took at most beyond
    those that any such process has."""
    experiment = Experiment.model_validate_json(sys.stdin.read())
    torch.set_num_threads(1)
    for _item in train(TINY, lambda _seconds: None):
        pass
    before, code = _status("VmRSS"), _status("RssFile")
    Path("/proc/self/clear_refs").write_text("5")
    commands: list[Command] = [Watch(views=(Surface(), Neurons()))]
    evaluations, began = 0, time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for item in train(experiment, lambda _seconds: commands.pop() if commands else None):
            if isinstance(item, Snapshot):
                write(item, Path(folder) / "checkpoint")
            evaluations += isinstance(item, Evaluated)
            if evaluations == 2 or (evaluations and time.monotonic() > began + 15):
                break
    # Code that is read in is shared by all such processes.
    print(_status("VmHWM") - before - (_status("RssFile") - code))


def _status(name: str) -> int:
    """A figure of this process's memory in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))
