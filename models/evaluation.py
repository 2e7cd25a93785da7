"""How good a network is: loss, accuracy, R² and mean absolute error on a set, and when they are measured."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from models.data import Data, Examples
from models.events import Metrics
from models.methods.method import Method
from models.methods.supervised import Supervised
from models.repeated import Repeated
from models.task import Regression

CHUNK = 250
"""Examples that go through the network at once while evaluating: so few that what convolutions give stays in the processor's cache.
The exported script uses the same."""

TRAINING_EXAMPLES = 5000
"""Training examples that an evaluation looks at, at most: enough to see the gap, cheap on large sets."""

SUPERVISED = Supervised()

DENSE_EVALUATIONS = 200
"""Epochs that are each evaluated; after that the distance doubles with each doubling of the run."""


def answers(network: nn.Module, data: Data, inputs: Tensor, at_once: int = CHUNK) -> Tensor:
    """The network's raw answers for stored inputs, in evaluation mode and without gradients: (n, outputs), or as the task asks."""
    network.eval()
    with torch.no_grad():
        outputs = [network(data.ready(chunk)) for chunk in torch.split(inputs, at_once)]
    network.train()
    return torch.cat(outputs) if len(outputs) > 1 else outputs[0]


def probabilities(outputs: Tensor) -> Tensor:
    """(n, 1) log-odds or (n, classes) scores to (n, classes) probabilities."""
    if outputs.shape[1] == 1:
        positive = outputs.sigmoid()
        return torch.cat([1 - positive, positive], dim=1)
    return outputs.softmax(dim=1)


def chosen(outputs: Tensor) -> Tensor:
    """Index of the class or token with the highest score, (n,) or (n, time)."""
    return (outputs[:, 0] > 0).long() if outputs.shape[1:] == (1,) else outputs.argmax(dim=-1)


class Evaluation:
    """Scores of a network on a set, measured as often as it is called."""

    def __init__(self, network: nn.Module, loss: nn.Module, data: Data, examples: Examples, method: Method = SUPERVISED) -> None:
        self.data = data
        learnt = [*network.parameters(), *network.buffers()]
        self._scores = Repeated(lambda: learnt, lambda: _scores(network, loss, data, examples, method))
        self._counts, self._answers = _counted(data, method), examples.targets.numel()

    def __call__(self) -> Metrics:
        """The scores now."""
        loss, *others = [score.item() for score in self._scores()]
        if self._counts:
            return Metrics(loss=loss, accuracy=others[0] / self._answers)
        if len(others) == 1:
            return Metrics(loss=loss, r2=others[0])
        return Metrics(loss=loss, r2=others[0], mae=others[1] * self.data.target_deviation)


def evaluate(network: nn.Module, loss: nn.Module, data: Data, examples: Examples, method: Method = SUPERVISED) -> Metrics:
    """Scores of the network on a set, once."""
    return Evaluation(network, loss, data, examples, method)()


def _counted(data: Data, method: Method) -> bool:
    """Whether an answer is right or wrong, not near or far."""
    return isinstance(method, Supervised) and not isinstance(data.task, Regression)


def _scores(network: nn.Module, loss: nn.Module, data: Data, examples: Examples, method: Method) -> tuple[Tensor, ...]:
    """Loss and number of right answers for classes and tokens; loss, R² and mean absolute error of standardised numbers; loss and
    R² of examples that are given back."""
    outputs = answers(network, data, examples.inputs)
    targets = examples.targets.to(outputs.device)
    with torch.no_grad():
        if not isinstance(method, Supervised):
            targets = method.pose(data.ready(examples.inputs), targets, False)[1]
        value: Tensor = loss(outputs, targets)
    if _counted(data, method):
        return value, (chosen(outputs) == targets).sum()
    if not isinstance(method, Supervised):
        return value, 1 - _squares(outputs, targets) / _squares(targets, targets.mean(dim=0).expand_as(targets))
    errors = (outputs - targets).double()
    spread = (targets - targets.mean(dim=0)).double().square().sum()
    return value, 1 - errors.square().sum() / spread, errors.abs().mean()


def _squares(one: Tensor, other: Tensor) -> Tensor:
    """Sum of all squared differences, in double precision; as few of these at once as the examples of a chunk have."""
    parts = [(a - b).double().square().sum() for a, b in zip(torch.split(one, CHUNK), torch.split(other, CHUNK), strict=True)]
    return torch.stack(parts).sum()


def evaluation_steps(steps_per_epoch: int, steps: int) -> Iterator[int]:
    """The steps after which both sets are measured, in order, from 0 (untrained) to the last.

    Long epochs are measured within the first two as well. The distance is an epoch then and doubles each time that the run
    has doubled beyond 200 epochs, so that a long run has hundreds of measurements, not millions.
    """
    yield 0
    if steps_per_epoch >= 200:
        for eighths in (1, 2, 4, 8, 12):
            if eighths * steps_per_epoch // 8 < steps:
                yield eighths * steps_per_epoch // 8
        epoch = 2
    else:
        epoch = 1
    stride = 1
    while epoch * steps_per_epoch < steps:
        yield epoch * steps_per_epoch
        if epoch >= DENSE_EVALUATIONS * stride:
            stride *= 2
        epoch += stride
    yield steps
