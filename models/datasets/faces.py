"""Small photographs: is it a face, or something else from the same pictures?"""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from models.datasets.dataset import Origin, Takes, dealt, split
from models.datasets.files import Missing, packaged
from models.datasets.images import ImageDataset
from models.entry import Call, Words, call
from models.task import Classification

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]

FACES = "data/lfw_subset.npy"


def faces(noise: float, validation: float, seed: int) -> Arrays:
    """100 faces and 100 pieces of background, 25×25 grey pixels each, as three equal channels; scikit-image carries them."""
    path = packaged("skimage", FACES)
    if path is None:
        raise Missing("faces", "The faces (1 MB)", "install the package that carries them, pip install --no-deps scikit-image")
    photographs = np.load(path) * 255
    grain = 255 * noise * np.random.default_rng(seed).normal(size=photographs.shape)
    grey = (photographs + grain).round().clip(0, 255).astype(np.uint8)
    targets = (np.arange(len(grey)) < len(grey) // 2).astype(np.int64)
    return split(np.repeat(grey[:, None], 3, axis=1), targets, validation, seed)


class Faces(ImageDataset):
    """200 small photographs: half are faces, half are pieces of what was behind them.

    So few that a network soon knows each of them by heart. Augmentation makes more of them: a face that is mirrored or stands a little
    to the left is a face. Without labels, their codes put faces to faces.
    """

    op: Literal["faces"] = "faces"
    validation: float = Field(0.3, ge=0.1, le=0.9)
    """Share of the photographs that the network is only tested on and never learns from."""

    side: ClassVar[int] = 25
    channels: ClassVar[int] = 3
    images: ClassVar[int] = 200
    takes: ClassVar[Takes] = "numbers"
    title: ClassVar[Words] = Words("Faces", "人脸")
    source: ClassVar[Origin] = Origin(
        name=Words("Labeled Faces in the Wild, by scikit-image", "Labeled Faces in the Wild，取自 scikit-image"),
        licence="LFW (research)",
        synthetic=False,
    )
    chinese: ClassVar[str] = """200 张小照片：一半是人脸，一半是背景的碎片。

    少得网络很快就能全背下来。数据增强能变出更多：左右翻转的脸、往左挪一点的脸，还是脸。不用标签时，编码也会把脸和脸放到一起。"""

    def available(self) -> bool:
        """Whether scikit-image is installed."""
        return packaged("skimage", FACES) is not None

    def counts(self) -> tuple[int, int]:
        """All photographs, dealt out."""
        return dealt(self.images, self.validation)

    def task(self) -> Classification:
        """Something else or a face."""
        return Classification(classes=(Words("background", "背景"), Words("face", "人脸")))

    def call(self) -> Call:
        """See `faces`."""
        return call(faces, noise=self.noise, validation=self.validation, seed=self.seed)
