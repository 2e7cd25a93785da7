"""Presets of several kinds whose figures the README promises, trained over REST alone; all of them are run by `make presets`."""

from __future__ import annotations

import pytest

from tests.presets import MUST_REACH, reached
from tests.server.playground import Playground

SOON = ("spiral", "digits", "diabetes", "rows", "spoken_digits", "headlines", "cart_pole_dqn", "grid_world")
"""Those that take seconds, one of each kind."""


@pytest.mark.slow
@pytest.mark.parametrize("preset", SOON)
def test_the_preset_reaches_what_it_must(playground: Playground, preset: str) -> None:
    score, _seconds = reached(playground, preset)
    assert score >= MUST_REACH[preset]
