"""Requests that ask for the impossible, for too much, or twice: rows 15, 16, 17 and 26."""

from __future__ import annotations

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.faults.evidence import dropping, result_of, undisturbed
from tests.server.playground import Playground, soon, spiral

OUTPUT = {"id": "out", "layer": {"op": "output"}}


def network(*nodes: dict[str, Any]) -> dict[str, Any]:
    """The small experiment with another network."""
    return {**spiral(epochs=1), "network": list(nodes)}


def dense(units: Any) -> dict[str, Any]:
    return {"id": "n1", "layer": {"op": "dense", "units": units}}


MALICIOUS: dict[str, tuple[dict[str, Any], str | None]] = {
    "exec": (network({"id": "n1", "layer": {"op": "exec", "code": "import os"}}, OUTPUT), "n1"),
    "a class": (network({"id": "n1", "layer": {"op": "__class__"}}, OUTPUT), "n1"),
    "a class behind a layer": (network({"id": "n1", "layer": {"op": "dense", "__class__": "exec"}}, OUTPUT), "n1"),
    "unknown": (network({"id": "n1", "layer": {"op": "transformer9000"}}, OUTPUT), "n1"),
    "Linear(1e9)": (network(dense(10**9), OUTPUT), "n1"),
    "50 layers as wide as allowed": (
        network(*({"id": f"n{place}", "layer": {"op": "dense", "units": 4096}} for place in range(50)), OUTPUT),
        "n1",
    ),
    "a cycle": (network({**dense(4), "inputs": ["n2"]}, {"id": "n2", "layer": {"op": "tanh"}, "inputs": ["n1"]}, OUTPUT), "n1"),
    "itself as input": (network({**dense(4), "inputs": ["n1"]}, OUTPUT), "n1"),
    "two outputs": (network(dense(4), OUTPUT, {"id": "n2", "layer": {"op": "output"}}), "n2"),
    "negative": (network(dense(-4), OUTPUT), "n1"),
    "a number as text": (network(dense("many"), OUTPUT), "n1"),
    "a rate of 2": (network({"id": "n1", "layer": {"op": "dropout", "rate": 2}}, OUTPUT), "n1"),
    "10,000 layers": (network(*({"id": f"n{place}", "layer": {"op": "tanh"}} for place in range(10_000)), OUTPUT), None),
    "an extra field": (network({"id": "n1", "layer": {"op": "dense", "units": 4, "device": "meta"}}, OUTPUT), "n1"),
}


@pytest.mark.fault(15)
@pytest.mark.parametrize("name", MALICIOUS)
def test_a_malicious_network_is_refused_at_its_node(playground: Playground, name: str) -> None:
    """Layers exec, __class__, unknown; 10^9 units; 50 layers of 4096; cycles; two outputs; 10,000 layers; negative and odd numbers"""
    experiment, node = MALICIOUS[name]
    # What a server loads once it is ready, and what its first job brings, is not the network's doing.
    playground.finish(playground.post(spiral(epochs=1))["id"])
    before, known = playground.memory, len(playground.client.get("/jobs?limit=500").json()["jobs"])
    for path, body in (("/jobs", {"experiment": experiment}), ("/networks/draw", {"experiment": experiment, "views": [{"op": "surface"}]})):
        response = playground.client.post(path, json=body)
        assert response.status_code == 422, response.text
        details = response.json()["error"]["details"]
        assert all(place["message"] for place in details)
        if node:
            assert node in {place["node"] for place in details}
    assert len(playground.client.get("/jobs?limit=500").json()["jobs"]) == known
    assert playground.memory < before + 60 * 2**20


@pytest.mark.fault(15)
@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_a_parameter_that_is_no_number_is_refused_at_its_node(playground: Playground, number: str) -> None:
    """NaN and ±Infinity as a layer's parameter"""
    experiment = network({"id": "n1", "layer": {"op": "dropout", "rate": "HERE"}}, OUTPUT)
    text = json.dumps({"experiment": experiment}).replace('"HERE"', number)
    response = playground.client.post("/jobs", content=text, headers={"content-type": "application/json"})
    assert response.status_code == 422
    assert response.json()["error"]["details"][0]["node"] == "n1"


@pytest.mark.fault(15)
@pytest.mark.parametrize("depth", [500, 10_000, 200_000])
def test_a_document_of_great_depth_is_refused(playground: Playground, depth: int) -> None:
    """JSON nested 500 to 200,000 deep, as a body and as a layer"""
    for text in (
        "[" * depth + "]" * depth,
        '{"experiment": {"network": [{"id": "n1", "layer": ' + '{"op":' * depth + "1" + "}" * depth + "}]}}",
    ):
        for path in ("/jobs", "/networks/check", "/networks/draw"):
            response = playground.client.post(path, content=text, headers={"content-type": "application/json"})
            assert response.status_code in (400, 413, 422), response.text


@pytest.mark.fault(16)
def test_a_double_click_makes_one_job(playground: Playground) -> None:
    """The same request with one Idempotency-Key, 8 times at once"""
    body, headers = {"experiment": spiral(epochs=1), "name": "double"}, {"Idempotency-Key": "click-click"}
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: playground.client.post("/jobs", json=body, headers=headers), range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    (job,) = {answer.json()["id"] for answer in answers}
    assert playground.finish(job)["state"] == "completed"
    assert len([known for known in playground.client.get("/jobs?limit=500").json()["jobs"] if known["name"] == "double"]) == 1


@pytest.mark.fault(16)
def test_of_20_starts_3_run_and_the_rest_wait_in_order(playground: Playground) -> None:
    """20 starts at once with 3 slots"""
    with ThreadPoolExecutor(20) as threads:
        jobs = {job["id"] for job in threads.map(lambda _: playground.post(spiral()), range(20))}
    newest = [job for job in playground.client.get("/jobs").json()["jobs"] if job["id"] in jobs]
    in_order = [job["id"] for job in reversed(newest)]
    assert soon(lambda: [playground.job(job)["state"] for job in in_order[:3]] == ["running"] * 3)
    assert [playground.job(job)["position"] for job in in_order] == [None] * 3 + list(range(1, 18))
    health = playground.client.get("/health").json()
    assert (health["running"], health["queued"], health["devices"][0]["busy"]) == (3, 17, 3)
    assert sorted(job for job, _process in playground.workers) == sorted(in_order[:3])
    # Besides them the server, its forkserver, two that answer questions at most, and one that is forked ahead.
    answering, _waiting = playground.forked
    assert answering <= 2
    assert soon(lambda: len(playground.processes) == 3 + 2 + answering + 1 + _trackers(playground))
    for place, job in enumerate(in_order):
        # Those behind it that wait still wait.
        assert all(playground.job(later)["state"] == "queued" for later in in_order[place + 3 :])
        playground.command(job, "stop")
        playground.finish(job)
        if place + 3 < 20:
            next_job = in_order[place + 3]
            assert soon(lambda next_job=next_job: playground.job(next_job)["state"] == "running")  # type: ignore[misc]
    started = [playground.job(job)["started"] for job in in_order]
    assert started == sorted(started)


def _trackers(server: Playground) -> int:
    """Processes that watch over shared memory for multiprocessing."""
    return sum(b"resource_tracker" in Path(f"/proc/{process}/cmdline").read_bytes() for process in server.processes)


@pytest.mark.fault(17)
def test_the_record_is_what_ran_and_runs_again_the_same(sickly: Playground) -> None:
    """Changed settings, ran, let the worker write down what it had been given, ran the record again"""
    experiment = dropping(epochs=4, batch_size=7, seed=3, optimizer={"op": "rmsprop", "lr": 0.0031}, schedule={"op": "cosine"}, l2=0.001)
    job = sickly.post(experiment, paused=True)["id"]
    folder = sickly.data / "jobs" / job
    (folder / "confess").touch()
    assert soon((folder / "confessed").exists)
    sickly.command(job, "resume")
    sickly.finish(job)
    record = sickly.client.get(f"/jobs/{job}/export/experiment").content
    assert (folder / "confessed").read_bytes() == record
    with closing(sqlite3.connect(sickly.data / "playground.sqlite")) as database:
        assert database.execute("select experiment from jobs where id = ?", (job,)).fetchone()[0].encode() == record
    read = json.loads(record)
    assert read == sickly.job(job)["experiment"]
    assert (read["training"]["batch_size"], read["training"]["optimizer"]["lr"]) == (7, 0.0031)
    again = sickly.post(read)["id"]
    sickly.finish(again)
    assert sickly.client.get(f"/jobs/{again}/export/experiment").content == record
    assert result_of(sickly, again) == result_of(sickly, job)


@pytest.mark.fault(26)
def test_bad_retunes_change_nothing(playground: Playground) -> None:
    """Retuned a running job to 0, -1, "abc", NaN and more, and compared it with one that was left alone"""
    expected = undisturbed(playground, dropping())
    job = playground.post(dropping(), steps_per_second=1500)["id"]
    with playground.socket(job) as viewer:
        viewer.until_type("progress")
        values: list[Any] = [0, -1, "abc", "", None, [0.1], {}, 1e999, 1e3]
        for lr in values:
            text = json.dumps({"op": "retune", "lr": lr})
            response = playground.client.post(f"/jobs/{job}/commands", content=text, headers={"content-type": "application/json"})
            assert response.status_code == 422, (lr, response.text)
            assert response.json()["error"]["details"][0]["field"] == "lr"
        for text in (
            '{"op":"retune","lr":NaN}',
            '{"op":"retune","lr":-Infinity}',
            '[{"op":"retune","lr":0.1},{"op":"retune","lr":0}]',
            "{}",
        ):
            response = playground.client.post(f"/jobs/{job}/commands", content=text, headers={"content-type": "application/json"})
            assert response.status_code == 422, (text, response.text)
            json.loads(response.text, parse_constant=pytest.fail)
        assert viewer.until_final()["state"] == "completed"
    assert result_of(playground, job) == expected


@pytest.mark.fault(26)
def test_accepted_retunes_say_from_which_step_they_hold(playground: Playground) -> None:
    """Retuned twice in one batch (a paused job), with refused ones between; did it again"""
    results = []
    for _ in range(2):
        job = playground.post(dropping(epochs=3), paused=True)["id"]
        with playground.socket(job) as viewer:
            playground.command(job, "step", unit="batch", count=20)
            assert viewer.until_steps(20)[-1] == 20
            for lr, status in ((0.5, 202), (0, 422), (0.002, 202), ("abc", 422)):
                assert playground.command(job, "retune", lr=lr).status_code == status
            playground.command(job, "resume")
            assert viewer.until_final()["state"] == "completed"
        results.append(result_of(playground, job))
        assert results[-1].retunes == ((20, 0.5), (20, 0.002))
        assert {evaluation[3] for evaluation in results[-1].evaluations if evaluation[0] >= 20} == {0.002}
    assert results[0] == results[1]
    assert results[0].losses[:20] == undisturbed(playground, dropping(epochs=3)).losses[:20]
    assert results[0].losses[20] != undisturbed(playground, dropping(epochs=3)).losses[21]
