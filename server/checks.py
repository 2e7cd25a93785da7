"""Whether an experiment may be run here: sound as a network and within this server's limits."""

from __future__ import annotations

from math import prod

from models.entry import Words
from models.experiment import Experiment
from models.memory import Memory, needed
from models.network import Check, check
from models.problems import Problem
from server.errors import Invalid, Place
from server.settings import Settings


def sound(experiment: Experiment, settings: Settings) -> tuple[Check, Memory]:
    """The experiment's report and the memory that it needs; raises Invalid, with the place of each fault, when it has problems or
    goes beyond a limit."""
    if not experiment.dataset.available():
        op, fault = experiment.dataset.op, next(experiment.dataset.faults(), None)
        message = f"the dataset {op} is not on this machine; fetch it by POST /api/datasets/{op}/fetch"
        if fault:
            message = _sentences(fault.message, fault.hint)
        raise _refusal([Place(path=["experiment", "dataset"], field="dataset", message=message)], "missing_data")
    if places := _oversized(experiment, settings):
        raise _refusal(places, "beyond_limits")
    report = check(experiment)
    if report.problems:
        raise _refusal([_place(experiment, problem) for problem in report.problems], "unsound")
    if report.parameters > settings.max_parameters:
        taken = f"this server takes {settings.max_parameters:,}"
        message = f"the network has {report.parameters:,} parameters and {taken}; make its largest layer smaller"
        raise _refusal([_at(experiment, _heaviest(report), message)], "beyond_limits")
    memory = needed(experiment)
    if memory.total > settings.max_memory * 2**20:
        raise _refusal([_beyond_memory(experiment, report, memory, settings.max_memory * 2**20)], "beyond_limits")
    return report, memory


def _oversized(experiment: Experiment, settings: Settings) -> list[Place]:
    """What can be counted without looking at the network."""
    places = []
    nodes, epochs = len(experiment.network), experiment.training.epochs
    if nodes > settings.max_nodes:
        message = f"the network has {nodes:,} nodes and this server takes {settings.max_nodes:,}; leave some out"
        places.append(Place(path=["experiment", "network"], field="network", message=message))
    if epochs > settings.max_epochs:
        message = f"{epochs:,} epochs are more than the {settings.max_epochs:,} that this server takes; train for fewer"
        places.append(Place(path=["experiment", "training", "epochs"], field="epochs", message=message))
    return places


def _beyond_memory(experiment: Experiment, report: Check, memory: Memory, most: int) -> Place:
    """What takes the most memory, and the change that mends it."""
    sentence = f"this job would need about {_size(memory.total)} of memory and this server takes {_size(most)}; most of it, "
    if memory.data > max(memory.weights + memory.optimizer, memory.activations):
        message = f"{sentence}{_size(memory.data)}, is for the examples: choose fewer of them, or no noise"
        return Place(path=["experiment", "dataset"], field="dataset", message=message)
    if memory.activations < memory.weights + memory.optimizer:
        node = _heaviest(report)
        sentence += f"{_size(memory.weights + memory.optimizer)}, is for its weights and what the optimizer remembers of them"
        measure = f"{report.nodes[node].parameters:,} parameters"
    else:
        node = max(report.nodes, key=lambda node: prod(report.nodes[node].shape))
        sentence += f"{_size(memory.activations)}, is for what the layers give"
        measure = f"{prod(report.nodes[node].shape):,} numbers for each example"
    if fitting := _fitting_batch(experiment, most):
        message = f"{sentence}: choose a batch size of {fitting} or less"
        return Place(path=["experiment", "training", "batch_size"], field="batch_size", message=message)
    return _at(experiment, node, f"{sentence}, whatever the batch size: make the layer {node} smaller, it has {measure}")


def _fitting_batch(experiment: Experiment, most: int) -> int | None:
    """The largest power of two, below the batch size, with which the job fits; None when it never does."""
    low, high = -1, (experiment.training.batch_size - 1).bit_length() - 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if needed(experiment, 2**middle).total <= most else (low, middle - 1)
    return 2**low if low >= 0 else None


def _size(count: int) -> str:
    """Bytes in the unit that people use for memory."""
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{max(1, round(count / 2**20))} MiB"


def _heaviest(report: Check) -> str:
    return max(report.nodes, key=lambda node: report.nodes[node].parameters)


def _refusal(places: list[Place], code: str) -> Invalid:
    sentences = [f"{place.node}: {place.message}" if place.node else place.message for place in places[:3]]
    return Invalid("; ".join(sentences), places, code=code)


def _at(experiment: Experiment, node: str, message: str) -> Place:
    return Place(path=["experiment", "network", _index(experiment, node)], node=node, message=message)


def _place(experiment: Experiment, problem: Problem) -> Place:
    message = _sentences(problem.message, problem.hint)
    if problem.node is None:
        return Place(path=["experiment", problem.part, *([problem.field] if problem.field else [])], field=problem.field, message=message)
    path: list[str | int] = ["experiment", "network", _index(experiment, problem.node)]
    if problem.field == "inputs":
        path.append("inputs")
    elif problem.field:
        path += ["layer", problem.field]
    return Place(path=path, node=problem.node, field=problem.field, message=message)


def _sentences(message: Words, hint: Words | None) -> str:
    return message.en + (f" {hint.en}" if hint else "")


def _index(experiment: Experiment, node_id: str) -> int:
    return next(position for position, node in enumerate(experiment.network) if node.id == node_id)
