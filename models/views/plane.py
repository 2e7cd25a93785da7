"""Views over the plane of a 2-D dataset: what the network answers at each place, and what each neuron sees."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import ClassVar, Literal, Self

import numpy as np
import torch
from torch import Tensor

from models.entry import Words
from models.evaluation import probabilities
from models.experiment import Experiment
from models.pictures import Heatmap
from models.task import Classification, Generation, Reconstruction, Regression
from models.views.feature_rows import FeatureRows, by_feature
from models.views.scene import Scene
from models.views.view import Unseen, View, bytes_of, plane, scales_of, signed_bytes, signed_cells

SIDE = 6.0
"""The plane reaches from -6 to 6 both ways."""
UNITS = 64
"""Most neurons of one layer that are drawn."""
NEURON_CELLS = 50
"""Cells along each side of a neuron's map."""

SHOWN = (Classification, Regression, Reconstruction, Generation)
"""Tasks whose answer at a place can be a colour."""


def grid(cells: int) -> Tensor:
    """Middle of each cell of the plane, row by row from the top left: (cells², 2)."""
    middles = (torch.arange(cells, dtype=torch.float32) + 0.5) / cells * 2 * SIDE - SIDE
    y, x = torch.meshgrid(-middles, middles, indexing="ij")
    return torch.stack([x.flatten(), y.flatten()], dim=1)


def _places(scene: Scene, cells: int) -> Tensor:
    """The grid as the scene's network takes it."""
    return scene.kept(f"grid of {cells}", lambda: by_feature(scene.data.prepare(grid(cells).to(scene.device))))


def _painted(scene: Scene, name: str, maps_of: Callable[[], Tensor], scale: float | None = None) -> tuple[bytes, list[float]]:
    """Maps (n, cells²) of a scene as bytes, all on one scale or each on its own, and the scales."""

    def scales_for(maps: Tensor) -> Tensor:
        return maps.abs().amax(dim=1) if scale is None else torch.full((len(maps),), scale, device=maps.device)

    def painted() -> tuple[Tensor, ...]:
        with FeatureRows():
            maps = maps_of()
        scales = scales_for(maps)
        return signed_cells(maps, scales), scales, maps.sum()

    cells, scales, total = scene.again(name, painted)
    if math.isfinite(total.item()):
        bare: np.ndarray = bytes_of(cells).cpu().numpy()
        return bare.tobytes(), scales.tolist()
    maps = maps_of()
    scales = scales_of(maps) if scale is None else scales_for(maps)
    return signed_bytes(maps, scales), scales.tolist()


def _require_plane(scene: Scene, view: View) -> None:
    if scene.experiment.dataset.modality != "points":
        raise Unseen(
            f"the view {view.op!r} needs a dataset of points in the plane; {scene.experiment.dataset.op!r} has none, try 'activations'"
        )


class Surface(View):
    """What the network answers at every place of the plane.

    For two classes the colour tells which class and how surely; for more classes there is one map of probability for each;
    for regression the colour is the estimated value. Of a network that gives places back, the colour tells how far off it is there;
    of a judge, what it holds for real.
    """

    op: Literal["surface"] = "surface"
    title: ClassVar[Words] = Words("Decision surface", "决策面")
    chinese: ClassVar[str] = """平面上每一处，网络会怎么回答。

    两类时，颜色表示属于哪一类、有多确定；多类时每一类有一张概率图；回归时颜色就是估计值。
    重建时，颜色表示那里交回来差了多少；判别器则表示它把哪里当成真的。"""

    @classmethod
    def large(cls, experiment: Experiment) -> Self | None:
        """For points that are to be named, estimated, given back or told from made ones."""
        return (
            cls()
            if experiment.dataset.modality == "points" and isinstance(experiment.task(), Classification | Regression | Generation)
            else None
        )

    def draw(self, scene: Scene) -> Heatmap:
        """One plane of 100×100 for two classes or regression, k for k classes."""
        _require_plane(scene, self)
        cells = 100
        places = _places(scene, cells)

        def maps() -> Tensor:
            outputs = scene.answers(places, NEURON_CELLS**2)
            if isinstance(scene.task, Reconstruction):
                return (outputs - places).square().mean(dim=1).sqrt()[None]
            if not isinstance(scene.task, Classification | Generation):
                return (outputs * scene.data.target_deviation + scene.data.target_mean).T.contiguous()
            shares = probabilities(outputs)
            return (2 * shares[:, 1:] - 1 if shares.shape[1] == 2 else shares).T.contiguous()

        drawn, scales = _painted(scene, self.op, maps, 1.0)
        planes = tuple(plane("output", unit, cells, cells, scale) for unit, scale in enumerate(scales))
        return Heatmap(planes=planes, x=(-SIDE, SIDE), y=(-SIDE, SIDE), cells=drawn)


class Neurons(View):
    """What every neuron sees: its output at every place of the plane, each with its own scale.

    The first layer draws straight borders; later layers bend and combine them.
    """

    op: Literal["neurons"] = "neurons"
    title: ClassVar[Words] = Words("Every neuron", "每个神经元")
    chinese: ClassVar[str] = """每个神经元看到了什么：它在平面上每一处的输出，各按自己的比例上色。

    第一层只能画直线边界，后面的层把它们弯起来、拼起来。"""

    def draw(self, scene: Scene) -> Heatmap:
        """One plane of 50×50 for each input feature, each unit of each layer and each output."""
        _require_plane(scene, self)
        cells = NEURON_CELLS
        places = _places(scene, cells)

        def maps() -> Tensor:
            shown = [value[:, :UNITS].T for value in scene.activations(places).values() if value.dim() == 2]
            return torch.cat(shown)

        drawn, scales = _painted(scene, self.op, maps)
        units = scene.kept("units", lambda: _units(scene, places))
        planes = tuple(plane(node, unit, cells, cells, scale) for (node, unit), scale in zip(units, scales, strict=True))
        return Heatmap(planes=planes, x=(-SIDE, SIDE), y=(-SIDE, SIDE), cells=drawn)


def _units(scene: Scene, places: Tensor) -> list[tuple[str, int]]:
    """Every neuron that is drawn: its node and its place in it."""
    last = scene.network.wires[-1][0]
    flat = [(node, value) for node, value in scene.activations(places).items() if value.dim() == 2]
    return [("output" if node == last else node, unit) for node, value in flat for unit in range(min(UNITS, value.shape[1]))]
