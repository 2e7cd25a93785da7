"""Reads the small grey PNG images of datasets: 8 bits, not interlaced, all of one size."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

SIGNATURE = b"\x89PNG\r\n\x1a\n"
Bytes = npt.NDArray[np.uint8]


class NotThatPng(ValueError):
    """The file is no grey 8-bit PNG of the expected size."""


def decode(files: Sequence[bytes]) -> Bytes:
    """The images as (n, height, width). Raises NotThatPng."""
    if not files:
        raise NotThatPng("there are no images")
    width, height = struct.unpack(">II", files[0][16:24])
    if not 1 <= width <= 4096 or not 1 <= height <= 4096:
        raise NotThatPng(f"an image of {width}×{height} is not expected here")
    lines = np.frombuffer(b"".join(_scanlines(file, width, height) for file in files), np.uint8)
    return _unfiltered(lines.reshape(len(files), height, 1 + width))


def _scanlines(file: bytes, width: int, height: int) -> bytes:
    if file[:8] != SIGNATURE:
        raise NotThatPng("an image is not a PNG file")
    place, data = 8, b""
    while place + 8 <= len(file):
        length, kind = struct.unpack(">I4s", file[place : place + 8])
        body = file[place + 8 : place + 8 + length]
        if kind == b"IHDR" and body != struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0):
            raise NotThatPng("an image is not grey with 8 bits, or not of the size of the others")
        if kind == b"IDAT":
            data += body
        place += 12 + length
    size = height * (1 + width)
    try:
        lines = zlib.decompressobj().decompress(data, size)
    except zlib.error as fault:
        raise NotThatPng(f"an image is damaged: {fault}") from fault
    if len(lines) != size:
        raise NotThatPng("an image is shorter than it says")
    return lines


def _unfiltered(lines: Bytes) -> Bytes:
    """Undo the filter that each row of each image chose, for all images at once. (n, height, 1 + width) → (n, height, width)."""
    count, height, width = lines.shape[0], lines.shape[1], lines.shape[2] - 1
    images = np.zeros((count, height + 1, width + 1), np.uint8)
    for row in range(height):
        filters, given = lines[:, row, 0], lines[:, row, 1:]
        above, out = images[:, row], images[:, row + 1]
        if filters.max() > 4:
            raise NotThatPng("an image uses an unknown filter")
        plain = np.where((filters == 2)[:, None], above[:, 1:], np.uint8(0))
        out[:, 1:] = given + plain
        summed = filters == 1
        out[summed, 1:] = np.cumsum(given[summed], axis=1, dtype=np.uint8)
        for chosen, predicted in ((np.flatnonzero(filters == 3), _average), (np.flatnonzero(filters == 4), _paeth)):
            for column in range(1, width + 1 if len(chosen) else 1):
                left, up, corner = out[chosen, column - 1], above[chosen, column], above[chosen, column - 1]
                out[chosen, column] = given[chosen, column - 1] + predicted(left, up, corner)
    return np.ascontiguousarray(images[:, 1:, 1:])


def _average(left: Bytes, up: Bytes, _corner: Bytes) -> Bytes:
    return ((left.astype(np.int16) + up) // 2).astype(np.uint8)


def _paeth(left: Bytes, up: Bytes, corner: Bytes) -> Bytes:
    a, b, c = left.astype(np.int16), up.astype(np.int16), corner.astype(np.int16)
    to_left, to_up, to_corner = np.abs(b - c), np.abs(a - c), np.abs(a + b - 2 * c)
    nearest = np.where((to_left <= to_up) & (to_left <= to_corner), a, np.where(to_up <= to_corner, b, c))
    return nearest.astype(np.uint8)
