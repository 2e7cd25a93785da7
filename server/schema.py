"""The OpenAPI document, with a name for everything that the page's types need."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from models.commands import PublicCommand
from models.datasets.catalogue import Dataset
from models.events import AnyEvent
from models.layers.catalogue import Layer
from models.losses import Loss
from models.methods.catalogue import Method
from models.optimizers import Optimizer
from models.pictures import Picture
from models.schedules import Schedule
from models.task import Task
from models.views.catalogue import View
from server.api.events import WatchMessage

UNIONS: Mapping[str, Any] = {
    "Dataset": Dataset,
    "Layer": Layer,
    "Optimizer": Optimizer,
    "Schedule": Schedule,
    "Loss": Loss,
    "Method": Method,
    "View": View,
    "Picture": Picture,
    "Task": Task,
    "Command": PublicCommand,
    "Event": AnyEvent,
}
"""Closed unions that get a name of their own; pydantic writes them out wherever they stand."""

SUFFIXES = {"pictures": "", "datasets": "Dataset"}
"""What tells classes of one name apart: pydantic gives such the path of their module, which no type should carry."""

REFERENCE = "#/components/schemas/"

OPS = {"/api/datasets/": "Dataset", "/api/jobs/{job_id}/views/": "View"}
"""Beginnings of the paths in which an entry is named, and the union that knows its names."""

TOKEN = {
    "type": "http",
    "scheme": "bearer",
    "description": "Needed where the operator has set a token. A browser signs in on the page instead and gets a cookie.",
}


def document(app: FastAPI) -> dict[str, Any]:
    """The application's OpenAPI document."""
    plain = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes, separate_input_output_schemas=False)
    made: dict[str, Any] = json.loads(
        re.sub(r"models__(\w+?)__(?:\w+__)?(\w+)", lambda found: found[2] + SUFFIXES[found[1]], json.dumps(plain))
    )
    names = {_tags(TypeAdapter(union).json_schema()): name for name, union in UNIONS.items()}
    unions: dict[str, Any] = {}
    made = _with_named_unions(made, names, unions)
    schemas: dict[str, Any] = {**made["components"]["schemas"], **unions}
    # Nothing but the websocket takes it, and that is no part of OpenAPI.
    schemas["WatchMessage"] = WatchMessage.model_json_schema(ref_template=REFERENCE + "{model}")
    del schemas["WatchMessage"]["$defs"]
    schemas["WatchMessage"]["properties"]["watch"]["items"] = {"$ref": REFERENCE + "View"}
    _require_discriminators(unions, schemas)
    _number_events(unions["Event"], schemas)
    _name_ops(made["paths"], unions)
    made["components"]["schemas"] = dict(sorted(schemas.items()))
    made["components"]["securitySchemes"] = {"token": TOKEN}
    made["security"] = [{"token": []}]
    made["paths"]["/api/health"]["get"]["security"] = []
    return made


def _tags(union: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(union["discriminator"]["mapping"])


def _members(union: Mapping[str, Any]) -> list[str]:
    return [reference.removeprefix(REFERENCE) for reference in union["discriminator"]["mapping"].values()]


def _with_named_unions(part: Any, names: Mapping[frozenset[str], str], found: dict[str, Any]) -> Any:
    if isinstance(part, list):
        return [_with_named_unions(item, names, found) for item in part]
    if not isinstance(part, dict):
        return part
    if "oneOf" in part and "mapping" in part.get("discriminator", ()) and (name := names.get(_tags(part))):
        found[name] = {"oneOf": part["oneOf"], "discriminator": part["discriminator"]}
        rest = {key: value for key, value in part.items() if key not in ("oneOf", "discriminator", "title")}
        return {"$ref": REFERENCE + name, **rest}
    return {key: _with_named_unions(value, names, found) for key, value in part.items()}


def _require_discriminators(unions: Mapping[str, Any], schemas: dict[str, Any]) -> None:
    # The tag of a union's member has a default in Python, but a document must carry it, and types narrow by it.
    for union in unions.values():
        tag = union["discriminator"]["propertyName"]
        for name in _members(union):
            member = schemas[name]
            member["required"] = [tag, *(known for known in member.get("required", []) if known != tag)]


def _name_ops(paths: Mapping[str, Any], unions: Mapping[str, Any]) -> None:
    # The path's pattern is all that the server checks before it looks for the entry; a caller wants to know what there is.
    for path, operations in paths.items():
        for beginning, union in OPS.items():
            if path.startswith(beginning):
                for operation in operations.values():
                    (parameter,) = (parameter for parameter in operation["parameters"] if parameter["name"] == "op")
                    parameter["schema"]["enum"] = list(unions[union]["discriminator"]["mapping"])


def _number_events(union: Mapping[str, Any], schemas: dict[str, Any]) -> None:
    # On the wire every event carries its number and its time, which the server puts in front.
    for name in _members(union):
        event = schemas[name]
        event["properties"] = {
            "seq": {"type": "integer", "title": "Seq", "description": "Number in the job's log, from 1 without gaps."},
            "at": {"type": "string", "format": "date-time", "title": "At", "description": "When it was written to the log, in UTC."},
            **event["properties"],
        }
        event["required"] = ["seq", "at", *event["required"]]
