"""From a drawing to an image like those of a dataset: cut out, scaled by area, placed."""

from __future__ import annotations

import numpy as np


def scaled(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """An image averaged by area onto another grid, without aliasing; float (height, width)."""
    averaged: np.ndarray = _overlaps(image.shape[0], height) @ image.astype(np.float64) @ _overlaps(image.shape[1], width).T
    return averaged


def _overlaps(old: int, new: int) -> np.ndarray:
    """Share of each old cell in the mean of each new cell, (new, old); rows sum to 1."""
    edges = np.linspace(0, old, new + 1)
    cells = np.arange(old)
    overlap = np.clip(np.minimum(edges[1:, None], cells[None] + 1) - np.maximum(edges[:-1, None], cells[None]), 0, None)
    shares: np.ndarray = overlap / overlap.sum(axis=1, keepdims=True)
    return shares


def cut_out(drawing: np.ndarray) -> np.ndarray:
    """The smallest part of the drawing that holds all its ink; empty (0, 0) when there is none."""
    rows, columns = np.flatnonzero(drawing.max(axis=1) > 24), np.flatnonzero(drawing.max(axis=0) > 24)
    if not len(rows):
        return np.zeros((0, 0))
    return drawing[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def fitted(drawing: np.ndarray, side: int, box: int) -> np.ndarray:
    """The ink scaled to `box` pixels along its longer side and put in the middle: uint8 (1, side, side)."""
    placed = np.zeros((side, side))
    ink = _boxed(cut_out(np.clip(drawing, 0, 255)), box)
    if ink.size:
        top, left = (side - ink.shape[0]) // 2, (side - ink.shape[1]) // 2
        placed[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return _bytes(placed)


def inked(image: np.ndarray, share: float) -> np.ndarray:
    """The image with its strokes made thicker or thinner, pixel by pixel, until that share of all ink is there."""
    if not image.any():
        return image
    grow = image.mean() < 255 * share
    while True:
        padded = np.pad(image, 1)
        crosses = [padded[1:-1, 1:-1], padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]]
        changed = np.max(crosses, axis=0) if grow else np.min(crosses, axis=0)
        if not changed.any() or (changed.mean() > 255 * share) == grow:
            # Between the last two images lies the one with just that share.
            part = (255 * share - image.mean()) / (changed.mean() - image.mean())
            blended: np.ndarray = image + part * (changed - image)
            return blended if changed.any() else image
        image = changed


def centred_by_mass(drawing: np.ndarray, side: int, box: int) -> np.ndarray:
    """The ink scaled into a box, its centre of mass moved to pixel (side / 2, side / 2), as MNIST was made: uint8 (1, side, side)."""
    placed = np.zeros((side, side))
    ink = _boxed(cut_out(np.clip(drawing, 0, 255)), box)
    if ink.size:
        height, width = ink.shape
        row, column = (ink.sum(axis=1) @ np.arange(height)) / ink.sum(), (ink.sum(axis=0) @ np.arange(width)) / ink.sum()
        top = int(np.clip(round(side / 2 - row), 0, side - height))
        left = int(np.clip(round(side / 2 - column), 0, side - width))
        placed[top : top + height, left : left + width] = ink
    return _bytes(placed)


def _boxed(ink: np.ndarray, box: int) -> np.ndarray:
    if not ink.size:
        return ink
    height, width = ink.shape
    longer = max(height, width)
    sizes = [max(1, round(box * length / longer)) for length in (height, width)]
    return scaled(ink, *sizes)


def _bytes(image: np.ndarray) -> np.ndarray:
    strongest = image.max()
    full = image * (255 / strongest) if strongest else image
    return full.round().clip(0, 255).astype(np.uint8)[None]
