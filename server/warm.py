"""What the forkserver does before it forks, and each process that it forks ahead does once more: trains for a moment, so that no job
waits for anything that happens only the first time.

On one thread, because a child of a process that has computed on two hangs when it does so itself; and never on a GPU,
because CUDA does not survive a fork.
"""

from __future__ import annotations

import gc

import torch

import server.inference
import server.worker  # noqa: F401 (and what these two import)
from models.draw import draw
from models.eager import leave_the_compiler_out
from models.experiment import Experiment
from models.train import train
from models.views.plane import Neurons, Surface


def rehearse(epochs: int) -> None:
    """Train a tiny network, and draw it."""
    experiment = Experiment.model_validate({"dataset": {"op": "spiral", "samples": 20}, "training": {"epochs": epochs, "device": "cpu"}})
    for _item in train(experiment, lambda _seconds: None):
        pass
    draw(experiment, None, (Surface(), Neurons()))


def warm_up() -> None:
    """Make this process one from which warm ones can be forked."""
    leave_the_compiler_out()
    torch.set_num_threads(1)
    # So many that a step is recorded.
    rehearse(40)
    # What is here stays: neither the forks nor the end of this process shall look through all of it again.
    gc.collect()
    gc.freeze()
    gc.enable()
