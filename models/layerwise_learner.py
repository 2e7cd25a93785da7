"""The layers of a network learning one after the other, each under an output of its own for the time."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from models.checkpoint import Snapshot
from models.data import Data
from models.evaluation import TRAINING_EXAMPLES, Evaluation
from models.events import Metrics
from models.experiment import Experiment
from models.layers.output import Output
from models.learner import Learner
from models.modules import Penalised
from models.network import Network, plan
from models.shape import Shape


class Stage(nn.Module):
    """A stretch of the network that learns, what comes before it and stays as it is, and the output that it answers by."""

    def __init__(self, before: nn.Module, learning: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.before, self.learning, self.head = before, learning, head

    def forward(self, inputs: Tensor) -> Tensor:
        with torch.no_grad():
            known = self.before(inputs)
        answer: Tensor = self.head(self.learning(known))
        return answer


class LayerwiseLearner(Learner):
    """Trains the stages of a chain of layers in turn; which one follows from the step. Steps are never recorded."""

    def __init__(self, experiment: Experiment, data: Data, device: str) -> None:
        super().__init__(experiment, data, device, traced_after=None)
        self.rule = experiment.training.optimizer.call()
        self.stages = [stage.to(device) for stage in stages_of(experiment, self.network)]
        self._enter()

    @property
    def stage(self) -> int:
        """Which stage the step at hand trains; all have equally many steps."""
        return min(self.step_count * len(self.stages) // self.steps, len(self.stages) - 1)

    def step(self) -> Tensor:
        """The stage at hand learns from one batch; its loss."""
        batch, rate = self._next_batch(), self.rate
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        stage = self.stages[self.stage]
        stage.before.eval()
        given, wanted = self.method.pose(self.data.ready(self._inputs.index_select(0, batch)), self._targets.index_select(0, batch), True)
        loss: Tensor = self.loss(stage(given), wanted)
        objective = loss
        for module in stage.learning.modules():
            if isinstance(module, Penalised):
                objective = objective + module.penalty()
        weights = [parameter for parameter in self.learnt if parameter.dim() > 1]
        if self.l1:
            objective = objective + self.l1 * sum(weight.abs().sum() for weight in weights)
        if self.l2:
            objective = objective + self.l2 * sum(weight.square().sum() for weight in weights)
        self.optimizer.zero_grad()
        objective.backward()  # type: ignore[no-untyped-call]
        gradients = [parameter.grad for parameter in self.learnt if parameter.grad is not None]
        self.gradient_norm = nn.utils.get_total_norm(gradients)
        if self.clip_norm:
            nn.utils.clip_grad_norm_(self.learnt, self.clip_norm)
        self.optimizer.step()
        stage.before.train()
        before = self.stage
        self.step_count += 1
        if self.stage != before:
            self._enter()
        return loss.detach()

    def _enter(self) -> None:
        """Give the stage at hand an optimizer that remembers nothing yet."""
        stage = self.stages[self.stage]
        self.learnt = [*stage.learning.parameters(), *stage.head.parameters()]
        self.optimizer: torch.optim.Optimizer = self.rule.before(self.learnt).build()

    def evaluations(self) -> tuple[Callable[[], Metrics], Callable[[], Metrics]]:
        """What measures the stage at hand on the training set, a part of it where it is large, and on the validation set."""
        training, validation = self.data.training.head(TRAINING_EXAMPLES), self.data.validation
        pairs = [[Evaluation(stage, self.loss, self.data, examples) for examples in (training, validation)] for stage in self.stages]
        return lambda: pairs[self.stage][0](), lambda: pairs[self.stage][1]()

    def snapshot(self) -> Snapshot:
        """The outputs for the time, beside all that a learner knows."""
        base = super().snapshot()
        heads = {
            f"head{place}.{name}": value for place, stage in enumerate(self.stages[:-1]) for name, value in stage.head.state_dict().items()
        }
        return Snapshot(base.step, base.epoch, {**base.tensors, **heads}, base.numbers)

    def restore(self, snapshot: Snapshot) -> None:
        """Go on from a snapshot of the same experiment."""
        self.step_count = snapshot.step
        self._enter()
        super().restore(snapshot)
        # The last one is the network's own, which has its weights already.
        for place, stage in enumerate(self.stages[:-1]):
            stage.head.load_state_dict({name: snapshot.tensors[f"head{place}.{name}"] for name in stage.head.state_dict()})


def stages_of(experiment: Experiment, network: Network) -> list[Stage]:
    """Each layer with weights and what follows it up to the next, under an output for the time; at last the network's own output.

    What comes before the first layer with weights belongs to it. The first weights of the outputs come from `weights_seed`.
    """
    made = plan(experiment)
    *hidden, last = made.wires
    groups: list[list[str]] = []
    for wire in hidden:
        heavy = made.check.nodes[wire.id].parameters > 0
        if groups and not (heavy and any(made.check.nodes[known].parameters for known in groups[-1])):
            groups[-1].append(wire.id)
        else:
            groups.append([wire.id])
    stages: list[Stage] = []
    before: list[nn.Module] = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(experiment.training.weights_seed)
        for group in groups:
            layers = [network.layer(node) for node in group]
            shape = Shape(made.check.nodes[group[-1]].shape)
            head = Output().head(shape, experiment.task()).build()
            if any(made.check.nodes[node].parameters for node in group):
                stages.append(Stage(nn.Sequential(*before), nn.Sequential(*layers), head))
            before += layers
    stages.append(Stage(nn.Sequential(*before), nn.Identity(), network.layer(last.id)))
    return stages
