"""What a network has to learn: to name a class, to estimate numbers, to go on with a text, to give an example back, to act."""

from __future__ import annotations

from math import prod
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


class NextToken(Spec):
    """Say after each token which one comes next. Scores (batch, time, tokens); targets int64 (batch, time)."""

    kind: Literal["next_token"] = "next_token"
    tokens: tuple[str, ...]
    """The vocabulary, in the order of the ids."""

    @property
    def outputs(self) -> int:
        """Numbers that the network gives at each time step."""
        return len(self.tokens)


class Reconstruction(Spec):
    """Give the example back as it came. Answers and targets have the shape of the input."""

    kind: Literal["reconstruction"] = "reconstruction"
    sizes: tuple[int, ...]

    @property
    def outputs(self) -> int:
        """Numbers that the network gives for one example."""
        return prod(self.sizes)


class Generation(Spec):
    """Make examples out of noise that a judge, trained at the same time, cannot tell from real ones. The judge gives one score."""

    kind: Literal["generation"] = "generation"
    sizes: tuple[int, ...]
    """Of one example."""

    @property
    def outputs(self) -> int:
        """The score by which the judge holds an example for real: one number."""
        return 1


class Control(Spec):
    """Act in a world so that the reward adds up. The network gives a number for each action."""

    kind: Literal["control"] = "control"
    actions: tuple[Words, ...]
    gives: Literal["preferences", "values"] = "preferences"
    """What the numbers of the actions are: preferences, as scores of classes are, or the return that is expected after each."""
    critic: bool = False
    """Whether one number more comes after those of the actions: the return that is expected from here on."""

    @property
    def outputs(self) -> int:
        """Numbers that the network gives for what it sees."""
        return len(self.actions) + self.critic


Task = Annotated[
    Classification | Regression | NextToken | Reconstruction | Generation | Control,
    Field(discriminator="kind"),
]

TaskKind = Literal["classification", "regression", "next_token", "reconstruction", "generation", "control"]
