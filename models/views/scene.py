"""What a view looks at: a network at a step, and the data."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from models.data import Data
from models.evaluation import answers
from models.experiment import Experiment
from models.network import Network


@dataclass(frozen=True)
class Scene:
    """A network as it is now, its experiment and its data."""

    experiment: Experiment
    network: Network
    data: Data

    def activations(self, inputs: Tensor) -> dict[str, Tensor]:
        """What every node gives for stored inputs, in evaluation mode, without gradients."""
        self.network.eval()
        with torch.no_grad():
            values = self.network.activations(self.data.ready(inputs))
        self.network.train()
        return values

    def answers(self, inputs: Tensor) -> Tensor:
        """The network's raw answers for stored inputs: (n, outputs)."""
        return answers(self.network, self.data, inputs)

    @property
    def device(self) -> torch.device:
        """Where the network is."""
        return self.data.training.inputs.device
