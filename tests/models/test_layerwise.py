"""Layer by layer: what learns, what stays as it is, what is measured, and which networks have no order."""

from __future__ import annotations

import pytest
import torch

from models.data import load
from models.evaluation import evaluate
from models.experiment import Experiment
from models.layerwise_learner import LayerwiseLearner
from models.learning import learner_for
from models.network import check
from tests.models.experiments import LAYERWISE, SPIRAL, experiment


def learner(chosen: Experiment = LAYERWISE) -> LayerwiseLearner:
    made = learner_for(chosen, load(chosen.dataset), "cpu")
    assert isinstance(made, LayerwiseLearner)
    return made


def test_each_layer_learns_in_its_own_stage_and_never_again() -> None:
    made = learner()
    assert len(made.stages) == 4, "the convolution, its norm, the dense layer and the output"
    owners = ["n0", "n1", "n4", "out"]
    moved: dict[str, set[int]] = {owner: set() for owner in owners}
    stages = []
    for step in range(made.steps):
        stages.append(made.stage)
        before = {owner: [tensor.clone() for tensor in made.network.layer(owner).state_dict().values()] for owner in owners}
        made.step()
        for owner in owners:
            after = made.network.layer(owner).state_dict().values()
            if not all(torch.equal(one, other) for one, other in zip(before[owner], after, strict=True)):
                moved[owner].add(stages[step])
    assert moved == {"n0": {0}, "n1": {1}, "n4": {2}, "out": {3}}
    assert [stages.count(stage) for stage in range(4)] == [made.steps // 4] * 4


def test_what_is_measured_is_the_answer_of_the_stage() -> None:
    made = learner()
    training, validation = made.evaluations()
    while made.step_count < made.steps:
        made.step()
        expected = evaluate(made.stages[made.stage], made.loss, made.data, made.data.validation)
        assert validation() == expected
        assert expected.accuracy is not None
    whole = evaluate(made.network, made.loss, made.data, made.data.validation)
    assert validation() == whole, "in the last stage that is the network's own answer"
    assert training().accuracy is not None


def test_it_learns() -> None:
    chosen = experiment(
        {"op": "digits"},
        {"op": "flatten"},
        {"op": "dense", "units": 32},
        {"op": "relu"},
        {"op": "dense", "units": 16},
        {"op": "relu"},
        method={"op": "layer_by_layer"},
        optimizer={"op": "adam", "lr": 0.01},
        batch_size=32,
        epochs=9,
    )
    made = learner(chosen)
    while made.step_count < made.steps:
        made.step()
    accuracy = evaluate(made.network, made.loss, made.data, made.data.validation).accuracy
    assert accuracy is not None
    assert accuracy > 0.9


def test_a_bridge_has_no_order() -> None:
    document = experiment(SPIRAL, {"op": "dense", "units": 2}, {"op": "tanh"}, {"op": "add"}, method={"op": "layer_by_layer"}).model_dump(
        mode="json"
    )
    document["network"][2]["inputs"] = ["n0", "n1"]
    [problem] = check(Experiment.model_validate(document)).problems
    assert (problem.node, problem.field) == (None, "method")
    assert "“n2” takes its input from elsewhere" in problem.message.en
    assert problem.message.zh
    assert problem.fix is not None
    assert problem.fix.value == {"op": "supervised"}


def test_tokens_to_foretell_are_refused() -> None:
    chosen = experiment({"op": "writing"}, {"op": "embedding"}, {"op": "gru", "give": "all"}, method={"op": "layer_by_layer"})
    assert any(problem.field == "method" and "asks for something else" in problem.message.en for problem in check(chosen).problems)


@pytest.mark.parametrize("epochs", [1, 2])
def test_few_steps_are_shared_as_well_as_they_can_be(epochs: int) -> None:
    made = learner(LAYERWISE.model_copy(update={"training": LAYERWISE.training.model_copy(update={"epochs": epochs, "batch_size": 4000})}))
    assert made.steps == epochs
    while made.step_count < made.steps:
        made.step()
    assert made.stage == 3
