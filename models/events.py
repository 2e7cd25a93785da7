"""What a job says: the closed union of events, and what else a training run yields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from models.entry import Spec, Words


class Event(Spec):
    """The base of every event. The server adds the job's next number (`seq`) and the time (`at`)."""

    # A diverged loss is an event like any other: not-a-number and infinity are written as null.
    model_config = ConfigDict(allow_inf_nan=True, ser_json_inf_nan="null")


class Started(Event):
    """The network stands and the data is loaded: training begins, or goes on after a resume, at `step`."""

    type: Literal["started"] = "started"
    step: int
    device: str
    threads: int
    parameters: int
    training_examples: int
    validation_examples: int
    steps_per_epoch: int
    steps: int
    """Steps until the last epoch is done."""


class Progress(Event):
    """Columns of all steps since the last progress event. From step 100,000 on an entry stands for several steps: `loss`
    is their mean, `low` and `high` their least and greatest."""

    type: Literal["progress"] = "progress"
    step: tuple[int, ...]
    """Last step of each entry, counted from 1."""
    loss: tuple[float | None, ...]
    low: tuple[float | None, ...] | None = None
    high: tuple[float | None, ...] | None = None
    examples_per_second: float


class Metrics(Event):
    """Scores on one set. Accuracy for classification, R² and mean absolute error for regression, R² for what is given back; where a
    generator learns against a judge, `loss` is the judge's. By reward the mean return: training tells of the episodes that were over
    since the evaluation before, which explored, validation of 100 that did not."""

    loss: float | None
    accuracy: float | None = None
    r2: float | None = None
    mae: float | None = None
    generator_loss: float | None = None
    """How surely the judge sees through what is made: the mean of -log of the probability that it is real."""
    coverage: float | None = None
    """Share of the classes (which nobody has told) of which enough is made: examples nearer to a real one of the class than real
    ones often are to each other."""
    reward: float | None = None
    returns: tuple[float, ...] | None = Field(None, strict=False)
    """Training by reward: the returns of those episodes in the order in which they ended, of many only the latest 200."""


class Evaluated(Event):
    """Scores at a step of the evaluation schedule; step 0 is the untrained network."""

    type: Literal["evaluated"] = "evaluated"
    step: int
    epoch: float
    training: Metrics
    validation: Metrics
    lr: float
    """Learning rate of the next step."""
    gradient_norm: float | None
    """Length of the gradient in the last step, before clipping; null before the first."""


class Retuned(Event):
    """The base learning rate has been changed; it holds from step `step` + 1 on."""

    type: Literal["retuned"] = "retuned"
    step: int
    lr: float


class Found(Event):
    """A finding in plain words, with a change to the experiment that may mend it."""

    type: Literal["found"] = "found"
    op: Literal["overfitting", "diverged", "dead_units", "plateau", "solved", "collapse"]
    step: int
    """Since when."""
    epoch: float
    node: str | None = None
    text: Words
    fix: Words | None = None
    """What the proposed change does, as the words on a button."""
    changes: tuple[Change, ...] = ()


class Change(Spec):
    """One edit of an experiment: set the field at `path`, or put a new node behind node `after`."""

    op: Literal["set", "insert"]
    path: tuple[str, ...] = ()
    """For set: keys into the experiment; a node by its id: ("network", "h1", "units")."""
    value: Any = None
    """For set: the new value. For insert: the layer's JSON."""
    after: str | None = None
    """For insert: id of the node before the new one ("data" for the front)."""
    before: str | None = None
    """For insert: the node that takes the new one as its input instead of `after`; left out: whichever followed it."""


class Checkpointed(Event):
    """What the job knows at this step is on disk."""

    type: Literal["checkpointed"] = "checkpointed"
    step: int
    epoch: float


State = Literal["queued", "starting", "running", "paused", "stopping", "completed", "stopped", "failed", "interrupted"]


class StateChanged(Event):
    """The job has entered a state. `reason` says why where it is not obvious."""

    type: Literal["state"] = "state"
    state: State
    step: int | None = None
    reason: Words | None = None


class Finished(Event):
    """Training ended by itself or was stopped; the last event of a run that did not fail."""

    type: Literal["finished"] = "finished"
    step: int
    outcome: Literal["completed", "stopped"]
    reason: Words


class Failed(Event):
    """Training cannot go on; what was wrong and what to do next."""

    type: Literal["failed"] = "failed"
    code: str
    message: Words
    hint: Words | None = None


AnyEvent = Annotated[
    Started | Progress | Evaluated | Retuned | Found | Checkpointed | StateChanged | Finished | Failed,
    Field(discriminator="type"),
]


@dataclass(frozen=True)
class Frame:
    """A live picture, beside the log: latest wins. `key` is the JSON of the view that drew it."""

    key: str
    step: int
    payload: bytes
    """As written by `models.pictures.encode`."""


Found.model_rebuild()
