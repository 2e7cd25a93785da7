"""What a dataset looks like: its examples, and each step from a raw example to what the network gets, as pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from models.data import Data, load
from models.datasets import dataset as base
from models.datasets.catalogue import Dataset
from models.entry import Spec
from models.previews.control import control_steps
from models.previews.images import image_steps
from models.previews.points import points_steps
from models.previews.preparation import PreparationStep
from models.previews.series import series_steps
from models.previews.several import several_steps
from models.previews.speech import speech_steps
from models.previews.tables import table_steps
from models.previews.texts import text_steps
from models.previews.trees import tree_steps
from models.task import Task

STEPS: Mapping[base.Modality, Callable[[base.Dataset, Data], Iterator[PreparationStep]]] = {
    "points": points_steps,
    "table": table_steps,
    "image": image_steps,
    "text": text_steps,
    "speech": speech_steps,
    "several": several_steps,
    "series": series_steps,
    "tree": tree_steps,
    "control": control_steps,
}
"""What draws the way of an example, for each kind of data."""


class Preview(Spec):
    """A dataset at a glance."""

    task: Task
    examples: int
    training: int
    validation: int
    shape: tuple[int, ...]
    axes: tuple[str, ...]
    """Meaning of each axis of the shape that the network gets."""
    steps: tuple[PreparationStep, ...]


def preview(dataset: Dataset) -> Preview:
    """The dataset at a glance. Raises datasets.files.Missing when its files are not on this machine."""
    data = load(dataset)
    return Preview(
        task=dataset.task(),
        examples=len(data.training) + len(data.validation),
        training=len(data.training),
        validation=len(data.validation),
        shape=dataset.shape().sizes,
        axes=dataset.shape().axes,
        steps=tuple(STEPS[dataset.modality](dataset, data)),
    )
