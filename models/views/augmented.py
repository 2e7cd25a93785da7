"""A view of what the network really gets of an image while it learns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, Self

import numpy as np
import torch
from pydantic import Field

from models.entry import Label, Words
from models.experiment import DATA, Experiment, inputs_of
from models.layers.augment import Augment
from models.layers.regularisation import GaussianNoise
from models.pictures import Images
from models.views.codes import image_rows
from models.views.scene import Scene
from models.views.view import Unseen, View

VERSIONS = 4
"""Times that each image is shown anew."""


class Augmented(View):
    """Training images, and below them some of the versions in which the network gets them: shifted, turned, covered, noisy."""

    op: Literal["augmented"] = "augmented"
    count: int = Field(8, ge=1, le=20)
    """How many images to show."""
    title: ClassVar[Words] = Words("Augmented", "增强后的图像")
    chinese: ClassVar[str] = "训练图像，下面是网络实际收到的几个版本：平移过的、转过的、遮掉一块的、带噪声的。"
    labels: ClassVar[Mapping[str, Label]] = {"count": Label("Images", "图像数", "显示多少张图像。")}

    @classmethod
    def large(cls, experiment: Experiment) -> Self | None:
        """For images that are changed on their way in."""
        nodes = {node.id: node for node in experiment.network}
        changed = any(isinstance(nodes[node].layer, Augment) for node in _first(experiment))
        return cls() if changed and experiment.dataset.modality == "image" else None

    def draw(self, scene: Scene) -> Images:
        """A row as it is in the files, then rows of versions."""
        first = _first(scene.experiment)
        if not first:
            raise Unseen("the view 'augmented' needs an Augment layer, or Gaussian noise, right behind the data")
        stored = scene.data.training.inputs[: self.count]
        given = scene.data.ready(stored)
        rows = [given]
        # Views take nothing from the random numbers of the training.
        with torch.random.fork_rng(devices=[]), torch.no_grad():
            torch.manual_seed(scene.experiment.training.seed)
            for _ in range(VERSIONS):
                changed = given
                for node in first:
                    changed = scene.network.layer(node)(changed)
                rows.append(changed)
        raw = [scene.data.raw(row) for row in rows]
        if raw[0] is None or raw[0].dtype != np.uint8:
            raise Unseen("the view 'augmented' needs a dataset of images")
        names = [Words("as it is", "原样"), *[Words("", "")] * VERSIONS]
        return image_rows(scene, [row for row in raw if row is not None], names, len(stored), scene.data.training.targets)


def _first(experiment: Experiment) -> list[str]:
    """The nodes behind the data, one after the other, that change an image by chance and do nothing else."""
    found, before = [], DATA
    for place, node in enumerate(experiment.network):
        if inputs_of(experiment, place) != (before,) or not isinstance(node.layer, Augment | GaussianNoise):
            break
        found.append(node.id)
        before = node.id
    return found
