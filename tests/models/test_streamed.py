"""Examples that are read ahead of the steps give the numbers of examples that lie in memory."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

import models.data
from models.data import Examples, load
from models.learner import Learner
from models.streamed import Window
from tests.models.experiments import experiment
from tests.models.test_traced import CONV, DIGITS, assert_same, everything

CHOSEN = experiment(DIGITS, CONV, {"op": "relu"}, {"op": "dropout"}, batch_size=32, epochs=2)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def test_only_bytes_that_are_too_many_are_streamed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not load(CHOSEN.dataset).streamed
    monkeypatch.setattr(models.data, "budget", lambda _device: 1000)
    assert load.__wrapped__(CHOSEN.dataset).streamed
    assert not load.__wrapped__(experiment({"op": "iris"}).dataset).streamed


@pytest.mark.parametrize("traced_after", [None, 3])
def test_every_number_is_that_of_a_run_in_memory(traced_after: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.streamed.MOST", 5)
    data = load(CHOSEN.dataset)
    seen: list[list[Tensor]] = []
    for streamed in (False, True):
        learner = Learner(CHOSEN, replace(data, streamed=streamed), "cpu", traced_after)
        seen.append([learner.step() for _ in range(learner.steps)])
        seen[-1] += everything(learner)
    assert_same(*seen)


def test_a_run_goes_on_in_the_middle_of_an_epoch() -> None:
    data = replace(load(CHOSEN.dataset), streamed=True)
    first = Learner(CHOSEN, data, "cpu")
    for _ in range(9):
        first.step()
    snapshot = replace(first.snapshot(), tensors={name: tensor.clone() for name, tensor in first.snapshot().tensors.items()})
    expected = [first.step() for _ in range(40)]
    second = Learner(CHOSEN, data, "cpu")
    second.restore(snapshot)
    assert_same([second.step() for _ in range(40)], expected)


def test_what_cannot_be_read_stops_the_step() -> None:
    window = Window(Examples(torch.zeros(10, 4, dtype=torch.uint8), torch.zeros(10, dtype=torch.int64)), 2)
    window.begin([torch.tensor([1, 2]), torch.tensor([3, 400])])
    window.wait(0)
    with pytest.raises(IndexError):
        window.wait(1)
    window.end()


def test_batches_lie_where_they_are_said_to_lie() -> None:
    numbers = torch.from_numpy(np.arange(40, dtype=np.uint8).reshape(20, 2))
    window = Window(Examples(numbers, torch.arange(20)), 3)
    order = list(torch.split(torch.randperm(20), 3))
    for place, where in enumerate(window.begin(order)):
        window.wait(place)
        assert torch.equal(window.inputs[where], numbers[order[place]])
        assert torch.equal(window.targets[where], order[place])
    window.end()
