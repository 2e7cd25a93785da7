"""A network with its optimizer, schedule and random numbers: all that changes while learning, and one step of it."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from models.captured import Captured, fit_for_capture
from models.checkpoint import Snapshot, flatten, unflatten
from models.data import Data
from models.evaluation import TRAINING_EXAMPLES, Evaluation
from models.events import Metrics
from models.experiment import Experiment
from models.modules import Penalised
from models.network import Network, build
from models.recorded import Step
from models.recording import Unrepeatable
from models.repeated import Repeated
from models.streamed import Window
from models.traced import Traced

TRACED_AFTER = 8
"""Ordinary steps before the first that is recorded: a run of a few steps is over before that pays."""


def batches(order: Tensor, size: int) -> list[Tensor]:
    """Cut an order of examples into batches. A last batch of one example joins the one before: batch norm cannot work on one."""
    parts = list(torch.split(order, size))
    if size > 1 and len(parts) > 1 and len(parts[-1]) == 1:
        parts[-2:] = [torch.cat(parts[-2:])]
    return parts


def steps_per_epoch(examples: int, size: int) -> int:
    """Number of batches that `batches` cuts."""
    full, rest = divmod(examples, size)
    return max(1, full + (rest > (1 if full else 0)))


class Learner:
    """Trains one network, a step at a time. Everything follows from the experiment and the data; no clock, no other state.

    Random numbers: the first weights come from `weights_seed`; the order of the examples has a generator of its own, so that
    dropout and noise, which take from torch's global one, do not disturb it.

    After `traced_after` steps the next ones are recorded and repeated from then on (None: never); no number changes.
    """

    def __init__(self, experiment: Experiment, data: Data, device: str, traced_after: int | None = TRACED_AFTER) -> None:
        training = experiment.training
        self.data = data
        self.device = device
        self.network: Network = build(experiment).to(device)
        self.parameters = list(self.network.parameters())
        self.weights = [parameter for parameter in self.parameters if parameter.dim() > 1]
        self.method = training.method
        self.loss: nn.Module = training.loss.call(experiment.task()).build().to(device)
        self.penalised = [module for module in self.network.modules() if isinstance(module, Penalised)]
        rule = training.optimizer.call().before(self.parameters)
        if device != "cpu":
            rule = replace(rule, keywords={**rule.keywords, **fit_for_capture(rule.target)})
        self.optimizer: torch.optim.Optimizer = rule.build()
        factor = training.schedule.call()
        self.factor: Callable[[int, int], float] = partial(factor.target, *factor.arguments, **factor.keywords)
        self.lr = training.optimizer.lr
        self.l1, self.l2, self.clip_norm = training.l1, training.l2, training.clip_norm
        self.batch_size = training.batch_size
        self.steps_per_epoch = steps_per_epoch(len(data.training), training.batch_size)
        self.steps = self.steps_per_epoch * training.epochs
        self.step_count = 0
        self.gradient_norm: Tensor | None = None
        self.shuffle = torch.Generator().manual_seed(training.seed)
        torch.manual_seed(training.seed)
        self._epoch_start = self.shuffle.get_state()
        self._order = torch.empty(0, dtype=torch.int64)
        self._batches: list[Tensor] | None = None
        """The epoch's order cut into batches, when first one of them is asked for."""
        self._window = Window(data.training, training.batch_size) if data.streamed else None
        self._inputs, self._targets = (self._window or data.training).inputs, (self._window or data.training).targets
        if self._window:
            weakref.finalize(self, self._window.end)
        self._traced_after = None if data.streamed and device != "cpu" else traced_after
        self._norm = Repeated(self._held, lambda: (nn.utils.get_total_norm(self._held()),))
        self._traced: Traced | Captured | None = None
        self._ordinary = 0

    @property
    def epoch(self) -> float:
        """Epochs done, in parts."""
        return self.step_count / self.steps_per_epoch

    @property
    def rate(self) -> float:
        """Learning rate of the next step."""
        return self.lr * self.factor(min(self.step_count, self.steps - 1), self.steps)

    def steps_on(self, most: int) -> Tensor:
        """Learn from at most so many batches, at least one: their losses (steps,), as `step` gives them one by one."""
        place = self.step_count % self.steps_per_epoch
        length = 1
        if isinstance(self._traced, Traced) and not self._window:
            # The epoch's last batch may be of another size, in every epoch.
            full = self.steps_per_epoch - (len(self.data.training) % self.batch_size != 0)
            length = self._traced.length(self.batch_size, min(most, full - place), full)
        if length == 1 or not isinstance(self._traced, Traced):
            return self.step().reshape(1)
        self._begin_epoch()
        rates = [self.lr * self.factor(step, self.steps) for step in range(self.step_count, self.step_count + length)]
        batches = self._order[place * self.batch_size : (place + length) * self.batch_size].view(length, -1)
        losses, self.gradient_norm = self._traced.steps(batches, rates)
        self.step_count += length
        return losses

    def step(self) -> Tensor:
        """Learn from one batch; its loss, without penalties, stays on the device as a 0-dimensional tensor."""
        batch, rate = self._next_batch(), self.rate
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        if self._traced is None and self._ordinary == self._traced_after:
            self._trace()
        if self._traced:
            loss, self.gradient_norm = self._traced.step(batch, rate)
        else:
            inputs, targets = self._inputs.index_select(0, batch), self._targets.index_select(0, batch)
            loss, self.gradient_norm = self._gradients(inputs, targets.to(self.device))
            self.optimizer.step()
            self._ordinary += 1
        self.step_count += 1
        return loss

    def _begin_epoch(self) -> None:
        """Before an epoch's first step: an order of its own for the examples."""
        if self.step_count % self.steps_per_epoch == 0:
            self._epoch_start = self.shuffle.get_state()
            self._shuffle()

    def _next_batch(self) -> Tensor:
        """Places of the examples that the step at hand learns from."""
        self._begin_epoch()
        place = self.step_count % self.steps_per_epoch
        if self._window:
            self._window.wait(place)
        if self._batches is None:
            self._batches = batches(self._order, self.batch_size)
        return self._batches[place]

    def _gradients(self, inputs: Tensor, targets: Tensor) -> Step:
        """Loss of a batch, its gradients left at the weights, and their length where it is measured for clipping."""
        given, wanted = self.method.pose(self.data.ready(inputs), targets, True)
        return self._descent(self.loss(self.network(given), wanted))

    def _descent(self, loss: Tensor) -> Step:
        """The gradients of a loss and of what is added to it, left at the weights and clipped; the loss, and their length where it
        is measured for that."""
        objective = loss
        for module in self.penalised:
            objective = objective + module.penalty()
        if self.l1:
            objective = objective + self.l1 * sum(weight.abs().sum() for weight in self.weights)
        if self.l2:
            objective = objective + self.l2 * sum(weight.square().sum() for weight in self.weights)
        self.optimizer.zero_grad()
        objective.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self.parameters, self.clip_norm) if self.clip_norm else None
        return loss.detach(), norm

    def _trace(self) -> None:
        """Record the next steps and repeat them from then on, where that is possible."""
        try:
            kind = Traced if self.device == "cpu" else Captured
            self._traced = kind(self.network, self.optimizer, self._inputs, self._targets, self._gradients)
        except Unrepeatable:
            # Ordinary steps give the same numbers, only later.
            self._ordinary += 1

    def last_gradient_norm(self) -> float | None:
        """Length of the last step's gradient, before clipping; None before the first step."""
        if self.step_count == 0:
            return None
        if self.gradient_norm is None:
            if all(parameter.grad is None for parameter in self.parameters):
                return None
            (self.gradient_norm,) = self._norm()
        return float(self.gradient_norm)

    def _held(self) -> list[Tensor]:
        return [parameter.grad for parameter in self.parameters if parameter.grad is not None]

    def evaluations(self) -> tuple[Callable[[], Metrics], Callable[[], Metrics]]:
        """What measures the training set, a part of it where it is large, and the validation set."""
        training, validation = self.data.training.head(TRAINING_EXAMPLES), self.data.validation
        return (
            Evaluation(self.network, self.loss, self.data, training, self.method),
            Evaluation(self.network, self.loss, self.data, validation, self.method),
        )

    def snapshot(self) -> Snapshot:
        """Everything that is needed to go on from here to the last bit. The tensors are the live ones: write them before the next step."""
        tensors: dict[str, Tensor] = {f"network.{name}": value for name, value in self.network.state_dict().items()}
        optimizer: dict[str, Any] = flatten(self.optimizer.state_dict()["state"], "optimizer", tensors)
        tensors["random.order"] = self._epoch_start
        tensors["random.global"] = torch.get_rng_state()
        if self.device != "cpu":
            tensors["random.device"] = torch.cuda.get_rng_state(self.device)
        return Snapshot(step=self.step_count, epoch=self.epoch, tensors=tensors, numbers={"lr": self.lr, "optimizer": optimizer})

    def restore(self, snapshot: Snapshot) -> None:
        """Go on from a snapshot of the same experiment."""
        self.network.load_state_dict(weights_of(snapshot))
        remember(self.optimizer, "optimizer", snapshot)
        self._traced, self._ordinary = None, 0
        self.step_count = snapshot.step
        self.lr = snapshot.numbers["lr"]
        self._epoch_start = snapshot.tensors["random.order"]
        self.shuffle.set_state(self._epoch_start)
        if self.step_count:
            # Also after an epoch's last batch: the next epoch's order follows from the one before.
            self._shuffle()
        torch.set_rng_state(snapshot.tensors["random.global"])
        if self.device != "cpu":
            torch.cuda.set_rng_state(snapshot.tensors["random.device"], self.device)

    def _shuffle(self) -> None:
        self._order = torch.randperm(len(self.data.training), generator=self.shuffle).to(self._inputs.device)
        self._batches = None
        if self._window:
            self._batches = self._window.begin(batches(self._order, self.batch_size), self.step_count % self.steps_per_epoch)


def remember(optimizer: torch.optim.Optimizer, name: str, snapshot: Snapshot) -> None:
    """Give an optimizer what it knew, as the snapshot has it under `name`."""
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    state = optimizer.state_dict()
    state["state"] = unflatten(snapshot.numbers[name], name, snapshot.tensors)
    for place, entries in state["state"].items():
        entries.update({entry: _laid_like(parameters[place], value) for entry, value in entries.items()})
    optimizer.load_state_dict(state)


def _laid_like(weights: Tensor, value: Any) -> Any:
    """What an optimizer remembers of some weights, in memory as they are themselves: a file keeps no such order."""
    return torch.empty_like(weights).copy_(value) if torch.is_tensor(value) and value.shape == weights.shape else value


def weights_of(snapshot: Snapshot) -> dict[str, Tensor]:
    """The network's part of a snapshot, as a state dict."""
    return {name.removeprefix("network."): value for name, value in snapshot.tensors.items() if name.startswith("network.")}
