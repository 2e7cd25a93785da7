"""A complete experiment to begin with, and the words in which presets are written."""

from __future__ import annotations

from typing import Any, Literal

from models.entry import Spec, Words
from models.experiment import Experiment


class Preset(Spec):
    """An experiment with a name and one sentence of what to look for."""

    id: str
    title: Words
    look_for: Words
    experiment: Experiment
    minutes: float
    """About how long it takes on two cores."""
    steps_per_second: float | None = None
    """A pace at which one can watch; none is full speed."""
    lesson: Literal["good", "bad"] = "good"


def stack(*layers: dict[str, Any]) -> list[dict[str, Any]]:
    """A plain stack; ids are the op and its place among its like."""
    counts: dict[str, int] = {}
    nodes: list[dict[str, Any]] = []
    for layer in (*layers, {"op": "output"}):
        counts[layer["op"]] = counts.get(layer["op"], 0) + 1
        nodes.append({"id": "out" if layer["op"] == "output" else f"{layer['op']}{counts[layer['op']]}", "layer": layer})
    return nodes


def dense(units: int, **settings: Any) -> dict[str, Any]:
    """A dense layer."""
    return {"op": "dense", "units": units, **settings}


def conv(filters: int, kernel: int = 3) -> dict[str, Any]:
    """A convolution of images."""
    return {"op": "conv2d", "filters": filters, "kernel": kernel}


def adam(lr: float) -> dict[str, Any]:
    """Adam at this learning rate."""
    return {"op": "adam", "lr": lr}


TANH, RELU, SIGMOID = {"op": "tanh"}, {"op": "relu"}, {"op": "sigmoid"}
POOL, FLATTEN, NORM = {"op": "max_pool2d"}, {"op": "flatten"}, {"op": "batch_norm"}


def dropout(rate: float) -> dict[str, Any]:
    """Dropout."""
    return {"op": "dropout", "rate": rate}


def preset(id: str, title: Words, look_for: Words, dataset: dict[str, Any], network: list[dict[str, Any]], **rest: Any) -> Preset:
    """A preset; what is no setting of its own is one of the training."""
    settings = {name: rest.pop(name) for name in ("minutes", "steps_per_second", "lesson") if name in rest}
    experiment = Experiment.model_validate({"dataset": dataset, "network": network, "training": rest})
    return Preset(id=id, title=title, look_for=look_for, experiment=experiment, **{"minutes": 0.5, **settings})
