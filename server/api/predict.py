"""What a job's network says of an example that somebody gives."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Response
from pydantic import Field

from models.predict import Answers
from models.question import Question
from server.api.body import DocumentRoute
from server.api.checkpoint import ask
from server.api.parameters import NO_JOB, SLOW, Readable
from server.errors import ErrorBody
from server.services import Server

router = APIRouter(tags=["predict"], route_class=DocumentRoute)


class PredictRequest(Question):
    """Raw examples or one drawing, and the step whose network shall answer."""

    at: int | None = Field(None, ge=0, le=2**53)
    """The nearest checkpoint at or before it is used. Left out: the newest."""


class Prediction(Answers):
    """The answers of the network as it was at `step`."""

    step: int


@router.post(
    "/jobs/{job_id}/predict",
    responses={200: {"model": Prediction}, **NO_JOB, 409: {"model": ErrorBody, "description": "There is no checkpoint yet"}, **SLOW},
)
def predict(
    server: Server,
    job: Readable,
    request: Annotated[PredictRequest, Body(openapi_examples={"point": {"value": {"inputs": [[1.5, -2.0]]}}})],
) -> Response:
    """Let the network answer for points, rows of a table, images or a drawing."""
    question = request.model_dump(mode="json")
    at = question.pop("at")
    (answers,) = ask(server, job, at, {"op": "predict", "question": question})
    return Response(answers, media_type="application/json")
