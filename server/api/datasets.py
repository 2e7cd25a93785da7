"""Datasets: are they on this machine, fetching those that are not, and what their examples look like."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, TypeAdapter

from models.datasets.catalogue import DATASETS, Dataset
from models.preview import Preview
from server.api.catalogue import Origin
from server.api.parameters import NO_JOB, SLOW, Op, entry_from_query, free_query, patience
from server.errors import Conflict, ErrorBody, NotFound
from server.services import Server, Services

router = APIRouter(tags=["datasets"])

DATASET: TypeAdapter[Dataset] = TypeAdapter(Dataset)


class Fetching(BaseModel):
    """How much of a download is here."""

    bytes: int
    total: int


class Availability(BaseModel):
    """Whether a dataset can be used on this machine, and how its download stands."""

    op: str
    available: bool
    source: Origin
    fetching: Fetching | None
    error: str | None
    """Why the last download failed."""


def availability(services: Services, op: str) -> Availability:
    """How it stands with a dataset; raises NotFound."""
    entry = _entry(op)
    fetch = services.hub.fetch_of(op)
    origin = entry.source
    return Availability(
        op=op,
        available=entry.model_validate({}).available(),
        source=Origin(name=origin.name, licence=origin.licence, synthetic=origin.synthetic, bytes=origin.bytes, remedy=origin.remedy),
        fetching=Fetching(bytes=fetch.bytes, total=fetch.total) if fetch and fetch.running else None,
        error=fetch.error if fetch else None,
    )


def _entry(op: str) -> Any:
    for entry in DATASETS:
        if entry.model_fields["op"].default == op:
            return entry
    raise NotFound(f"There is no dataset {op}; /api/catalogue lists those that there are.", code="no_dataset")


@router.get("/datasets/{op}", responses=NO_JOB)
def get_dataset(server: Server, op: Op) -> Availability:
    """Whether the dataset is on this machine; if not, where it comes from, and how a download stands."""
    return availability(server, op)


@router.post(
    "/datasets/{op}/fetch",
    status_code=202,
    responses={**NO_JOB, 409: {"model": ErrorBody, "description": "It is here already, or on its way"}},
)
def fetch_dataset(server: Server, op: Op) -> Availability:
    """Download a dataset that is not on this machine: from the hub, by name, checked by SHA-256."""
    if availability(server, op).available:
        raise Conflict(f"The dataset {op} is on this machine already.", code="available")
    server.hub.fetch(op)
    return availability(server, op)


@router.get(
    "/datasets/{op}/preview", openapi_extra=free_query("Fields of the dataset"), responses={200: {"model": Preview}, **NO_JOB, **SLOW}
)
def preview_dataset(server: Server, request: Request, op: Op) -> Response:
    """Examples, and each step of their preparation as a picture. The dataset's fields stand in the query, lists as JSON text."""
    _entry(op)
    dataset = entry_from_query(DATASET, op, request.query_params)
    (preview,) = server.inference.ask(
        f"preview {op}", {"op": "preview", "dataset": dataset.model_dump(mode="json")}, patience(server, dataset)
    )
    return Response(preview, media_type="application/json")
