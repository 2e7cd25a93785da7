"""The base of every view, and how signed numbers become bytes."""

from __future__ import annotations

from abc import abstractmethod
from typing import Self

import numpy as np
import torch
from torch import Tensor

from models.entry import Entry
from models.experiment import Experiment
from models.pictures import Picture, Plane
from models.views.scene import Scene


class Unseen(ValueError):
    """The view cannot be drawn for this experiment; the message says why and which would do."""


class View(Entry):
    """Turns (network at a step, data) into a picture; never changes either."""

    @classmethod
    def large(cls, experiment: Experiment) -> Self | None:
        """The view, with the settings that suit, as one of the large pictures that tell what this experiment has learnt; None when it
        is none of them."""
        return None

    @abstractmethod
    def draw(self, scene: Scene) -> Picture:
        """The picture; raises Unseen when the experiment has nothing of the kind."""


def signed_cells(maps: Tensor, scales: Tensor) -> Tensor:
    """(n, …) numbers to whole ones, still as floats: -scale is -127, 0 is 0, +scale is 127. `scales` (n,); 0 gives all 0."""
    shape = (-1, *[1] * (maps.dim() - 1))
    unit = torch.where(scales > 0, 1 / scales, torch.zeros_like(scales)).view(shape)
    return (maps * (127 * unit)).clamp_(-127, 127).round_()


def bytes_of(cells: Tensor) -> Tensor:
    """What `signed_cells` gives as bytes from 0 to 254."""
    # By way of int8, which PyTorch makes of floats several times as fast; adding 127 to its bytes leaves out the sign.
    return cells.to(torch.int8).view(torch.uint8).add_(127)


def signed_bytes(maps: Tensor, scales: Tensor) -> bytes:
    """(n, …) values to bytes: -scale is 0, 0 is 127, +scale is 254, not a number is 255. `scales` (n,); 0 gives all 127."""
    cells = bytes_of(signed_cells(maps, scales))
    if not maps.sum().isfinite():
        cells = torch.where(maps.isfinite(), cells, torch.full_like(cells, 255))
    data: np.ndarray = cells.cpu().numpy()
    return data.tobytes()


def scales_of(maps: Tensor) -> Tensor:
    """The greatest magnitude of each map of (n, …), ignoring what is not a number."""
    scales = maps.flatten(1).abs().amax(dim=1)
    if not scales.isfinite().all():
        scales = torch.where(maps.isfinite(), maps, torch.zeros_like(maps)).flatten(1).abs().amax(dim=1)
    return scales


def plane(node: str, unit: int, width: int, height: int, scale: float) -> Plane:
    """A plane's heading; four digits of the scale are enough to read it."""
    return Plane(node=node, unit=unit, width=width, height=height, scale=float(f"{scale:.4g}"))
