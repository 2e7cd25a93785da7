"""Learning without labels: codes, what they become, a generator against its judge, and what they say to those who ask."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from torch import nn

from models import modules
from models.adversarial_learner import AdversarialLearner, judge_nodes
from models.baselines import baseline
from models.data import load
from models.draw import draw, scene_of
from models.experiment import Experiment
from models.learner import Learner
from models.learning import learner_for
from models.network import check
from models.pictures import Heatmap, Images, Points
from models.predict import predict
from models.question import Question, Unfit
from models.views.codes import Codes, Decoded, Reconstructions
from models.views.generation import Made
from models.views.latent import agreement, clusters, components, narrowest, numbers_of
from models.views.layers import Activations
from models.views.plane import Neurons, Surface
from models.views.view import Unseen
from tests.models.experiments import ADVERSARIAL, DENOISING, SPIRAL, TINY, VARIATIONAL, experiment, layers

DENSE, TANH = {"op": "dense", "units": 6}, {"op": "tanh"}
PICTURED = experiment(
    {"op": "digits"},
    {"op": "flatten"},
    DENSE,
    {"op": "sampling"},
    DENSE,
    TANH,
    method={"op": "reconstruct"},
)


def adversarial(*stack: dict[str, Any], **training: Any) -> Experiment:
    return experiment({"op": "ring", "samples": 160}, *stack, **{"method": {"op": "adversarial"}, **training})


def test_sampling_is_the_mean_afterwards_and_its_penalty_the_divergence() -> None:
    torch.manual_seed(0)
    layer = modules.Sampling(5, 3, weight=0.5)
    inputs = torch.randn(1000, 5)
    drawn = layer(inputs)
    mean, variance = layer.mean(inputs), layer.logarithm(inputs).exp()
    normal = torch.distributions.Normal
    expected = torch.distributions.kl_divergence(normal(mean, variance.sqrt()), normal(0.0, 1.0)).sum(dim=1).mean()
    assert torch.allclose(layer.penalty(), 0.5 * expected, atol=1e-5)
    assert torch.allclose(((drawn - mean).square() / variance).mean(), torch.tensor(1.0), atol=0.1)
    layer.eval()
    assert torch.equal(layer(inputs), mean)


def test_the_network_gives_back_what_is_clean() -> None:
    learner = Learner(DENOISING, load(DENOISING.dataset), "cpu")
    given, wanted = learner.method.pose(torch.zeros(500, 4), torch.zeros(500), True)
    assert torch.equal(wanted, torch.zeros(500, 4))
    assert given.std() == pytest.approx(0.5, abs=0.05)
    assert torch.equal(learner.method.pose(wanted, wanted, False)[0], wanted)


def test_the_narrowest_place_is_where_all_goes_through() -> None:
    assert narrowest(VARIATIONAL) == "n2"
    assert numbers_of(VARIATIONAL) == 2
    assert narrowest(PICTURED) == "n2"
    assert narrowest(experiment(SPIRAL, method={"op": "reconstruct"})) is None
    bridge = layers(DENSE, {"op": "dense", "units": 1}, DENSE, {"op": "concatenate"}, {"op": "dense", "units": 7})
    bridge[3]["inputs"] = ["n0", "n2"]
    around = Experiment.model_validate({"dataset": SPIRAL, "network": bridge, "training": {"method": {"op": "reconstruct"}}})
    assert narrowest(around) == "n0"


def test_codes_become_what_the_network_gives_back() -> None:
    scene = scene_of(PICTURED, None)
    inputs = scene.data.validation.inputs[:7]
    codes = scene.activations(inputs)["n2"]
    answers = predict(PICTURED, Learner(PICTURED, scene.data, "cpu").snapshot(), Question(code=codes.tolist()))
    back = predict(
        PICTURED, Learner(PICTURED, scene.data, "cpu").snapshot(), Question(inputs=scene.data.raw_validation_inputs[:7, 0].tolist())
    )
    assert answers.given is not None
    assert back.given is not None
    assert answers.given.pixels == back.given.pixels
    assert back.seen is not None
    assert back.seen.pixels == scene.data.raw_validation_inputs[:7].tobytes()


@pytest.mark.parametrize(
    ("chosen", "question", "said"),
    [
        (PICTURED, Question(code=[[0.0]]), "2 numbers"),
        (TINY, Question(code=[[0.0]]), "gives examples back"),
    ],
)
def test_a_code_that_does_not_fit_is_refused(chosen: Experiment, question: Question, said: str) -> None:
    with pytest.raises(Unfit, match=said):
        predict(chosen, Learner(chosen, load(chosen.dataset), "cpu").snapshot(), question)


def test_components_are_those_of_scikit_learn() -> None:
    table = load_iris().data
    theirs = PCA(2).fit_transform(table)
    ours = components(torch.from_numpy(table), 2).numpy()
    assert np.abs(ours) == pytest.approx(np.abs(theirs), abs=1e-4)


def test_clusters_of_clouds_are_the_clouds() -> None:
    data = load(Experiment.model_validate({"dataset": {"op": "ring", "clouds": 5, "noise": 0.0}}).dataset)
    found = clusters(data.validation.inputs, 5)
    assert agreement(found, data.validation.targets, 5) == 1.0
    assert torch.equal(found, clusters(data.validation.inputs, 5))
    assert agreement(torch.zeros_like(found), data.validation.targets, 5) < 0.35
    assert len(set(clusters(torch.zeros(9, 2), 3).tolist())) == 1


def test_what_is_given_back_is_shown() -> None:
    rows = draw(DENOISING, None, [Reconstructions(count=4)])[0]
    assert isinstance(rows, Images)
    assert [row.en for row in rows.rows] == ["original", "disturbed", "given back"]
    assert (rows.columns, len(rows.tiles), len(rows.pixels)) == (4, 12, 12 * 64)
    assert rows.pixels[: 4 * 64] == load(DENOISING.dataset).raw_validation_inputs[:4].tobytes()
    assert rows.pixels[4 * 64 : 8 * 64] != rows.pixels[: 4 * 64]
    pairs = draw(experiment(SPIRAL, DENSE, method={"op": "reconstruct"}), None, [Reconstructions()])[0]
    assert isinstance(pairs, Points)
    assert pairs.groups is not None
    assert len(pairs.x) == 2 * 60
    numbers = draw(VARIATIONAL, None, [Reconstructions()])[0]
    assert isinstance(numbers, Heatmap)
    assert [plane.label.en for plane in numbers.planes if plane.label] == ["original", "given back"]


@pytest.mark.parametrize("width", [1, 2, 5])
def test_codes_are_a_map_with_the_hidden_labels(width: int) -> None:
    chosen = experiment({"op": "wine"}, {"op": "dense", "units": width}, method={"op": "reconstruct"})
    picture = draw(chosen, None, [Codes()])[0]
    assert isinstance(picture, Points)
    labels = load(chosen.dataset).validation.targets
    assert list(picture.value) == labels.tolist()
    assert picture.clusters is not None
    assert len(picture.clusters) == len(picture.x) == len(labels)
    assert 1 / 3 <= (picture.agreement or 0) <= 1


def test_a_map_of_numbers_to_estimate_has_no_classes() -> None:
    chosen = experiment({"op": "diabetes"}, {"op": "dense", "units": 2}, method={"op": "reconstruct"})
    picture = draw(chosen, None, [Codes()])[0]
    assert isinstance(picture, Points)
    assert (picture.value, picture.clusters, picture.agreement) == ((), None, None)


def test_a_grid_of_codes_is_decoded() -> None:
    grid = draw(PICTURED, None, [Decoded(cells=5)])[0]
    assert isinstance(grid, Images)
    corner = predict(PICTURED, Learner(PICTURED, load(PICTURED.dataset), "cpu").snapshot(), Question(code=[[-2.5, 2.5]])).given
    assert corner is not None
    assert grid.pixels[:64] == corner.pixels
    with pytest.raises(Unseen):
        draw(VARIATIONAL, None, [Decoded()])


def test_principal_components_are_the_mark_to_pass() -> None:
    chosen = experiment({"op": "wine"}, {"op": "dense", "units": 2}, method={"op": "reconstruct"})
    found = baseline(chosen)
    assert found is not None
    data = load(chosen.dataset)
    theirs = PCA(2).fit(data.training.inputs.numpy())
    back = theirs.inverse_transform(theirs.transform(data.validation.inputs.numpy()))
    assert found.metrics.loss == pytest.approx(float(((back - data.validation.inputs.numpy()) ** 2).mean()), rel=1e-4)
    assert baseline(experiment({"op": "wine"}, method={"op": "reconstruct"})) is None
    # A code as wide as an example could be a copy of it: no mark at all.
    assert baseline(experiment({"op": "wine"}, {"op": "dense", "units": 13}, method={"op": "reconstruct"})) is None


# A generator and its judge


def test_each_half_learns_from_its_own_loss() -> None:
    data = load(ADVERSARIAL.dataset)
    learner = learner_for(ADVERSARIAL, data, "cpu")
    assert isinstance(learner, AdversarialLearner)
    assert judge_nodes(learner.network, "n3") == {"n4", "n5", "n6", "out"}
    assert {id(one) for one in [*learner.generating, *learner.judging]} == {id(one) for one in learner.parameters}
    assert len(learner.generating) == 6
    before = [parameter.clone() for parameter in learner.parameters]
    learner.step()
    assert all(not torch.equal(one, other) for one, other in zip(before, learner.parameters, strict=True))
    assert learner.last_gradient_norm() is not None


def test_the_first_step_is_that_of_plain_torch() -> None:
    chosen = adversarial(DENSE, TANH, {"op": "example"}, DENSE, TANH, batch_size=20)
    data = load(chosen.dataset)
    learner = learner_for(chosen, data, "cpu")
    torch.manual_seed(chosen.training.weights_seed)
    generator = nn.Sequential(nn.Linear(8, 6), nn.Tanh(), nn.Linear(6, 2))
    judge = nn.Sequential(nn.Linear(2, 6), nn.Tanh(), nn.Linear(6, 1))
    theirs = [torch.optim.Adam(half.parameters(), lr=chosen.training.optimizer.lr) for half in (judge, generator)]
    order = torch.randperm(len(data.training), generator=torch.Generator().manual_seed(chosen.training.seed))[:20]
    torch.manual_seed(chosen.training.seed)
    real, loss = data.training.inputs[order], nn.BCEWithLogitsLoss()
    scores = judge(real), judge(generator(torch.randn(20, 8)).detach())
    judged = (loss(scores[0], torch.ones(20, 1)) + loss(scores[1], torch.zeros(20, 1))) / 2
    judged.backward()
    theirs[0].step()
    (-nn.functional.logsigmoid(judge(generator(torch.randn(20, 8))))).mean().backward()  # type: ignore[no-untyped-call]
    theirs[1].step()
    torch.manual_seed(chosen.training.seed)
    assert learner.step().item() == pytest.approx(judged.item(), abs=1e-6)
    for ours, other in zip(learner.parameters, [*generator.parameters(), *judge.parameters()], strict=True):
        assert torch.allclose(ours, other, atol=1e-6)


def test_coverage_is_honest() -> None:
    """Real examples cover everything, those of one class one class, and what lies between the classes none."""
    data = load(ADVERSARIAL.dataset)
    learner = learner_for(ADVERSARIAL, data, "cpu")
    of_training, of_validation = learner.evaluations()
    real = data.training.inputs
    for made, expected in ((real, 1.0), (real[data.training.targets == 3], 1 / 8), (torch.zeros(1, 2), 0.0)):
        learner.make = lambda noise, made=made: made[torch.arange(len(noise)) % len(made)]  # type: ignore[attr-defined]
        assert of_validation().coverage == expected
        assert of_training().coverage == expected


def test_looking_does_not_disturb_the_learning() -> None:
    learners = [learner_for(ADVERSARIAL, load(ADVERSARIAL.dataset), "cpu") for _ in range(2)]
    for learner in learners:
        torch.manual_seed(0)
        losses = []
        for _ in range(6):
            losses.append(learner.step().item())
            if learner is learners[0]:
                for measure in learner.evaluations():
                    measure()
    assert all(torch.equal(one, other) for one, other in zip(learners[0].parameters, learners[1].parameters, strict=True))


@pytest.mark.parametrize(
    ("stack", "training", "node"),
    [
        ((DENSE,), {}, "out"),
        (({"op": "example"}, {"op": "example"}, DENSE), {}, "n1"),
        ((DENSE, {"op": "example"}, DENSE), {"patience": 3}, None),
    ],
)
def test_a_network_that_cannot_be_divided_says_so(stack: tuple[dict[str, Any], ...], training: dict[str, Any], node: str | None) -> None:
    problems = check(adversarial(*stack, **training)).problems
    assert node in [problem.node for problem in problems]
    assert all(problem.message.zh and problem.hint for problem in problems)


def test_a_judge_sees_nothing_but_the_example() -> None:
    network = layers(DENSE, {"op": "example"}, DENSE, {"op": "concatenate"})
    network[3]["inputs"] = ["n2", "n0"]
    document = {"dataset": {"op": "ring"}, "network": network, "training": {"method": {"op": "adversarial"}}}
    assert [problem.node for problem in check(Experiment.model_validate(document)).problems] == ["n3"]


def test_what_is_made_is_shown_and_judged() -> None:
    points = draw(ADVERSARIAL, None, [Made()])[0]
    assert isinstance(points, Points)
    assert set(points.value) == {0.0, 1.0}
    for view in (Surface(), Neurons(), Activations()):
        assert isinstance(draw(ADVERSARIAL, None, [view])[0], Heatmap)
    painting = experiment({"op": "digits"}, DENSE, {"op": "example"}, {"op": "flatten"}, DENSE, method={"op": "adversarial"})
    images = draw(painting, None, [Made(count=30)])[0]
    assert isinstance(images, Images)
    assert (images.columns, len(images.pixels)) == (10, 30 * 64)
    snapshot = learner_for(ADVERSARIAL, load(ADVERSARIAL.dataset), "cpu").snapshot()
    judged = predict(ADVERSARIAL, snapshot, Question(inputs=[[0.0, 4.0]])).answers[0]
    assert judged.label is not None
    assert sum(share or 0 for share in judged.probabilities or ()) == pytest.approx(1)
    made = predict(ADVERSARIAL, snapshot, Question(code=[[0.0, 1.0, -1.0]])).answers[0]
    assert len(made.value or ()) == 2
