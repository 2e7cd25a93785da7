"""Whether an experiment may be run here: sound as a network and within this server's limits."""

from __future__ import annotations

from models.experiment import Experiment
from models.network import Check, check
from models.problems import Problem
from server.errors import Invalid, Place


def sound(experiment: Experiment, max_parameters: int) -> Check:
    """The experiment's report; raises Invalid, with the node of each fault, when it has problems or is too large."""
    if not experiment.dataset.available():
        message = (
            f"the dataset {experiment.dataset.op} is not on this machine; fetch it by POST /api/datasets/{experiment.dataset.op}/fetch"
        )
        raise Invalid(message, [Place(path=["experiment", "dataset"], field="dataset", message=message)], code="missing_data")
    report = check(experiment)
    places = [_place(experiment, problem) for problem in report.problems]
    if not places and report.parameters > max_parameters:
        largest = max(report.nodes, key=lambda node: report.nodes[node].parameters)
        message = (
            f"the network has {report.parameters:,} parameters and this server takes {max_parameters:,}; make its largest layer smaller"
        )
        places.append(Place(path=["experiment", "network", _index(experiment, largest)], node=largest, message=message))
    if places:
        raise Invalid(
            "; ".join(f"{place.node}: {place.message}" if place.node else place.message for place in places[:3]), places, code="unsound"
        )
    return report


def _place(experiment: Experiment, problem: Problem) -> Place:
    message = problem.message.en + (f" {problem.hint.en}" if problem.hint else "")
    if problem.node is None:
        return Place(path=["experiment", "training", *([problem.field] if problem.field else [])], field=problem.field, message=message)
    path: list[str | int] = ["experiment", "network", _index(experiment, problem.node)]
    if problem.field == "inputs":
        path.append("inputs")
    elif problem.field:
        path += ["layer", problem.field]
    return Place(path=path, node=problem.node, field=problem.field, message=message)


def _index(experiment: Experiment, node_id: str) -> int:
    return next(position for position, node in enumerate(experiment.network) if node.id == node_id)
