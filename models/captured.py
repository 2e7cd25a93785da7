"""Training steps captured as CUDA graphs: a GPU gets all kernels of a step at once instead of one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn, optim

from models.recorded import Step
from models.recording import Unrepeatable

Capture = Callable[[Callable[[], Step]], tuple[Step, Callable[[], None]]]
"""Takes note of what a function does on the GPU without doing it; gives what it would return, and what does it again."""

CAPTURABLE = (optim.SGD, optim.Adam, optim.AdamW, optim.RMSprop)
"""Optimizers whose step looks at nothing but the GPU's memory, once the learning rate lies there too."""


def fit_for_capture(optimizer: Any) -> dict[str, bool]:
    """What an optimizer on a GPU is to be made with, so that its step can be captured; nothing where it cannot be."""
    if issubclass(optimizer, optim.RMSprop):
        return {"capturable": True}
    if issubclass(optimizer, optim.Adam):
        return {"capturable": True, "fused": True}
    return {"fused": True} if issubclass(optimizer, optim.SGD) else {}


def on_the_gpu(step: Callable[[], Step]) -> tuple[Step, Callable[[], None]]:
    """See Capture."""
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        result = step()
    return result, graph.replay


@dataclass
class Graph:
    """What was captured for one size of batch."""

    batch: Tensor
    """Where the step looks for the places of its examples."""
    step: Step
    gradients: list[Tensor | None]
    replay: Callable[[], None]


class Captured:
    """The steps of one network and optimizer on a GPU, as `traced.Traced` has them on the CPU.

    Made after ordinary steps, so that the optimizer's memory is there; raises Unrepeatable for an optimizer that looks at the
    processor's memory. Random numbers go on as in ordinary steps: a graph takes them from the GPU's own generator.
    """

    def __init__(
        self,
        network: nn.Module,
        optimizer: optim.Optimizer,
        inputs: Tensor,
        targets: Tensor,
        gradients: Callable[[Tensor, Tensor], Step],
        capture: Capture = on_the_gpu,
    ) -> None:
        if not isinstance(optimizer, CAPTURABLE):
            raise Unrepeatable(f"{type(optimizer).__name__} cannot be captured")
        self.parameters = list(network.parameters())
        self.optimizer, self.inputs, self.targets, self.gradients_of, self.capture = optimizer, inputs, targets, gradients, capture
        self.rate = torch.zeros((), device=inputs.device)
        self.graphs: dict[int, Graph] = {}

    def step(self, batch: Tensor, rate: float) -> Step:
        """Learn from the examples of a batch."""
        self.rate.fill_(rate)
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate
        graph = self.graphs.get(len(batch)) or self._captured(batch)
        graph.batch.copy_(batch)
        graph.replay()
        for parameter, gradient in zip(self.parameters, graph.gradients, strict=True):
            parameter.grad = gradient
        loss, norm = graph.step
        # The next step writes over them.
        return loss.clone(), None if norm is None else norm.clone()

    def _captured(self, batch: Tensor) -> Graph:
        own = batch.clone()
        for parameter in self.parameters:
            # New ones, in the graph's memory.
            parameter.grad = None

        def whole() -> Step:
            step = self.gradients_of(self.inputs.index_select(0, own), self.targets.index_select(0, own))
            self.optimizer.step()
            return step

        step, replay = self.capture(whole)
        graph = Graph(own, step, [parameter.grad for parameter in self.parameters], replay)
        self.graphs[len(batch)] = graph
        return graph
