"""Views of what a network learns without labels: what it gives back, its codes as a map, and what the places of the map become."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, Self

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from models.entry import Label, Words
from models.experiment import Experiment
from models.layers.sampling import Sampling
from models.methods.reconstruction import Reconstruct
from models.pictures import Heatmap, Images, Plane, Points, Tile
from models.task import Classification, Generation, Reconstruction
from models.views.latent import agreement, clusters, codes, components, decoded, decodes, narrowest, numbers_of
from models.views.scene import Scene
from models.views.view import Unseen, View, plane, scales_of, signed_bytes

CODES = 1000
"""Validation examples whose codes are drawn."""
POINTS = 200
"""Points that are drawn beside what they are given back as."""
ORIGINAL, DISTURBED, GIVEN_BACK = Words("original", "原样"), Words("disturbed", "加噪声"), Words("given back", "重建")


class Reconstructions(View):
    """Validation examples, and what the network makes of them when it gives them back.

    Where noise is put on the way in, what the network got is shown between the two.
    """

    op: Literal["reconstructions"] = "reconstructions"
    count: int = Field(10, ge=1, le=50)
    """How many examples to show."""
    title: ClassVar[Words] = Words("Given back", "重建")
    chinese: ClassVar[str] = "验证样本，以及网络交回来的样子。\n\n如果输入加了噪声，中间一行是网络收到的样子。"
    labels: ClassVar[Mapping[str, Label]] = {"count": Label("Examples", "样本数", "显示多少个样本。")}

    @classmethod
    def large(cls, experiment: Experiment) -> Self | None:
        """For what gives back."""
        return cls() if isinstance(experiment.task(), Reconstruction) else None

    def draw(self, scene: Scene) -> Images | Points | Heatmap:
        """Images in rows; points of the plane as points; anything else as maps of the numbers that the network gets and gives."""
        _require(isinstance(scene.task, Reconstruction), self)
        stored = scene.data.validation.inputs[: POINTS if scene.experiment.dataset.modality == "points" else self.count]
        given = scene.data.ready(stored)
        rows = [given]
        names = [ORIGINAL, GIVEN_BACK]
        method = scene.experiment.training.method
        disturbed = given
        if isinstance(method, Reconstruct) and method.disturbance:
            noise = torch.randn(given.shape, generator=torch.Generator().manual_seed(0)).to(given.device)
            disturbed = given + method.disturbance * noise
            rows.append(disturbed)
            names.insert(1, DISTURBED)
        scene.network.eval()
        with torch.no_grad():
            rows.append(scene.network(disturbed))
        scene.network.train()
        raw = [scene.data.raw(row) for row in rows]
        if raw[0] is not None and raw[0].dtype == np.uint8:
            return image_rows(scene, [row for row in raw if row is not None], names, len(stored), scene.data.validation.targets)
        if raw[0] is not None and scene.experiment.dataset.modality == "points":
            return pairs(scene, [row for row in raw if row is not None], names)
        return maps_of(rows, names)


def _require(fits: bool, view: View) -> None:
    if not fits:
        raise Unseen(f"the view {view.op!r} needs a network that gives examples back or makes some; choose the method 'reconstruct'")


def image_rows(scene: Scene, rows: list[np.ndarray], names: list[Words], columns: int, truths: Tensor) -> Images:
    """Some images of one set, beginning with its first, and what has become of them, each stage a row."""
    pixels = np.concatenate(rows)
    _, channels, height, width = pixels.shape
    task = scene.data.task
    named = task.classes if isinstance(task, Classification) else None
    tiles = [Tile(index=place, truth=named[int(truth)] if named else None) for place, truth in enumerate(truths[:columns])]
    return Images(
        width=width,
        height=height,
        channels=channels,
        tiles=tuple(tiles * len(rows)),
        columns=columns,
        rows=tuple(names),
        pixels=np.ascontiguousarray(pixels.transpose(0, 2, 3, 1)).tobytes(),
    )


def pairs(scene: Scene, rows: list[np.ndarray], names: list[Words]) -> Points:
    """Points of the plane from several sources, one group each."""
    places = np.concatenate(rows)
    x1, x2 = scene.experiment.dataset.columns()
    return Points(
        role="map",
        axes=(x1, x2),
        x=_numbers(places[:, 0]),
        y=_numbers(places[:, 1]),
        value=tuple(float(place) for place, row in enumerate(rows) for _ in row),
        validation=(True,) * len(places),
        groups=tuple(names),
    )


def _numbers(values: np.ndarray) -> tuple[float | None, ...]:
    return tuple(float(f"{value:.4g}") if np.isfinite(value) else None for value in values.tolist())


def maps_of(rows: list[Tensor], names: list[Words]) -> Heatmap:
    """One map for each row: an example a line, or, where an example is a sequence or an image itself, the first one."""
    maps = [row if row.dim() == 2 else row[0].flatten(0, -2) for row in rows]
    scale = scales_of(maps[0][None])
    height, width = maps[0].shape
    planes: list[Plane] = []
    for place, name in enumerate(names):
        planes.append(plane("output" if place else "data", place, width, height, scale.item()).model_copy(update={"label": name}))
    return Heatmap(planes=tuple(planes), cells=signed_bytes(torch.stack(maps), scale.expand(len(maps)).contiguous()))


class Codes(View):
    """The codes of validation examples as a map: what the network holds to be alike lies close together.

    A code is what an example is at the narrowest place of the network. Two numbers are drawn as they are, of more the two
    directions in which codes differ most (principal components). The colours are the labels, which the network has never seen;
    clusters found without labels (k-means) can be set beside them.
    """

    op: Literal["codes"] = "codes"
    title: ClassVar[Words] = Words("Codes", "编码地图")
    chinese: ClassVar[str] = (
        "验证样本的编码画成地图：网络觉得相像的，就挨得近。\n\n"
        "编码就是样本在网络最窄处的样子。两个数直接画；更多的数，就画差别最大的两个方向（主成分）。"
        "颜色是网络从没见过的标签，旁边可以对照不用标签找到的簇（k-means）。"
    )

    @classmethod
    def large(cls, experiment: Experiment) -> Self | None:
        """For what gives back and has a narrow place."""
        return cls() if isinstance(experiment.task(), Reconstruction) and narrowest(experiment) else None

    def draw(self, scene: Scene) -> Points:
        """A thousand points at most."""
        node = narrowest(scene.experiment)
        if node is None or isinstance(scene.task, Generation):
            raise Unseen("the view 'codes' needs a network with a layer that all goes through before the output; add one")
        examples = scene.data.validation.head(CODES)
        values = codes(scene, examples.inputs)
        labels = scene.data.task
        classes = labels.classes if isinstance(labels, Classification) else None
        targets = examples.targets if classes else torch.zeros(len(values), dtype=torch.int64)
        broken = not bool(values.isfinite().all())
        found = None if broken or not classes or len(values) < len(classes) else clusters(values, len(classes))
        axes = Words("first number", "第一个数"), Words("second number", "第二个数")
        if values.shape[1] == 1:
            places = torch.stack([values[:, 0], targets.float().to(values.device)], dim=1)
            axes = Words("code", "编码"), Words("class", "类别") if classes else Words("", "")
        elif values.shape[1] == 2 or broken:
            places = values[:, :2]
        else:
            places = components(values, 2)
            axes = Words("first component", "第一主成分"), Words("second component", "第二主成分")
        shown = places.cpu().numpy()
        return Points(
            role="map",
            axes=axes,
            x=_numbers(shown[:, 0]),
            y=_numbers(shown[:, 1]),
            value=tuple(map(float, targets.tolist())) if classes else (),
            validation=(True,) * len(shown),
            groups=classes,
            clusters=None if found is None else tuple(found.tolist()),
            agreement=None if found is None or not classes else round(agreement(found, targets, len(classes)), 4),
        )


class Decoded(View):
    """What the places of the map become: codes on an even grid, decoded.

    Walk along a row: one thing turns into another. Where a network has learnt no smooth map, what lies between is neither.
    """

    op: Literal["decoded"] = "decoded"
    cells: int = Field(12, ge=2, le=30)
    """Codes along each side of the grid."""
    title: ClassVar[Words] = Words("Decoded", "解码")
    chinese: ClassVar[str] = (
        "地图上的各处会变成什么：把均匀网格上的编码逐个解码。\n\n沿着一行走，一样东西慢慢变成另一样。"
        "如果网络没学出平滑的地图，中间的就什么也不像。"
    )
    labels: ClassVar[Mapping[str, Label]] = {"cells": Label("Side", "边长", "网格每边有多少个编码。")}

    @classmethod
    def large(cls, experiment: Experiment) -> Self | None:
        """For images with codes of two numbers."""
        image = experiment.dataset.modality == "image"
        return cls() if image and decodes(experiment) and numbers_of(experiment) == 2 else None

    def draw(self, scene: Scene) -> Images:
        """The second number grows upwards."""
        fits = decodes(scene.experiment) and numbers_of(scene.experiment) == 2
        if not fits or scene.experiment.dataset.modality != "image":
            raise Unseen("the view 'decoded' needs images, and a network that gives them back through a code of two numbers")
        (left, right), (low, high) = _reach(scene)
        across, upward = torch.linspace(left, right, self.cells), torch.linspace(high, low, self.cells)
        y, x = torch.meshgrid(upward, across, indexing="ij")
        raw = scene.data.raw(decoded(scene, torch.stack([x.flatten(), y.flatten()], dim=1).to(scene.device)))
        if raw is None:
            raise Unseen("what this dataset's images were before they were prepared cannot be told")
        _, channels, height, width = raw.shape
        return Images(
            width=width,
            height=height,
            channels=channels,
            tiles=tuple(Tile(index=place) for place in range(len(raw))),
            columns=self.cells,
            pixels=np.ascontiguousarray(raw.transpose(0, 2, 3, 1)).tobytes(),
        )


def _reach(scene: Scene) -> tuple[tuple[float, float], tuple[float, float]]:
    """How far the grid goes in both directions: where noise or clouds come from, or where the codes of examples lie."""
    drawn = any(isinstance(node.layer, Sampling) for node in scene.experiment.network)
    if drawn or isinstance(scene.task, Generation):
        return (-2.5, 2.5), (-2.5, 2.5)
    values = codes(scene, scene.data.validation.inputs[:CODES]).nan_to_num()
    low, high = values.quantile(0.02, dim=0).tolist(), values.quantile(0.98, dim=0).tolist()
    return (low[0], high[0]), (low[1], high[1])
