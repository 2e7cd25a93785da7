"""A measurement repeated from a recording gives the bits of an ordinary one, while the network learns and its weights move."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from models.evaluation import Evaluation, evaluate
from models.repeated import Repeated
from tests.models.test_traced import CASES, learner, steps

pytestmark = pytest.mark.slow

SEEN = [name for name in CASES if name.startswith("preset") or name.endswith(("-spiral", "-iris", "-diabetes", "-image"))]
"""What an evaluation looks at: layers, losses and tasks."""

EXAMPLES = 260
"""More than go through the network at once, and few enough for most recordings."""

LARGE = {"preset patterns", "preset list_operations"}
"""Measurements that hold more than a recording may: they are computed each time."""


@pytest.mark.parametrize("name", SEEN)
def test_scores_are_those_of_an_ordinary_evaluation(name: str) -> None:
    one = learner(CASES[name], 3)
    few = one.data.validation.head(EXAMPLES)
    measured = Evaluation(one.network, one.loss, one.data, few)
    for _ in range(8):
        steps(one, 2)
        # Compared as text, in which what is no number is equal to itself.
        assert repr(measured()) == repr(evaluate(one.network, one.loss, one.data, few))
    assert measured._scores.proven == (name not in LARGE)
    assert one.network.training


def test_what_draws_random_numbers_is_computed_each_time() -> None:
    network = nn.Linear(2, 1)
    noisy = Repeated(lambda: list(network.parameters()), lambda: (network(torch.randn(3, 2)).detach(),))
    torch.manual_seed(1)
    repeated = [noisy()[0] for _ in range(6)]
    torch.manual_seed(1)
    for value in repeated:
        torch.testing.assert_close(value, network(torch.randn(3, 2)).detach(), rtol=0, atol=0)
    assert not noisy.proven
