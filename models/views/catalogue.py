"""The views side by side."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from models.views.layers import Activations, Filters, Weights
from models.views.plane import Neurons, Surface
from models.views.results import Confusion, Fit, Predictions

VIEWS = (
    # over the plane
    Surface,
    Neurons,
    # into the layers
    Weights,
    Filters,
    Activations,
    # results
    Confusion,
    Predictions,
    Fit,
)

View = Annotated[Surface | Neurons | Weights | Filters | Activations | Confusion | Predictions | Fit, Field(discriminator="op")]
