"""What holds for every test: those that drive a browser are marked by where they stand."""

from __future__ import annotations

from pathlib import Path

import pytest

END_TO_END = Path(__file__).parent / "e2e"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what stands in tests/e2e, so that nobody has to remember to."""
    for item in items:
        if item.path.is_relative_to(END_TO_END):
            item.add_marker(pytest.mark.e2e)
