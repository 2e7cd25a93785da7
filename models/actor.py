"""A network as it acts in a world: what it sees there, and what it does."""

from __future__ import annotations

import torch
from torch import Generator, Tensor, nn

from models.data import Data
from models.datasets.control import WorldDataset
from models.experiment import Experiment
from models.playing import Episodes, episodes
from models.task import Control
from models.worlds import World


class Actor:
    """What an experiment's network does in its world."""

    def __init__(self, experiment: Experiment, network: nn.Module, data: Data) -> None:
        dataset, task = experiment.dataset, experiment.task()
        assert isinstance(dataset, WorldDataset)
        assert isinstance(task, Control)
        self.network, self.data = network, data
        self.world: World = dataset.world()
        self.seed = dataset.seed
        self.actions = len(task.actions)

    def seen(self, states: Tensor) -> Tensor:
        """What the network is given of states (worlds, numbers)."""
        observed = self.world.observation(states).to(self.data.training.inputs.device)
        given: Tensor = self.data.prepare(observed)
        return given

    def answers(self, states: Tensor) -> Tensor:
        """The network's answers for states, without gradients, on the CPU: (worlds, outputs)."""
        with torch.no_grad():
            answers: Tensor = self.network(self.seen(states)).cpu()
        return answers

    def best(self, states: Tensor) -> Tensor:
        """The actions with the highest number."""
        return self.answers(states)[:, : self.actions].argmax(dim=1)

    def by_chance(self, states: Tensor, chance: Generator) -> Tensor:
        """Actions in proportion to the softmax of their numbers: the greatest after adding Gumbel noise, which minds no infinity."""
        scores = self.answers(states)[:, : self.actions]
        noise = torch.rand(scores.shape, generator=chance).clamp_min_(1e-20)
        return (scores - (-noise.log()).log()).argmax(dim=1)

    def tried_out(self, trials: int, seed: int = 0) -> Episodes:
        """Episodes of the policy without exploring; the same beginnings and the same chance each time, another for another seed."""
        chance = torch.Generator().manual_seed(1_000_003 * (seed + 1) + self.seed)
        self.network.eval()
        played = episodes(self.world, self.best, trials, chance)
        self.network.train()
        return played
