"""Images: some of each class as they came, and standardised."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from models.data import Data
from models.datasets.dataset import Dataset
from models.entry import Words
from models.pictures import Heatmap, Images, Tile
from models.previews.preparation import PreparationStep
from models.task import Classification
from models.views.view import plane, signed_bytes

IMAGES = 20


def image_steps(dataset: Dataset, data: Data) -> Iterator[PreparationStep]:
    """Some of each class, then standardised."""
    task = data.task
    assert isinstance(task, Classification)
    targets = data.validation.targets.numpy()
    # The same number of each class, in turn; of a rare one as many as there are.
    count = max(1, IMAGES // len(task.classes))
    each = [np.flatnonzero(targets == index)[:count] for index in range(len(task.classes))]
    places = [int(places[turn]) for turn in range(count) for places in each if turn < len(places)]
    raw = data.raw_validation_inputs[places]
    _, channels, height, width = raw.shape
    yield PreparationStep(
        title=Words("Images", "原始图像"),
        text=Words(
            f"Each image is an example: {height}×{width} pixels from 0 (black) to 255 (white).",
            f"每张图是一个样本：{height}×{width} 个像素，从 0（黑）到 255（白）。",
        ),
        picture=Images(
            width=width,
            height=height,
            channels=channels,
            tiles=tuple(Tile(index=place, truth=task.classes[targets[place]]) for place in places),
            pixels=np.ascontiguousarray(raw.transpose(0, 2, 3, 1)).tobytes(),
        ),
    )
    # Each colour is a map of its own.
    prepared = data.prepare(torch.from_numpy(raw[: max(1, len(task.classes) // channels)])).flatten(0, 1).contiguous()
    scale = prepared.abs().amax().expand(len(prepared)).contiguous()
    yield PreparationStep(
        title=Words("Standardised", "标准化"),
        text=Words(
            "The mean of all pixels becomes 0, their deviation 1: dark is orange (negative), bright is blue (positive).",
            "所有像素的平均值变成 0，标准差变成 1：暗处是橙色（负），亮处是蓝色（正）。",
        ),
        picture=Heatmap(
            planes=tuple(plane("data", unit, width, height, scale[0].item()) for unit in range(len(prepared))),
            cells=signed_bytes(prepared, scale),
        ),
    )
