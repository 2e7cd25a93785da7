"""Several inputs: each part of the same pairs, one beside the other."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np

from models.data import Data
from models.datasets.dataset import Dataset
from models.entry import Words
from models.network import split_parts
from models.pictures import Heatmap, Images, Tile
from models.previews.preparation import PreparationStep
from models.previews.speech import upright
from models.task import Classification
from models.views.view import plane, scales_of, signed_bytes


def several_steps(dataset: Dataset, data: Data) -> Iterator[PreparationStep]:
    """What is seen, what is heard, and both as the network gets them."""
    task = data.task
    assert isinstance(task, Classification)
    targets = data.validation.targets.numpy()
    places = [int(np.flatnonzero(targets == index)[0]) for index in range(len(task.classes)) if (targets == index).any()]
    raw, names = data.raw_validation_inputs[places], [task.classes[targets[place]] for place in places]
    _, height, width = dataset.parts()["seen"].sizes
    seen = raw[:, : prod((height, width))].reshape(-1, height, width).astype(np.uint8)
    yield PreparationStep(
        title=Words("Seen", "看见的"),
        text=Words(
            f"One input: an image of {height}×{width} pixels, with noise on it.", f"一个输入：{height}×{width} 像素的图像，带着噪声。"
        ),
        picture=Images(
            width=width,
            height=height,
            tiles=tuple(Tile(index=place, truth=name) for place, name in zip(places, names, strict=True)),
            pixels=np.ascontiguousarray(seen).tobytes(),
        ),
    )
    parts = split_parts(data.validation.inputs[places], tuple(dataset.parts().items()))
    yield PreparationStep(
        title=Words("Heard", "听见的"),
        text=Words(
            "The other: a recording of the same digit, frame after frame, standardised: time to the right, coefficients upwards.",
            "另一个输入：同一个数字的录音，一帧接一帧，已标准化：向右是时间，向上是倒谱系数。",
        ),
        picture=upright(parts["heard"], names),
    )
    maps = parts["seen"][:, 0].contiguous()
    scales = scales_of(maps)
    yield PreparationStep(
        title=Words("Standardised", "标准化"),
        text=Words(
            "The image too gets mean 0 and deviation 1, so that neither input drowns the other.",
            "图像也变成平均值 0、标准差 1，这样两个输入谁也不会盖过谁。",
        ),
        picture=Heatmap(
            planes=tuple(plane("seen", unit, width, height, scale) for unit, scale in enumerate(scales.tolist())),
            cells=signed_bytes(maps, scales),
        ),
    )
