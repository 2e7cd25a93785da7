"""Points: where they lie, and what the network is given of each place."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models.data import Data
from models.datasets.dataset import Dataset
from models.entry import Words
from models.pictures import Heatmap, Points
from models.previews.preparation import PreparationStep, rounded
from models.views.plane import SIDE, grid
from models.views.view import plane, scales_of, signed_bytes

POINTS = 5000


def points_steps(dataset: Dataset, data: Data) -> Iterator[PreparationStep]:
    """All points, then the features of the plane."""
    inputs, targets, validation, validation_targets = dataset.call().build()
    points = np.concatenate([inputs, validation])[:POINTS]
    values = np.concatenate([targets, validation_targets])[:POINTS].reshape(-1)
    x1, x2 = dataset.columns()
    yield PreparationStep(
        title=Words("Points", "点"),
        text=Words(
            "Each point is an example: its place is what the network is given, its colour is what it has to say. "
            "Outlined points are kept for validation.",
            "每个点是一个样本：位置是告诉网络的，颜色是要它回答的。带边框的点留作验证。",
        ),
        picture=Points(
            role="data",
            axes=(x1, x2),
            x=rounded(points[:, 0]),
            y=rounded(points[:, 1]),
            value=rounded(values),
            validation=(False,) * min(len(inputs), POINTS) + (True,) * (len(points) - min(len(inputs), POINTS)),
        ),
    )
    cells = 50
    features = data.prepare(grid(cells)).T.contiguous()
    scales = scales_of(features)
    yield PreparationStep(
        title=Words("Input features", "输入特征"),
        text=Words(
            "What the network is given of each place of the plane: blue is positive, orange negative.",
            "平面上每一处，告诉网络的是这些量：蓝色为正，橙色为负。",
        ),
        picture=Heatmap(
            planes=tuple(plane("data", unit, cells, cells, scale) for unit, scale in enumerate(scales.tolist())),
            x=(-SIDE, SIDE),
            y=(-SIDE, SIDE),
            cells=signed_bytes(features, scales),
        ),
    )
