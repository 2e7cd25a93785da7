"""Every schedule: its end points, its bounds and torch's own schedulers as a reference."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from models import modules
from models.entry import Source, Words
from models.schedules import SCHEDULES, Constant, Cosine, OneCycle, RateSchedule, StepDecay, WarmUp

PLANS: list[RateSchedule] = [
    *[plan.model_validate({}) for plan in SCHEDULES],
    StepDecay(drop=0.1, every=0.3),
    Cosine(warm_up=0.1, floor=0.2),
    Cosine(warm_up=0.5),
    OneCycle(peak_at=0.01, start=1, final=1),
    WarmUp(share=0),
    WarmUp(share=1),
]


def factors(plan: RateSchedule, steps: int) -> list[float]:
    return [plan.call().before(step, steps).build() for step in range(steps)]


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.op)
@pytest.mark.parametrize("steps", [1, 2, 3, 10, 1000])
def test_factors_lie_between_0_and_1_and_runs_of_any_length_work(plan: RateSchedule, steps: int) -> None:
    assert all(isinstance(factor, float) and -1e-12 <= factor <= 1 + 1e-12 for factor in factors(plan, steps))


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.op)
def test_code_gives_the_same_factor(plan: RateSchedule) -> None:
    code = plan.call().before(Source("step"), Source("steps")).code()
    assert [eval(code, {**vars(modules), "step": step, "steps": 20}) for step in range(20)] == factors(plan, 20)


def test_constant_stays() -> None:
    assert set(factors(Constant(), 100)) == {1.0}


def test_steps_fall_at_their_share_of_the_run() -> None:
    assert factors(StepDecay(drop=0.5, every=0.25), 8) == [1, 1, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125]


def test_cosine_starts_full_and_ends_at_the_floor() -> None:
    run = factors(Cosine(floor=0.2), 101)
    assert (run[0], run[50], run[100]) == pytest.approx((1, 0.6, 0.2))
    assert run == sorted(run, reverse=True)


def test_cosine_warms_up_in_a_straight_line() -> None:
    run = factors(Cosine(warm_up=0.1), 100)
    assert run[:11] == pytest.approx([(step + 1) / 11 for step in range(11)])
    assert run[10:] == sorted(run[10:], reverse=True)
    assert run[-1] == pytest.approx(0)


def test_cosine_is_torch_s() -> None:
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    reference = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=49, eta_min=0.1)
    run = []
    for _ in range(50):
        run.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        reference.step()
    assert factors(Cosine(floor=0.1), 50) == pytest.approx(run)


def test_one_cycle_is_torch_s() -> None:
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    # torch puts the peak one step before the share, so 31 of 101 steps is a peak at step 30.
    reference = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=1.0, total_steps=101, pct_start=31 / 101, div_factor=25, final_div_factor=4, cycle_momentum=False
    )
    run = []
    for step in range(101):
        run.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if step < 100:
            reference.step()
    assert factors(OneCycle(peak_at=0.3, start=0.04, final=0.01), 101) == pytest.approx(run)
    assert (run[0], run[30], run[100]) == pytest.approx((0.04, 1, 0.01))


def test_warm_up_rises_and_stays() -> None:
    assert factors(WarmUp(share=0.4), 10) == pytest.approx([0.2, 0.4, 0.6, 0.8, 1, 1, 1, 1, 1, 1])


@pytest.mark.parametrize("plan", SCHEDULES, ids=lambda plan: plan.__name__)
def test_words_are_complete_in_both_languages(plan: type[RateSchedule]) -> None:
    texts = [plan.title, plan.summary(), plan.help()]
    labels, descriptions = plan.all_labels(), plan.descriptions()
    assert set(labels) == set(plan.model_fields) - {"op"}
    texts += [Words(descriptions.get(name, ""), labels[name].help_zh) for name in labels]
    assert all(words.en and words.zh for words in texts)
