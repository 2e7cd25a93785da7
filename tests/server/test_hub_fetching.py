"""Datasets of the hub are fetched from a fake hub, whole or not at all; and what is too large, too many or not what it should be."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from server.examination import examine
from server.fetch import FetchError
from tests.hub_examples import parquet
from tests.server.hub_endpoint import COMMIT, FakeHub
from tests.server.hub_requests import TABLE, TABLE_TEST, TRAIN, bring, code, ended, look, order
from tests.server.playground import Playground, soon


def test_a_fetch_tells_its_progress_and_is_kept_whole(hub: FakeHub, hub_server: Playground) -> None:
    hub.hold.clear()
    started = order(hub_server, splits=("train", "test"))
    address = f"/hub/fetches/{started.json()['id']}"
    assert started.json()["total"] == len(TABLE) + len(TABLE_TEST)
    assert soon(lambda: 0 < hub_server.client.get(address).json()["bytes"] < started.json()["total"])
    assert code(order(hub_server)) == (409, "fetching")
    assert hub_server.client.get("/hub/fetched").json() == {"fetched": []}
    hub.hold.set()
    done = ended(hub_server, started)
    assert (done["state"], done["bytes"], done["error"]) == ("done", done["total"], None)
    assert done in hub_server.client.get("/hub/fetches").json()["fetches"]
    (here,) = hub_server.client.get("/hub/fetched").json()["fetched"]
    assert (here["name"], here["revision"], here["licence"], here["bytes"]) == ("some/table", COMMIT, "mit", done["total"])
    assert {split["name"]: split["rows"] for split in here["splits"]} == {"train": 120, "test": 60}
    columns = {column["name"]: column for column in here["columns"]}
    assert columns["colour"]["kind"] == "category"
    assert columns["colour"]["classes"] == ["blue", "green", "red"]
    assert columns["width"]["missing"] == 13 + 7
    assert here["uses"] == ["hub_texts", "hub_table"]
    folder = hub_server.data / "datasets" / "hub" / "some--table" / COMMIT / "default"
    assert (folder / "train" / "0.parquet").read_bytes() == TABLE
    assert not list((hub_server.data / "datasets" / "hub").glob(".fetch-*"))
    assert code(order(hub_server)) == (409, "available")
    assert all(split["fetched"] for split in look(hub_server).json()["configurations"][0]["splits"])


def test_a_fetch_is_cancelled(hub: FakeHub, hub_server: Playground) -> None:
    hub.hold.clear()
    started = order(hub_server).json()
    assert soon(lambda: hub_server.client.get(f"/hub/fetches/{started['id']}").json()["bytes"] > 0)
    assert hub_server.client.delete(f"/hub/fetches/{started['id']}").json()["state"] == "cancelled"
    hub.hold.set()
    assert soon(lambda: not list((hub_server.data / "datasets" / "hub").glob(".fetch-*")))
    assert hub_server.client.get(f"/hub/fetches/{started['id']}").json()["state"] == "cancelled"
    assert hub_server.client.get("/hub/fetched").json() == {"fetched": []}
    bring(hub_server)


@pytest.mark.parametrize("sent", [TABLE[:-1] + b"!", TABLE + b"more", TABLE[:-9]], ids=["other", "longer", "shorter"])
def test_what_is_not_as_the_hub_describes_it_is_refused(hub: FakeHub, hub_server: Playground, sent: bytes) -> None:
    hub.datasets["some/table"].sent = {TRAIN: sent}
    failed = ended(hub_server, order(hub_server))
    assert failed["state"] == "failed"
    assert failed["code"] in ("fetch_failed", "hub_fault")
    assert not list((hub_server.data / "datasets" / "hub").iterdir())
    hub.datasets["some/table"].sent = {}
    bring(hub_server)


def test_what_is_too_large_is_refused_before_it_comes(hub: FakeHub, hub_server: Playground) -> None:
    hub.datasets["some/table"].claimed = {TRAIN: 2**20 + 1}
    answer = order(hub_server)
    assert code(answer) == (422, "hub_too_large")
    assert "takes 1 MB" in answer.json()["error"]["message"]
    assert not [path for path in hub.visits if "resolve" in path]


def test_no_parquet_and_hostile_parquet(hub: FakeHub, hub_server: Playground) -> None:
    hub.datasets["some/table"].files = {TRAIN: b"PAR1" + b"\xff" * 2000 + (1000).to_bytes(4, "little") + b"PAR1"}
    assert code(look(hub_server)) == (422, "hub_unreadable")
    assert ended(hub_server, order(hub_server))["code"] == "hub_unreadable"
    hub.datasets["some/table"].files = {TRAIN: b"no parquet at all"}
    assert code(look(hub_server)) == (422, "hub_unreadable")
    assert ended(hub_server, order(hub_server))["code"] == "hub_unreadable"


def test_texts_that_swell_are_not_usable(tmp_path: Path) -> None:
    """One text of 64 million characters in each of 2,000 rows: some kilobytes of file, 128 gigabytes of text."""
    bomb = pa.DictionaryArray.from_arrays(pa.array(np.arange(2000) % 2, pa.int32()), pa.array(["a" * 64_000_000, "b" * 64_000_000]))
    out = io.BytesIO()
    pq.write_table(pa.table({"text": bomb, "kind": pa.array(["x", "y"] * 1000)}), out, compression="zstd")
    path = tmp_path / "0.parquet"
    path.write_bytes(out.getvalue())
    assert path.stat().st_size < 2**20
    columns = {column["name"]: column for column in examine("files", [path], "bomb")["columns"]}
    assert (columns["text"]["kind"], columns["text"]["reason"]) == ("unusable", "size")
    assert columns["kind"]["classes"] == ["x", "y"]


def test_too_many_rows_and_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "0.parquet"
    path.write_bytes(parquet({"x": pa.repeat(1, 5_000_001)}))
    with pytest.raises(FetchError, match="5,000,000 rows"):
        examine("files", [path], "long")
    path.write_bytes(parquet({f"c{place}": pa.array([1]) for place in range(2001)}))
    with pytest.raises(FetchError, match="2,000 columns"):
        examine("files", [path], "wide")


def test_what_lies_there_survives_a_restart_and_what_was_half_fetched_does_not(hub: FakeHub, tmp_path: Path) -> None:
    left = tmp_path / "datasets" / "hub" / ".fetch-left"
    left.mkdir(parents=True)
    (left / "0.parquet").write_bytes(b"half")
    playground = Playground(tmp_path, environment={"HF_ENDPOINT": hub.address})
    try:
        assert not left.exists()
        bring(playground)
        playground.end()
        playground.start()
        assert playground.client.get("/hub/fetched").json()["fetched"][0]["name"] == "some/table"
    finally:
        playground.close()
