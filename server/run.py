"""One job that waits or runs: what its worker says becomes events in its log and states in the store."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from models.commands import PublicCommand, Stop, Watch
from models.entry import Words
from models.events import Event, Failed, Finished, Frame, State, StateChanged
from server.executors.executor import Execution
from server.feed import Feed
from server.log import now
from server.states import FINAL, SERVER_ENDED, STOPPED_HARD, Outcome, died, reason_of
from server.store import Job, Store
from server.wire import Assignment, Message

logger = logging.getLogger("playground")

STOP_SECONDS = 5.0
"""Seconds that a worker has to stop by itself before it is made to."""
NOTE_SECONDS = 1.0
"""Seconds between two notes of a running job's numbers in the database."""
LAST_WORDS_SECONDS = 10.0
"""Seconds that workers have for a last checkpoint when the server goes."""
DURABLE = frozenset({"checkpointed", "finished", "failed"})
"""Events that must outlive a power cut."""


class Run:
    """A job between its creation and its end. `job` always holds its newest numbers. Safe to use from several threads."""

    def __init__(self, job: Job, feed: Feed, store: Store) -> None:
        self.job = job
        self.feed = feed
        self._store = store
        self._lock = threading.RLock()
        self._execution: Execution | None = None
        self._pending: list[bytes] = [json.dumps(command).encode() for command in job.options["commands"]]
        self._last_words: Finished | Failed | None = None
        self._server_ends = False
        self._noted = 0.0

    def assignment(self) -> Assignment:
        """What the worker is told."""
        job = self.job
        return Assignment(
            job=job.id,
            experiment=job.experiment,
            folder=self.feed.folder.resolve(),
            device=job.device,
            threads=job.threads,
            paused=job.options["paused"],
            steps_per_second=job.options["steps_per_second"],
        )

    def enter(self, state: State, *, reason: Words | None = None, step: int | None = None, **values: Any) -> bool:
        """Enter a state, if the present one allows it, and say so in the log."""
        with self._lock:
            words = {"en": reason.en, "zh": reason.zh} if reason else None
            if state in FINAL:
                values = {**values, **self._numbers(), "reason": words, "finished": now(), "last_seq": self.feed.log.last_seq + 1}
            if not self._store.move(self.job.id, state, **values):
                return False
            for name, value in {**values, "state": state}.items():
                setattr(self.job, name, value)
            self._append(StateChanged(state=state, step=self.job.step if step is None else step, reason=reason), sync=state in FINAL)
            return True

    def announce(self) -> None:
        """Say that the job waits."""
        self._append(StateChanged(state="queued"))

    def attach(self, execution: Execution) -> None:
        """The worker is there: give it the commands that came before it."""
        with self._lock:
            self._execution = execution
            for command in self._pending:
                execution.send(command)
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
            if self._execution:
                self._execution.send(_text(command))
            else:
                self._pending.append(_text(command))
                self.job.options = {**self.job.options, "commands": [json.loads(text) for text in self._pending]}
                self._store.note(self.job.id, options=self.job.options)
            return True

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
            self._take_numbers(message.type, message.step, message.body)
            self._append(message.body, sync=message.type in DURABLE)
            if message.type == "started" and not self.job.options["paused"]:
                self.enter("running")
            elif time.monotonic() >= self._noted + NOTE_SECONDS:
                self._noted = time.monotonic()
                self._store.note(self.job.id, **self._numbers())

    def settle(self, exit_code: int) -> None:
        """The worker has ended: enter the final state that follows from its last words, or from the lack of them."""
        with self._lock:
            match self._last_words:
                case Finished(outcome=outcome, reason=reason):
                    self.end(outcome, reason)
                case Failed() as failed:
                    self.end("failed", reason_of(failed))
                case None if self._server_ends:
                    self.end("interrupted", SERVER_ENDED)
                case None if self.job.state == "stopping":
                    self.end("stopped", STOPPED_HARD)
                case None:
                    self.fail(died(exit_code, json.loads(self.job.experiment)["training"]["batch_size"]))

    def fail(self, failed: Failed) -> None:
        """The job cannot go on, and its worker could not say so itself."""
        with self._lock:
            try:
                self._append(failed, sync=True)
            except OSError:
                # The state below matters more, and lies elsewhere.
                logger.exception("job %s: its log cannot be written", self.job.id)
            self.end("failed", reason_of(failed))

    def end(self, outcome: Outcome, reason: Words) -> None:
        """Enter a final state."""
        if not self.enter(outcome, reason=reason):
            logger.error("job %s could not become %s from %s", self.job.id, outcome, self.job.state)

    def _stop(self, execution: Execution) -> None:
        execution.send(_text(Stop()))
        execution.end_by(STOP_SECONDS)

    def _append(self, event: Event | bytes, *, sync: bool = False) -> None:
        body = event if isinstance(event, bytes) else event.model_dump_json().encode()
        self.job.last_seq = self.feed.log.append(body, sync=sync)

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
        return {
            name: getattr(job, name) for name in ("step", "steps", "steps_per_epoch", "parameters", "training", "validation", "last_seq")
        }


def _text(command: BaseModel | Watch) -> bytes:
    return command.model_dump_json().encode()
