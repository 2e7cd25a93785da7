"""The columns of losses: exact at first, honestly thinned later."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from models.columns import DENSE_STEPS, Columns, stride_at
from models.evaluation import evaluation_steps
from models.learner import batches, steps_per_epoch


def test_every_step_is_kept_at_first() -> None:
    columns = Columns(first=0)
    for step in range(1, 11):
        columns.add(torch.tensor([float(step)]))
    progress = columns.cut(0.5, 10)
    assert progress is not None
    assert progress.step == tuple(range(1, 11))
    assert progress.loss == tuple(map(float, range(1, 11)))
    assert progress.low is None
    assert progress.examples_per_second == 200
    assert columns.cut(1.0, 10) is None


def test_losses_lose_nothing_in_the_log() -> None:
    columns = Columns(first=0)
    values = torch.rand(1000, generator=torch.Generator().manual_seed(0)) * 10 ** torch.linspace(-6, 3, 1000)
    for value in values:
        columns.add(value.reshape(1))
    columns.add(torch.tensor([float("nan")]))
    progress = columns.cut(1.0, 1)
    assert progress is not None
    assert torch.equal(torch.tensor(progress.loss[:-1]), values)
    assert len(str(progress.loss[500])) < 14
    assert '"loss":[' in progress.model_dump_json()
    assert progress.model_dump_json().count("null") >= 1


def test_later_an_entry_stands_for_several_steps_and_hides_no_spike() -> None:
    assert [stride_at(step) for step in (1, DENSE_STEPS, DENSE_STEPS + 1, 2 * DENSE_STEPS, 2 * DENSE_STEPS + 1)] == [1, 1, 2, 2, 4]
    columns = Columns(first=4 * DENSE_STEPS)
    for value in [1.0] * 11 + [99.0] + [1.0] * 4:
        columns.add(torch.tensor([value]))
    progress = columns.cut(1.0, 1)
    assert progress is not None
    assert len(progress.step) == 2
    assert progress.high == (1.0, 99.0)
    assert progress.low == (1.0, 1.0)
    assert progress.loss[1] == 1 + 98 / 8


@given(st.integers(1, 500), st.integers(1, 600))
def test_batches_are_as_many_as_promised_and_never_of_one(examples: int, size: int) -> None:
    parts = batches(torch.arange(examples), size)
    assert len(parts) == steps_per_epoch(examples, size)
    assert torch.cat(parts).tolist() == list(range(examples))
    if size > 1 and examples > 1:
        assert all(len(part) > 1 for part in parts)


@given(st.integers(1, 2000), st.integers(1, 3000))
def test_evaluations_begin_at_zero_and_end_at_the_end(per_epoch: int, epochs: int) -> None:
    schedule = list(evaluation_steps(per_epoch, per_epoch * epochs))
    assert schedule[0] == 0
    assert schedule[-1] == per_epoch * epochs
    assert schedule == sorted(set(schedule))
    assert len(schedule) < 1100
