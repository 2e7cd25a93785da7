"""A view of what a network makes out of noise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, Self

import numpy as np
import torch
from pydantic import Field

from models.adversarial_learner import noise_for_looking
from models.entry import Label, Words
from models.experiment import Experiment
from models.pictures import Heatmap, Images, Points, Tile
from models.task import Generation
from models.views.codes import maps_of, pairs
from models.views.latent import decoded
from models.views.scene import Scene
from models.views.view import Unseen, View

POINTS = 300
"""Points that are made, and real ones beside them."""
REAL, MADE = Words("real", "真的"), Words("made", "生成的")


class Made(View):
    """What the generator makes out of noise: always the same noise, so that one sees it change.

    Points are drawn over real ones that the network has never seen; of images there are only made ones.
    """

    op: Literal["made"] = "made"
    count: int = Field(40, ge=1, le=200)
    """How many images to make."""
    title: ClassVar[Words] = Words("Made examples", "生成的样本")
    chinese: ClassVar[str] = "生成器用噪声造出来的东西；噪声始终不变，所以看得出变化。\n\n点画在网络没见过的真点上面；图像则全是造的。"
    labels: ClassVar[Mapping[str, Label]] = {"count": Label("Images", "图像数", "造多少张图像。")}

    @classmethod
    def large(cls, experiment: Experiment) -> Self | None:
        """For what makes examples."""
        return cls() if isinstance(experiment.task(), Generation) else None

    def draw(self, scene: Scene) -> Images | Points | Heatmap:
        """Images, points of the plane in two groups, or maps of the numbers of anything else."""
        if not isinstance(scene.task, Generation):
            raise Unseen("the view 'made' needs a network that makes examples; choose the method 'adversarial'")
        dataset = scene.experiment.dataset
        count = POINTS if dataset.modality == "points" else self.count
        (noise,) = scene.experiment.shape().sizes
        made = decoded(scene, noise_for_looking(noise, count).to(scene.device))
        raw = scene.data.raw(made)
        if raw is not None and raw.dtype == np.uint8:
            _, channels, height, width = raw.shape
            return Images(
                width=width,
                height=height,
                channels=channels,
                tiles=tuple(Tile(index=place) for place in range(len(raw))),
                columns=10,
                pixels=np.ascontiguousarray(raw.transpose(0, 2, 3, 1)).tobytes(),
            )
        if raw is not None and dataset.modality == "points":
            return pairs(scene, [scene.data.raw_validation_inputs[:count], raw], [REAL, MADE])
        with torch.no_grad():
            real = scene.data.ready(scene.data.validation.inputs[:count])
        return maps_of([real, made], [REAL, MADE])
