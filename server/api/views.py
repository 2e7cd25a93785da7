"""Pictures of a job at one of its checkpoints."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import TypeAdapter

from models.views.catalogue import View
from server.api.checkpoint import ask
from server.api.networks import Drawing
from server.api.parameters import NO_JOB, SLOW, At, Op, Readable, entry_from_query, free_query
from server.errors import ErrorBody
from server.services import Server

router = APIRouter(tags=["views"])

VIEW: TypeAdapter[View] = TypeAdapter(View)


@router.get(
    "/jobs/{job_id}/views/{op}",
    openapi_extra=free_query("Fields of the view"),
    responses={200: {"model": Drawing}, **NO_JOB, 409: {"model": ErrorBody, "description": "There is no checkpoint yet"}, **SLOW},
)
def get_view(server: Server, request: Request, job: Readable, op: Op, at: At = None) -> Response:
    """One view as a picture; its fields stand in the query, such as `?node=h1`. Bytes come as URL-safe base64."""
    view = entry_from_query(VIEW, op, request.query_params, without=("at",))
    (drawing,) = ask(server, job, at, {"op": "drawn", "views": [view.model_dump(mode="json")]})
    return Response(drawing, media_type="application/json")
