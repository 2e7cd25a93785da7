"""From the nodes of an experiment to a network: what fits, what is wrong and where, and the module that runs."""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor, nn

from models.entry import Call, Spec, Words
from models.events import Change
from models.experiment import DATA, Experiment, Node, inputs_of
from models.layers.layer import Layer, Merge, Misfit
from models.layers.normalisation import BatchNorm
from models.layers.output import Output
from models.shape import KIND_WORDS, Shape

TRACE_BATCH = 2
"""Examples in the batch with which shapes are found; batch norm needs at least two."""

LARGE_STEP = 20_000_000
"""Multiplications in a batch from which more than one thread is faster than one."""


class NodeReport(Spec):
    """What comes out of a node for one example, and what it has to learn."""

    shape: tuple[int, ...]
    axes: tuple[str, ...]
    parameters: int


class Problem(Spec):
    """A fault in the network or in how it is to be trained, at its place, with a way to mend it."""

    node: str | None
    field: str | None = None
    message: Words
    hint: Words | None = None
    fix: Change | None = None


class Check(Spec):
    """What can be said of an experiment without training it."""

    data: NodeReport
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


@dataclass(frozen=True)
class Plan:
    """A checked experiment and, as far as it is sound, the wires of its network."""

    check: Check
    wires: tuple[Wire, ...]


class Unsound(ValueError):
    """The experiment has problems, so there is no network to build."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(problem.message.en for problem in problems))
        self.problems = tuple(problems)


@lru_cache(maxsize=64)
def plan(experiment: Experiment) -> Plan:
    """Find shapes, parameters and problems by running the layers on torch's meta device, which computes nothing."""
    shape, task = experiment.dataset.shape(), experiment.dataset.task()
    shapes: dict[str, Shape] = {DATA: shape}
    values: dict[str, Tensor] = {DATA: torch.empty(TRACE_BATCH, *shape.sizes, device="meta")}
    reports: dict[str, NodeReport] = {}
    problems: list[Problem] = []
    wires: list[Wire] = []
    operations = 0
    places = {node.id: position for position, node in enumerate(experiment.network)}
    for position, node in enumerate(experiment.network):
        inputs = inputs_of(experiment, position)
        astray = list(_wiring_problems(node, inputs, position, places))
        problems += astray
        if astray or any(name not in shapes for name in inputs):
            continue
        try:
            made = _call(node, [shapes[name] for name in inputs], experiment)
            with torch.device("meta"):
                module = made.build()
            out = module(*[values[name] for name in inputs])
        except Misfit as misfit:
            problems.append(_misfit_problem(node, inputs, misfit))
            continue
        except (RuntimeError, ValueError, IndexError) as fault:
            problems.append(
                Problem(
                    node=node.id,
                    message=Words(
                        f"{_title(node).en} cannot work on this input: {fault}", f"“{_title(node).zh}”处理不了这样的输入：{fault}"
                    ),
                )
            )
            continue
        values[node.id], shapes[node.id] = out, Shape(tuple(out.shape[1:]))
        parameters = sum(parameter.numel() for parameter in module.parameters())
        operations += _operations(module, shapes[node.id])
        reports[node.id] = NodeReport(shape=shapes[node.id].sizes, axes=shapes[node.id].axes, parameters=parameters)
        wires.append(Wire(node.id, made, inputs))
    problems += _whole_problems(experiment)
    check = Check(
        data=NodeReport(shape=shape.sizes, axes=shape.axes, parameters=0),
        nodes=reports,
        parameters=sum(report.parameters for report in reports.values()),
        operations=operations,
        problems=tuple(problems),
    )
    if experiment.training.loss.op != "auto" and task.kind not in experiment.training.loss.tasks:
        title = experiment.training.loss.title
        problem = Problem(
            node=None,
            field="loss",
            message=Words(
                f"{title.en} cannot be used to {_task_words(task.kind).en}.", f"“{title.zh}”不能用来{_task_words(task.kind).zh}。"
            ),
            hint=Words("Choose the loss “automatic”.", "把损失函数改为“自动”。"),
            fix=Change(op="set", path=("training", "loss"), value={"op": "auto"}),
        )
        check = check.model_copy(update={"problems": (*check.problems, problem)})
    return Plan(check, tuple(wires))


def check(experiment: Experiment) -> Check:
    """Shapes, parameters and problems of an experiment; never raises for a fault in the network."""
    return plan(experiment).check


def threads_for(experiment: Experiment, cores: int) -> int:
    """CPU threads for a training: it follows from the experiment and the machine, never from the load, so that the last bits
    of a result do not depend on the neighbours. Small steps run faster on one thread than on two."""
    work = check(experiment).operations * experiment.training.batch_size
    return max(1, min(cores, 8)) if work >= LARGE_STEP else 1


def _call(node: Node, shapes: Sequence[Shape], experiment: Experiment) -> Call:
    layer = node.layer
    for shape in shapes:
        if shape.kind not in layer.accepts:
            raise _unaccepted(node, shape)
    if isinstance(layer, Output):
        return layer.head(shapes[0], experiment.dataset.task())
    if isinstance(layer, Merge):
        return layer.merge(shapes)
    assert isinstance(layer, Layer)
    return layer.call(shapes[0])


def _unaccepted(node: Node, shape: Shape) -> Misfit:
    wanted = [KIND_WORDS[kind] for kind in node.layer.accepts]
    title = _title(node)
    described = ", ".join(f"{axis} {size}" for axis, size in zip(shape.axes, shape.sizes, strict=True))
    got = KIND_WORDS[shape.kind]
    message = Words(
        f"{title.en} needs {' or '.join(words.en for words in wanted)}; it gets {got.en} ({described}).",
        f"“{title.zh}”需要{'或'.join(words.zh for words in wanted)}，收到的却是{got.zh}（{shape}）。",
    )
    if "features" in node.layer.accepts:
        return Misfit(message, Words("Put a Flatten layer before it.", "在它前面加一层“展平”。"), {"op": "flatten"})
    return Misfit(
        message, Words("Choose another layer here, or move it to where such an input arrives.", "换一种层，或者把它移到有这种输入的位置。")
    )


def _misfit_problem(node: Node, inputs: Sequence[str], misfit: Misfit) -> Problem:
    fix = Change(op="insert", after=inputs[0], before=node.id, value=misfit.insert) if misfit.insert else None
    return Problem(node=node.id, message=misfit.message, hint=misfit.hint, fix=fix)


def _wiring_problems(node: Node, inputs: Sequence[str], position: int, places: dict[str, int]) -> Iterator[Problem]:
    title = _title(node)
    for name in inputs:
        if name == DATA or places.get(name, position) < position:
            continue
        if name in places:
            message = Words(
                f"{title.en} “{node.id}” takes its input from “{name}”, which comes after it: that would be a circle.",
                f"“{title.zh}”（{node.id}）的输入来自排在它后面的“{name}”，成了一个圈。",
            )
            hint = Words("Take the input from an earlier layer, or move the layer.", "从前面的层取输入，或者移动这一层。")
        else:
            message = Words(
                f"{title.en} “{node.id}” takes its input from “{name}”, which is not in the network.",
                f"“{title.zh}”（{node.id}）的输入来自“{name}”，网络里没有这一层。",
            )
            hint = Words("Choose one of the layers before it.", "从它前面的层里选一个。")
        yield Problem(
            node=node.id, field="inputs", message=message, hint=hint, fix=Change(op="set", path=("network", node.id, "inputs"), value=None)
        )
    merges = isinstance(node.layer, Merge)
    if merges and len(inputs) < 2:
        yield Problem(
            node=node.id,
            field="inputs",
            message=Words(f"{title.en} needs two or more inputs; it has one.", f"“{title.zh}”需要两个或更多输入，现在只有一个。"),
            hint=Words("Choose a second layer as its input.", "再选一层作为它的输入。"),
        )
    if not merges and len(inputs) > 1:
        yield Problem(
            node=node.id,
            field="inputs",
            message=Words(f"{title.en} takes one input; it has {len(inputs)}.", f"“{title.zh}”只能有一个输入，现在有 {len(inputs)} 个。"),
            hint=Words("Join them first with Add or Concatenate.", "先用“相加”或“拼接”把它们合起来。"),
        )


def _whole_problems(experiment: Experiment) -> Iterator[Problem]:
    nodes = experiment.network
    outputs = [node for node in nodes if isinstance(node.layer, Output)]
    if not outputs:
        yield Problem(
            node=nodes[-1].id,
            message=Words("The network has no output: nothing gives the answer.", "网络没有输出层，没有谁给出答案。"),
            hint=Words("Put an Output layer at the end.", "在最后加一个“输出”层。"),
            fix=Change(op="insert", after=nodes[-1].id, value={"op": "output"}),
        )
    for node in outputs[1:]:
        yield Problem(
            node=node.id,
            message=Words("The network has more than one output; only one can be trained.", "网络有不止一个输出层，只能训练一个。"),
            hint=Words("Remove one of them.", "删掉一个。"),
        )
    used = {name for position in range(len(nodes)) for name in inputs_of(experiment, position)}
    for node in nodes:
        if node.id not in used and not isinstance(node.layer, Output):
            yield Problem(
                node=node.id,
                message=Words(
                    f"Nothing uses what {_title(node).en} “{node.id}” gives: it leads nowhere.",
                    f"没有谁用到“{_title(node).zh}”（{node.id}）的结果，它通向死路。",
                ),
                hint=Words("Remove it, or make it the input of a later layer.", "删掉它，或者让后面的层以它为输入。"),
            )
        if node.id in used and isinstance(node.layer, Output):
            yield Problem(
                node=node.id,
                message=Words(
                    "The output must be the end of the network; another layer uses it.", "输出层必须是网络的终点，却有别的层用了它。"
                ),
                hint=Words("Move it to the end.", "把它移到最后。"),
            )
        if isinstance(node.layer, BatchNorm) and experiment.training.batch_size == 1:
            yield Problem(
                node=node.id,
                message=Words(
                    "Batch normalisation compares the examples of a batch; a batch of one has nothing to compare.",
                    "批归一化要在一批样本之间比较，一批只有一个样本就没法比。",
                ),
                hint=Words("Choose a batch size of 2 or more.", "把批大小改为 2 或更多。"),
                fix=Change(op="set", path=("training", "batch_size"), value=16),
            )


def _title(node: Node) -> Words:
    return node.layer.title


def _task_words(kind: str) -> Words:
    return Words("name classes", "分类") if kind == "classification" else Words("estimate numbers", "回归")


def _operations(module: nn.Module, out: Shape) -> int:
    """Multiplications for one example: every weight of a matrix or kernel is used once at each place of the output."""
    axes = dict(zip(out.axes, out.sizes, strict=True))
    places = axes.get("time", 1) * axes.get("height", 1) * axes.get("width", 1)
    return sum(parameter.numel() for parameter in module.parameters() if parameter.dim() > 1) * places


def attribute(node_id: str) -> str:
    """The name under which a network holds a node: its id, unless Python or nn.Module has that name already."""
    return f"{node_id}_" if keyword.iskeyword(node_id) or hasattr(nn.Module, node_id) else node_id


class Network(nn.Module):
    """The layers of an experiment, wired. Input: (batch, *data shape); answer: (batch, outputs).

    Modules are built in the order of the nodes, so the same random seed gives the same first weights.
    """

    def __init__(self, wires: Sequence[Wire]) -> None:
        super().__init__()
        self.wires = tuple((wire.id, attribute(wire.id), wire.inputs) for wire in wires)
        for wire in wires:
            self.add_module(attribute(wire.id), wire.call.build())

    def forward(self, data: Tensor) -> Tensor:
        """The answer for a batch of prepared inputs."""
        return self.activations(data)[self.wires[-1][0]]

    def activations(self, data: Tensor) -> dict[str, Tensor]:
        """What every node gives for a batch, by node id; the input itself is "data"."""
        values = {DATA: data}
        for node_id, name, inputs in self.wires:
            values[node_id] = getattr(self, name)(*[values[source] for source in inputs])
        return values

    def layer(self, node_id: str) -> nn.Module:
        """The module of a node; raises KeyError for an unknown id."""
        names = {known: name for known, name, _ in self.wires}
        module: nn.Module = getattr(self, names[node_id])
        return module


def build(experiment: Experiment) -> Network:
    """The experiment's network with its first weights, on the CPU; raises Unsound when the experiment has problems."""
    made = plan(experiment)
    if made.check.problems:
        raise Unsound(made.check.problems)
    torch.manual_seed(experiment.training.weights_seed)
    return Network(made.wires)
