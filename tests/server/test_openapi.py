"""The OpenAPI document: complete, named, repeatable, and with examples that work."""

from __future__ import annotations

import json
from typing import Any

import pytest

from server.api.catalogue import Catalogue
from server.app import create_app
from server.settings import Settings
from tests.server.playground import Playground, spiral

DOCUMENT = create_app(Settings()).openapi()
SCHEMAS = DOCUMENT["components"]["schemas"]


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """Method, path and operation of every route."""
    return [(method, path, operation) for path, methods in DOCUMENT["paths"].items() for method, operation in methods.items()]


def references(part: Any) -> set[str]:
    """Names of all schemas that a part of the document refers to."""
    if isinstance(part, dict):
        own = {part["$ref"].removeprefix("#/components/schemas/")} if isinstance(part.get("$ref"), str) else set()
        return own.union(*(references(value) for value in part.values()))
    return set().union(*(references(item) for item in part)) if isinstance(part, list) else set()


def test_the_document_is_repeatable_and_served(playground: Playground) -> None:
    assert json.dumps(create_app(Settings()).openapi()) == json.dumps(DOCUMENT)
    assert playground.client.get(str(playground.client.base_url).replace("/api/", "/openapi.json")).json() == DOCUMENT


def test_everything_has_a_name_that_somebody_can_read() -> None:
    for name in (
        "Experiment",
        "Dataset",
        "Layer",
        "Optimizer",
        "Schedule",
        "Loss",
        "View",
        "Picture",
        "Event",
        "Command",
        "Task",
        "Job",
        "WatchMessage",
    ):
        assert name in SCHEMAS
    assert not [name for name in SCHEMAS if "__" in name or "-" in name]
    assert references(DOCUMENT) <= set(SCHEMAS)
    assert SCHEMAS["JobRequest"]["properties"]["experiment"] == {"$ref": "#/components/schemas/Experiment"}
    assert SCHEMAS["EventList"]["properties"]["events"]["items"] == {"$ref": "#/components/schemas/Event"}
    assert SCHEMAS["Node"]["properties"]["layer"] == {"$ref": "#/components/schemas/Layer"}
    assert {"seq", "at", "type"} <= set(SCHEMAS["Progress"]["required"])
    assert "op" in SCHEMAS["Dense"]["required"]


def test_every_route_is_described() -> None:
    for method, path, operation in operations():
        assert operation["description"], (method, path)
        assert "422" in operation["responses"] or path == "/api/health"
        if "{job_id}" in path:
            assert "404" in operation["responses"], (method, path)


def test_paths_name_their_entries_and_the_token() -> None:
    for method, path, operation in operations():
        names = [parameter["schema"]["enum"] for parameter in operation.get("parameters", []) if parameter["name"] == "op"]
        assert names == ([list(SCHEMAS["View" if "views" in path else "Dataset"]["discriminator"]["mapping"])] if "{op}" in path else [])
        assert operation.get("security", DOCUMENT["security"]) == ([] if path == "/api/health" else [{"token": []}]), (method, path)
    assert DOCUMENT["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


# What is fetched lies on the hub; test_hub_fetching.py fetches from one that is here.
@pytest.mark.parametrize(
    ("method", "path", "operation"), [case for case in operations() if "requestBody" in case[2] and case[1] != "/api/hub/fetch"]
)
def test_examples_work(playground: Playground, method: str, path: str, operation: dict[str, Any]) -> None:
    examples = operation["requestBody"]["content"]["application/json"]["examples"]
    assert examples
    job = playground.post(spiral(), paused=True)["id"]
    with playground.socket(job) as viewer:
        viewer.until_type("checkpointed")
    for name, example in examples.items():
        response = playground.client.request(method, path.removeprefix("/api").replace("{job_id}", job), json=example["value"])
        assert response.status_code < 300, (name, response.text)


def test_the_catalogue_is_as_described(playground: Playground) -> None:
    response = playground.client.get("/catalogue")
    catalogue = Catalogue.model_validate_json(response.text)
    assert {"op", "fields", "schema"} <= set(response.json()["layers"][0])
    assert catalogue.presets
    assert playground.client.get("/catalogue", headers={"If-None-Match": response.headers["etag"]}).status_code == 304
    for preset in catalogue.presets:
        report = playground.client.post("/networks/check", json=preset.experiment.model_dump(mode="json")).json()
        assert report["problems"] == [], preset.id
