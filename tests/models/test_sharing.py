"""Layers that share their weights: as in plain torch, each weight counted, penalised, moved and kept once; and what cannot be shared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from models.checkpoint import read, write
from models.data import load
from models.experiment import Experiment
from models.export import pytorch_script
from models.learner import Learner
from models.memory import needed
from models.network import build, check
from models.problems import Problem
from tests.models.experiments import SHARING, SPIRAL, TWINS


def changed(chosen: Experiment, node: str, **layer: Any) -> Experiment:
    """With other settings in a layer."""
    document = chosen.model_dump(mode="json")
    for one in document["network"]:
        if one["id"] == node:
            one["layer"].update(layer)
    return Experiment.model_validate(document)


def apart(chosen: Experiment) -> Experiment:
    """With weights of their own everywhere."""
    document = chosen.model_dump(mode="json")
    for node in document["network"]:
        node["shares"] = None
    return Experiment.model_validate(document)


class Plain(nn.Module):
    """The network of `SHARING`, as one writes it in torch."""

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.encoder = nn.Embedding(vocabulary, 6, padding_idx=0)
        self.between = nn.Linear(6, 6)
        self.decoder = nn.Linear(6, vocabulary)
        self.decoder.weight = self.encoder.weight

    def forward(self, tokens: Tensor) -> Tensor:
        answer: Tensor = self.decoder(torch.tanh(self.between(self.encoder(tokens))))
        return answer


def test_an_output_that_shares_with_its_embedding_learns_as_in_plain_torch() -> None:
    data = load(SHARING.dataset)
    learner = Learner(SHARING, data, "cpu", traced_after=2)
    torch.manual_seed(SHARING.training.weights_seed)
    plain = Plain(learner.network.layer("out").weight.shape[0])  # type: ignore[index,arg-type]
    assert len(list(plain.parameters())) == len(learner.parameters) == 4
    optimizer = torch.optim.SGD(plain.parameters(), lr=0.1)
    shuffle = torch.Generator().manual_seed(SHARING.training.seed)
    order = torch.split(torch.randperm(len(data.training), generator=shuffle), SHARING.training.batch_size)
    for batch in order[:6]:
        loss = nn.functional.cross_entropy(plain(data.training.inputs[batch]).flatten(0, 1), data.training.targets[batch].flatten())
        penalty = SHARING.training.l2 * sum(weight.square().sum() for weight in plain.parameters() if weight.dim() > 1)
        optimizer.zero_grad()
        (loss + penalty).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        assert learner.step().item() == loss.item()
    for own, theirs in zip(learner.parameters, plain.parameters(), strict=True):
        assert torch.equal(own, theirs)


def test_the_gradient_is_the_sum_of_what_both_uses_ask_for() -> None:
    data = load(SHARING.dataset)
    inputs, targets = data.training.inputs[:8], data.training.targets[:8]
    together, separate = build(SHARING), build(apart(SHARING))
    separate.load_state_dict(together.state_dict())
    for network in (together, separate):
        nn.functional.cross_entropy(network(inputs).flatten(0, 1), targets.flatten()).backward()  # type: ignore[no-untyped-call]

    def gradient(network: nn.Module, name: str) -> Tensor:
        found = network.get_parameter(name).grad
        assert found is not None
        return found

    parts = [gradient(separate, name) for name in ("encoder.weight", "out.weight")]
    assert all(part.abs().sum() > 0 for part in parts)
    torch.testing.assert_close(gradient(together, "encoder.weight"), parts[0] + parts[1])


def test_both_branches_of_two_are_one_and_stay_one() -> None:
    learner = Learner(TWINS, load(TWINS.dataset), "cpu", traced_after=3)
    for _ in range(8):
        learner.step()
    left, right = learner.network.layer("left"), learner.network.layer("right")
    assert left is not right
    assert all(one is other for one, other in zip(left.parameters(), right.parameters(), strict=True))
    inputs = torch.randn(5, 3, 2)
    assert torch.equal(left(inputs), right(inputs))


@pytest.mark.parametrize("chosen", [SHARING, TWINS], ids=["output", "branches"])
def test_what_is_shared_counts_once(chosen: Experiment) -> None:
    report, separate = check(chosen), check(apart(chosen))
    assert not report.problems
    assert report.parameters == sum(parameter.numel() for parameter in build(chosen).parameters()) < separate.parameters
    assert report.operations == separate.operations
    assert needed(chosen).weights < needed(apart(chosen)).weights
    [node] = [node for node in chosen.network if node.shares]
    assert node.shares in separate.nodes[node.id].sharable
    assert report.nodes[node.id].parameters == separate.nodes[node.id].parameters - sum(
        parameter.numel() for name, parameter in build(chosen).layer(node.id).named_parameters() if name in _common(chosen)
    )


def _common(chosen: Experiment) -> set[str]:
    [node] = [node for node in chosen.network if node.shares]
    network = build(chosen)
    return {name for name, _ in network.layer(node.shares or "").named_parameters()}


def test_a_checkpoint_has_the_weights_under_both_names(tmp_path: Path) -> None:
    learner = Learner(SHARING, load(SHARING.dataset), "cpu")
    learner.step()
    write(learner.snapshot(), tmp_path / "snapshot")
    kept = read(tmp_path / "snapshot")
    assert torch.equal(kept.tensors["network.out.weight"], kept.tensors["network.encoder.weight"])
    other = Learner(SHARING, load(SHARING.dataset), "cpu")
    other.restore(kept)
    assert other.network.get_parameter("out.weight") is other.network.get_parameter("encoder.weight")
    assert other.step().item() == learner.step().item()


def test_the_script_says_it() -> None:
    assert "        share(self.out, self.encoder)\n" in pytorch_script(SHARING)
    assert "share(" not in pytorch_script(apart(SHARING))


def told(chosen: Experiment, node: str) -> Problem:
    found = next(problem for problem in check(chosen).problems if problem.node == node)
    assert found.message.zh
    assert found.hint is not None
    return found


def pair(first: dict[str, Any], second: dict[str, Any], shares: str = "a", **training: Any) -> Experiment:
    network = [{"id": "a", "layer": first}, {"id": "b", "layer": second, "shares": shares}, {"id": "out", "layer": {"op": "output"}}]
    return Experiment.model_validate({"dataset": SPIRAL, "network": network, "training": training})


DENSE = {"op": "dense", "units": 2}


@pytest.mark.parametrize(
    ("first", "second", "shares", "words"),
    [
        (DENSE, DENSE, "nobody", "no layer before it is called that"),
        (DENSE, DENSE, "b", "no layer before it is called that"),
        (DENSE, DENSE, "out", "no layer before it is called that"),
        (DENSE, DENSE, "data", "no layer before it is called that"),
        (DENSE, {"op": "tanh"}, "a", "nothing to share"),
        (DENSE, {"op": "dense", "units": 5}, "a", "its own are 5×2, those are 2×2"),
        (DENSE, {"op": "batch_norm"}, "a", "its own are 2, those are 2×2"),
    ],
)
def test_what_cannot_be_shared_is_told_and_given_up_by_one_click(
    first: dict[str, Any], second: dict[str, Any], shares: str, words: str
) -> None:
    problem = told(pair(first, second, shares), "b")
    assert words in problem.message.en
    assert (problem.field, problem.fix is not None) == ("shares", True)
    assert problem.fix is not None
    assert (problem.fix.op, problem.fix.path, problem.fix.value) == ("set", ("network", "b", "shares"), None)


def test_what_comes_to_an_output_is_brought_to_the_size_of_its_embedding() -> None:
    problem = told(changed(SHARING, "between", units=9), "out")
    assert "those are" in problem.message.en
    assert problem.fix is not None
    assert (problem.fix.op, problem.fix.value, problem.fix.before) == ("insert", {"op": "dense", "units": 6}, "out")


def test_a_generator_and_its_judge_share_nothing() -> None:
    network = [
        {"id": "a", "layer": {"op": "dense", "units": 4}},
        {"id": "made", "layer": {"op": "example"}},
        {"id": "b", "layer": {"op": "dense", "units": 4}, "shares": "a"},
        {"id": "out", "layer": {"op": "output"}},
    ]
    document = {"dataset": {"op": "ring"}, "network": network, "training": {"method": {"op": "adversarial", "noise": 2}}}
    assert "against each other" in told(Experiment.model_validate(document), "b").message.en


def test_layer_by_layer_shares_nothing() -> None:
    assert "stays as it is" in told(pair(DENSE, DENSE, method={"op": "layer_by_layer"}), "b").message.en


def test_layers_of_a_generator_may_share() -> None:
    network = [
        {"id": "a", "layer": {"op": "dense", "units": 2}},
        {"id": "b", "layer": {"op": "dense", "units": 2}, "shares": "a"},
        {"id": "made", "layer": {"op": "example"}},
        {"id": "out", "layer": {"op": "output"}},
    ]
    chosen = Experiment.model_validate(
        {"dataset": {"op": "ring"}, "network": network, "training": {"method": {"op": "adversarial", "noise": 2}}}
    )
    from models.adversarial_learner import AdversarialLearner

    learner = AdversarialLearner(chosen, load(chosen.dataset), "cpu")
    assert len(learner.generating) == len({id(parameter) for parameter in learner.generating}) == 2
    learner.step()
    assert learner.network.get_parameter("b.weight") is learner.network.get_parameter("a.weight")
