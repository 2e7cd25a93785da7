"""Checking a network: shapes, parameters, and every kind of fault at its node with words and a fix."""

from __future__ import annotations

import time
from typing import Any

import pytest
import torch
from pydantic import ValidationError

from models.experiment import Experiment
from models.network import Unsound, attribute, build, check, threads_for
from tests.models.experiments import DIGITS, SPIRAL, TINY, experiment


def nodes(*given: dict[str, Any], dataset: dict[str, Any] | None = None, **training: Any) -> Experiment:
    """An experiment from nodes as they would stand in JSON."""
    return Experiment.model_validate({"dataset": dataset or SPIRAL, "network": list(given), "training": training})


def test_shapes_and_parameters_are_those_of_torch() -> None:
    report = check(DIGITS)
    assert not report.problems
    assert report.data.shape == (1, 8, 8)
    network = build(DIGITS)
    values = network.activations(torch.zeros(3, 1, 8, 8))
    assert {name: tuple(value.shape[1:]) for name, value in values.items() if name != "data"} == {
        name: node.shape for name, node in report.nodes.items()
    }
    assert report.parameters == sum(parameter.numel() for parameter in network.parameters())


def test_a_dataset_alone_trains() -> None:
    for op in ("spiral", "digits", "iris", "diabetes"):
        assert not check(Experiment.model_validate({"dataset": {"op": op}})).problems


def test_an_image_before_a_dense_layer_is_mended_by_flatten() -> None:
    problem = check(experiment({"op": "digits"}, {"op": "dense"})).problems[0]
    assert problem.node == "n0"
    assert "image" in problem.message.en
    assert "图像" in problem.message.zh
    assert problem.fix is not None
    assert (problem.fix.op, problem.fix.value, problem.fix.after, problem.fix.before) == ("insert", {"op": "flatten"}, "data", "n0")


@pytest.mark.parametrize(
    ("dataset", "before", "layer", "proposed"),
    [
        ("digits", [], "gru", "rows_as_time"),
        ("digits", [], "transformer_block", "rows_as_time"),
        ("iris", [], "lstm", "to_sequence"),
        ("digits", ["flatten"], "conv2d", "to_image"),
        ("digits", ["rows_as_time"], "max_pool2d", "to_image"),
        ("digits", [], "dense", "flatten"),
    ],
)
def test_an_input_of_another_kind_is_mended_by_one_layer(dataset: str, before: list[str], layer: str, proposed: str) -> None:
    ops = [*before, layer]
    problem = check(experiment({"op": dataset}, *[{"op": op} for op in ops])).problems[0]
    assert problem.node == f"n{len(before)}"
    assert problem.fix is not None
    assert problem.fix.value == {"op": proposed}
    assert not check(experiment({"op": dataset}, *[{"op": op} for op in [*before, proposed, layer]])).problems


def test_who_needs_a_sequence_says_what_one_is() -> None:
    message = check(experiment({"op": "digits"}, {"op": "gru"})).problems[0].message
    assert message.en == "GRU needs a sequence (time, features); it gets an image (channels 1, height 8, width 8)."
    assert message.zh == "“门控循环层（GRU）”需要一个序列（时间、特征），收到的却是一幅图像（1×8×8）。"


def test_another_value_of_a_field_is_one_click() -> None:
    problem = check(experiment({"op": "digits"}, {"op": "rows_as_time"}, {"op": "self_attention", "heads": 3})).problems[0]
    assert (problem.node, problem.field) == ("n1", "heads")
    assert problem.fix is not None
    assert (problem.fix.op, problem.fix.path, problem.fix.value) == ("set", ("network", "n1", "heads"), 2)


def test_recurrent_work_counts_at_every_step() -> None:
    for give in ("last", "all"):
        report = check(experiment({"op": "digits"}, {"op": "rows_as_time"}, {"op": "rnn", "units": 4, "give": give}))
        assert report.operations == 8 * (8 * 4 + 4 * 4) + (4 if give == "last" else 32) * 10


DENSE = {"op": "dense", "units": 4}
OUT = {"id": "out", "layer": {"op": "output"}}


@pytest.mark.parametrize(
    ("network", "node", "words"),
    [
        ([{"id": "a", "layer": DENSE, "inputs": ["b"]}, {"id": "b", "layer": DENSE}, OUT], "a", "circle"),
        ([{"id": "a", "layer": DENSE, "inputs": ["a"]}, OUT], "a", "circle"),
        ([{"id": "a", "layer": DENSE, "inputs": ["nowhere"]}, OUT], "a", "not in the network"),
        ([{"id": "a", "layer": DENSE}], "a", "no output"),
        ([OUT, {"id": "two", "layer": {"op": "output"}, "inputs": ["data"]}], "two", "more than one output"),
        ([{"id": "a", "layer": DENSE}, {"id": "out", "layer": {"op": "output"}, "inputs": ["data"]}], "a", "leads nowhere"),
        ([{"id": "a", "layer": {"op": "add"}}, OUT], "a", "two or more inputs"),
        ([{"id": "a", "layer": DENSE}, {"id": "b", "layer": DENSE, "inputs": ["a", "data"]}, OUT], "b", "takes one input"),
        ([{"id": "a", "layer": DENSE}, {"id": "b", "layer": {"op": "add"}, "inputs": ["a", "data"]}, OUT], "b", ""),
        ([{"id": "a", "layer": {"op": "conv2d"}}, OUT], "a", "needs an image"),
    ],
)
def test_each_fault_is_told_at_its_node(network: list[dict[str, Any]], node: str, words: str) -> None:
    faulty = nodes(*network)
    told = [problem for problem in check(faulty).problems if problem.node == node]
    assert told
    assert any(words in problem.message.en for problem in told)
    assert all(problem.message.zh for problem in told)
    with pytest.raises(Unsound):
        build(faulty)


def test_a_loss_that_does_not_suit_the_task_is_told() -> None:
    problem = check(experiment({"op": "diabetes"}, loss={"op": "hinge"})).problems[0]
    assert (problem.node, problem.field) == (None, "loss")
    assert problem.fix is not None


def test_batch_norm_needs_two_examples() -> None:
    assert check(experiment(SPIRAL, {"op": "dense"}, {"op": "batch_norm"}, batch_size=1)).problems


@pytest.mark.parametrize(
    "document",
    [
        {"dataset": {"op": "exec"}},
        {"dataset": SPIRAL, "unknown": 1},
        {"dataset": SPIRAL, "network": [{"id": "a", "layer": {"op": "__class__"}}]},
        {"dataset": SPIRAL, "network": [{"id": "a", "layer": {"op": "dense", "units": 10**9}}, OUT]},
        {"dataset": SPIRAL, "network": [{"id": "a", "layer": {"op": "dense", "units": -1}}, OUT]},
        {"dataset": SPIRAL, "network": [{"id": "a", "layer": {"op": "dropout", "rate": float("nan")}}, OUT]},
        {"dataset": SPIRAL, "network": [{"id": "a", "layer": DENSE}, {"id": "a", "layer": DENSE}, OUT]},
        {"dataset": SPIRAL, "network": [{"id": "data", "layer": DENSE}, OUT]},
        {"dataset": SPIRAL, "network": []},
        {"dataset": SPIRAL, "network": [{"id": f"n{place}", "layer": {"op": "tanh"}} for place in range(10_000)]},
        {"dataset": SPIRAL, "version": 2},
        {"dataset": SPIRAL, "training": {"optimizer": {"op": "adam", "lr": float("inf")}}},
    ],
)
def test_what_is_no_experiment_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Experiment.model_validate(document)


def test_names_that_python_or_torch_have_already_are_safe() -> None:
    chosen = nodes({"id": "class", "layer": DENSE}, {"id": "forward", "layer": {"op": "tanh"}}, {"id": "type", "layer": DENSE}, OUT)
    assert attribute("class") == "class_"
    assert build(chosen)(torch.zeros(2, 2)).shape == (2, 1)


def test_small_work_takes_one_thread_and_large_work_all_cores_but_one() -> None:
    assert threads_for(TINY, 8) == 1
    large = experiment({"op": "mnist"}, {"op": "conv2d", "filters": 32}, {"op": "conv2d", "filters": 32}, batch_size=64)
    assert [threads_for(large, cores) for cores in (1, 2, 4, 64)] == [1, 1, 3, 8]


@pytest.mark.parametrize("op", ["rnn", "gru", "lstm"])
def test_a_long_sequence_is_checked_at_once(op: str) -> None:
    """Without going through its steps one by one, and with the shapes that a network really gives."""
    stack: list[dict[str, Any]] = [
        {"op": "rows_as_time"},
        *[{"op": op, "layers": 2, "both_directions": True, "give": give} for give in ("all", "last")],
    ]
    short = experiment({"op": "digits"}, *stack)
    values = build(short).activations(torch.zeros(3, 1, 8, 8))
    assert {name: tuple(values[name].shape[1:]) for name in values if name != "data"} == {
        name: node.shape for name, node in check(short).nodes.items()
    }
    began = time.process_time()
    report = check(experiment({"op": "digits"}, {"op": "flatten"}, {"op": "dense", "units": 4096}, {"op": "to_sequence"}, *stack[1:]))
    assert not report.problems
    assert time.process_time() - began < 1
