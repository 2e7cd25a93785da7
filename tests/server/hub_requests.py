"""What tests ask a server about datasets of the hub, over REST, and a table that a fake hub has."""

from __future__ import annotations

from typing import Any

import httpx

from tests.hub_examples import table
from tests.server.hub_endpoint import COMMIT
from tests.server.playground import Playground, soon

TRAIN, TEST = "data/train-00000-of-00001.parquet", "data/test-00000-of-00001.parquet"
TABLE, TABLE_TEST = table(), table(60, 1)


def look(server: Playground, name: str = "some/table", **query: str) -> httpx.Response:
    return server.client.get("/hub", params={"name": name, **query})


def order(server: Playground, name: str = "some/table", splits: tuple[str, ...] = ("train",), **more: str) -> httpx.Response:
    body = {"name": name, "revision": COMMIT, "configuration": "default", "splits": splits, **more}
    return server.client.post("/hub/fetch", json=body)


def ended(server: Playground, started: httpx.Response) -> dict[str, Any]:
    """The download once it has ended."""
    assert started.status_code == 202, started.text
    address = f"/hub/fetches/{started.json()['id']}"
    assert soon(lambda: server.client.get(address).json()["state"] != "running")
    found: dict[str, Any] = server.client.get(address).json()
    return found


def bring(server: Playground, name: str = "some/table", splits: tuple[str, ...] = ("train",), **more: str) -> dict[str, Any]:
    """Fetch something; gives the fields by which a dataset names it."""
    done = ended(server, order(server, name, splits, **more))
    assert done["state"] == "done", done
    assert done["bytes"] == done["total"]
    return {"repository": name, "revision": more.get("revision", COMMIT), "configuration": "default", "splits": list(splits)}


def code(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal, which has a sentence."""
    error = answer.json()["error"]
    assert error["message"].endswith((".", ")")) or ". " in error["message"]
    return answer.status_code, error["code"]
