"""A short chaos: `make chaos` is the long one."""

from __future__ import annotations

import pytest

from tests import chaos


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_ten_kills_change_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    status = chaos.main(["--kills", "10", "--minutes", "3", "--seed", "7"])
    assert status == 0, capsys.readouterr().out
