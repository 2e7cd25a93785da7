"""From the nodes of an experiment to a network: what fits, what is wrong and where, and the module that runs."""

from __future__ import annotations

import keyword
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod

import torch
from torch import Tensor, nn

from models.entry import Call, Spec
from models.experiment import DATA, Experiment, Node, inputs_of
from models.layers.example import Example
from models.layers.layer import Layer, Merge, Misfit
from models.layers.output import Output
from models.modules import share
from models.problems import Problem, misfit_problem, unaccepted, unworkable, whole_problems, wiring_problems
from models.shape import Shape
from models.shapes_only import ShapesOnly
from models.sharing import Sizes, alike, shared, sizes_of

TRACE_BATCH = 2
"""Examples in the batch with which shapes are found; batch norm needs at least two."""

LARGE_STEP = 20_000_000
"""Multiplications in a batch from which more than one thread is faster than one."""


class NodeReport(Spec):
    """What comes out of a node for one example, and what it has to learn."""

    shape: tuple[int, ...]
    axes: tuple[str, ...]
    parameters: int
    """Weights of an earlier node that it shares are counted there."""
    sharable: tuple[str, ...]
    """Earlier nodes whose weights it could share."""


class Check(Spec):
    """What can be said of an experiment without training it."""

    data: NodeReport
    parts: dict[str, NodeReport]
    """The inputs by name, where an example has several."""
    nodes: dict[str, NodeReport]
    """Only nodes that stand; those with a problem, and those behind them, are missing."""
    parameters: int
    operations: int
    """Multiplications of one example's way through the network."""
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Wire:
    """A node that stands: what builds its module and where its inputs come from."""

    id: str
    call: Call
    inputs: tuple[str, ...]
    shares: str | None = None
    """The node whose weights it has, too."""


@dataclass(frozen=True)
class Plan:
    """A checked experiment and, as far as it is sound, the wires of its network."""

    check: Check
    wires: tuple[Wire, ...]
    parts: tuple[tuple[str, Shape], ...] = ()
    """The inputs by name, where an example has several."""


class Unsound(ValueError):
    """The experiment has problems, so there is no network to build."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(problem.message.en for problem in problems))
        self.problems = tuple(problems)


_told: dict[Experiment, Plan] = {}


def know(experiment: Experiment, found: Plan) -> None:
    """Take over what another process has found out about an experiment, instead of finding it out once more."""
    _told[experiment] = found


def plan(experiment: Experiment) -> Plan:
    """Shapes, parameters and problems of an experiment's network."""
    return _told.get(experiment) or _found(experiment, experiment.dataset.state())


@lru_cache(maxsize=64)
def _found(experiment: Experiment, _state: Hashable) -> Plan:
    """Find them by running the layers on torch's meta device, which computes nothing."""
    shape, parts = experiment.shape(), experiment.dataset.parts()
    shapes: dict[str, Shape] = {DATA: shape, **parts}
    values: dict[str, Tensor] = {name: blank(one, TRACE_BATCH) for name, one in shapes.items()}
    reports: dict[str, NodeReport] = {}
    problems: list[Problem] = []
    wires: list[Wire] = []
    operations = 0
    modules: dict[str, nn.Module] = {}
    sizes: dict[str, Sizes] = {}
    known: set[nn.Parameter] = set()
    places = {node.id: position for position, node in enumerate(experiment.network)}
    for position, node in enumerate(experiment.network):
        inputs = inputs_of(experiment, position)
        astray = list(wiring_problems(node, inputs, position, places, parts))
        problems += astray
        if astray or any(name not in shapes for name in inputs):
            continue
        try:
            made = _call(node, [shapes[name] for name in inputs], experiment)
            with torch.device("meta"):
                module = made.build()
            if node.shares:
                shared(node, module, modules, experiment.network[:position], shapes[inputs[0]])
            with ShapesOnly():
                out = module(*[values[name] for name in inputs])
        except Misfit as misfit:
            problems.append(misfit_problem(node, inputs, misfit))
            continue
        except (RuntimeError, ValueError, IndexError) as fault:
            problems.append(unworkable(node, fault))
            continue
        values[node.id], shapes[node.id] = out, Shape(tuple(out.shape[1:]))
        modules[node.id], own = module, sizes_of(module)
        # Weights that are shared count where they stand first.
        parameters = sum(parameter.numel() for parameter in module.parameters() if parameter not in known)
        known.update(module.parameters())
        operations += _operations(module, shapes[inputs[0]], shapes[node.id])
        reports[node.id] = NodeReport(
            shape=shapes[node.id].sizes,
            axes=shapes[node.id].axes,
            parameters=parameters,
            sharable=tuple(other for other, weights in sizes.items() if alike(own, weights)),
        )
        sizes[node.id] = own
        wires.append(Wire(node.id, made, inputs, node.shares))
    check = Check(
        data=NodeReport(shape=shape.sizes, axes=shape.axes, parameters=0, sharable=()),
        parts={name: NodeReport(shape=one.sizes, axes=one.axes, parameters=0, sharable=()) for name, one in parts.items()},
        nodes=reports,
        parameters=sum(report.parameters for report in reports.values()),
        operations=operations,
        problems=(*problems, *whole_problems(experiment)),
    )
    return Plan(check, tuple(wires), tuple(parts.items()))


def blank(shape: Shape, examples: int) -> Tensor:
    """Examples of a shape on the meta device, where nothing is allocated."""
    return torch.empty(examples, *shape.sizes, device="meta", dtype=torch.int64 if shape.vocabulary else torch.float32)


def check(experiment: Experiment) -> Check:
    """Shapes, parameters and problems of an experiment; never raises for a fault in the network."""
    return plan(experiment).check


def threads_for(experiment: Experiment, cores: int) -> int:
    """CPU threads for a training: it follows from the experiment and the machine, never from the load, so that the last bits
    of a result do not depend on the neighbours.

    Small steps run faster on one thread than on two. Large ones get all cores but one, which is left to the server and the
    browser: threads that wait for each other lose far more to a busy neighbour than they gain from the last core.
    """
    work = check(experiment).operations * experiment.training.batch_size
    return max(1, min(cores - 1, 8)) if work >= LARGE_STEP else 1


def _call(node: Node, shapes: Sequence[Shape], experiment: Experiment) -> Call:
    layer = node.layer
    for shape in shapes:
        if shape.kind not in layer.accepts:
            raise unaccepted(node, shape)
    if isinstance(layer, Output):
        return layer.head(shapes[0], experiment.task())
    if isinstance(layer, Example):
        return layer.made(shapes[0], experiment.dataset.shape().sizes)
    if isinstance(layer, Merge):
        return layer.merge(shapes)
    assert isinstance(layer, Layer)
    return layer.call(shapes[0])


def _operations(module: nn.Module, into: Shape, out: Shape) -> int:
    """Multiplications for one example: every weight of a matrix or kernel is used once at each place of the output, and those of a
    recurrent layer at each step, though it may tell only of the last."""
    if any(isinstance(part, nn.RNNBase) for part in module.modules()):
        out = into
    axes = dict(zip(out.axes, out.sizes, strict=True))
    places = axes.get("time", 1) * axes.get("height", 1) * axes.get("width", 1)
    return sum(parameter.numel() for parameter in module.parameters() if parameter.dim() > 1) * places


def attribute(node_id: str) -> str:
    """The name under which a network holds a node: its id, unless Python or nn.Module has that name already."""
    return f"{node_id}_" if keyword.iskeyword(node_id) or hasattr(nn.Module, node_id) else node_id


class Network(nn.Module):
    """The layers of an experiment, wired. Input: (batch, *data shape); answer: (batch, outputs), or what the task asks for.

    Modules are built in the order of the nodes, so the same random seed gives the same first weights. One that shares weights draws
    its own as ever, and then has the others in their place.
    """

    def __init__(self, wires: Sequence[Wire], parts: Sequence[tuple[str, Shape]] = ()) -> None:
        super().__init__()
        self.parts = tuple(parts)
        self.wires = tuple((wire.id, attribute(wire.id), wire.inputs) for wire in wires)
        for wire in wires:
            module = wire.call.build()
            self.add_module(attribute(wire.id), module)
            if wire.shares:
                share(module, self.get_submodule(attribute(wire.shares)))

    def forward(self, data: Tensor) -> Tensor:
        """The answer for a batch of prepared inputs."""
        return self.activations(data)[self.wires[-1][0]]

    def activations(self, data: Tensor) -> dict[str, Tensor]:
        """What every node gives for a batch, by node id; the input itself is "data"."""
        values = {DATA: data, **split_parts(data, self.parts)}
        for node_id, name, inputs in self.wires:
            values[node_id] = getattr(self, name)(*[values[source] for source in inputs])
        return values

    def onward(self, values: Mapping[str, Tensor], until: str | None = None) -> dict[str, Tensor]:
        """What nodes give that follows from what some of them give, by node id; up to a node, or as far as it goes."""
        known = dict(values)
        for node_id, name, inputs in self.wires:
            if until in known:
                break
            if node_id not in known and all(source in known for source in inputs):
                known[node_id] = getattr(self, name)(*[known[source] for source in inputs])
        return known

    def layer(self, node_id: str) -> nn.Module:
        """The module of a node; raises KeyError for an unknown id."""
        names = {known: name for known, name, _ in self.wires}
        module: nn.Module = getattr(self, names[node_id])
        return module


def split_parts(data: Tensor, parts: Sequence[tuple[str, Shape]]) -> dict[str, Tensor]:
    """The inputs of each example (batch, numbers) by name, each in its shape."""
    values, begin = {}, 0
    for name, shape in parts:
        end = begin + prod(shape.sizes)
        values[name] = data[:, begin:end].reshape(-1, *shape.sizes)
        begin = end
    return values


def build(experiment: Experiment) -> Network:
    """The experiment's network with its first weights, on the CPU; raises Unsound when the experiment has problems.

    The kernels of convolutions lie in memory with the channels last, and so do the images that they give: faster, on any device.
    """
    made = plan(experiment)
    if made.check.problems:
        raise Unsound(made.check.problems)
    torch.manual_seed(experiment.training.weights_seed)
    return Network(made.wires, made.parts).to(memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]  # (not in the stubs)
