"""One server for most tests; those that hurt it have their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server.hub_endpoint import FakeDataset, FakeHub, serving
from tests.server.hub_requests import TABLE, TABLE_TEST, TEST, TRAIN
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


@pytest.fixture(scope="module")
def fake_hub() -> Iterator[FakeHub]:
    with serving() as hub:
        yield hub


@pytest.fixture(scope="module")
def hub_server(fake_hub: FakeHub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playground]:
    environment = {"HF_ENDPOINT": fake_hub.address, "HF_TOKEN": "hf_secret", "PLAYGROUND_MAX_DATASET": "1"}
    playground = Playground(tmp_path_factory.mktemp("hub"), "--slots", "1", environment=environment)
    yield playground
    playground.close()


@pytest.fixture
def hub(fake_hub: FakeHub, hub_server: Playground) -> Iterator[FakeHub]:
    """The fake hub with a table in it, and a server that has fetched nothing."""
    fake_hub.datasets = {"some/table": FakeDataset({TRAIN: TABLE, TEST: TABLE_TEST})}
    fake_hub.redirects, fake_hub.visits, fake_hub.secrets, fake_hub.status = {}, [], [], None
    fake_hub.hold.set()
    yield fake_hub
    fake_hub.hold.set()
    for one in hub_server.client.get("/hub/fetches").json()["fetches"]:
        hub_server.client.delete(f"/hub/fetches/{one['id']}")
    for one in hub_server.client.get("/hub/fetched").json()["fetched"]:
        query = {name: one[name] for name in ("name", "revision", "configuration")}
        assert hub_server.client.delete("/hub/fetched", params=query).status_code == 204
