"""The views side by side."""

from __future__ import annotations

from typing import Annotated, Any, get_args

from pydantic import Field

from models.experiment import Experiment
from models.views import view
from models.views.augmented import Augmented
from models.views.blanked import Blanked
from models.views.codes import Codes, Decoded, Reconstructions
from models.views.control import GreedyEpisode, PolicyMap
from models.views.generation import Made
from models.views.layers import Activations, Filters, Weights
from models.views.plane import Neurons, Surface
from models.views.results import Confusion, Fit, Predictions
from models.views.series import Forecast
from models.views.texts import Mattered, Neighbours, Samples, WordMap
from models.views.trees import BelievedTrees

View = Annotated[
    # without labels
    Reconstructions
    | Codes
    | Decoded
    | Made
    # over the plane
    | Surface
    | Neurons
    # into the layers
    | Weights
    | Filters
    | Activations
    # results
    | Forecast
    | BelievedTrees
    | Fit
    | Predictions
    | Confusion
    # the way in
    | Augmented
    # of texts
    | Samples
    | Mattered
    | WordMap
    | Neighbours
    # several inputs
    | Blanked
    # by reward
    | GreedyEpisode
    | PolicyMap,
    Field(discriminator="op"),
]

VIEWS: tuple[type[view.View], ...] = get_args(get_args(View)[0])


def large_views(experiment: Experiment) -> tuple[View, ...]:
    """The large pictures that tell what an experiment has learnt, the most telling first."""
    found: tuple[Any, ...] = tuple(view for kind in VIEWS if (view := kind.large(experiment)))
    return found
