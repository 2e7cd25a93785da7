"""Datasets of the hub over REST: looked at, fetched from a fake hub, trained on; and everything that can go wrong with them."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from server.endpoint import Endpoint
from server.examination import examine
from server.fetch import FetchError
from server.listing import place_of
from tests.hub_examples import images, label, parquet, sounds, table, texts
from tests.server.hub_endpoint import COMMIT, CONVERTED, FakeDataset, FakeHub, serving
from tests.server.playground import Playground, soon

TRAIN, TEST = "data/train-00000-of-00001.parquet", "data/test-00000-of-00001.parquet"
TABLE, TABLE_TEST = table(), table(60, 1)


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeHub]:
    with serving() as hub:
        yield hub


@pytest.fixture(scope="module")
def server(fake: FakeHub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playground]:
    environment = {"HF_ENDPOINT": fake.address, "HF_TOKEN": "hf_secret", "PLAYGROUND_MAX_DATASET": "1"}
    playground = Playground(tmp_path_factory.mktemp("hub"), "--slots", "1", environment=environment)
    yield playground
    playground.close()


@pytest.fixture
def hub(fake: FakeHub, server: Playground) -> Iterator[FakeHub]:
    """The fake hub with a table in it, and a server that has fetched nothing."""
    fake.datasets = {"some/table": FakeDataset({TRAIN: TABLE, TEST: TABLE_TEST})}
    fake.redirects, fake.visits, fake.secrets, fake.status = {}, [], [], None
    fake.hold.set()
    yield fake
    fake.hold.set()
    for one in server.client.get("/hub/fetches").json()["fetches"]:
        server.client.delete(f"/hub/fetches/{one['id']}")
    for one in server.client.get("/hub/fetched").json()["fetched"]:
        query = {name: one[name] for name in ("name", "revision", "configuration")}
        assert server.client.delete("/hub/fetched", params=query).status_code == 204


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


# Looking


def test_a_dataset_is_looked_at_without_fetching_it(hub: FakeHub, server: Playground) -> None:
    seen = look(server).json()
    assert (seen["name"], seen["revision"], seen["licence"], seen["gated"]) == ("some/table", COMMIT, "mit", False)
    (configuration,) = seen["configurations"]
    assert configuration["name"] == seen["configuration"] == "default"
    assert configuration["splits"] == [
        {"name": "test", "rows": 60, "bytes": len(TABLE_TEST), "fetched": False},
        {"name": "train", "rows": 120, "bytes": len(TABLE), "fetched": False},
    ]
    columns = {column["name"]: column for column in seen["columns"]}
    kinds = {name: column["kind"] for name, column in columns.items()}
    assert kinds | {"grade": "category", "width": "number", "sold": "category", "name": "text", "parts": "unusable"} == kinds
    assert columns["grade"]["classes"] == ["poor", "fair", "good"]
    assert columns["parts"]["reason"]["en"].startswith("it holds lists")
    assert columns["parts"]["reason"]["zh"]
    assert seen["uses"] == ["hub_texts", "hub_table"]
    assert seen["limit"] == 2**20
    assert server.client.get("/hub/fetched").json() == {"fetched": []}
    assert hub.secrets
    assert set(hub.secrets) == {"Bearer hf_secret"}


def test_what_the_hub_has_made_of_it_is_taken_where_it_has_no_parquet_of_its_own(hub: FakeHub, server: Playground) -> None:
    converted = {"en/train/0000.parquet": TABLE, "en/partial-test/0000.parquet": TABLE_TEST, "zh/train/0000.parquet": texts()}
    hub.datasets["some/table"] = FakeDataset({}, converted=converted, card={"license": ["mit", "cc0-1.0"]})
    seen = look(server, configuration="zh").json()
    assert seen["revision"] == CONVERTED
    assert seen["licence"] == "mit, cc0-1.0"
    assert {one["name"]: [split["name"] for split in one["splits"]] for one in seen["configurations"]} == {
        "en": ["test", "train"],
        "zh": ["train"],
    }
    assert [column["name"] for column in seen["columns"]] == ["text", "mood"]
    chosen = bring(server, revision=CONVERTED, configuration="zh")
    assert server.client.get("/hub/fetched").json()["fetched"][0]["configuration"] == "zh"
    assert chosen["revision"] == CONVERTED


def test_configurations_are_as_the_card_has_them(hub: FakeHub, server: Playground) -> None:
    card = {
        "configs": [
            {"config_name": "small", "data_files": [{"split": "train", "path": "a/*.parquet"}]},
            {"config_name": "large", "data_files": [{"split": "train", "path": ["a/*.parquet", "b/*.parquet"]}]},
            {"config_name": "../up", "data_files": "a/*.parquet"},
        ],
        "dataset_info": [{"config_name": "large", "splits": [{"name": "train", "num_examples": 180}]}],
    }
    hub.datasets["some/table"] = FakeDataset({"a/one.parquet": TABLE, "b/two.parquet": TABLE_TEST}, card=card)
    seen = look(server).json()
    assert seen["licence"] is None
    assert {one["name"]: one["splits"][0]["rows"] for one in seen["configurations"]} == {"small": 120, "large": 180}


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("data/train-00000-of-00002.parquet", ("default", "train")),
        ("fashion_mnist/test-00000-of-00001.parquet", ("fashion_mnist", "test")),
        ("default/train/0003.parquet", ("default", "train")),
        ("en/partial-train/0000.parquet", ("en", "train")),
        ("validation.parquet", ("default", "validation")),
        ("test/some_thing.parquet", ("default", "test")),
        ("things.parquet", ("default", "train")),
        ("plain_text/unsupervised/0000.parquet", ("plain_text", "unsupervised")),
        ("data/my-dev-split.parquet", ("default", "validation")),
    ],
)
def test_a_path_tells_configuration_and_split(path: str, place: tuple[str, str]) -> None:
    assert place_of(path) == place


@pytest.mark.parametrize(
    "name", ["../../etc", "some", "http://169.254.169.254/x", "some/table/x", "some/../x", "a b/c", "some/table\n", "/x"]
)
def test_only_names_are_looked_up(hub: FakeHub, server: Playground, name: str) -> None:
    assert look(server, name).status_code == 422
    assert order(server, name).status_code == 422
    assert not hub.visits


def test_what_is_not_there_is_told_in_words(hub: FakeHub, server: Playground) -> None:
    assert code(look(server, "some/nothing")) == (404, "no_hub_dataset")
    hub.datasets["some/empty"] = FakeDataset({})
    assert code(look(server, "some/empty")) == (422, "no_parquet")
    assert code(look(server, configuration="other")) == (422, "no_configuration")
    assert code(order(server, configuration="other")) == (422, "no_configuration")
    assert code(order(server, splits=("dev",))) == (422, "no_split")
    assert code(server.client.get("/hub/fetches/0123456789ab")) == (404, "no_fetch")
    assert code(server.client.delete("/hub/fetches/0123456789ab")) == (404, "no_fetch")
    gone = {"name": "some/table", "revision": COMMIT, "configuration": "default"}
    assert code(server.client.delete("/hub/fetched", params=gone)) == (404, "not_fetched")


def test_a_gated_dataset_is_told_in_words(hub: FakeHub, server: Playground) -> None:
    hub.datasets["some/table"].gated = "manual"
    assert code(look(server)) == (403, "hub_gated")
    assert ended(server, order(server))["code"] == "hub_gated"


@pytest.mark.parametrize(("status", "refusal"), [(500, "hub_fault"), (429, "hub_busy"), (401, "no_hub_dataset")])
def test_a_hub_in_trouble_is_told_in_words(hub: FakeHub, server: Playground, status: int, refusal: str) -> None:
    hub.status = status
    assert code(look(server))[1] == refusal


def test_without_a_network_there_is_a_clear_sentence(tmp_path: Path) -> None:
    playground = Playground(tmp_path, environment={"HF_ENDPOINT": "http://127.0.0.1:9"})
    try:
        answer = look(playground)
        assert code(answer) == (503, "no_network")
        assert "has a network" in answer.json()["error"]["message"]
        assert code(order(playground)) == (503, "no_network")
        assert playground.client.get("/hub/fetched").json() == {"fetched": []}
    finally:
        playground.close()


def test_redirects_lead_to_no_private_place(hub: FakeHub, server: Playground) -> None:
    with serving() as bait:
        for target in (
            f"{bait.address}/secret",
            "https://127.0.0.1/x",
            "https://169.254.169.254/x",
            "http://example.org/",
            "file:///etc/passwd",
        ):
            hub.redirects = {"/api/datasets/some/table": target}
            answer = look(server)
            assert code(answer) == (503, "hub_fault"), target
            assert "not followed" in answer.json()["error"]["message"]
        assert not bait.visits
    hub.redirects = {"/api/datasets/some/table": "/api/datasets/new/table", "/api/datasets/loop/loop": "/api/datasets/loop/loop"}
    hub.datasets["new/table"] = hub.datasets["some/table"]
    assert look(server).json()["name"] == "new/table"
    assert code(look(server, "loop/loop")) == (503, "hub_fault")


def test_the_token_stays_with_the_hub(monkeypatch: pytest.MonkeyPatch, hub: FakeHub) -> None:
    """It is sent to the endpoint alone, wherever that leads."""
    monkeypatch.setenv("HF_ENDPOINT", hub.address)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    monkeypatch.setattr(Endpoint, "_allowed", lambda _self, address: address)
    with serving() as elsewhere, Endpoint() as endpoint:
        elsewhere.datasets = hub.datasets
        hub.redirects = {"/api/datasets/some/table": f"{elsewhere.address}/api/datasets/some/table"}
        assert endpoint.listing("some/table")["sha"] == COMMIT
        assert (hub.secrets, elsewhere.secrets) == (["Bearer hf_secret"], [None])


# Fetching


def test_a_fetch_tells_its_progress_and_is_kept_whole(hub: FakeHub, server: Playground) -> None:
    hub.hold.clear()
    started = order(server, splits=("train", "test"))
    address = f"/hub/fetches/{started.json()['id']}"
    assert started.json()["total"] == len(TABLE) + len(TABLE_TEST)
    assert soon(lambda: 0 < server.client.get(address).json()["bytes"] < started.json()["total"])
    assert code(order(server)) == (409, "fetching")
    assert server.client.get("/hub/fetched").json() == {"fetched": []}
    hub.hold.set()
    done = ended(server, started)
    assert (done["state"], done["bytes"], done["error"]) == ("done", done["total"], None)
    assert done in server.client.get("/hub/fetches").json()["fetches"]
    (here,) = server.client.get("/hub/fetched").json()["fetched"]
    assert (here["name"], here["revision"], here["licence"], here["bytes"]) == ("some/table", COMMIT, "mit", done["total"])
    assert {split["name"]: split["rows"] for split in here["splits"]} == {"train": 120, "test": 60}
    columns = {column["name"]: column for column in here["columns"]}
    assert columns["colour"]["kind"] == "category"
    assert columns["colour"]["classes"] == ["blue", "green", "red"]
    assert columns["width"]["missing"] == 13 + 7
    assert here["uses"] == ["hub_texts", "hub_table"]
    folder = server.data / "datasets" / "hub" / "some--table" / COMMIT / "default"
    assert (folder / "train" / "0.parquet").read_bytes() == TABLE
    assert not list((server.data / "datasets" / "hub").glob(".fetch-*"))
    assert code(order(server)) == (409, "available")
    assert all(split["fetched"] for split in look(server).json()["configurations"][0]["splits"])


def test_a_fetch_is_cancelled(hub: FakeHub, server: Playground) -> None:
    hub.hold.clear()
    started = order(server).json()
    assert soon(lambda: server.client.get(f"/hub/fetches/{started['id']}").json()["bytes"] > 0)
    assert server.client.delete(f"/hub/fetches/{started['id']}").json()["state"] == "cancelled"
    hub.hold.set()
    assert soon(lambda: not list((server.data / "datasets" / "hub").glob(".fetch-*")))
    assert server.client.get(f"/hub/fetches/{started['id']}").json()["state"] == "cancelled"
    assert server.client.get("/hub/fetched").json() == {"fetched": []}
    bring(server)


@pytest.mark.parametrize("sent", [TABLE[:-1] + b"!", TABLE + b"more", TABLE[:-9]], ids=["other", "longer", "shorter"])
def test_what_is_not_as_the_hub_describes_it_is_refused(hub: FakeHub, server: Playground, sent: bytes) -> None:
    hub.datasets["some/table"].sent = {TRAIN: sent}
    failed = ended(server, order(server))
    assert failed["state"] == "failed"
    assert failed["code"] in ("fetch_failed", "hub_fault")
    assert not list((server.data / "datasets" / "hub").iterdir())
    hub.datasets["some/table"].sent = {}
    bring(server)


def test_what_is_too_large_is_refused_before_it_comes(hub: FakeHub, server: Playground) -> None:
    hub.datasets["some/table"].claimed = {TRAIN: 2**20 + 1}
    answer = order(server)
    assert code(answer) == (422, "hub_too_large")
    assert "takes 1 MB" in answer.json()["error"]["message"]
    assert not [path for path in hub.visits if "resolve" in path]


def test_no_parquet_and_hostile_parquet(hub: FakeHub, server: Playground) -> None:
    hub.datasets["some/table"].files = {TRAIN: b"PAR1" + b"\xff" * 2000 + (1000).to_bytes(4, "little") + b"PAR1"}
    assert code(look(server)) == (422, "hub_unreadable")
    assert ended(server, order(server))["code"] == "hub_unreadable"
    hub.datasets["some/table"].files = {TRAIN: b"no parquet at all"}
    assert code(look(server)) == (422, "hub_unreadable")
    assert ended(server, order(server))["code"] == "hub_unreadable"


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


# Using

NETWORK = [{"id": "h1", "layer": {"op": "dense", "units": 8}}, {"id": "out", "layer": {"op": "output"}}]
KINDS: dict[str, tuple[bytes, dict[str, Any], list[dict[str, Any]]]] = {
    "hub_table": (TABLE, {"inputs": ["width", "height", "colour", "sold"], "target": "grade"}, NETWORK),
    "hub_texts": (
        texts(),
        {"input": "text", "target": "mood", "length": 12, "vocabulary": 60},
        [
            {"id": "words", "layer": {"op": "embedding", "features": 4}},
            {"id": "pool", "layer": {"op": "time_pool"}},
            {"id": "out", "layer": {"op": "output"}},
        ],
    ),
    "hub_images": (images(), {"input": "image", "target": "label", "side": 16}, [{"id": "flat", "layer": {"op": "flatten"}}, *NETWORK]),
    "hub_sounds": (sounds(), {"input": "audio", "target": "tone"}, [{"id": "flat", "layer": {"op": "flatten"}}, *NETWORK]),
}


@pytest.mark.parametrize("op", KINDS)
def test_a_job_learns_from_what_was_fetched_and_its_script_says_the_same(hub: FakeHub, server: Playground, tmp_path: Path, op: str) -> None:
    content, fields, network = KINDS[op]
    hub.datasets["some/thing"] = FakeDataset({TRAIN: content})
    dataset = {"op": op, **bring(server, "some/thing"), **fields}
    shown = server.client.get(f"/datasets/{op}/preview", params=query_of(dataset))
    assert shown.status_code == 200, shown.text
    assert len(shown.json()["steps"]) >= 2
    experiment = {"dataset": dataset, "network": network, "training": {"epochs": 20, "batch_size": 20}}
    assert server.client.post("/networks/check", json=experiment).json()["problems"] == []
    job = server.finish(server.post(experiment)["id"])
    assert job["state"] == "completed", job
    scores = [event for event in server.events(job["id"]) if event["type"] == "evaluated"]
    assert scores[-1]["training"]["loss"] < scores[0]["training"]["loss"]
    assert scores[-1]["training"]["accuracy"] > 0.6
    assert printed(server, hub, job["id"], tmp_path) == losses(scores)


def query_of(dataset: dict[str, Any]) -> dict[str, str]:
    """The fields of a dataset as they stand in a query."""
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in dataset.items() if name != "op"}


def losses(scores: list[dict[str, Any]]) -> list[str]:
    """The lines that a script prints of these evaluations."""
    return [f"step {one['step']} training {one['training']['loss']!r} validation {one['validation']['loss']!r}" for one in scores]


def printed(server: Playground, hub: FakeHub, job: str, folder: Path) -> list[str]:
    """What the exported script prints, run where there is nothing of this server, and fetching by the hub's own library."""
    script = folder / "script.py"
    script.write_text(server.client.get(f"/jobs/{job}/export/pytorch").text)
    assert str(server.data) not in script.read_text()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PLAYGROUND_", "HF_"))}
    environment |= {"HF_ENDPOINT": hub.address, "HF_HOME": str(folder / "home"), "HF_HUB_DISABLE_XET": "1"}
    command = [sys.executable, str(script)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    return [line for line in done.stdout.splitlines() if line.startswith("step")]


def test_a_number_is_learnt_out_of_two_splits(hub: FakeHub, server: Playground, tmp_path: Path) -> None:
    dataset = {"op": "hub_table", **bring(server, splits=("train", "test")), "inputs": ["width", "colour"], "target": "price"}
    job = server.finish(server.post({"dataset": dataset, "network": NETWORK, "training": {"epochs": 2}})["id"])
    scores = [event for event in server.events(job["id"]) if event["type"] == "evaluated"]
    assert scores[-1]["validation"]["r2"] is not None
    assert printed(server, hub, job["id"], tmp_path) == losses(scores)


def test_what_is_not_here_is_a_problem_until_it_has_been_fetched(hub: FakeHub, server: Playground) -> None:
    dataset = {
        "op": "hub_table",
        "repository": "some/table",
        "revision": COMMIT,
        "configuration": "default",
        "splits": ["train"],
        "inputs": ["width", "height"],
        "target": "grade",
    }
    experiment = {"dataset": dataset, "network": NETWORK}
    (problem,) = server.client.post("/networks/check", json=experiment).json()["problems"]
    assert (problem["node"], problem["part"], problem["field"]) == (None, "dataset", "repository")
    assert "not on this machine" in problem["message"]["en"]
    refused = server.client.post("/jobs", json={"experiment": experiment})
    assert code(refused) == (422, "missing_data")
    assert "some/table" in refused.json()["error"]["message"]
    bring(server)
    assert server.client.post("/networks/check", json=experiment).json()["problems"] == []
    assert code(server.client.post("/jobs", json={"experiment": {**experiment, "dataset": {**dataset, "target": "same"}}})) == (
        422,
        "unsound",
    )
    shown = server.client.get("/datasets/hub_table/preview", params={"repository": "some/table", "target": "same"})
    assert (shown.status_code, shown.json()["error"]["code"]) == (422, "missing_data")
    shown = server.client.get("/datasets/hub_table/preview", params=query_of({**dataset, "inputs": ["nowhere"]}))
    assert code(shown) == (422, "invalid")
    query = {name: dataset[name] for name in ("revision", "configuration")}
    assert server.client.delete("/hub/fetched", params={"name": "some/table", **query}).status_code == 204
    assert not list((server.data / "datasets" / "hub").iterdir())
    assert server.client.post("/networks/check", json=experiment).json()["problems"]


def test_an_image_that_cannot_be_read_ends_a_job_in_words(hub: FakeHub, server: Playground) -> None:
    files = [{"bytes": b"GIF89a no image", "path": None}] * 30
    content = parquet(
        {"image": pa.array(files), "label": pa.array([0, 1] * 15, pa.int64())}, {"image": {"_type": "Image"}, "label": label(("a", "b"))}
    )
    hub.datasets["some/broken"] = FakeDataset({TRAIN: content})
    dataset = {"op": "hub_images", **bring(server, "some/broken"), "input": "image", "target": "label"}
    network = KINDS["hub_images"][2]
    job = server.finish(server.post({"dataset": dataset, "network": network})["id"])
    assert job["state"] == "failed"
    failed = next(event for event in server.events(job["id"]) if event["type"] == "failed")
    assert failed["code"] == "unreadable_data"
    assert "row" in failed["message"]["en"]
    assert "行" in failed["message"]["zh"]
