"""Every fault has a test."""

from __future__ import annotations

import importlib
from pathlib import Path

from tests.faults.rows import ROWS


def test_every_row_has_a_test() -> None:
    tested: set[int] = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        for value in vars(importlib.import_module(f"{__package__}.{path.stem}")).values():
            tested |= {mark.args[0] for mark in getattr(value, "pytestmark", []) if mark.name == "fault"}
    assert tested == set(ROWS)
