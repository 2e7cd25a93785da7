"""Datasets of the hub are looked at over REST without being fetched; and what may not be looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.endpoint import Endpoint
from server.listing import place_of
from tests.hub_examples import texts
from tests.server.hub_endpoint import COMMIT, CONVERTED, FakeDataset, FakeHub, serving
from tests.server.hub_requests import TABLE, TABLE_TEST, bring, code, ended, look, order
from tests.server.playground import Playground


def test_a_dataset_is_looked_at_without_fetching_it(hub: FakeHub, hub_server: Playground) -> None:
    seen = look(hub_server).json()
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
    assert hub_server.client.get("/hub/fetched").json() == {"fetched": []}
    assert hub.secrets
    assert set(hub.secrets) == {"Bearer hf_secret"}


def test_what_the_hub_has_made_of_it_is_taken_where_it_has_no_parquet_of_its_own(hub: FakeHub, hub_server: Playground) -> None:
    converted = {"en/train/0000.parquet": TABLE, "en/partial-test/0000.parquet": TABLE_TEST, "zh/train/0000.parquet": texts()}
    hub.datasets["some/table"] = FakeDataset({}, converted=converted, card={"license": ["mit", "cc0-1.0"]})
    seen = look(hub_server, configuration="zh").json()
    assert seen["revision"] == CONVERTED
    assert seen["licence"] == "mit, cc0-1.0"
    assert {one["name"]: [split["name"] for split in one["splits"]] for one in seen["configurations"]} == {
        "en": ["test", "train"],
        "zh": ["train"],
    }
    assert [column["name"] for column in seen["columns"]] == ["text", "mood"]
    chosen = bring(hub_server, revision=CONVERTED, configuration="zh")
    assert hub_server.client.get("/hub/fetched").json()["fetched"][0]["configuration"] == "zh"
    assert chosen["revision"] == CONVERTED


def test_configurations_are_as_the_card_has_them(hub: FakeHub, hub_server: Playground) -> None:
    card = {
        "configs": [
            {"config_name": "small", "data_files": [{"split": "train", "path": "a/*.parquet"}]},
            {"config_name": "large", "data_files": [{"split": "train", "path": ["a/*.parquet", "b/*.parquet"]}]},
            {"config_name": "../up", "data_files": "a/*.parquet"},
        ],
        "dataset_info": [{"config_name": "large", "splits": [{"name": "train", "num_examples": 180}]}],
    }
    hub.datasets["some/table"] = FakeDataset({"a/one.parquet": TABLE, "b/two.parquet": TABLE_TEST}, card=card)
    seen = look(hub_server).json()
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
def test_only_names_are_looked_up(hub: FakeHub, hub_server: Playground, name: str) -> None:
    assert look(hub_server, name).status_code == 422
    assert order(hub_server, name).status_code == 422
    assert not hub.visits


def test_what_is_not_there_is_told_in_words(hub: FakeHub, hub_server: Playground) -> None:
    assert code(look(hub_server, "some/nothing")) == (404, "no_hub_dataset")
    hub.datasets["some/empty"] = FakeDataset({})
    assert code(look(hub_server, "some/empty")) == (422, "no_parquet")
    assert code(look(hub_server, configuration="other")) == (422, "no_configuration")
    assert code(order(hub_server, configuration="other")) == (422, "no_configuration")
    assert code(order(hub_server, splits=("dev",))) == (422, "no_split")
    assert code(hub_server.client.get("/hub/fetches/0123456789ab")) == (404, "no_fetch")
    assert code(hub_server.client.delete("/hub/fetches/0123456789ab")) == (404, "no_fetch")
    gone = {"name": "some/table", "revision": COMMIT, "configuration": "default"}
    assert code(hub_server.client.delete("/hub/fetched", params=gone)) == (404, "not_fetched")


def test_a_gated_dataset_is_told_in_words(hub: FakeHub, hub_server: Playground) -> None:
    hub.datasets["some/table"].gated = "manual"
    assert code(look(hub_server)) == (403, "hub_gated")
    assert ended(hub_server, order(hub_server))["code"] == "hub_gated"


@pytest.mark.parametrize(("status", "refusal"), [(500, "hub_fault"), (429, "hub_busy"), (401, "no_hub_dataset")])
def test_a_hub_in_trouble_is_told_in_words(hub: FakeHub, hub_server: Playground, status: int, refusal: str) -> None:
    hub.status = status
    assert code(look(hub_server))[1] == refusal


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


def test_redirects_lead_to_no_private_place(hub: FakeHub, hub_server: Playground) -> None:
    with serving() as bait:
        for target in (
            f"{bait.address}/secret",
            "https://127.0.0.1/x",
            "https://169.254.169.254/x",
            "http://example.org/",
            "file:///etc/passwd",
        ):
            hub.redirects = {"/api/datasets/some/table": target}
            answer = look(hub_server)
            assert code(answer) == (503, "hub_fault"), target
            assert "not followed" in answer.json()["error"]["message"]
        assert not bait.visits
    hub.redirects = {"/api/datasets/some/table": "/api/datasets/new/table", "/api/datasets/loop/loop": "/api/datasets/loop/loop"}
    hub.datasets["new/table"] = hub.datasets["some/table"]
    assert look(hub_server).json()["name"] == "new/table"
    assert code(look(hub_server, "loop/loop")) == (503, "hub_fault")


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
