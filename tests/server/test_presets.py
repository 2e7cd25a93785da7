"""Presets whose figures the README promises, trained over REST alone; Fashion-MNIST takes minutes and is run by `make presets`."""

from __future__ import annotations

import pytest

from tests.presets import MUST_REACH, reached
from tests.server.playground import Playground


@pytest.mark.slow
@pytest.mark.parametrize("preset", [name for name in MUST_REACH if name != "fashion"])
def test_the_preset_reaches_what_it_must(playground: Playground, preset: str) -> None:
    score, _seconds = reached(playground, preset)
    assert score >= MUST_REACH[preset]
