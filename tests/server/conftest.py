"""One server for most tests; those that hurt it have their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server.playground import Playground

TOKEN = "correct-horse-battery"


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playground]:
    server = Playground(tmp_path_factory.mktemp("shared"), "--slots", "2")
    yield server
    server.close()


@pytest.fixture
def playground(shared: Playground) -> Iterator[Playground]:
    """The shared server, with no job running before and after."""
    yield shared
    shared.stop_all()


@pytest.fixture(scope="session")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playground]:
    """A server that all may reach who have the token, that has little patience, and that may be killed."""
    arguments = ("--host", "0.0.0.0", "--slots", "1", "--max-queued", "2", "--question-seconds", "3")
    server = Playground(tmp_path_factory.mktemp("strict"), *arguments, token=TOKEN)
    yield server
    server.close()
