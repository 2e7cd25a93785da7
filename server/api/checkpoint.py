"""Questions about a job at a checkpoint, put to the inference processes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from server.artifacts import checkpoints_in
from server.errors import Conflict, NotFound
from server.pool import Gone
from server.services import Services
from server.store import Job

TRIES = 3


def checkpoint_at(services: Services, job: Job, at: int | None) -> tuple[int, Path] | None:
    """The newest checkpoint at or before a step; None when the job has none at all. Raises NotFound."""
    kept = checkpoints_in(services.jobs.folder(job.id))
    if not kept:
        return None
    fitting = [checkpoint for checkpoint in kept if at is None or checkpoint[0] <= at]
    if not fitting:
        raise NotFound(f"The first checkpoint of this job is at step {kept[0][0]}; ask for that step or a later one.", code="no_checkpoint")
    return fitting[-1]


def ask(services: Services, job: Job, at: int | None, question: dict[str, Any], *, untrained: bool = False) -> list[bytes]:
    """Ask about the job as it was at a step. Without a checkpoint the answer is of the first weights if `untrained` will do.

    Raises NotFound, Conflict when there is no checkpoint yet, and what the inference processes raise.
    """
    experiment = json.loads(job.experiment)
    for attempt in range(TRIES):
        checkpoint = checkpoint_at(services, job, at)
        if checkpoint is None and not untrained:
            raise Conflict("The job has no checkpoint yet; ask again when it has run for a moment.", code="no_checkpoint")
        path = str(checkpoint[1].resolve()) if checkpoint else None
        try:
            return services.inference.ask(job.id, {**question, "experiment": experiment, "checkpoint": path})
        except Gone:
            # Checkpoints are thinned while the job runs; the next choice is one that is there.
            if attempt == TRIES - 1:
                raise Conflict("The checkpoints of this job change too quickly; ask again in a moment.", code="no_checkpoint") from None
    raise AssertionError
