"""Every loss against its formula, its gradient, extreme answers and the code that it prints."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from models import modules
from models.entry import Words
from models.losses import (
    LOSSES,
    Automatic,
    Criterion,
    CrossEntropy,
    Focal,
    Hinge,
    Huber,
    LabelSmoothing,
    MeanAbsoluteError,
    MeanSquaredError,
)
from models.task import Classification, Regression

BINARY = Classification(classes=(Words("a", "甲"), Words("b", "乙")))
THREE = Classification(classes=(Words("a", "甲"), Words("b", "乙"), Words("c", "丙")))
NUMBERS = Regression(targets=(Words("x", "x"), Words("y", "y")))

Task = Classification | Regression

CRITERIA: list[Criterion] = [
    *[loss.model_validate({}) for loss in LOSSES],
    Huber(delta=0.3),
    Focal(gamma=0.5),
    Focal(gamma=0),
    LabelSmoothing(amount=0),
]

CASES = [
    pytest.param(loss, task, id=f"{loss.op}-{number}-{name}")
    for number, loss in enumerate(CRITERIA)
    for name, task in (("binary", BINARY), ("three", THREE), ("numbers", NUMBERS))
    if task.kind in loss.tasks
]


def batch(task: Task, examples: int = 7) -> tuple[Tensor, Tensor]:
    """Random answers and truths in float64."""
    generator = torch.Generator().manual_seed(1)
    output = torch.randn(examples, task.outputs, dtype=torch.float64, generator=generator) * 2
    if isinstance(task, Regression):
        return output, torch.randn(examples, task.outputs, dtype=torch.float64, generator=generator)
    return output, torch.randint(len(task.classes), (examples,), generator=generator)


def probabilities(row: list[float]) -> list[float]:
    if len(row) == 1:
        p = 1 / (1 + math.exp(-row[0]))
        return [1 - p, p]
    total = sum(math.exp(score) for score in row)
    return [math.exp(score) / total for score in row]


def huber(distance: float, delta: float) -> float:
    return distance**2 / 2 if abs(distance) <= delta else delta * (abs(distance) - delta / 2)


def by_hand(loss: Criterion, row: list[float], truth: Any) -> float:
    """The loss of one example, written out."""
    if isinstance(truth, list):
        distances: list[float] = [answer - true for answer, true in zip(row, truth, strict=True)]
    else:
        p = probabilities(row)
        right: float = p[truth]
        distances = [share - (1 if place == truth else 0) for place, share in enumerate(p)]
    match loss:
        case Automatic():
            return by_hand(MeanSquaredError() if isinstance(truth, list) else CrossEntropy(), row, truth)
        case CrossEntropy():
            return -math.log(right)
        case MeanSquaredError():
            return sum(distance**2 for distance in distances) / len(distances)
        case MeanAbsoluteError():
            return sum(abs(distance) for distance in distances) / len(distances)
        case Huber():
            return sum(huber(distance, loss.delta) for distance in distances) / len(distances)
        case Hinge():
            if len(row) == 1:
                return max(0.0, 1 - row[0] if truth == 1 else 1 + row[0])
            return sum(max(0.0, 1 - float(row[truth]) + score) for place, score in enumerate(row) if place != truth) / len(row)
        case Focal():
            return -float((1 - right) ** loss.gamma) * math.log(right)
        case LabelSmoothing():
            spread = loss.amount / len(p)
            return -sum(((1 - loss.amount if place == truth else 0) + spread) * math.log(share) for place, share in enumerate(p))
    raise AssertionError(loss)


@pytest.mark.parametrize(("loss", "task"), CASES)
def test_value_is_the_formula_s(loss: Criterion, task: Task) -> None:
    output, target = batch(task)
    value = loss.call(task).build()(output, target)
    expected = sum(by_hand(loss, row, truth) for row, truth in zip(output.tolist(), target.tolist(), strict=True)) / len(output)
    assert value.shape == ()
    assert value.item() == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(("loss", "task"), CASES)
def test_gradient_is_the_value_s(loss: Criterion, task: Task) -> None:
    output, target = batch(task)
    module = loss.call(task).build()
    torch.autograd.gradcheck(lambda answers: module(answers, target), output.requires_grad_())


@pytest.mark.parametrize(("loss", "task"), CASES)
@pytest.mark.parametrize("size", [0.0, 1.0, 200.0, 1e6])
def test_extreme_answers_stay_finite(loss: Criterion, task: Task, size: float) -> None:
    output, target = batch(task)
    output = (output.sign() * size).float().requires_grad_()
    value = loss.call(task).build()(output, target if target.dtype == torch.int64 else target.float())
    value.backward()
    assert value.isfinite()
    assert output.grad is not None
    assert output.grad.isfinite().all()


@pytest.mark.parametrize(("loss", "task"), CASES)
def test_code_makes_the_same_loss_and_repeats_it(loss: Criterion, task: Task) -> None:
    output, target = batch(task)
    call = loss.call(task)
    printed = eval(call.code(), {"torch": torch, "nn": nn, **vars(modules)})
    assert torch.equal(printed(output, target), call.build()(output, target))


def test_automatic_is_the_usual_choice() -> None:
    assert Automatic().call(BINARY).code() == "BinaryCrossEntropy()"
    assert Automatic().call(THREE).code() == "nn.CrossEntropyLoss()"
    assert Automatic().call(NUMBERS).code() == "nn.MSELoss()"
    assert MeanSquaredError().call(THREE).code() == "OnProbabilities(nn.MSELoss())"
    assert Huber(delta=0.5).call(NUMBERS).code() == "nn.HuberLoss(delta=0.5)"


@pytest.mark.parametrize("task", [BINARY, THREE])
def test_focal_without_gamma_is_cross_entropy(task: Classification) -> None:
    output, target = batch(task)
    torch.testing.assert_close(Focal(gamma=0).call(task).build()(output, target), CrossEntropy().call(task).build()(output, target))


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.__name__)
def test_words_are_complete_in_both_languages(loss: type[Criterion]) -> None:
    texts = [loss.title, loss.group, loss.summary(), loss.help()]
    labels, descriptions = loss.all_labels(), loss.descriptions()
    assert set(labels) == set(loss.model_fields) - {"op"}
    texts += [Words(descriptions.get(name, ""), labels[name].help_zh) for name in labels]
    assert all(words.en and words.zh for words in texts)
