"""What a dataset looks like: its examples, and each step from a raw example to what the network gets, as pictures."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from models.data import Data, load
from models.datasets.catalogue import Dataset
from models.entry import Spec, Words
from models.pictures import Heatmap, Images, Picture, Points, Table, Tile
from models.task import Classification, Task
from models.views.plane import SIDE, grid
from models.views.view import plane, scales_of, signed_bytes

IMAGES = 20
ROWS = 12
POINTS = 5000


class PreparationStep(Spec):
    """One step on the way from the raw examples to what the network gets."""

    title: Words
    text: Words
    picture: Picture


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
    kinds = {"points": _points_steps, "table": _table_steps, "image": _image_steps}
    return Preview(
        task=dataset.task(),
        examples=len(data.training) + len(data.validation),
        training=len(data.training),
        validation=len(data.validation),
        shape=dataset.shape().sizes,
        axes=dataset.shape().axes,
        steps=tuple(kinds[dataset.modality](dataset, data)),
    )


def _points_steps(dataset: Dataset, data: Data) -> Iterator[PreparationStep]:
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
            x=_rounded(points[:, 0]),
            y=_rounded(points[:, 1]),
            value=_rounded(values),
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


def _rounded(values: np.ndarray) -> tuple[float, ...]:
    return tuple(float(f"{value:.4g}") for value in values.tolist())


def _table_steps(dataset: Dataset, data: Data) -> Iterator[PreparationStep]:
    raw, targets = data.raw_validation_inputs[:ROWS], data.raw_validation_targets[:ROWS]
    tiles = tuple(Tile(index=index, truth=_truth(dataset, targets[index])) for index in range(len(raw)))
    yield PreparationStep(
        title=Words("Rows", "原始数据"),
        text=Words("Each row is an example, each column something that was measured.", "每一行是一个样本，每一列是一项测量。"),
        picture=Table(columns=dataset.columns(), rows=tuple(_rounded(row) for row in raw), tiles=tiles),
    )
    prepared = data.prepare(torch.from_numpy(raw)).numpy()
    yield PreparationStep(
        title=Words("Standardised", "标准化"),
        text=Words(
            "From each column its mean is taken away, then it is divided by its deviation: now all columns count alike.",
            "每一列减去平均值，再除以标准差：这样各列的分量就一样了。",
        ),
        picture=Table(columns=dataset.columns(), rows=tuple(_rounded(row) for row in prepared), tiles=tiles),
    )


def _truth(dataset: Dataset, target: np.ndarray) -> Words:
    task = dataset.task()
    if isinstance(task, Classification):
        return task.classes[int(target)]
    text = f"{float(target[0]):.4g}"
    return Words(text, text)


def _image_steps(dataset: Dataset, data: Data) -> Iterator[PreparationStep]:
    task = data.task
    assert isinstance(task, Classification)
    targets = data.validation.targets.numpy()
    # The same number of each class, in turn.
    each = [np.flatnonzero(targets == index)[: IMAGES // len(task.classes)] for index in range(len(task.classes))]
    places = [int(place) for turn in zip(*each, strict=True) for place in turn]
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
    prepared = data.prepare(torch.from_numpy(raw[: len(task.classes)]))[:, 0].contiguous()
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
