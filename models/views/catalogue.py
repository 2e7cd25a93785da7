"""The views side by side."""

from __future__ import annotations

from typing import Annotated, get_args

from pydantic import Field

from models.views import view
from models.views.layers import Activations, Filters, Weights
from models.views.plane import Neurons, Surface
from models.views.results import Confusion, Fit, Predictions

View = Annotated[
    # over the plane
    Surface
    | Neurons
    # into the layers
    | Weights
    | Filters
    | Activations
    # results
    | Confusion
    | Predictions
    | Fit,
    Field(discriminator="op"),
]

VIEWS: tuple[type[view.View], ...] = get_args(get_args(View)[0])
