"""All jobs: creating, finding, commanding and deleting them, and taking them up again after a restart."""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from models.commands import PublicCommand, Resume, Stop
from models.events import Failed, Finished, State
from models.experiment import Experiment
from models.network import threads_for
from server.artifacts import checkpoints_in, lease_path
from server.bell import Bell
from server.checks import sound
from server.dispatcher import Dispatcher
from server.errors import Conflict, Invalid, Place, Unavailable, no_job
from server.executors.executor import Executor
from server.feed import Feed
from server.lease import see_off
from server.log import Log, now
from server.run import LAST_WORDS_SECONDS, Bounds, Run, say_end
from server.settings import Settings
from server.slots import Need
from server.states import (
    FINAL,
    GOES_ON,
    NO_PROGRESS,
    SERVER_DIED,
    STOPPED_WAITING,
    STOPPED_WITH_SERVER,
    outcome_of,
    reason_of,
    unwritable,
)
from server.store import DuplicateKey, Job, Store

logger = logging.getLogger("playground")

VAIN_TRIES = 5
"""How often a job is taken up again by itself without having come any further."""


class Jobs:
    """The jobs of this server. Safe to use from several threads."""

    def __init__(
        self, settings: Settings, store: Store, executor: Executor, new_bell: Callable[[], Bell], devices: Mapping[str, int]
    ) -> None:
        self._settings = settings
        self._store = store
        self._new_bell = new_bell
        self._dispatcher = Dispatcher(settings, executor, devices)
        self._lock = self._dispatcher.lock
        self._bounds = Bounds(settings.max_checkpoints * 2**20, settings.max_memory * 2**20, settings.max_hours)
        self._feeds: WeakValueDictionary[str, Feed] = WeakValueDictionary()
        self._opening = threading.Lock()

    def recover(self) -> None:
        """After a start of the server: queue again what waited, in the same order, and let go on what ran."""
        for job in self._store.unfinished():
            try:
                self._take_up(job)
            except OSError as fault:
                logger.error("job %s: its log cannot be opened: %s", job.id, fault)
                reason = reason_of(unwritable(str(fault)))
                self._store.move(job.id, "interrupted", reason={"en": reason.en, "zh": reason.zh}, finished=now(), check_in=None)
        self._dispatcher.admit()

    def _take_up(self, job: Job) -> None:
        feed = self._feed_of(job)
        log = feed.log
        _believe(log, job)
        if job.state == "queued":
            self._dispatcher.enqueue(Run(job, feed, self._store, self._bounds))
            return
        if job.state != "interrupted":
            run = Run(job, feed, self._store, self._bounds)
            match _last_words(log):
                case Finished(outcome=outcome, reason=reason):
                    run.end(outcome, reason)
                case Failed() as failed:
                    run.end(outcome_of(failed), reason_of(failed))
                case None if job.state == "stopping":
                    run.end("stopped", STOPPED_WITH_SERVER)
                case None:
                    job.options = {**job.options, "again": True}
                    run.end("interrupted", SERVER_DIED)
            feed.finish()
            if not job.options.get("again"):
                # Its worker may still be busy with its last words, or hang. That of a job that goes on is seen off by the next.
                threading.Thread(target=see_off, args=(lease_path(feed.folder), LAST_WORDS_SECONDS), daemon=True).start()
        if job.state == "interrupted" and job.options.get("again"):
            self._take_up_again(job, feed)

    def _take_up_again(self, job: Job, feed: Feed) -> None:
        """Let a job go on that the end of a server has interrupted, unless that has been in vain several times."""
        furthest = max((step for step, _path in checkpoints_in(feed.folder)), default=-1)
        tries = job.options.get("tries", 0) + 1 if furthest == job.options.get("furthest") and not job.options["paused"] else 0
        if tries >= VAIN_TRIES:
            self._store.note(
                job.id, reason={"en": NO_PROGRESS.en, "zh": NO_PROGRESS.zh}, options={**job.options, "again": False, "tries": 0}
            )
            return
        self._go_on(job, options={**job.options, "again": False, "tries": tries, "furthest": furthest})

    def create(
        self,
        experiment: Experiment,
        *,
        owner: str,
        name: str | None,
        shared: bool,
        paused: bool,
        steps_per_second: float | None,
        key: str | None,
    ) -> tuple[Job, bool]:
        """Make a job and queue it; of two calls of an owner with one `key` only the first makes one. Returns the job and whether
        it is new.

        Raises Invalid for an experiment with problems or beyond the limits, Conflict for a key that was used for another
        request, and Unavailable when the queue is full.
        """
        text = experiment.model_dump_json()
        fingerprint = _digest(text, name, shared, paused, steps_per_second)
        key = None if key is None else _digest(owner, key)
        if key is not None and (known := self._known(key, fingerprint)):
            return known, False
        report, memory = sound(experiment, self._settings)
        need = self._need(experiment, memory.total, owner)
        job = Job(
            id=secrets.token_hex(6),
            name=name or experiment.dataset.op,
            owner=owner,
            shared=shared,
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
            memory=memory.total,
            resumes=0,
            seconds=0.0,
            check_in=None,
            training=None,
            validation=None,
            last_seq=0,
        )
        with self._lock:
            self._check_room(owner)
            try:
                self._store.create(job)
            except DuplicateKey:
                assert key is not None
                known = self._known(key, fingerprint)
                assert known is not None
                return known, False
            try:
                run = Run(job, self._feed_of(job), self._store, self._bounds)
                run.announce()
            except OSError as fault:
                self._store.move(job.id, "failed", finished=now())
                raise Unavailable(
                    f"The job's log cannot be written: {fault.strerror}. Free space in the server's data folder first.", code="storage"
                ) from fault
            self._dispatcher.enqueue(run)
        self._dispatcher.admit()
        return job, True

    def get(self, job_id: str) -> Job:
        """The job with its newest numbers; raises NotFound."""
        run = self._dispatcher.run(job_id)
        job = run.job if run else self._store.get(job_id)
        if job is None:
            raise no_job(job_id)
        return job

    def experiment(self, job_id: str) -> dict[str, Any]:
        """The job's experiment as JSON; raises NotFound."""
        experiment: dict[str, Any] = json.loads(self.get(job_id).experiment)
        return experiment

    def folder(self, job_id: str) -> Path:
        """Where the job's files lie."""
        return self._store.folder(job_id)

    def newest(self, limit: int, owner: str) -> Sequence[Job]:
        """The newest jobs of an owner, newest first."""
        return [run.job if (run := self._dispatcher.run(job.id)) else job for job in self._store.newest(limit, owner)]

    def change(self, job_id: str, *, name: str | None = None, shared: bool | None = None) -> Job:
        """Give the job another name, or share it or not; what is None stays. Raises NotFound."""
        changes = {field: value for field, value in (("name", name), ("shared", shared)) if value is not None}
        with self._lock:
            job = self.get(job_id)
            if changes:
                self._store.note(job_id, **changes)
            for field, value in changes.items():
                setattr(job, field, value)
            return job

    def position(self, job_id: str) -> int | None:
        """Place in the queue, from 1; None when the job does not wait."""
        with self._lock:
            return self._dispatcher.slots.position(job_id)

    def feed(self, job_id: str) -> Feed:
        """What viewers of the job follow; raises NotFound."""
        run = self._dispatcher.run(job_id)
        if run:
            return run.feed
        job = self.get(job_id)
        # It may have been deleted in this moment.
        if not self._store.folder(job_id).is_dir():
            raise no_job(job_id)
        return self._feed_of(job)

    def command(self, job_id: str, command: PublicCommand) -> Job:
        """Give a command; raises NotFound, and Conflict when the job is past it."""
        with self._lock:
            run = self._dispatcher.run(job_id)
            if run and isinstance(command, Stop) and run.job.state == "queued" and not run.has_worker:
                self._dispatcher.slots.leave(job_id)
                self._dispatcher.conclude(run, lambda: run.end("stopped", STOPPED_WAITING))
                return run.job
            if isinstance(command, Resume) and (job := self.get(job_id)).state == "interrupted":
                if run:
                    self._dispatcher.try_write_end(run)
                if self._dispatcher.run(job_id) is None:
                    return self._resume(job)
            if run and isinstance(command, Resume) and not self._dispatcher.wake(run, command):
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
            devices = [(name, size, self._dispatcher.slots.busy(name)) for name, size in self._dispatcher.slots.sizes.items()]
            return devices, self._dispatcher.slots.waiting, self._dispatcher.slots.running

    def close(self) -> None:
        """Let running jobs write a last checkpoint and end; they and the queue wait for the next start."""
        self._dispatcher.close()

    def _check_room(self, owner: str) -> None:
        if self._dispatcher.closing.is_set():
            raise Unavailable("The server is shutting down; start the job again in a moment.", code="closing")
        if self._dispatcher.slots.waiting >= self._settings.max_queued:
            raise Unavailable(
                f"{self._dispatcher.slots.waiting} jobs are waiting already; stop some of them, or try again later.", code="queue_full"
            )
        if (own := self._dispatcher.slots.waiting_of(owner)) >= self._settings.max_queued_each:
            raise Unavailable(f"{own} jobs of yours are waiting already; stop some of them, or try again later.", code="queue_full_for_you")

    def _resume(self, job: Job) -> Job:
        """Let an interrupted job go on because a person wants it to."""
        self._check_room(job.owner)
        job = self._go_on(job, options={**job.options, "again": False, "tries": 0, "paused": False})
        self._dispatcher.admit()
        return job

    def _go_on(self, job: Job, *, options: dict[str, Any]) -> Job:
        feed = self._feed_of(job)
        values: dict[str, Any] = {"options": options, "resumes": job.resumes + 1, "reason": None, "finished": None}
        if not self._store.move(job.id, "queued", **values):
            raise Conflict("The job goes on already.", code="job_queued")
        for name, value in {**values, "state": "queued"}.items():
            setattr(job, name, value)
        run = Run(job, feed, self._store, self._bounds)
        run.announce(GOES_ON)
        feed.reopen()
        self._dispatcher.enqueue(run)
        return job

    def _feed_of(self, job: Job) -> Feed:
        """The one feed of a job, as long as anybody uses it."""
        with self._opening:
            feed = self._feeds.get(job.id)
            if feed is None:
                feed = Feed(self._store.folder(job.id), self._new_bell(), final=job.state in FINAL)
                if feed.final:
                    # A server that was killed may have stored the end without having said it.
                    say_end(feed, job)
                self._feeds[job.id] = feed
            return feed

    def _known(self, key: str, fingerprint: str) -> Job | None:
        job = self._store.with_key(key)
        if job is not None and job.fingerprint != fingerprint:
            raise Conflict("This Idempotency-Key was used for another request; take a new one.", code="key_reused")
        return self.get(job.id) if job else None

    def _need(self, experiment: Experiment, memory: int, owner: str) -> Need:
        wanted = experiment.training.device
        cards = [name for name in self._dispatcher.slots.sizes if name.startswith("cuda")]
        if wanted == "cuda" and not cards:
            message = "this server has no graphics card; choose cpu, or auto"
            raise Invalid(
                f"training → device: {message}", [Place(path=["experiment", "training", "device"], field="device", message=message)]
            )
        if wanted == "cpu" or not cards:
            return Need("cpu", threads_for(experiment, self._dispatcher.slots.sizes["cpu"]), memory, owner)
        with self._lock:
            return Need(min(cards, key=self._dispatcher.slots.load), 1, memory, owner)


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _believe(log: Log, job: Job) -> None:
    """Take the newest numbers from the log: the store may know them as they were a second earlier."""
    job.last_seq = log.last_seq
    for line in reversed(log.rest()):
        said = json.loads(line)
        match said["type"]:
            case "progress":
                job.step = max(job.step, said["step"][-1])
            case "evaluated":
                job.step = max(job.step, said["step"])
                job.training, job.validation = said["training"], said["validation"]
                return


def _last_words(log: Log) -> Finished | Failed | None:
    """How the log says that the last run of a job ended, if it does."""
    for line in reversed(log.read(max(0, log.last_seq - 5))):
        said = json.loads(line)
        fields = {name: value for name, value in said.items() if name not in ("seq", "at")}
        match said["type"]:
            case "finished":
                return Finished.model_validate_json(json.dumps(fields))
            case "failed":
                return Failed.model_validate_json(json.dumps(fields))
            case "state" if said["state"] in BEGINNING:
                return None
    return None


BEGINNING: frozenset[State] = frozenset({"queued", "starting"})
"""States behind which a run begins, so that what was said before is of another."""
