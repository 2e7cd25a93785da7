"""One step on the way from a raw example to what the network gets, as a picture."""

from __future__ import annotations

import numpy as np

from models.datasets.dataset import Dataset
from models.entry import Spec, Words
from models.pictures import Picture
from models.task import Classification


class PreparationStep(Spec):
    """One step on the way from the raw examples to what the network gets."""

    title: Words
    text: Words
    picture: Picture


def rounded(values: np.ndarray, digits: int = 4) -> tuple[float, ...]:
    """Numbers to so many digits; four are enough to read most."""
    return tuple(float(f"{value:.{digits}g}") for value in values.tolist())


def truth_of(dataset: Dataset, target: np.ndarray) -> Words:
    """What the right answer for an example is called."""
    task = dataset.task()
    if isinstance(task, Classification):
        return task.classes[int(target)]
    text = f"{float(target[0]):.4g}"
    return Words(text, text)
