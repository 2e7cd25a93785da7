"""Steps that a GPU does as one graph. Without a GPU, a stand-in for the graph shows that all that surrounds it is right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from models.captured import CAPTURABLE, Captured, fit_for_capture
from models.data import load
from models.learner import Learner
from models.optimizers import OPTIMIZERS
from models.recorded import Step
from models.recording import Unrepeatable
from tests.models.test_traced import CASES, DIGITS, FLATTEN, case, few

pytestmark = pytest.mark.slow

CHOSEN = case(DIGITS, FLATTEN, {"op": "dense", "units": 6}, {"op": "relu"}, {"op": "dropout"}, clip_norm=0.5, schedule={"op": "one_cycle"})
"""Dropout, a rate that changes at each step, gradients that are looked at, and two sizes of batch."""


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def stand_in(step: Callable[[], Step]) -> tuple[Step, Callable[[], None]]:
    """Like a graph: what it is given is noted down without effect, and each replay writes into the same memory."""
    owners = [value for value in step.__closure__ or () if isinstance(value.cell_contents, Captured)]
    captured: Captured = owners[0].cell_contents
    kept: list[Any] = [*captured.parameters, *[value for state in captured.optimizer.state.values() for value in state.values()]]
    before, random = [value.detach().clone() for value in kept], torch.get_rng_state()
    result = step()
    gradients = [parameter.grad for parameter in captured.parameters]
    with torch.no_grad():
        for value, old in zip(kept, before, strict=True):
            value.copy_(old)
    torch.set_rng_state(random)

    def replay() -> None:
        for value, new in zip(tensors(result), tensors(step()), strict=True):
            value.copy_(new)
        for parameter, own in zip(captured.parameters, gradients, strict=True):
            if own is not None and parameter.grad is not None:
                own.copy_(parameter.grad)

    return result, replay


def tensors(step: Step) -> list[Tensor]:
    return [value for value in step if value is not None]


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw"])
def test_captured_steps_are_ordinary_steps(optimizer: str) -> None:
    training = CHOSEN.training.model_copy(update={"optimizer": CASES[optimizer].training.optimizer})
    chosen, seen = CHOSEN.model_copy(update={"training": training}), []
    for captured in (False, True):
        learner = Learner(chosen, few(load(chosen.dataset)), "cpu", None)
        learner.optimizer = type(learner.optimizer)(learner.parameters, lr=learner.lr, fused=True)  # type: ignore[call-arg]
        losses = [learner.step() for _ in range(4)]
        if captured:
            learner._traced = Captured(learner.network, learner.optimizer, learner._inputs, learner._targets, learner._gradients, stand_in)
        losses += [learner.step() for _ in range(20)]
        seen.append((losses, learner.last_gradient_norm(), [parameter.detach().clone() for parameter in learner.parameters]))
    (ordinary, norm, weights), (repeated, same_norm, same_weights) = seen
    for one, other in zip([*ordinary, *weights], [*repeated, *same_weights], strict=True):
        torch.testing.assert_close(one, other)
    assert same_norm == pytest.approx(norm)


def test_an_optimizer_that_cannot_be_captured_says_so() -> None:
    kept = {rule.model_fields["op"].default: rule.model_validate({}).call().target for rule in OPTIMIZERS}
    assert {name for name, made in kept.items() if fit_for_capture(made)} == {"sgd", "adam", "adamw", "rmsprop"}
    capturable = {name for name, made in kept.items() if isinstance(made, type) and issubclass(made, CAPTURABLE)}
    assert capturable == {
        "sgd",
        "adam",
        "adamw",
        "rmsprop",
    }
    learner = Learner(CASES["lion"], few(load(CASES["lion"].dataset)), "cpu", None)
    with pytest.raises(Unrepeatable):
        Captured(learner.network, learner.optimizer, learner._inputs, learner._targets, learner._gradients, stand_in)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA GPU here")
@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw", "rmsprop"])
def test_graphs_on_a_gpu_give_what_ordinary_steps_give(optimizer: str) -> None:
    training = CHOSEN.training.model_copy(update={"optimizer": CASES[optimizer].training.optimizer})
    chosen = CHOSEN.model_copy(update={"training": training})
    runs = [Learner(chosen, few(load(chosen.dataset, "cuda")), "cuda", after) for after in (None, 3)]
    losses = []
    for learner in runs:
        torch.manual_seed(0)
        losses.append([learner.step().item() for _ in range(learner.steps)])
    assert isinstance(runs[1]._traced, Captured)
    assert losses[1] == pytest.approx(losses[0], rel=1e-3)
