"""Views into the layers: weights, kernels, and what each layer makes of one example."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from models.entry import Label, Words
from models.evaluation import probabilities
from models.pictures import Heatmap, Matrix, Plane
from models.task import Classification
from models.views.scene import Scene
from models.views.view import Unseen, View, plane, scales_of, signed_bytes

CHANNELS = 16
"""Most channels of one layer that are drawn."""
UNITS = 128
"""Most units of one layer that are drawn."""
SIDE = 64
"""Most rows or columns of a matrix of weights."""


def _layer(scene: Scene, node: str) -> nn.Module:
    try:
        return scene.network.layer(node)
    except KeyError:
        known = ", ".join(name for name, _, _ in scene.network.wires)
        raise Unseen(f"the network has no node {node!r}; it has {known}") from None


def _modules(scene: Scene, node: str, kind: type[nn.Module]) -> list[nn.Module]:
    return [module for module in _layer(scene, node).modules() if isinstance(module, kind)]


class Weights(View):
    """The weights of one dense layer as a table: a row for each unit, a column for each input."""

    op: Literal["weights"] = "weights"
    node: str = Field("out", max_length=32)
    """Id of the layer."""
    title: ClassVar[Words] = Words("Weights", "权重")
    chinese: ClassVar[str] = """一个全连接层的权重表：每行一个神经元，每列一个输入。"""
    labels: ClassVar[Mapping[str, Label]] = {"node": Label("Layer", "层", "要看的层。")}

    def draw(self, scene: Scene) -> Matrix:
        """At most 64×64 weights, with the bias of each unit."""
        linear = [module for module in _modules(scene, self.node, nn.Linear) if isinstance(module, nn.Linear)]
        if not linear:
            raise Unseen(f"the node {self.node!r} is no dense layer, so it has no table of weights")
        weight = linear[0].weight.detach()[:SIDE, :SIDE].cpu()
        bias = linear[0].bias
        return Matrix(
            role="weights",
            rows=tuple(_number(row) for row in range(weight.shape[0])),
            columns=tuple(_number(column) for column in range(weight.shape[1])),
            values=tuple(tuple(_rounded(value) for value in row) for row in weight.tolist()),
            extra=None if bias is None else tuple(_rounded(value) for value in bias.detach()[:SIDE].tolist()),
        )


def _number(index: int) -> Words:
    return Words(str(index + 1), str(index + 1))


def _rounded(value: float) -> float | None:
    return float(f"{value:.5g}") if value == value and abs(value) != float("inf") else None


class Filters(View):
    """The kernels of a convolution: the little patterns that it looks for everywhere in the image."""

    op: Literal["filters"] = "filters"
    node: str = Field("conv1", max_length=32)
    """Id of the layer."""
    title: ClassVar[Words] = Words("Filters", "卷积核")
    chinese: ClassVar[str] = """卷积层的卷积核：它在整幅图像上到处寻找的小图案。"""
    labels: ClassVar[Mapping[str, Label]] = {"node": Label("Layer", "层", "要看的层。")}

    def draw(self, scene: Scene) -> Heatmap:
        """One plane for each filter (its mean over input channels where there are several), at most 64."""
        found = [module for module in _modules(scene, self.node, nn.Conv2d) if isinstance(module, nn.Conv2d)]
        if not found:
            raise Unseen(f"the node {self.node!r} is no convolution, so it has no filters")
        kernels = found[0].weight.detach()[:64].mean(dim=1)
        scales = scales_of(kernels)
        height, width = kernels.shape[1:]
        planes = tuple(plane(self.node, unit, width, height, scale) for unit, scale in enumerate(scales.tolist()))
        return Heatmap(planes=planes, cells=signed_bytes(kernels.contiguous(), scales))


class Activations(View):
    """What every layer makes of one validation example: channel by channel, unit by unit."""

    op: Literal["activations"] = "activations"
    example: int = Field(0, ge=0, le=1_000_000)
    """Place of the example in the validation set."""
    title: ClassVar[Words] = Words("What each layer sees", "每一层看到什么")
    chinese: ClassVar[str] = """同一个验证样本，在每一层变成了什么：一个通道一张图，一个神经元一格。"""
    labels: ClassVar[Mapping[str, Label]] = {"example": Label("Example", "样本", "验证集里的第几个样本。")}

    def draw(self, scene: Scene) -> Heatmap:
        """Planes of the prepared input ("data"), of each layer, and of the answer ("output", probabilities for classes)."""
        inputs = scene.data.validation.inputs
        place = min(self.example, len(inputs) - 1)
        values = scene.activations(inputs[place : place + 1])
        last = scene.network.wires[-1][0]
        planes: list[Plane] = []
        parts: list[bytes] = []
        for node, value in values.items():
            maps, name = value[0], node
            if node == last:
                maps, name = (probabilities(value)[0] if isinstance(scene.task, Classification) else value[0]), "output"
            drawn, cells = _planes(name, maps)
            planes += drawn
            parts.append(cells)
        return Heatmap(planes=tuple(planes), cells=b"".join(parts))


def _planes(node: str, value: Tensor) -> tuple[list[Plane], bytes]:
    """Channels of an image share no scale; the units of a flat layer share one and form one strip."""
    if value.dim() == 3:
        maps = value[:CHANNELS].contiguous()
        scales = scales_of(maps)
        height, width = maps.shape[1:]
        return [plane(node, unit, width, height, scale) for unit, scale in enumerate(scales.tolist())], signed_bytes(maps, scales)
    strip = value.reshape(-1, value.shape[-1])[:UNITS, :UNITS].unsqueeze(0).contiguous()
    scale = torch.ones(1, device=value.device) if node == "output" else scales_of(strip)
    height, width = strip.shape[1:]
    return [plane(node, 0, width, height, scale.item())], signed_bytes(strip, scale)
