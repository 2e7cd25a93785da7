"""Jobs: create, list, look at, command, delete."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Query, Response
from pydantic import BaseModel, Field

from models.commands import PublicCommand
from models.entry import Spec, Words
from models.events import Metrics, State
from models.experiment import Experiment
from server import store
from server.api.body import DocumentRoute
from server.api.examples import COMMANDS, SPIRAL
from server.api.parameters import NO_JOB, OWN_JOB, Owned, Readable
from server.artifacts import checkpoints_in
from server.errors import ErrorBody
from server.metrics import curve_of, thinned
from server.services import Owner, Server, Services

router = APIRouter(tags=["jobs"], route_class=DocumentRoute)


class JobRequest(Spec):
    """What to train, and how to begin."""

    experiment: Experiment
    name: str | None = Field(None, min_length=1, max_length=200)
    paused: bool = False
    """Wait for a command before the first step."""
    steps_per_second: float | None = Field(None, gt=0, le=1_000_000)
    """Pace at which a person can watch; null is full speed."""
    shared: bool = False
    """Let others look at the job; only you can change it."""


class JobChange(Spec):
    """What to change of a job; what is left out stays."""

    name: str | None = Field(None, min_length=1, max_length=200)
    shared: bool | None = None
    """Whether others may look at it."""


class Job(BaseModel):
    """One execution of an experiment."""

    id: str
    name: str
    mine: bool
    """Whether the caller may change it; a shared job of somebody else can only be looked at."""
    shared: bool
    """Whether others may look at it."""
    state: State
    reason: Words | None
    """Why it ended."""
    experiment: Experiment
    created: str
    started: str | None
    finished: str | None
    step: int
    steps: int | None
    """Steps until the last epoch is done; known once it has started."""
    epoch: float
    parameters: int
    device: str
    threads: int
    position: int | None
    """Place in the queue; the next one is 1."""
    training: Metrics | None
    """Newest scores on the training set."""
    validation: Metrics | None
    last_seq: int
    """Number of the newest event."""
    memory: int
    """Bytes that it is estimated to need."""
    resumes: int
    """How often it has gone on after an interruption."""
    check_in: str | None
    """When its worker has promised to be heard of next; null while none runs."""


class JobList(BaseModel):
    """Jobs, newest first."""

    jobs: list[Job]


class Evaluation(BaseModel):
    """One `evaluated` event of the log."""

    seq: int
    at: str
    step: int
    epoch: float
    training: Metrics
    validation: Metrics
    lr: float
    gradient_norm: float | None


class JobMetrics(BaseModel):
    """The loss curve in columns, thinned so that the first, the last and the extremes are kept."""

    step: list[int]
    loss: list[float | None]
    low: list[float | None]
    high: list[float | None]
    shown: int
    """Entries in the columns."""
    of: int
    """Entries in the whole curve."""
    evaluations: list[Evaluation]
    evaluations_of: int
    """Evaluations in the whole curve."""


class Checkpoint(BaseModel):
    """A step at which everything that the job knew is on disk."""

    step: int
    epoch: float
    bytes: int


class CheckpointList(BaseModel):
    """Checkpoints, oldest first."""

    checkpoints: list[Checkpoint]


def described(services: Services, owner: str, job: store.Job) -> Job:
    """The job as the surface shows it to an owner, who may be another than the job's."""
    return Job(
        id=job.id,
        name=job.name,
        mine=job.owner == owner,
        shared=job.shared,
        state=job.state,
        reason=Words(**job.reason) if job.reason else None,
        experiment=Experiment.model_validate_json(job.experiment),
        created=job.created,
        started=job.started,
        finished=job.finished,
        step=job.step,
        steps=job.steps,
        epoch=epoch_of(job, job.step),
        parameters=job.parameters,
        device=job.device,
        threads=job.threads,
        position=services.jobs.position(job.id),
        training=Metrics.model_validate(job.training) if job.training else None,
        validation=Metrics.model_validate(job.validation) if job.validation else None,
        last_seq=job.last_seq,
        memory=job.memory,
        resumes=job.resumes,
        check_in=job.check_in,
    )


def epoch_of(job: store.Job, step: int) -> float:
    """Epochs that are done at a step, in parts."""
    return step / job.steps_per_epoch if job.steps_per_epoch else 0.0


@router.post(
    "/jobs",
    status_code=201,
    responses={
        200: {"model": Job, "description": "The job that was created with this Idempotency-Key before"},
        409: {"model": ErrorBody, "description": "The key was used for another request"},
    },
)
def create_job(
    server: Server,
    owner: Owner,
    response: Response,
    request: Annotated[JobRequest, Body(openapi_examples={"spiral": {"value": {"experiment": SPIRAL, "name": "two arms"}}})],
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=200)] = None,
) -> Job:
    """Train an experiment. It starts when a slot is free.

    With an Idempotency-Key the same request, sent twice, makes one job.
    """
    job, new = server.jobs.create(
        request.experiment,
        owner=owner,
        shared=request.shared,
        name=request.name,
        paused=request.paused,
        steps_per_second=request.steps_per_second,
        key=idempotency_key,
    )
    if not new:
        response.status_code = 200
    response.headers["location"] = f"/api/jobs/{job.id}"
    return described(server, owner, job)


@router.get("/jobs")
def list_jobs(server: Server, owner: Owner, limit: Annotated[int, Query(ge=1, le=500)] = 50) -> JobList:
    """Your own newest jobs, newest first."""
    return JobList(jobs=[described(server, owner, job) for job in server.jobs.newest(limit, owner)])


@router.get("/jobs/{job_id}", responses=NO_JOB)
def get_job(server: Server, owner: Owner, job: Readable) -> Job:
    """One job with its newest numbers."""
    return described(server, owner, job)


@router.patch("/jobs/{job_id}", responses=OWN_JOB)
def change_job(
    server: Server, owner: Owner, job: Owned, change: Annotated[JobChange, Body(openapi_examples={"share": {"value": {"shared": True}}})]
) -> Job:
    """Give a job another name, or let others look at it."""
    return described(server, owner, server.jobs.change(job.id, name=change.name, shared=change.shared))


@router.delete("/jobs/{job_id}", status_code=204, responses={**OWN_JOB, 409: {"model": ErrorBody, "description": "The job is alive"}})
def delete_job(server: Server, job: Owned) -> None:
    """Forget a job that has ended, with its events and checkpoints."""
    server.jobs.delete(job.id)


@router.post(
    "/jobs/{job_id}/commands",
    status_code=202,
    responses={**OWN_JOB, 409: {"model": ErrorBody, "description": "The job is past commands"}},
)
def command_job(server: Server, owner: Owner, job: Owned, command: Annotated[PublicCommand, Body(openapi_examples=COMMANDS)]) -> Job:
    """Pause, resume, step, stop, retune or pace; `resume` also lets an interrupted job go on. The effect comes as an event."""
    return described(server, owner, server.jobs.command(job.id, command))


@router.get("/jobs/{job_id}/metrics", responses={200: {"model": JobMetrics}, **NO_JOB})
def get_metrics(
    server: Server, job: Readable, points: Annotated[int, Query(ge=10, le=100_000, description="Most entries to show")] = 2000
) -> Response:
    """The loss curve, thinned honestly: it says how many entries of how many it shows, and no spike is lost."""
    curve = curve_of(server.jobs.feed(job.id).log.rest())
    kept = thinned(curve.low, curve.high, points)
    losses = [evaluation["validation"]["loss"] for evaluation in curve.evaluations]
    evaluations = [_evaluation(curve.evaluations[index]) for index in thinned(losses, losses, points)]
    shown = JobMetrics(
        step=[curve.step[index] for index in kept],
        loss=[curve.loss[index] for index in kept],
        low=[curve.low[index] for index in kept],
        high=[curve.high[index] for index in kept],
        shown=len(kept),
        of=len(curve.step),
        evaluations=evaluations,
        evaluations_of=len(curve.evaluations),
    )
    # Written by pydantic itself: of thousands of numbers a copy for the framework costs more than the thinning.
    return Response(shown.model_dump_json(), media_type="application/json")


def _evaluation(event: dict[str, Any]) -> Evaluation:
    return Evaluation.model_validate({name: value for name, value in event.items() if name != "type"})


@router.get("/jobs/{job_id}/checkpoints", responses=NO_JOB)
def list_checkpoints(server: Server, job: Readable) -> CheckpointList:
    """The steps that views, predictions and weights can be had of."""
    found: list[Checkpoint] = []
    for step, path in checkpoints_in(server.jobs.folder(job.id)):
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            # Thinned away in this moment.
            continue
        found.append(Checkpoint(step=step, epoch=epoch_of(job, step), bytes=size))
    return CheckpointList(checkpoints=found)
