"""What principal components reach at giving examples back through as narrow a code as the network's: the best that is linear."""

from __future__ import annotations

from functools import lru_cache
from math import prod

import torch

from models.data import load
from models.datasets import dataset as base
from models.evaluation import TRAINING_EXAMPLES
from models.events import Metrics
from models.experiment import Experiment
from models.views.latent import numbers_of


def component_scores(experiment: Experiment) -> Metrics | None:
    """Mean squared error and R² on the validation set of prepared examples.

    None for a network without a code, and where the code is no narrower than an example: as many components only copy it.
    """
    numbers = numbers_of(experiment)
    return None if numbers is None or numbers >= prod(experiment.shape().sizes) else _scores(experiment.dataset, numbers)


@lru_cache(maxsize=32)
def _scores(dataset: base.Dataset, numbers: int) -> Metrics:
    data = load(dataset)
    training = data.ready(data.training.inputs[:TRAINING_EXAMPLES]).flatten(1).double()
    validation = data.ready(data.validation.inputs[:TRAINING_EXAMPLES]).flatten(1).double()
    mean = training.mean(dim=0)
    centred = training - mean
    _, directions = torch.linalg.eigh(centred.T @ centred)
    kept = directions[:, -numbers:]
    errors = (validation - mean) - (validation - mean) @ kept @ kept.T
    spread = (validation - validation.mean(dim=0)).square().sum()
    return Metrics(loss=errors.square().mean().item(), r2=1 - (errors.square().sum() / spread).item())
