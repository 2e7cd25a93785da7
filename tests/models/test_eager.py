"""PyTorch without its compiler: it is not loaded, and nothing misses it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import torch

from models.events import Evaluated
from models.experiment import Experiment
from models.train import train
from tests.models.experiments import DIGITS, DROPPING, TINY
from tests.server.playground import REPOSITORY

PROGRAM = """
import json, sys
from models.eager import COMPILER, leave_the_compiler_out
leave_the_compiler_out()
import torch
torch.set_num_threads(1)
from models.experiment import Experiment
from models.train import train
from models.events import Evaluated
for text in json.load(sys.stdin):
    said = train(Experiment.model_validate_json(text), lambda _seconds: None)
    print(json.dumps([json.loads(event.model_dump_json()) for event in said if isinstance(event, Evaluated)]))
heavy = {"sklearn", "scipy", "torch._inductor", "networkx"} & set(sys.modules)
assert not heavy, heavy
absent = sys.modules[COMPILER]
assert callable(absent.is_compiling), absent
assert sys.modules[COMPILER] is not absent
"""


@pytest.mark.slow
def test_training_never_loads_it_and_is_the_same_to_the_last_bit() -> None:
    chosen = [TINY, DROPPING, DIGITS]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps([experiment.model_dump_json() for experiment in chosen]),
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert [json.loads(line) for line in done.stdout.splitlines()] == [evaluations(experiment) for experiment in chosen]


def evaluations(experiment: Experiment) -> list[dict[str, object]]:
    """What a run measures in this process, in which the compiler may be."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        said = train(experiment, lambda _seconds: None)
        return [json.loads(event.model_dump_json()) for event in said if isinstance(event, Evaluated)]
    finally:
        torch.set_num_threads(threads)
