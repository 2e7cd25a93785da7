"""Training steps on a CUDA GPU against the textbook's loop on the same GPU."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import torch

from models.datasets.files import find
from models.datasets.images import FASHION_FILES
from tests.benchmarks import tasks
from tests.benchmarks.contestant import Contestant, python
from tests.benchmarks.images import command
from tests.benchmarks.pairing import Budget, Row, interleave, per_second, ratios

DEVICE = "cuda"


def rows(budget: Budget) -> Iterator[Row]:
    """The small network and the one with convolutions."""
    adam = {"op": "adam", "lr": 0.001}
    for network, experiment in {
        "spiral": tasks.spiral(optimizer=adam, device=DEVICE),
        "cnn": tasks.images("cnn", device=DEVICE),
    }.items():
        name = "2-8-8-1, batch 10" if network == "spiral" else f"CNN on Fashion-MNIST, batch {tasks.BATCH}"
        what, folder = f"On a GPU, {name}: to the textbook's loop", find("fashion_mnist", FASHION_FILES)
        if not torch.cuda.is_available():
            yield Row(what, least=5, not_run="there is no CUDA GPU here")
        elif network == "cnn" and folder is None:
            yield Row(what, least=5, not_run="Fashion-MNIST is not on this machine")
        else:
            yield row(what, network, experiment, str(folder), budget)


def row(what: str, network: str, experiment: dict[str, Any], folder: str, budget: Budget) -> Row:
    """Bare steps of both in turn."""
    with ExitStack() as stack:
        ours = stack.enter_context(Contestant(python(), "-m", "tests.benchmarks.ours", "steps", json.dumps(experiment), "1"))
        textbook = stack.enter_context(Contestant(*command("textbook", network, folder, "1", DEVICE)))
        seconds = budget.pick(2, 0.3)
        rates = interleave({"ours": lambda: ours.run(seconds), "textbook": lambda: textbook.run(seconds)}, budget.count(11, 2))
    note = f"steps: {per_second(rates['ours'])} to {per_second(rates['textbook'])}"
    return Row(what, ratios(rates["ours"], rates["textbook"]), least=5, note=note)
