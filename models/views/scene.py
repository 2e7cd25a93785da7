"""What a view looks at: a network at a step, and the data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import torch
from torch import Tensor

from models.data import Data
from models.evaluation import CHUNK, answers
from models.experiment import DATA, Experiment, entrance
from models.network import Network
from models.repeated import Repeated
from models.task import Task

Kept = TypeVar("Kept")


@dataclass(frozen=True)
class Scene:
    """A network as it is now, its experiment and its data."""

    experiment: Experiment
    network: Network
    data: Data
    _kept: dict[str, Any] = field(default_factory=dict)
    _repeated: dict[str, Repeated] = field(default_factory=dict)

    @property
    def task(self) -> Task:
        """What the network has to learn."""
        return self.experiment.task()

    def kept(self, name: str, make: Callable[[], Kept]) -> Kept:
        """What stays the same, however often the scene is drawn."""
        if name not in self._kept:
            self._kept[name] = make()
        kept: Kept = self._kept[name]
        return kept

    def again(self, name: str, compute: Callable[[], tuple[Tensor, ...]]) -> tuple[Tensor, ...]:
        """What `compute` makes of the network as it is now and of what stays the same. Drawn often, it costs little more than its
        kernels: see Repeated."""
        if name not in self._repeated:
            learnt = [*self.network.parameters(), *self.network.buffers()]
            self._repeated[name] = Repeated(lambda: learnt, compute)
        return self._repeated[name]()

    def activations(self, inputs: Tensor) -> dict[str, Tensor]:
        """What every node gives for stored inputs, in evaluation mode, without gradients; where examples enter in the middle, those
        behind it."""
        self.network.eval()
        with torch.no_grad():
            ready = self.data.ready(inputs)
            at = entrance(self.experiment)
            values = self.network.activations(ready) if at == DATA else self.network.onward({at: ready})
        self.network.train()
        return values

    def answers(self, inputs: Tensor, at_once: int = CHUNK) -> Tensor:
        """The network's raw answers for stored inputs, of which so many go through it at once: (n, outputs)."""
        if entrance(self.experiment) != DATA:
            last = self.network.wires[-1][0]
            return torch.cat([self.activations(chunk)[last] for chunk in torch.split(inputs, at_once)])
        return answers(self.network, self.data, inputs, at_once)

    @property
    def device(self) -> torch.device:
        """Where the network is."""
        return self.data.training.inputs.device
