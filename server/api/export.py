"""A job to take home: its experiment, a script, its weights."""

from __future__ import annotations

import json

from fastapi import APIRouter, Response

from models.experiment import Experiment
from server.api.checkpoint import ask
from server.api.parameters import NO_JOB, SLOW, At, Readable
from server.errors import ErrorBody
from server.services import Server

router = APIRouter(tags=["export"])


def _attachment(job_id: str, suffix: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="job-{job_id}.{suffix}"'}


@router.get("/jobs/{job_id}/export/experiment", responses={200: {"model": Experiment}, **NO_JOB})
def export_experiment(server: Server, job: Readable) -> Response:
    """The experiment, byte for byte as the worker got it; `POST /api/jobs` takes it again."""
    return Response(job.experiment, media_type="application/json", headers=_attachment(job.id, "json"))


@router.get(
    "/jobs/{job_id}/export/pytorch",
    response_class=Response,
    responses={200: {"content": {"text/x-python": {"schema": {"type": "string"}}}, "description": "A Python script"}, **NO_JOB, **SLOW},
)
def export_pytorch(server: Server, job: Readable) -> Response:
    """One readable script that needs only PyTorch, numpy and, for its data, scikit-learn, and prints the same losses as the job."""
    events = (json.loads(line) for line in server.jobs.feed(job.id).log.rest() if b'"type":"retuned"' in line)
    retunes = {str(event["step"]): event["lr"] for event in events}
    question = {"op": "script", "experiment": json.loads(job.experiment), "threads": job.threads, "device": job.device, "retunes": retunes}
    (script,) = server.inference.ask(job.id, question)
    return Response(script, media_type="text/x-python", headers=_attachment(job.id, "py"))


@router.get(
    "/jobs/{job_id}/export/weights",
    response_class=Response,
    responses={
        200: {
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
            "description": "A safetensors file",
        },
        **NO_JOB,
        409: {"model": ErrorBody, "description": "There is no checkpoint yet"},
        **SLOW,
    },
)
def export_weights(server: Server, job: Readable, at: At = None) -> Response:
    """The network's weights as safetensors, by the names that the exported script gives them."""
    (weights,) = ask(server, job, at, {"op": "weights"})
    return Response(weights, media_type="application/octet-stream", headers=_attachment(job.id, "safetensors"))
