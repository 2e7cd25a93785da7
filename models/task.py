"""What a network has to learn from a dataset: to name a class or to estimate numbers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from models.entry import Spec, Words


class Classification(Spec):
    """Name the class of each example. Two classes take one output (the log-odds of the second), k > 2 take k."""

    kind: Literal["classification"] = "classification"
    classes: tuple[Words, ...]

    @property
    def outputs(self) -> int:
        """Numbers that the network gives for one example."""
        return 1 if len(self.classes) == 2 else len(self.classes)


class Regression(Spec):
    """Estimate one or more numbers for each example."""

    kind: Literal["regression"] = "regression"
    targets: tuple[Words, ...]

    @property
    def outputs(self) -> int:
        """Numbers that the network gives for one example."""
        return len(self.targets)


Task = Annotated[Classification | Regression, Field(discriminator="kind")]
