"""Loaded by the forkserver before it forks: imports everything and trains for a moment, so that no job waits for it.

On one thread, because a child of a process that has computed on two hangs when it does so itself; and never on a GPU,
because CUDA does not survive a fork.
"""

from __future__ import annotations

import gc

import sklearn.datasets  # noqa: F401 (several datasets need it, and it takes most of a second)
import torch

import server.inference
import server.worker  # noqa: F401 (and what these two import)
from models.draw import draw
from models.experiment import Experiment
from models.train import train
from models.views.plane import Neurons, Surface

torch.set_num_threads(1)
_experiment = Experiment.model_validate({"dataset": {"op": "spiral", "samples": 20}, "training": {"epochs": 40, "device": "cpu"}})
for _item in train(_experiment, lambda _seconds: None):
    pass
draw(_experiment, None, (Surface(), Neurons()))

# What is here stays: neither the forks nor the end of this process shall look through all of it again.
gc.collect()
gc.freeze()
