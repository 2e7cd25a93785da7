"""Images of the Hugging Face hub, with a class each."""

from __future__ import annotations

import io
from functools import partial
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field, StringConstraints

from models.datasets.dataset import Modality, split
from models.datasets.files import Unreadable
from models.datasets.hub import HubDataset
from models.datasets.hub_files import HubColumn, chosen, made_of, places_in
from models.datasets.images import standardised_pixels
from models.entry import Call, Label, Words, call
from models.shape import Shape
from models.task import Classification

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
Named = tuple[str, tuple[str, ...]]

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP")
MOST_PIXELS = 50_000_000
"""Pixels of an image beyond which it is not unpacked."""


def hub_images(files: list[str], column: str, target: Named, side: int, colour: bool, samples: int, validation: float, seed: int) -> Arrays:
    """Images, uint8 (n, channels, side, side), and the places of their classes in the list beside the target's name."""
    truths = places_in(files, *target)
    rows = chosen(truths, samples, seed)
    images = np.zeros((len(rows), 3 if colour else 1, side, side), np.uint8)
    for image, made in zip(images, made_of(files, column, rows, partial(small_image, side=side, colour=colour)), strict=True):
        if made is not None:
            image[:] = made
    return split(images, truths[rows].astype(np.int64), validation, seed)


def small_image(content: bytes, row: int, side: int, colour: bool) -> np.ndarray:
    """The square in the middle of an image, made as small as wanted: uint8 (channels, side, side). Raises Unreadable."""
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise ValueError(f"it has {image.width} x {image.height} pixels")
            image.draft("RGB" if colour else "L", (side, side))
            small = ImageOps.fit(image.convert("RGB" if colour else "L"), (side, side), Image.Resampling.BOX)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning) as fault:
        said = str(fault)[:100]
        raise Unreadable(
            f"The image in row {row + 1} of this dataset cannot be read ({said}); it must be one of {', '.join(FORMATS)}.",
            f"这个数据集第 {row + 1} 行的图像读不了（{said}）；只支持 {'、'.join(FORMATS)}。",
        ) from fault
    pixels: np.ndarray = np.asarray(small, np.uint8).reshape(side, side, -1).transpose(2, 0, 1)
    return pixels


class HubImages(HubDataset):
    """Any images of the Hugging Face hub that have a class each, made small.

    Of each the square in its middle, made as small as you choose: networks on one machine see the coarse shape of things, and are quick.
    """

    op: Literal["hub_images"] = "hub_images"
    input: Annotated[str, StringConstraints(max_length=200)] = ""
    """The column of images that the network gets."""
    side: int = Field(32, ge=8, le=64)
    """Height and width, in pixels, that they are brought to."""
    colour: bool = True
    """Keep their colours: three channels instead of one."""

    modality: ClassVar[Modality] = "image"
    number_bytes: ClassVar[int] = 1
    title: ClassVar[Words] = Words("Images of the hub", "Hub 上的图像")
    labels: ClassVar[dict[str, Label]] = {
        "input": Label("Images", "图像列", "给网络看的是哪一列图像。"),
        "side": Label("Side", "边长", "缩到高和宽各多少像素。"),
        "colour": Label("Colour", "彩色", "保留颜色：三个通道，而不是一个。"),
    }
    chinese: ClassVar[str] = """Hugging Face Hub 上任何带类别的图像，缩小了用。

    每张取正中的方块，缩到你选的大小：在一台机器上，网络看看大致的形状，算得快。"""

    def wanted(self) -> tuple[str, ...]:
        """The column of images."""
        return (self.input,) if self.input else ()

    def suits(self, column: HubColumn) -> bool:
        """Images."""
        return column.kind == "image"

    @classmethod
    def input_words(cls) -> Words:
        """Images."""
        return Words("images", "图像")

    def columns(self) -> tuple[Words, ...]:
        """Pixels have no names."""
        return ()

    def shape(self) -> Shape:
        """A channel, or one for each colour."""
        return Shape((3 if self.colour else 1, self.side, self.side))

    def task(self) -> Classification:
        """The target's classes."""
        return self.classes()

    def reading(self, files: Call) -> Call:
        """See `hub_images`."""
        return call(
            hub_images,
            files,
            self.input,
            self.chosen_target(),
            side=self.side,
            colour=self.colour,
            samples=self.samples,
            validation=self.validation,
            seed=self.seed,
        )

    def prepare(self, training_inputs: np.ndarray) -> Call:
        """Mean and deviation of all training pixels."""
        return standardised_pixels(training_inputs)
