"""What the service refuses: each with its place and a sentence, before anything is allocated."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

import httpx
import pytest

from tests.server.playground import Playground, spiral
from tests.server.test_openapi import operations


def changed(**changes: Any) -> dict[str, Any]:
    """The small experiment with parts replaced; a dotted name reaches inside."""
    experiment = copy.deepcopy(spiral(epochs=1))
    for name, value in changes.items():
        *path, last = name.split("__")
        part: Any = experiment
        for key in path:
            part = part[int(key) if isinstance(part, list) else key]
        part[int(last) if isinstance(part, list) else last] = value
    return experiment


def refused(response: httpx.Response, status: int = 422) -> dict[str, Any]:
    """The error of a response that must be one."""
    assert response.status_code == status, response.text
    error: dict[str, Any] = response.json()["error"]
    assert error["code"]
    assert error["message"]
    return error


@pytest.mark.parametrize(
    ("experiment", "node", "field", "sentence"),
    [
        (changed(network__0__layer={"op": "exec"}), "h1", "layer", "there is no 'exec' here"),
        (changed(network__0__layer={"op": "__class__"}), "h1", "layer", "there is no '__class__' here"),
        (changed(network__0__layer={"units": 3}), "h1", "layer", "needs a field 'op'"),
        (changed(network__0__layer={"op": "dense", "units": 10**9}), "h1", "units", "or less"),
        (changed(network__0__layer={"op": "dense", "units": -1}), "h1", "units", "or more"),
        (changed(network__0__layer={"op": "dense", "units": "many"}), "h1", "units", "whole number"),
        (changed(network__0__layer={"op": "dense", "units": 8, "colour": 1}), "h1", "colour", "not a field"),
        (changed(network__1__id="h1"), None, "network", "used twice"),
        (changed(network__1__inputs=["a1"]), "a1", "inputs", "circle"),
        (changed(network__0__inputs=["a1"]), "h1", "inputs", "comes after it"),
        (changed(network__0__inputs=["ghost"]), "h1", "inputs", "not in the network"),
        (changed(network__1={"id": "o2", "layer": {"op": "output"}}), "out", None, "more than one output"),
        (changed(network__2={"id": "x", "layer": {"op": "tanh"}}), "x", None, "no output"),
        (changed(network__1={"id": "c1", "layer": {"op": "conv2d"}}), "c1", None, "image"),
        (changed(network=[{"id": f"n{n}", "layer": {"op": "tanh"}} for n in range(10_000)]), None, "network", "200 items"),
        (changed(dataset={"op": "nonsense"}), None, "dataset", "there is no 'nonsense'"),
        (changed(training__epochs=0), None, "epochs", "must be 1 or more"),
        (changed(training__optimizer={"op": "adam", "lr": -1}), None, "lr", "must be"),
        (changed(version=2), None, "experiment", "version 1"),
    ],
)
def test_a_faulty_experiment_is_refused_at_its_place(
    playground: Playground, experiment: dict[str, Any], node: str | None, field: str | None, sentence: str
) -> None:
    error = refused(playground.client.post("/jobs", json={"experiment": experiment}))
    place = error["details"][0]
    assert (place["node"], place["field"]) == (node, field), place
    assert sentence in place["message"]
    assert place["path"][0] == "experiment"


def test_a_network_beyond_the_limit_is_refused(playground: Playground) -> None:
    wide = [{"id": f"d{n}", "layer": {"op": "dense", "units": 4096}} for n in range(4)]
    error = refused(
        playground.client.post("/jobs", json={"experiment": changed(network=[*wide, {"id": "out", "layer": {"op": "output"}}])})
    )
    assert "parameters" in error["message"]
    assert error["details"][0]["node"] == "d1"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_are_refused_and_not_repeated(playground: Playground, number: str) -> None:
    text = json.dumps({"experiment": changed(training__optimizer={"op": "adam", "lr": "HERE"})}).replace('"HERE"', number)
    response = playground.client.post("/jobs", content=text, headers={"content-type": "application/json"})
    assert refused(response)["details"][0]["message"] == "must be a finite number"
    json.loads(response.text, parse_constant=lambda constant: pytest.fail(constant))


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"experiment":' * 50_000,
        b'"\\ud800"',
        b'{"\\ud800": 1}',
        b'{"experiment": {"dataset": {"op": "spiral"}}, "name": "\\ud800"}',
        b'{"experiment": {"dataset": {"op": "spiral"}}, "name": ""}',
        b'{"experiment": 1' + b"0" * 5000 + b"}",
    ],
)
def test_bodies_that_are_no_request_are_refused(playground: Playground, body: bytes) -> None:
    for path in ("/jobs", "/networks/check", "/networks/draw"):
        response = playground.client.post(path, content=body, headers={"content-type": "application/json"})
        refused(response, response.status_code if response.status_code == 400 else 422)


@pytest.mark.parametrize("lr", [0, -1, "abc", None, "NaN", [1], 1e9])
def test_a_bad_retune_leaves_the_run_unchanged(playground: Playground, lr: Any) -> None:
    job = playground.post(spiral(), paused=True)["id"]
    error = refused(playground.command(job, "retune", lr=lr))
    assert error["details"][0]["field"] == "lr"
    for odd in ({"op": "nonsense"}, {"op": "watch", "views": []}, {"op": "step", "count": 0}, {"op": "stop", "now": True}, {}):
        refused(playground.client.post(f"/jobs/{job}/commands", json=odd))
    assert not [event for event in playground.events(job) if event["type"] == "retuned"]


def test_a_body_beyond_the_limit_is_refused(playground: Playground) -> None:
    announced = playground.client.post("/networks/check", content=b" " * (2**20 + 1))
    assert refused(announced, 413)["code"] == "too_large"
    streamed = playground.client.post("/networks/check", content=(b" " * 2**16 for _ in range(17)))
    refused(streamed, 413)


ODD_NAMES = (
    "..%2f..%2fetc%2fpasswd",
    "..%5c..%5cetc",
    "%2e%2e%2f%2e%2e",
    "%252e%252e%252fetc",
    "a;b",
    "a%23b",
    "%23",
    "a%00b",
    "C:%5C",
    "0123456789AB",
    "0123456789ab%0a",
    "é" * 12,
    "a" * 5000,
)


@pytest.mark.parametrize("name", ODD_NAMES, ids=lambda name: name[:24])
def test_odd_names_lead_nowhere_on_any_route(playground: Playground, name: str) -> None:
    for method, path, _operation in operations():
        # Each place in turn, then all of them.
        places = re.findall(r"{\w+}", path)
        for odd in [*([place] for place in places), places]:
            address = path.removeprefix("/api")
            for place in places:
                address = address.replace(place, name if place in odd else "0123456789ab" if place == "{job_id}" else "surface")
            if places:
                response = playground.client.request(method, address, json={} if method in ("post", "patch") else None)
                assert response.status_code in (404, 422), (method, address, response.text)
                refused(response, response.status_code)


@pytest.mark.parametrize("name", ODD_NAMES, ids=lambda name: name[:24])
def test_odd_paths_lead_nowhere(playground: Playground, name: str) -> None:
    root = str(playground.client.base_url).removesuffix("/api/")
    for beginning in ("/api/", "/api/jobs/0123456789ab/", "/api/jobs/0123456789ab/export/", "/assets/", "/assets/..%2f", "/"):
        response = playground.client.get(root + beginning + name)
        if beginning.startswith("/api/"):
            refused(response, response.status_code)
        # The page answers for addresses of its own, but never with a file from elsewhere.
        assert response.status_code in (404, 422, 503) or response.headers["content-type"].startswith("text/html"), response.text
        assert "root:" not in response.text


def test_unknown_things_are_not_found(playground: Playground) -> None:
    for path in (
        "/jobs/0123456789ab",
        "/jobs/0123456789ab/events",
        "/jobs/0123456789ab/course",
        "/jobs/0123456789ab/metrics",
        "/jobs/0123456789ab/export/weights",
        "/nothing",
        "/",
        "/datasets/nonsense",
        "/datasets/nonsense/preview",
    ):
        refused(playground.client.get(path), 404)
    odd = playground.client.put("/jobs")
    refused(odd, 405)
    assert odd.headers["allow"] == "GET, POST"
    refused(playground.client.post("/jobs/0123456789ab/predict", json={"inputs": [[1, 2]]}), 404)


@pytest.mark.parametrize("path", ["/jobs?limit=0", "/jobs?limit=x", "/jobs/{job}/events?after=-1", "/jobs/{job}/metrics?points=1"])
def test_bad_queries_are_refused(playground: Playground, path: str) -> None:
    job = playground.post(spiral(), paused=True)["id"]
    assert refused(playground.client.get(path.format(job=job)))["details"][0]["path"]


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"training__epochs": True}, "epochs", "must be a whole number"),
        ({"training__epochs": "3"}, "epochs", "must be a whole number"),
        ({"training__epochs": 3.5}, "epochs", "must be a whole number, without a fraction"),
        ({"training__l1": True}, "l1", "must be a number"),
        ({"training__l1": "0.1"}, "l1", "must be a number"),
        ({"network__0__layer": {"op": "dense", "bias": "yes"}}, "bias", "must be true or false"),
        ({"network__0__layer": {"op": "dense", "bias": 1}}, "bias", "must be true or false"),
        ({"network__0__id": 1}, "id", "must be text"),
        ({"network__0__inputs": "data"}, "inputs", "must be a list"),
        ({"network": [1]}, "network", "must be an object with fields, {…}"),
        ({"dataset": {"op": "spiral", "features": []}}, "features", "must have 1 or more items"),
        ({"dataset": {"op": "painted", "points": [[0, 0, 0], [1, 1, True], [0, 1, 0], [1, 0, 1]]}}, "points", "must be a whole number"),
        ({"version": True}, "experiment", "this server reads experiments of version 1, not True"),
    ],
)
def test_a_value_of_another_type_is_refused_in_one_sentence(
    playground: Playground, changes: dict[str, Any], field: str, sentence: str
) -> None:
    (place,) = refused(playground.client.post("/jobs", json={"experiment": changed(**changes)}))["details"]
    assert place["field"] == field
    assert place["message"].startswith(sentence)


def test_a_whole_number_may_be_written_with_a_point(playground: Playground) -> None:
    points = [[0.0, 0, 0.0], [1, 1.5, 1.0], [0, 1, 0], [1, 0, 1]]
    job = playground.post(changed(dataset={"op": "painted", "points": points}, training__epochs=1.0, training__l1=0), name="whole")
    assert job["experiment"]["training"]["epochs"] == 1
    assert job["experiment"]["dataset"]["points"][1] == [1, 1.5, 1]
    assert playground.client.get("/datasets/spiral/preview?samples=100.0&noise=0").status_code == 200
    for query in ("samples=true", 'samples="100"', "noise=true", "features=x1"):
        assert refused(playground.client.get(f"/datasets/spiral/preview?{query}"))["details"][0]["field"] == query.partition("=")[0]
