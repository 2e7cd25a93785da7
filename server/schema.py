"""The OpenAPI document, with a name for everything that the page's types need."""

from __future__ import annotations

import json
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
    "View": View,
    "Picture": Picture,
    "Task": Task,
    "Command": PublicCommand,
    "Event": AnyEvent,
}
"""Closed unions that get a name of their own; in pydantic's schema they stand where they are used."""

REFERENCE = "#/components/schemas/"


def document(app: FastAPI) -> dict[str, Any]:
    """The application's OpenAPI document."""
    made = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
    schemas: dict[str, Any] = made["components"]["schemas"]
    unions = {}
    for name, union in UNIONS.items():
        schema = TypeAdapter(union).json_schema(ref_template=REFERENCE + "{model}")
        schemas |= {known: part for known, part in schema.pop("$defs").items() if known not in schemas}
        unions[name] = schema
    schemas["WatchMessage"] = WatchMessage.model_json_schema(ref_template=REFERENCE + "{model}")
    schemas["WatchMessage"].pop("$defs")
    _require_discriminators(unions.values(), schemas)
    _number_events(unions["Event"], schemas)
    made = _with_named_unions(made, {_key(schema): name for name, schema in unions.items()})
    made["components"]["schemas"] = dict(sorted({**made["components"]["schemas"], **unions}.items()))
    return made


def _require_discriminators(unions: Any, schemas: dict[str, Any]) -> None:
    # The tag of a union's member has a default in Python, but a document must carry it, and types narrow by it.
    for union in unions:
        tag = union["discriminator"]["propertyName"]
        for reference in union["discriminator"]["mapping"].values():
            member = schemas[reference.removeprefix(REFERENCE)]
            if tag not in member.get("required", []):
                member["required"] = [tag, *member.get("required", [])]


def _number_events(union: Mapping[str, Any], schemas: dict[str, Any]) -> None:
    # On the wire every event carries its number and its time, which the server puts in front.
    for reference in union["discriminator"]["mapping"].values():
        event = schemas[reference.removeprefix(REFERENCE)]
        event["properties"] = {
            "seq": {"type": "integer", "title": "Seq", "description": "Number in the job's log, from 1 without gaps."},
            "at": {"type": "string", "format": "date-time", "title": "At", "description": "When it was written to the log, in UTC."},
            **event["properties"],
        }
        event["required"] = ["seq", "at", *event.get("required", [])]


def _key(union: Mapping[str, Any]) -> str:
    return json.dumps(union["discriminator"], sort_keys=True)


def _with_named_unions(part: Any, names: Mapping[str, str]) -> Any:
    if isinstance(part, list):
        return [_with_named_unions(item, names) for item in part]
    if not isinstance(part, dict):
        return part
    if "oneOf" in part and "discriminator" in part and (name := names.get(_key(part))):
        rest = {key: value for key, value in part.items() if key not in ("oneOf", "discriminator", "title")}
        return {"$ref": REFERENCE + name, **rest}
    return {key: _with_named_unions(value, names) for key, value in part.items()}
