"""Odd requests and messages by the hundred, which `make fuzz` throws by the thousand: documented answers only, and a server that stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz import SOCKET, fuzz, report


@pytest.mark.slow
def test_odd_requests_and_messages_get_documented_answers(tmp_path: Path) -> None:
    table, aftermath = fuzz(tmp_path, 15, 1, {"fuzzing", "stateful"})
    assert not aftermath.faults, report(table, aftermath)
    assert not any(row.failures for row in table.values()), report(table, aftermath)
    assert table[SOCKET].cases >= 15
    assert len(table) > 20
