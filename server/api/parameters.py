"""What paths and queries of several resources have in common."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Path, Query
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import QueryParams

from models.datasets.dataset import Dataset
from server import store
from server.api.body import read
from server.errors import ErrorBody, Forbidden, invalid_value, no_job
from server.services import Owner, Server, Services

JobId = Annotated[str, Path(pattern="^[0-9a-f]{12}$", description="Id of a job")]
Op = Annotated[str, Path(pattern="^[a-z][a-z0-9_]{0,31}$", description="Name of an entry")]
At = Annotated[int | None, Query(ge=0, le=2**53, description="Step: the nearest checkpoint at or before it is used. Left out: the newest.")]

NO_JOB: dict[int | str, dict[str, Any]] = {404: {"model": ErrorBody, "description": "There is nothing of that name"}}
SLOW: dict[int | str, dict[str, Any]] = {504: {"model": ErrorBody, "description": "It took too long and was given up"}}

OWN_JOB: dict[int | str, dict[str, Any]] = {
    **NO_JOB,
    403: {"model": ErrorBody, "description": "Somebody else's job, or foreign Host or Origin"},
}

MAKING = 4
"""Times as long as other questions may take, for one whose data may have to be made first. That happens once: others wait for it, and
find it kept."""

Read = TypeVar("Read")


def patience(services: Services, dataset: Dataset) -> float:
    """Seconds in which a question about a dataset has to be answered."""
    return services.settings.question_seconds * (MAKING if dataset.slow else 1)


def readable(services: Services, owner: str, job_id: str) -> store.Job:
    """A job that the caller may look at. Raises NotFound in the same words for an unknown job and for a private one of somebody else."""
    job = services.jobs.get(job_id)
    if job.owner != owner and not job.shared:
        raise no_job(job_id)
    return job


def _readable(server: Server, owner: Owner, job_id: JobId) -> store.Job:
    return readable(server, owner, job_id)


Readable = Annotated[store.Job, Depends(_readable)]
"""The job in the path: the caller's own or a shared one."""


def _owned(job: Readable, owner: Owner) -> store.Job:
    if job.owner != owner:
        raise Forbidden(
            "This job belongs to somebody else, who lets you look at it. To change it, start one of your own from its experiment.",
            code="read_only",
        )
    return job


Owned = Annotated[store.Job, Depends(_owned)]
"""The job in the path: the caller's own."""


def free_query(description: str) -> dict[str, Any]:
    """OpenAPI's words for a query whose names depend on the entry."""
    schema = {"type": "object", "additionalProperties": {"type": "string"}}
    return {
        "parameters": [{"in": "query", "name": "fields", "description": description, "style": "form", "explode": True, "schema": schema}]
    }


def entry_from_query(adapter: TypeAdapter[Read], op: str, query: QueryParams, *, without: Collection[str] = ()) -> Read:
    """An entry whose fields stand in a query; numbers, lists and truth values as JSON text. Raises Invalid."""
    document: dict[str, Any] = {name: _value(text) for name, text in query.items() if name not in without}
    try:
        return adapter.validate_python({**document, "op": op})
    except ValidationError as fault:
        raise invalid_value(fault.errors(include_url=False), {**document, "op": op}) from fault


def _value(text: str) -> Any:
    try:
        return read(text)
    except (ValueError, RecursionError):
        return text
