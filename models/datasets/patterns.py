"""Painted colour patterns, made by a formula: what is large in them and what is small, and colour that says nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from models.datasets.dataset import Origin, Takes, dealt, split
from models.datasets.images import ImageDataset
from models.entry import Call, Label, Words, call
from models.task import Classification

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]

SIDE = 32
PATTERNS = 6


def painted_pattern(kind: int, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Where the paint goes on ground: `u` and `v` count repetitions along both directions of a pattern."""
    across, along = u % 1, v % 1
    radius = np.hypot(u, v)
    shapes = (
        across < 0.5,
        (across < 0.5) ^ (along < 0.5),
        np.hypot(across - 0.5, along - 0.5) < 0.32,
        radius % 1 < 0.5,
        (u + 0.3 * np.sin(2 * np.pi * v)) % 1 < 0.5,
        (across < 0.25) | (along < 0.25),
    )
    return shapes[kind]


def patterns(samples: int, noise: float, validation: float, seed: int) -> Arrays:
    """Images (n, 3, 32, 32) of bytes: each a pattern of any size and direction, in two colours that have nothing to do with it."""
    generator = np.random.default_rng(seed)
    targets = np.arange(samples) % PATTERNS
    y, x = np.mgrid[:SIDE, :SIDE] + 0.5
    images = np.empty((samples, 3, SIDE, SIDE), np.uint8)
    for place, kind in enumerate(targets.tolist()):
        angle, repeat = generator.uniform(0, 2 * np.pi), generator.uniform(7, 14)
        # Rings have a middle, which has to be in sight.
        middle = generator.uniform(8, SIDE - 8, 2) if kind == 3 else generator.uniform(0, SIDE, 2)
        right, down = (x - middle[0]) / repeat, (y - middle[1]) / repeat
        paint = painted_pattern(kind, right * np.cos(angle) + down * np.sin(angle), down * np.cos(angle) - right * np.sin(angle))
        ground = generator.integers(0, 256, 3)
        colour = generator.integers(0, 256, 3)
        while np.abs(colour - ground).sum() < 200:
            colour = generator.integers(0, 256, 3)
        picture = np.where(paint, colour[:, None, None], ground[:, None, None])
        images[place] = (picture + 255 * noise * generator.normal(size=picture.shape)).clip(0, 255)
    return split(images, targets.astype(np.int64), validation, seed)


class Patterns(ImageDataset):
    """Stripes, checks, dots, rings, waves and lattices in colour, 32×32 pixels each.

    The colours are drawn by lot and say nothing: a network that sees only them is lost, and so is one that looks at single pixels.
    What counts is how neighbours go together, at any size and in any direction. Turning a picture changes nothing of what it
    is, so augmentation helps.
    """

    op: Literal["patterns"] = "patterns"
    samples: int = Field(1800, ge=60, le=6000)
    """Number of images, training and validation together."""
    validation: float = Field(0.3, ge=0.1, le=0.9)
    """Share of the images that the network is only tested on and never learns from."""

    side: ClassVar[int] = SIDE
    channels: ClassVar[int] = 3
    takes: ClassVar[Takes] = "numbers"
    title: ClassVar[Words] = Words("Colour patterns", "彩色图案")
    source: ClassVar[Origin] = Origin(name=Words("made by a formula", "由公式生成"), licence="Apache-2.0", synthetic=True)
    labels: ClassVar[Mapping[str, Label]] = {"samples": Label("Images", "图像数", "训练和验证一共多少张图像。")}
    chinese: ClassVar[str] = """彩色的条纹、棋盘、圆点、圆环、波浪和格子，每张 32×32 像素。

    颜色是抽签定的，什么也说明不了：只看颜色的网络摸不着头脑，只盯着单个像素的也一样。要看的是相邻像素怎样搭配，不论大小和方向。图案转个方向还是那种图案，所以数据增强很管用。"""

    def counts(self) -> tuple[int, int]:
        """All images, dealt out."""
        return dealt(self.samples, self.validation)

    def task(self) -> Classification:
        """Six patterns."""
        names = (("stripes", "条纹"), ("checks", "棋盘"), ("dots", "圆点"), ("rings", "圆环"), ("waves", "波浪"), ("lattice", "格子"))
        return Classification(classes=tuple(Words(*name) for name in names))

    def call(self) -> Call:
        """See `patterns`."""
        keywords: dict[str, Any] = {"samples": self.samples, "noise": self.noise, "validation": self.validation, "seed": self.seed}
        return call(patterns, **keywords)
