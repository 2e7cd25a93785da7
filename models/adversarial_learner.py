"""A generator and its judge learning in turns, each with an optimizer of its own, and how well the one covers what is real."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from models.checkpoint import Snapshot, flatten
from models.data import Data, Examples
from models.evaluation import CHUNK, TRAINING_EXAMPLES
from models.events import Metrics
from models.experiment import DATA, Experiment, entrance
from models.learner import Learner, remember
from models.methods.adversarial import Adversarial
from models.network import Network
from models.task import Classification

MADE = 500
"""Examples that are made to see what the generator covers."""
COMPARED = 1000
"""Real examples to which they are compared, at most."""
NEAR = 0.99
"""Share of the real examples that have another real one as near as a made one has to be."""
SHARE = 0.25
"""Part of its fair share of the made examples with which a class counts as covered."""
SEED = 0
"""Start of the noise with which is measured, the same each time."""


def noise_for_looking(noise: int, examples: int) -> Tensor:
    """Noise (examples, noise) that is the same each time, so that what is made of it can be compared; on the CPU."""
    return torch.randn(examples, noise, generator=torch.Generator().manual_seed(SEED))


class AdversarialLearner(Learner):
    """Trains the two halves of one network against each other. The examples' order comes from the seed, the noise from torch's global
    random numbers; steps are never recorded."""

    def __init__(self, experiment: Experiment, data: Data, device: str) -> None:
        super().__init__(experiment, data, device, traced_after=None)
        method = experiment.training.method
        assert isinstance(method, Adversarial)
        self.noise, self.judge_steps = method.noise, method.judge_steps
        self.middle = entrance(experiment)
        judging = judge_nodes(self.network, self.middle)
        nodes = [node for node, _, _ in self.network.wires]
        halves: list[list[nn.Parameter]] = [
            list(nn.ModuleList([self.network.layer(node) for node in nodes if (node in judging) == second]).parameters())
            for second in (False, True)
        ]
        self.generating, self.judging = halves
        rule = experiment.training.optimizer.call()
        self.optimizer = rule.before(self.judging).build()
        self.generator_optimizer: torch.optim.Optimizer = rule.before(self.generating).build()

    def step(self) -> Tensor:
        """The judge learns from a batch of real and as many made examples, then the generator; the judge's loss."""
        batch, rate = self._next_batch(), self.rate
        for optimizer in (self.optimizer, self.generator_optimizer):
            for group in optimizer.param_groups:
                group["lr"] = rate
        real = self.data.ready(self._inputs.index_select(0, batch))
        for _ in range(self.judge_steps):
            with torch.no_grad():
                made = self.make(self._draw(len(real)))
            loss = (self._judged(real, 1.0) + self._judged(made, 0.0)) / 2
            self._learn(loss, self.judging, self.optimizer)
        self._learn(self._judged(self.make(self._draw(len(real))), 1.0), self.generating, self.generator_optimizer)
        self.gradient_norm = None
        self.step_count += 1
        return loss.detach()

    def make(self, noise: Tensor) -> Tensor:
        """Examples (n, …) as the network would be given them, from noise (n, noise)."""
        return self.network.onward({DATA: noise}, self.middle)[self.middle]

    def judge(self, examples: Tensor) -> Tensor:
        """The log-odds (n, 1) that examples are real."""
        return self.network.onward({self.middle: examples})[self.network.wires[-1][0]]

    def _draw(self, examples: int) -> Tensor:
        return torch.randn(examples, self.noise).to(self.device)

    def _judged(self, examples: Tensor, truth: float) -> Tensor:
        """The loss of a judge who should hold all of these for real (1) or made (0)."""
        loss: Tensor = self.loss(self.judge(examples), torch.full((len(examples),), truth, device=examples.device))
        return loss

    def _learn(self, loss: Tensor, learnt: list[nn.Parameter], optimizer: torch.optim.Optimizer) -> None:
        """One step of one half; the other stays as it is."""
        objective = loss
        own = {id(parameter) for parameter in learnt}
        for module in self.penalised:
            if any(id(parameter) in own for parameter in module.parameters()):
                objective = objective + module.penalty()
        weights = [parameter for parameter in learnt if parameter.dim() > 1]
        if self.l1:
            objective = objective + self.l1 * sum(weight.abs().sum() for weight in weights)
        if self.l2:
            objective = objective + self.l2 * sum(weight.square().sum() for weight in weights)
        gradients = torch.autograd.grad(objective, learnt, allow_unused=True)
        for parameter, gradient in zip(learnt, gradients, strict=True):
            parameter.grad = gradient
        if self.clip_norm:
            nn.utils.clip_grad_norm_(learnt, self.clip_norm)
        optimizer.step()

    def evaluations(self) -> tuple[Callable[[], Metrics], Callable[[], Metrics]]:
        """What measures both halves on the training set and on the validation set."""
        training, validation = self.data.training.head(TRAINING_EXAMPLES), self.data.validation
        return _Measurement(self, training, validation), _Measurement(self, validation, training)

    def snapshot(self) -> Snapshot:
        """Both optimizers' memories, beside all that a learner knows."""
        base = super().snapshot()
        tensors = dict(base.tensors)
        generator: dict[str, Any] = flatten(self.generator_optimizer.state_dict()["state"], "generator", tensors)
        return Snapshot(base.step, base.epoch, tensors, {**base.numbers, "generator": generator})

    def restore(self, snapshot: Snapshot) -> None:
        """Go on from a snapshot of the same experiment."""
        super().restore(snapshot)
        remember(self.generator_optimizer, "generator", snapshot)


def judge_nodes(network: Network, middle: str) -> set[str]:
    """The nodes behind the one that gives the made example."""
    behind = {middle}
    for node, _, sources in network.wires:
        if not behind.isdisjoint(sources):
            behind.add(node)
    return behind - {middle}


class _Measurement:
    """Losses of both halves on one set of real examples, and how many of its classes are covered."""

    def __init__(self, learner: AdversarialLearner, real: Examples, others: Examples) -> None:
        self.learner, self.real = learner, real
        self.noise = noise_for_looking(learner.noise, MADE).to(learner.device)
        compared = real.head(COMPARED)
        self.compared = learner.data.ready(compared.inputs).flatten(1)
        task = learner.data.task
        self.classes = len(task.classes) if isinstance(task, Classification) else None
        self.labels = compared.targets
        # How near real examples that have nothing to do with each other lie.
        unseen = learner.data.ready(others.head(COMPARED).inputs).flatten(1)
        self.near = torch.cdist(unseen, self.compared).amin(dim=1).quantile(NEAR)

    def __call__(self) -> Metrics:
        """The scores now."""
        learner, network = self.learner, self.learner.network
        network.eval()
        with torch.no_grad():
            made = torch.cat([learner.make(chunk) for chunk in torch.split(self.noise, CHUNK)])
            of_made = torch.cat([learner.judge(chunk) for chunk in torch.split(made, CHUNK)])
            of_real = torch.cat([learner.judge(learner.data.ready(chunk)) for chunk in torch.split(self.real.inputs, CHUNK)])
            losses = [
                learner.loss(scores, torch.full((len(scores),), truth, device=scores.device)).item()
                for scores, truth in ((of_real, 1.0), (of_made, 0.0), (of_made, 1.0))
            ]
            coverage = self._coverage(made)
        network.train()
        return Metrics(loss=(losses[0] + losses[1]) / 2, generator_loss=losses[2], coverage=coverage)

    def _coverage(self, made: Tensor) -> float | None:
        if self.classes is None:
            return None
        distances, nearest = torch.cdist(made.flatten(1), self.compared).min(dim=1)
        counts = torch.bincount(self.labels[nearest][distances <= self.near], minlength=self.classes)
        return float((counts >= SHARE * MADE / self.classes).double().mean())
