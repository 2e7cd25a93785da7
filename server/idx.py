"""Writes images and labels in the IDX format of the MNIST family, gzipped."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt


def write_images(path: Path, images: npt.NDArray[np.uint8]) -> None:
    """(n, height, width) bytes."""
    _write(path, struct.pack(">IIII", 0x0803, *images.shape) + images.tobytes())


def write_labels(path: Path, labels: npt.NDArray[np.integer]) -> None:
    """(n,) classes from 0 to 255. Raises ValueError for others."""
    if labels.min() < 0 or labels.max() > 255:
        raise ValueError("a label is not between 0 and 255")
    _write(path, struct.pack(">II", 0x0801, len(labels)) + labels.astype(np.uint8).tobytes())


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(gzip.compress(content, 6, mtime=0))
