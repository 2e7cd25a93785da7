"""All jobs: creating, queueing, starting, commanding, and finding them again after a restart."""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from models.commands import PublicCommand, Stop
from models.events import Failed, Finished
from models.experiment import Experiment
from models.network import threads_for
from server.bell import Bell
from server.checks import sound
from server.errors import Conflict, Invalid, NotFound, Place, Unavailable
from server.executors.executor import Executor
from server.feed import Feed
from server.log import Log, now
from server.run import LAST_WORDS_SECONDS, Run
from server.settings import Settings
from server.slots import Need, Slots
from server.states import FINAL, SERVER_DIED, STOPPED_WAITING, reason_of, unstartable, unwritable
from server.store import DuplicateKey, Job, Store

logger = logging.getLogger("playground")


class Jobs:
    """The jobs of this server. Safe to use from several threads; each running job is followed by a thread of its own."""

    def __init__(
        self, settings: Settings, store: Store, executor: Executor, new_bell: Callable[[], Bell], devices: Mapping[str, int]
    ) -> None:
        self._settings = settings
        self._store = store
        self._executor = executor
        self._new_bell = new_bell
        self._lock = threading.RLock()
        self._slots = Slots(devices)
        self._live: dict[str, Run] = {}
        self._threads: dict[str, threading.Thread] = {}
        self._closing = False

    def recover(self) -> None:
        """After a start of the server: queue again what waited, and say what became of what ran."""
        for job in self._store.unfinished():
            try:
                run = Run(job, Feed(self._store.folder(job.id), self._new_bell(), final=False), self._store)
            except OSError as fault:
                logger.error("job %s: its log cannot be opened: %s", job.id, fault)
                reason = reason_of(unwritable(str(fault)))
                self._store.move(job.id, "failed", reason={"en": reason.en, "zh": reason.zh}, finished=now())
                continue
            job.last_seq = run.feed.log.last_seq
            if job.state == "queued":
                self._enqueue(run)
                continue
            match _last_words(run.feed.log):
                case Finished(outcome=outcome, reason=reason):
                    run.end(outcome, reason)
                case Failed() as failed:
                    run.end("failed", reason_of(failed))
                case None:
                    run.end("interrupted", SERVER_DIED)
        self._admit()

    def create(
        self, experiment: Experiment, *, name: str | None, paused: bool, steps_per_second: float | None, key: str | None
    ) -> tuple[Job, bool]:
        """Make a job and queue it; of two calls with one `key` only the first makes one. Returns the job and whether it is new.

        Raises Invalid for an experiment with problems or beyond the limits, Conflict for a key that was used for another
        request, and Unavailable when the queue is full.
        """
        text = experiment.model_dump_json()
        fingerprint = hashlib.sha256(repr((text, name, paused, steps_per_second)).encode()).hexdigest()
        if key is not None and (known := self._known(key, fingerprint)):
            return known, False
        report = sound(experiment, self._settings.max_parameters)
        need = self._need(experiment)
        job = Job(
            id=secrets.token_hex(6),
            name=name or experiment.dataset.op,
            owner="local",
            state="queued",
            reason=None,
            experiment=text,
            options={"paused": paused, "steps_per_second": steps_per_second, "commands": []},
            key=key,
            fingerprint=fingerprint if key is not None else None,
            created=now(),
            started=None,
            finished=None,
            step=0,
            steps=None,
            steps_per_epoch=None,
            parameters=report.parameters,
            device=need.device,
            threads=need.slots if need.device == "cpu" else 1,
            training=None,
            validation=None,
            last_seq=0,
        )
        with self._lock:
            if self._closing:
                raise Unavailable("The server is shutting down; start the job again in a moment.")
            if self._slots.waiting >= self._settings.max_queued:
                raise Unavailable(
                    f"{self._slots.waiting} jobs are waiting already; stop some of them, or try again later.", code="queue_full"
                )
            try:
                self._store.create(job)
            except DuplicateKey:
                assert key is not None
                known = self._known(key, fingerprint)
                assert known is not None
                return known, False
            try:
                run = Run(job, Feed(self._store.folder(job.id), self._new_bell(), final=False), self._store)
                run.announce()
            except OSError as fault:
                self._store.move(job.id, "failed", finished=now())
                raise Unavailable(
                    f"The job's log cannot be written: {fault.strerror}. Free space in the server's data folder first."
                ) from fault
            self._enqueue(run)
        self._admit()
        return job, True

    def get(self, job_id: str) -> Job:
        """The job with its newest numbers; raises NotFound."""
        run = self._live.get(job_id)
        job = run.job if run else self._store.get(job_id)
        if job is None:
            raise NotFound(f"There is no job {job_id}; it may have been deleted.", code="no_job")
        return job

    def experiment(self, job_id: str) -> dict[str, Any]:
        """The job's experiment as JSON; raises NotFound."""
        experiment: dict[str, Any] = json.loads(self.get(job_id).experiment)
        return experiment

    def folder(self, job_id: str) -> Path:
        """Where the job's files lie."""
        return self._store.folder(job_id)

    def newest(self, limit: int) -> Sequence[Job]:
        """The newest jobs, newest first."""
        return [run.job if (run := self._live.get(job.id)) else job for job in self._store.newest(limit)]

    def position(self, job_id: str) -> int | None:
        """Place in the queue, from 1; None when the job does not wait."""
        with self._lock:
            return self._slots.position(job_id)

    def feed(self, job_id: str) -> Feed:
        """What viewers of the job follow; raises NotFound."""
        run = self._live.get(job_id)
        if run:
            return run.feed
        self.get(job_id)
        # It may have ended, or been deleted, in this moment.
        if not (folder := self._store.folder(job_id)).is_dir():
            raise NotFound(f"There is no job {job_id}; it may have been deleted.", code="no_job")
        return Feed(folder, self._new_bell(), final=True)

    def command(self, job_id: str, command: PublicCommand) -> Job:
        """Give a command; raises NotFound, and Conflict when the job is past it."""
        with self._lock:
            run = self._live.get(job_id)
            if run and isinstance(command, Stop) and run.job.state == "queued":
                self._slots.leave(job_id)
                run.end("stopped", STOPPED_WAITING)
                self._retire(run)
                return run.job
        if run is None or not run.command(command):
            job = self.get(job_id)
            raise Conflict(
                f"The job is {job.state}; it takes no further commands.", code="job_" + ("final" if job.state in FINAL else job.state)
            )
        return run.job

    def delete(self, job_id: str) -> None:
        """Forget a job and its files; raises NotFound, and Conflict while it is alive."""
        job = self.get(job_id)
        if not self._store.delete(job_id):
            raise Conflict(f"The job is {job.state}; stop it first.", code="job_alive")

    def health(self) -> tuple[list[tuple[str, int, int]], int, int]:
        """Devices (name, slots, busy slots), number of waiting and of running jobs."""
        with self._lock:
            devices = [(name, size, self._slots.busy(name)) for name, size in self._slots.sizes.items()]
            return devices, self._slots.waiting, self._slots.running

    def close(self) -> None:
        """Let running jobs write a last checkpoint and end; they and the queue wait for the next start."""
        with self._lock:
            self._closing = True
            threads = list(self._threads.values())
            for run in self._live.values():
                run.hang_up()
        for thread in threads:
            thread.join(LAST_WORDS_SECONDS + 5)

    def _known(self, key: str, fingerprint: str) -> Job | None:
        job = self._store.with_key(key)
        if job is not None and job.fingerprint != fingerprint:
            raise Conflict("This Idempotency-Key was used for another request; take a new one.", code="key_reused")
        return self.get(job.id) if job else None

    def _need(self, experiment: Experiment) -> Need:
        wanted = experiment.training.device
        cards = [name for name in self._slots.sizes if name.startswith("cuda")]
        if wanted == "cuda" and not cards:
            message = "this server has no graphics card; choose cpu, or auto"
            raise Invalid(
                f"training → device: {message}", [Place(path=["experiment", "training", "device"], field="device", message=message)]
            )
        if wanted == "cpu" or not cards:
            return Need("cpu", threads_for(experiment, self._slots.sizes["cpu"]))
        with self._lock:
            return Need(min(cards, key=self._slots.load), 1)

    def _enqueue(self, run: Run) -> None:
        job = run.job
        with self._lock:
            if job.device not in self._slots.sizes:
                run.fail(unstartable(f"the device {job.device} is not there any more"))
                return
            self._live[job.id] = run
            self._slots.wait(job.id, Need(job.device, min(job.threads, self._slots.sizes[job.device])))

    def _admit(self) -> None:
        with self._lock:
            if self._closing:
                return
            for job_id in self._slots.admit():
                run = self._live[job_id]
                run.enter("starting", started=now())
                thread = threading.Thread(target=self._carry_out, args=(run,), name=f"job {job_id}", daemon=True)
                self._threads[job_id] = thread
                thread.start()

    def _carry_out(self, run: Run) -> None:
        try:
            execution = self._executor.start(run.assignment())
        except OSError as fault:
            words = unstartable(str(fault))
            self._conclude(run, lambda: run.fail(words))
            return
        messages = execution.messages()
        try:
            run.attach(execution)
            for message in messages:
                run.hear(message)
        except Exception as fault:
            # Whatever it was, nothing of the job may go on unseen: its worker is ended before its slot is free.
            logger.exception("job %s cannot be followed", run.job.id)
            words = unwritable(str(fault).split("\n")[0])
            execution.end_by(0)
            for _message in messages:
                pass
            self._conclude(run, lambda: run.fail(words))
        else:
            self._conclude(run, lambda: run.settle(execution.exit_code))

    def _conclude(self, run: Run, end: Callable[[], None]) -> None:
        with self._lock:
            self._slots.leave(run.job.id)
            try:
                end()
            except Exception:
                # The store or the disk does not take the end. It is told at the next start, from the state that is stored.
                logger.exception("the end of job %s could not be written", run.job.id)
            self._retire(run)
        self._admit()

    def _retire(self, run: Run) -> None:
        self._live.pop(run.job.id, None)
        self._threads.pop(run.job.id, None)
        run.feed.finish()


def _last_words(log: Log) -> Finished | Failed | None:
    for line in reversed(log.read(max(0, log.last_seq - 5))):
        said = json.loads(line)
        fields = {name: value for name, value in said.items() if name not in ("seq", "at")}
        match said["type"]:
            case "finished":
                return Finished.model_validate(fields)
            case "failed":
                return Failed.model_validate(fields)
    return None
