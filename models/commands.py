"""What a person asks of a running job: the closed union of commands."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from models.entry import Spec
from models.views.catalogue import View


class Pause(Spec):
    """Stop after the step that is under way and wait."""

    op: Literal["pause"] = "pause"


class Resume(Spec):
    """Go on after a pause."""

    op: Literal["resume"] = "resume"


class Step(Spec):
    """Do a number of batches or epochs, then pause again. A running job pauses first."""

    op: Literal["step"] = "step"
    unit: Literal["batch", "epoch"] = "batch"
    count: int = Field(1, ge=1, le=10_000)


class Stop(Spec):
    """End the job; what it has learnt is kept."""

    op: Literal["stop"] = "stop"


class Retune(Spec):
    """Change the base learning rate from the next step on; a `retuned` event says from which."""

    op: Literal["retune"] = "retune"
    lr: float = Field(ge=1e-6, le=10)


class Pace(Spec):
    """Slow the clock down so that a person can watch; what is computed stays the same. Null is full speed."""

    op: Literal["pace"] = "pace"
    steps_per_second: float | None = Field(None, gt=0, le=1_000_000)


class Watch(Spec):
    """Which live pictures somebody is looking at; an empty list draws nothing. Sent by the server, not by people."""

    op: Literal["watch"] = "watch"
    views: tuple[View, ...] = Field((), max_length=32, strict=False)


PublicCommand = Annotated[Pause | Resume | Step | Stop | Retune | Pace, Field(discriminator="op")]
Command = Annotated[Pause | Resume | Step | Stop | Retune | Pace | Watch, Field(discriminator="op")]
