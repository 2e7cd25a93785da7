"""Every entry with its words, fields, bounds and defaults; the page is made from this."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Response
from pydantic import BaseModel, ConfigDict, Field

from models.catalogue import catalogue
from models.datasets.dataset import Modality, Takes
from models.entry import Words
from models.experiment import Experiment
from models.shape import Kind
from models.task import Task, TaskKind

router = APIRouter(tags=["catalogue"])


class Option(BaseModel):
    """One of the values that a field may have."""

    value: Any
    label: Words


class FieldDoc(BaseModel):
    """A field of an entry, as a form needs it."""

    name: str
    kind: Literal["integer", "number", "boolean", "choice", "choices", "points", "entry", "text", "names"]
    label: Words
    help: Words
    default: Any
    minimum: float | None
    maximum: float | None
    exclusive_minimum: bool
    exclusive_maximum: bool
    scale: Literal["linear", "log"]
    options: list[Option] | None
    registry: Literal["methods", "optimizers", "schedules", "losses"] | None
    advanced: bool


class EntryDoc(BaseModel):
    """An entry of the catalogue."""

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True, validate_by_alias=True)

    op: str
    group: Words
    title: Words
    summary: Words
    help: Words
    defaults: dict[str, Any]
    fields: list[FieldDoc]
    json_schema: dict[str, Any] = Field(alias="schema")


class LayerDoc(EntryDoc):
    """A layer."""

    accepts: list[Kind]
    merges: bool
    role: Literal["weights", "activation", "shape", "regularise", "merge", "output"]


class Origin(BaseModel):
    """Where a dataset comes from."""

    name: Words
    licence: str
    synthetic: bool
    bytes: int | None
    remedy: Words | None
    """How to get what it needs, where that may be missing and no download can bring it."""


class DatasetDoc(EntryDoc):
    """A dataset."""

    modality: Modality
    takes: Takes
    task: Task
    source: Origin
    parts: dict[str, Words]
    """Where an example has several inputs: what each is called, by the name that nodes use."""


class LossDoc(EntryDoc):
    """A loss."""

    tasks: list[TaskKind]


class TrainingDoc(BaseModel):
    """The fields of a training."""

    fields: list[FieldDoc]


class Preset(BaseModel):
    """A complete experiment and what to look for in it."""

    id: str
    title: Words
    look_for: Words
    experiment: Experiment
    minutes: float
    steps_per_second: float | None
    lesson: Literal["good", "bad"]


class Catalogue(BaseModel):
    """All that experiments can be made of."""

    version: int
    layers: list[LayerDoc]
    datasets: list[DatasetDoc]
    methods: list[EntryDoc]
    optimizers: list[EntryDoc]
    schedules: list[EntryDoc]
    losses: list[LossDoc]
    views: list[EntryDoc]
    training: TrainingDoc
    presets: list[Preset]


@cache
def _document() -> tuple[bytes, str]:
    body = json.dumps(catalogue(), ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'


@router.get("/catalogue", responses={200: {"model": Catalogue}})
def get_catalogue(if_none_match: Annotated[str | None, Header()] = None) -> Response:
    """Every layer, dataset, optimizer, schedule, loss and view with its words, fields, bounds and defaults, and the presets."""
    body, tag = _document()
    headers = {"etag": tag, "cache-control": "no-cache"}
    if if_none_match == tag:
        return Response(None, 304, headers)
    return Response(body, headers=headers, media_type="application/json")
