"""One server for most tests; those that hurt it have their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server.playground import FINAL, Playground

Launch = Callable[..., Playground]


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playground]:
    server = Playground(tmp_path_factory.mktemp("shared"), "--slots", "2")
    yield server
    server.close()


@pytest.fixture
def playground(shared: Playground) -> Iterator[Playground]:
    """The shared server, with no job running before and after."""
    yield shared
    for job in shared.client.get("/jobs?limit=500").json()["jobs"]:
        if job["state"] not in FINAL:
            shared.command(job["id"], "stop")
            shared.finish(job["id"])


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    """Starts servers that live as long as the test."""
    servers: list[Playground] = []

    def launched(*arguments: str, data: Path = tmp_path / "data", **more: Any) -> Playground:
        servers.append(Playground(data, *arguments, **more))
        return servers[-1]

    yield launched
    for server in servers:
        server.close()
