"""Jobs learn from datasets of the hub that have been fetched; their scripts say the same where there is no server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.hub_examples import images, label, parquet, sounds, texts
from tests.server.hub_endpoint import COMMIT, FakeDataset, FakeHub
from tests.server.hub_requests import TABLE, TRAIN, bring, code
from tests.server.playground import Playground

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
def test_a_job_learns_from_what_was_fetched_and_its_script_says_the_same(
    hub: FakeHub, hub_server: Playground, tmp_path: Path, op: str
) -> None:
    content, fields, network = KINDS[op]
    hub.datasets["some/thing"] = FakeDataset({TRAIN: content})
    dataset = {"op": op, **bring(hub_server, "some/thing"), **fields}
    shown = hub_server.client.get(f"/datasets/{op}/preview", params=query_of(dataset))
    assert shown.status_code == 200, shown.text
    assert len(shown.json()["steps"]) >= 2
    experiment = {"dataset": dataset, "network": network, "training": {"epochs": 20, "batch_size": 20}}
    assert hub_server.client.post("/networks/check", json=experiment).json()["problems"] == []
    job = hub_server.finish(hub_server.post(experiment)["id"])
    assert job["state"] == "completed", job
    scores = [event for event in hub_server.events(job["id"]) if event["type"] == "evaluated"]
    assert scores[-1]["training"]["loss"] < scores[0]["training"]["loss"]
    assert scores[-1]["training"]["accuracy"] > 0.6
    assert printed(hub_server, hub, job["id"], tmp_path) == losses(scores)


def query_of(dataset: dict[str, Any]) -> dict[str, str]:
    """The fields of a dataset as they stand in a query."""
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in dataset.items() if name != "op"}


def losses(scores: list[dict[str, Any]]) -> list[str]:
    """The lines that a script prints of these evaluations."""
    return [f"step {one['step']} training {one['training']['loss']!r} validation {one['validation']['loss']!r}" for one in scores]


def printed(hub_server: Playground, hub: FakeHub, job: str, folder: Path) -> list[str]:
    """What the exported script prints, run where there is nothing of this hub_server, and fetching by the hub's own library."""
    script = folder / "script.py"
    script.write_text(hub_server.client.get(f"/jobs/{job}/export/pytorch").text)
    assert str(hub_server.data) not in script.read_text()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PLAYGROUND_", "HF_"))}
    environment |= {"HF_ENDPOINT": hub.address, "HF_HOME": str(folder / "home"), "HF_HUB_DISABLE_XET": "1"}
    command = [sys.executable, str(script)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    return [line for line in done.stdout.splitlines() if line.startswith("step")]


def test_a_number_is_learnt_out_of_two_splits(hub: FakeHub, hub_server: Playground, tmp_path: Path) -> None:
    dataset = {"op": "hub_table", **bring(hub_server, splits=("train", "test")), "inputs": ["width", "colour"], "target": "price"}
    job = hub_server.finish(hub_server.post({"dataset": dataset, "network": NETWORK, "training": {"epochs": 2}})["id"])
    scores = [event for event in hub_server.events(job["id"]) if event["type"] == "evaluated"]
    assert scores[-1]["validation"]["r2"] is not None
    assert printed(hub_server, hub, job["id"], tmp_path) == losses(scores)


def test_what_is_not_here_is_a_problem_until_it_has_been_fetched(hub: FakeHub, hub_server: Playground) -> None:
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
    (problem,) = hub_server.client.post("/networks/check", json=experiment).json()["problems"]
    assert (problem["node"], problem["part"], problem["field"]) == (None, "dataset", "repository")
    assert "not on this machine" in problem["message"]["en"]
    refused = hub_server.client.post("/jobs", json={"experiment": experiment})
    assert code(refused) == (422, "missing_data")
    assert "some/table" in refused.json()["error"]["message"]
    bring(hub_server)
    assert hub_server.client.post("/networks/check", json=experiment).json()["problems"] == []
    assert code(hub_server.client.post("/jobs", json={"experiment": {**experiment, "dataset": {**dataset, "target": "same"}}})) == (
        422,
        "unsound",
    )
    shown = hub_server.client.get("/datasets/hub_table/preview", params={"repository": "some/table", "target": "same"})
    assert (shown.status_code, shown.json()["error"]["code"]) == (422, "missing_data")
    shown = hub_server.client.get("/datasets/hub_table/preview", params=query_of({**dataset, "inputs": ["nowhere"]}))
    assert code(shown) == (422, "invalid")
    query = {name: dataset[name] for name in ("revision", "configuration")}
    assert hub_server.client.delete("/hub/fetched", params={"name": "some/table", **query}).status_code == 204
    assert not list((hub_server.data / "datasets" / "hub").iterdir())
    assert hub_server.client.post("/networks/check", json=experiment).json()["problems"]


def test_an_image_that_cannot_be_read_ends_a_job_in_words(hub: FakeHub, hub_server: Playground) -> None:
    files = [{"bytes": b"GIF89a no image", "path": None}] * 30
    content = parquet(
        {"image": pa.array(files), "label": pa.array([0, 1] * 15, pa.int64())}, {"image": {"_type": "Image"}, "label": label(("a", "b"))}
    )
    hub.datasets["some/broken"] = FakeDataset({TRAIN: content})
    dataset = {"op": "hub_images", **bring(hub_server, "some/broken"), "input": "image", "target": "label"}
    network = KINDS["hub_images"][2]
    job = hub_server.finish(hub_server.post({"dataset": dataset, "network": network})["id"])
    assert job["state"] == "failed"
    failed = next(event for event in hub_server.events(job["id"]) if event["type"] == "failed")
    assert failed["code"] == "unreadable_data"
    assert "row" in failed["message"]["en"]
    assert "行" in failed["message"]["zh"]
