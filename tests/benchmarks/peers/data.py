"""Fashion-MNIST for the peers, read without any of the playground's code."""

from __future__ import annotations

import gzip
import math
from pathlib import Path

import numpy as np

MEAN, DEVIATION = 0.2860, 0.3530
"""Of the training pixels between 0 and 1, as tutorials give them."""
Arrays = tuple[np.ndarray, np.ndarray]


def fashion(folder: Path, part: str) -> Arrays:
    """Images (n, 28, 28) of bytes and their classes; `part` is train or t10k."""
    with gzip.open(folder / f"{part}-images-idx3-ubyte.gz") as file:
        images = np.frombuffer(bytearray(file.read()), np.uint8, offset=16).reshape(-1, 28, 28)
    with gzip.open(folder / f"{part}-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(bytearray(file.read()), np.uint8, offset=8)
    return images, labels.astype(np.int64)


def spirals(count: int, seed: int) -> Arrays:
    """Two spirals: points (n, 2) and classes 0 and 1."""
    random = np.random.default_rng(seed)
    share, label = np.arange(count) / count, np.arange(count) % 2
    angle = share * 3.5 * math.pi + label * math.pi
    points = 5 * share[:, None] * np.stack([np.sin(angle), np.cos(angle)], axis=1) + random.uniform(-0.1, 0.1, (count, 2))
    return points.astype(np.float32), label.astype(np.float32)
