"""One job that waits or runs: what its worker says becomes events in its log and states in the store."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError

from models.commands import Pace, PublicCommand, Resume, Stop, Watch
from models.entry import Words
from models.events import Event, Failed, Finished, Frame, State, StateChanged
from models.experiment import Experiment
from models.network import plan
from server.executors.executor import SILENCE_SECONDS, Execution
from server.feed import Feed
from server.log import now, written
from server.states import (
    FINAL,
    SERVER_ENDED,
    STOPPED_HARD,
    WAITS_FOR_CORES,
    Outcome,
    died,
    outcome_of,
    overtime,
    reason_of,
    silent,
)
from server.store import Job, Store
from server.wire import ALIVE, Assignment, Message

logger = logging.getLogger("playground")

STOP_SECONDS = 5.0
"""Seconds that a worker has to stop by itself before it is made to."""
NOTE_SECONDS = 1.0
"""Seconds between two notes of a running job's numbers in the database."""
LAST_WORDS_SECONDS = 10.0
"""Seconds that workers have for a last checkpoint when the server goes."""
DURABLE = frozenset({"checkpointed", "finished", "failed"})
"""Events that must outlive a power cut."""


@dataclass(frozen=True)
class Bounds:
    """What one run may take, in bytes and hours."""

    checkpoint_bytes: int
    memory_bytes: int
    hours: float


class Run:
    """A job between its start, or its going on, and its end. `job` always holds its newest numbers. Safe to use from several
    threads."""

    def __init__(self, job: Job, feed: Feed, store: Store, bounds: Bounds) -> None:
        self.job = job
        self.feed = feed
        self._store = store
        self._bounds = bounds
        self._lock = threading.RLock()
        self._execution: Execution | None = None
        self._pending: list[bytes] = [json.dumps(command).encode() for command in job.options["commands"]]
        self._last_words: Finished | Failed | None = None
        self._server_ends = False
        self._limit: Words | None = None
        self._began = time.monotonic()
        self._seconds_before = job.seconds
        self._noted = 0.0
        self._end_stored = False

    def assignment(self) -> Assignment:
        """What the worker is told."""
        job = self.job
        return Assignment(
            job=job.id,
            experiment=job.experiment,
            plan=plan(Experiment.model_validate_json(job.experiment)),
            folder=self.feed.folder.resolve(),
            device=job.device,
            threads=job.threads,
            paused=job.options["paused"],
            steps_per_second=job.options["steps_per_second"],
            checkpoint_bytes=self._bounds.checkpoint_bytes,
            memory_bytes=self._bounds.memory_bytes,
        )

    def enter(self, state: State, *, reason: Words | None = None, step: int | None = None, **values: Any) -> bool:
        """Enter a state that is not final, if the present one allows it, and say so in the log."""
        with self._lock:
            if state in ("running", "paused"):
                # So that it goes on as it was, should it be interrupted.
                values["options"] = {**self.job.options, "paused": state == "paused"}
            if not self._store.move(self.job.id, state, **values):
                return False
            self._keep(state=state, **values)
            self._append(StateChanged(state=state, step=self.job.step if step is None else step, reason=reason))
            return True

    def begin(self) -> bool:
        """Its slot is free: it starts, or goes on if its worker has only waited. Whether it needs a worker."""
        with self._lock:
            if self._execution is None:
                self._began = time.monotonic()
            self.enter("starting", started=self.job.started or now(), check_in=_promise())
            if self._execution:
                self._pass_on(self._execution)
            return self._execution is None

    def wait_in_line(self, command: Resume) -> None:
        """Others have the slots of this paused job: it goes on with this command when they are free again."""
        with self._lock:
            if self.enter("queued", reason=WAITS_FOR_CORES):
                self._keep_in_mind(command)

    def announce(self, reason: Words | None = None) -> None:
        """Say that the job waits."""
        self._append(StateChanged(state="queued", step=self.job.step if self.job.step else None, reason=reason))

    def attach(self, execution: Execution) -> None:
        """The worker is there: give it the commands that came before it."""
        with self._lock:
            self._execution = execution
            self._pass_on(execution)
            if self._server_ends:
                self.hang_up()
            if self.job.state == "stopping":
                self._stop(execution)
        self.feed.ask = lambda watch: execution.send(_text(watch))
        self.feed.tell_again()

    def command(self, command: PublicCommand) -> bool:
        """Pass a command on, or keep it until there is a worker. False when the job is past all commands."""
        with self._lock:
            if isinstance(command, Stop):
                if self.enter("stopping") and self._execution:
                    self._stop(self._execution)
                return self.job.state == "stopping"
            if self.job.state in FINAL or self.job.state == "stopping":
                return False
            if isinstance(command, Pace):
                self._note(options={**self.job.options, "steps_per_second": command.steps_per_second})
            if self._execution and self.job.state != "queued":
                self._execution.send(_text(command))
            else:
                self._keep_in_mind(command)
            return True

    @property
    def has_worker(self) -> bool:
        """Whether a worker has been started for it, which may only wait."""
        return self._execution is not None

    def hang_up(self) -> None:
        """The server goes: let the worker write a last checkpoint and end."""
        with self._lock:
            self._server_ends = True
            if self._execution:
                self._execution.hang_up()
                self._execution.end_by(LAST_WORDS_SECONDS)

    def hear(self, message: Message) -> None:
        """Take in what the worker says. Raises OSError when the log cannot be written."""
        if isinstance(message, Frame):
            self.feed.show(message)
            return
        with self._lock:
            if message.type == "state":
                changed = StateChanged.model_validate_json(message.body)
                # A worker that has not yet heard of a stop may still speak of a pause; the job is past that.
                self.enter(changed.state, reason=changed.reason, step=changed.step)
                return
            if message.type != ALIVE:
                self._take_numbers(message.type, message.step, message.body)
                self._append(message.body, sync=message.type in DURABLE)
                if message.type == "started" and not self.job.options["paused"]:
                    # All that is to be noted of a beginning goes with it: the first measurement waits behind.
                    self._noted = time.monotonic()
                    self.enter("running", **self._numbers(), check_in=_promise())
            if time.monotonic() >= self._noted + NOTE_SECONDS:
                self._noted = time.monotonic()
                self._note(**self._numbers(), check_in=_promise())
                self._look_at_the_clock()

    def settle(self, execution: Execution) -> None:
        """The worker has ended: enter the final state that follows from its last words, or from the lack of them."""
        with self._lock:
            match self._last_words:
                case Finished(outcome="stopped") if self._limit:
                    self.end("stopped", self._limit)
                case Finished(outcome=outcome, reason=reason):
                    self.end(outcome, reason)
                case Failed() as failed:
                    self.end(outcome_of(failed), reason_of(failed))
                case None if self.job.state == "stopping":
                    self.end("stopped", self._limit or STOPPED_HARD)
                case None if self._server_ends:
                    self.job.options = {**self.job.options, "again": True}
                    self.end("interrupted", SERVER_ENDED)
                case None if execution.silent:
                    self.fail(silent(SILENCE_SECONDS))
                case None:
                    self.fail(died(execution.exit_code, json.loads(self.job.experiment)["training"]["batch_size"]))

    def fail(self, failed: Failed) -> None:
        """The job cannot go on now, and its worker could not say so itself."""
        with self._lock:
            try:
                self._append(failed, sync=True)
            except OSError:
                # The state below matters more, and lies elsewhere.
                logger.exception("job %s: its log cannot be written", self.job.id)
            self.end(outcome_of(failed), reason_of(failed))

    def end(self, outcome: Outcome, reason: Words) -> None:
        """Enter a final state. From here on nothing says otherwise, even if it cannot be written down at once (then this raises;
        see `write_end`)."""
        with self._lock:
            self._keep(
                state=outcome,
                reason={"en": reason.en, "zh": reason.zh},
                finished=now(),
                check_in=None,
                seconds=self._seconds(),
                last_seq=self.feed.log.last_seq + 1,
            )
            self.write_end()

    def write_end(self) -> None:
        """Write down how the job ended: in the store, then in the log. May be called again when the store or the disk has failed."""
        with self._lock:
            job = self.job
            values = {name: getattr(job, name) for name in ("reason", "finished", "check_in", "options")}
            if not self._end_stored and not self._store.move(job.id, job.state, **self._numbers(), **values):
                logger.error("job %s could not become %s", job.id, job.state)
                return
            self._end_stored = True
            say_end(self.feed, job)

    def _keep_in_mind(self, command: PublicCommand) -> None:
        self._pending.append(_text(command))
        self._note(options={**self.job.options, "commands": [json.loads(text) for text in self._pending]})

    def _pass_on(self, execution: Execution) -> None:
        """Give the worker the commands that came before it had its slot."""
        for command in self._pending:
            execution.send(command)
        if self._pending:
            self._pending.clear()
            self._note(options={**self.job.options, "commands": []})

    def _stop(self, execution: Execution) -> None:
        execution.send(_text(Stop()))
        execution.end_by(STOP_SECONDS)

    def _append(self, event: Event | bytes, *, sync: bool = False) -> None:
        body = event if isinstance(event, bytes) else event.model_dump_json().encode()
        self.job.last_seq = self.feed.log.append(body, sync=sync)

    def _keep(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self.job, name, value)

    def _note(self, **values: Any) -> None:
        """Write down what is of use after a restart, if the store can take it now: a job does not end for want of a note."""
        self._keep(**values)
        try:
            self._store.note(self.job.id, **values)
        except DBAPIError as fault:
            logger.warning("job %s: a note could not be written: %s", self.job.id, fault.orig)

    def _seconds(self) -> float:
        return self._seconds_before + (time.monotonic() - self._began if self._execution else 0.0)

    def _look_at_the_clock(self) -> None:
        if self._seconds() > self._bounds.hours * 3600 and self.job.state != "stopping":
            self._limit = overtime(self._bounds.hours)
            if self.enter("stopping", reason=self._limit) and self._execution:
                self._stop(self._execution)

    def _take_numbers(self, kind: str, step: int | None, body: bytes) -> None:
        job = self.job
        if kind != "failed" and step is not None:
            job.step = max(job.step, step)
        match kind:
            case "started":
                said = json.loads(body)
                job.steps, job.steps_per_epoch, job.parameters = said["steps"], said["steps_per_epoch"], said["parameters"]
            case "evaluated":
                said = json.loads(body)
                job.training, job.validation = said["training"], said["validation"]
            case "finished":
                self._last_words = Finished.model_validate_json(body)
                # Done by its own record; if the process does not end now, it is ended.
                if self._execution:
                    self._execution.end_by(STOP_SECONDS)
            case "failed":
                self._last_words = Failed.model_validate_json(body)
                if self._execution:
                    self._execution.end_by(STOP_SECONDS)

    def _numbers(self) -> Mapping[str, Any]:
        job = self.job
        names = ("step", "steps", "steps_per_epoch", "parameters", "training", "validation", "last_seq")
        return {**{name: getattr(job, name) for name in names}, "seconds": self._seconds()}


def say_end(feed: Feed, job: Job) -> None:
    """Say in the log how a job ended, if that is not its last word already. Raises OSError."""
    if feed.log.last_seq >= job.last_seq:
        return
    reason = Words(**job.reason) if job.reason else None
    feed.log.append(StateChanged(state=job.state, step=job.step, reason=reason).model_dump_json().encode(), sync=True)


def _promise() -> str:
    return written(datetime.now(UTC) + timedelta(seconds=SILENCE_SECONDS))


def _text(command: BaseModel | Watch) -> bytes:
    return command.model_dump_json().encode()
