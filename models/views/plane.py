"""Views over the plane of a 2-D dataset: what the network answers at each place, and what each neuron sees."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

import torch
from torch import Tensor

from models.entry import Words
from models.evaluation import probabilities
from models.experiment import Experiment
from models.pictures import Heatmap
from models.task import Classification, Generation, Reconstruction, Regression
from models.views.scene import Scene
from models.views.view import Unseen, View, plane, scales_of, signed_bytes

SIDE = 6.0
"""The plane reaches from -6 to 6 both ways."""
UNITS = 64
"""Most neurons of one layer that are drawn."""
NEURON_CELLS = 50
"""Cells along each side of a neuron's map."""


def grid(cells: int) -> Tensor:
    """Middle of each cell of the plane, row by row from the top left: (cells², 2)."""
    middles = (torch.arange(cells, dtype=torch.float32) + 0.5) / cells * 2 * SIDE - SIDE
    y, x = torch.meshgrid(-middles, middles, indexing="ij")
    return torch.stack([x.flatten(), y.flatten()], dim=1)


def _places(scene: Scene, cells: int) -> Tensor:
    """The grid as the scene's network takes it."""
    return scene.kept(f"grid of {cells}", lambda: scene.data.prepare(grid(cells).to(scene.device)))


def _require_plane(scene: Scene, view: View) -> None:
    if scene.experiment.dataset.modality != "points":
        raise Unseen(
            f"the view {view.op!r} needs a dataset of points in the plane; {scene.experiment.dataset.op!r} has none, try 'activations'"
        )


class Surface(View):
    """What the network answers at every place of the plane.

    For two classes the colour tells which class and how surely; for more classes there is one map of probability for each;
    for regression the colour is the estimated value.
    """

    op: Literal["surface"] = "surface"
    title: ClassVar[Words] = Words("Decision surface", "决策面")
    chinese: ClassVar[str] = """平面上每一处，网络会怎么回答。

    两类时，颜色表示属于哪一类、有多确定；多类时每一类有一张概率图；回归时颜色就是估计值。"""

    @classmethod
    def large(cls, experiment: Experiment) -> Self | None:
        """For points that are to be named or estimated, or told from made ones."""
        return (
            cls()
            if experiment.dataset.modality == "points" and isinstance(experiment.task(), Classification | Regression | Generation)
            else None
        )

    def draw(self, scene: Scene) -> Heatmap:
        """One plane of 100×100 for two classes or regression, k for k classes."""
        _require_plane(scene, self)
        cells = 100
        outputs = scene.answers(_places(scene, cells), NEURON_CELLS**2)
        if isinstance(scene.task, Reconstruction):
            raise Unseen("the view 'surface' needs classes or a number to estimate; what is given back shows the view 'reconstructions'")
        if isinstance(scene.task, Classification | Generation):
            shares = probabilities(outputs)
            maps = (2 * shares[:, 1:] - 1 if shares.shape[1] == 2 else shares).T
        else:
            maps = (outputs * scene.data.target_deviation + scene.data.target_mean).T
        planes = tuple(plane("output", unit, cells, cells, 1.0) for unit in range(len(maps)))
        return Heatmap(
            planes=planes,
            x=(-SIDE, SIDE),
            y=(-SIDE, SIDE),
            cells=signed_bytes(maps.contiguous(), torch.ones(len(maps), device=maps.device)),
        )


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
        values = scene.activations(_places(scene, cells))
        last = scene.network.wires[-1][0]
        names: list[tuple[str, int]] = []
        columns: list[Tensor] = []
        for node, value in values.items():
            if value.dim() != 2:
                continue
            shown = value[:, :UNITS]
            names += [("output" if node == last else node, unit) for unit in range(shown.shape[1])]
            columns.append(shown)
        maps = torch.cat(columns, dim=1).T.contiguous()
        scales = scales_of(maps)
        planes = tuple(plane(node, unit, cells, cells, scale) for (node, unit), scale in zip(names, scales.tolist(), strict=True))
        return Heatmap(planes=planes, x=(-SIDE, SIDE), y=(-SIDE, SIDE), cells=signed_bytes(maps, scales))
