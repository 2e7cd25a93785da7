"""Brings waiting jobs to free slots, follows those that run, and sees each to its end."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping

from models.commands import Resume
from server.executors.executor import Executor
from server.run import LAST_WORDS_SECONDS, Run
from server.settings import Settings
from server.slots import Need, Slots
from server.states import unstartable, unwritable

logger = logging.getLogger("playground")

RETRY_SECONDS = 2.0
"""Seconds after which the end of a job is written again that the store or the disk did not take."""


class Dispatcher:
    """The jobs that wait or run. Each running one is followed by a thread of its own. Whoever looks at something here and then acts
    on it holds `lock` meanwhile."""

    def __init__(self, settings: Settings, executor: Executor, devices: Mapping[str, int]) -> None:
        self.lock = threading.RLock()
        self.slots = Slots(devices, settings.max_memory * 2**20, settings.max_running_each)
        self.closing = threading.Event()
        self._executor = executor
        self._live: dict[str, Run] = {}
        self._threads: dict[str, threading.Thread] = {}

    def run(self, job_id: str) -> Run | None:
        """The run of a job that waits or runs."""
        return self._live.get(job_id)

    def enqueue(self, run: Run) -> None:
        """Put a job into the line; `admit` then starts it when its turn comes."""
        job = run.job
        with self.lock:
            self._live[job.id] = run
            if job.device in self.slots.sizes:
                self.slots.wait(job.id, Need(job.device, job.threads, job.memory, job.owner))
            else:
                words = unstartable(f"the device {job.device} is not there any more")
                self.conclude(run, lambda: run.fail(words))

    def admit(self) -> None:
        """Start the jobs whose turn it is."""
        with self.lock:
            if self.closing.is_set():
                return
            for job_id in self.slots.admit():
                run = self._live[job_id]
                try:
                    alone = run.begin()
                except Exception as fault:
                    logger.exception("job %s cannot be started", job_id)
                    words = unwritable(_first_line(fault))
                    self.conclude(run, lambda run=run, words=words: run.fail(words))  # type: ignore[misc]
                    continue
                if not alone:
                    continue
                thread = threading.Thread(target=self._carry_out, args=(run,), name=f"job {job_id}", daemon=True)
                self._threads[job_id] = thread
                thread.start()

    def wake(self, run: Run, command: Resume) -> bool:
        """Have a paused job that goes on lease again what it has lent to others. False when there is no room: then it waits in line."""
        with self.lock:
            if run.job.state != "paused" or self.slots.wake(run.job.id):
                return True
            run.wait_in_line(command)
            return False

    def conclude(self, run: Run, end: Callable[[], None]) -> None:
        """End a job that has no worker. If the store or the disk does not take it, it is kept in mind and written later."""
        with self.lock:
            self.slots.leave(run.job.id)
            try:
                end()
            except Exception:
                logger.exception("the end of job %s cannot be written yet", run.job.id)
                threading.Thread(target=self._write_end_later, args=(run,), name=f"end of job {run.job.id}", daemon=True).start()
            else:
                self._retire(run)

    def try_write_end(self, run: Run) -> None:
        """Write the end of a job now that could not be written before, if the store and the disk take it by now."""
        with self.lock:
            if self._live.get(run.job.id) is not run:
                return
            try:
                run.write_end()
            except Exception as fault:
                logger.warning("the end of job %s still cannot be written: %s", run.job.id, _first_line(fault))
            else:
                self._retire(run)

    def close(self) -> None:
        """Let running jobs write a last checkpoint and end; they and those that wait go on at the next start."""
        with self.lock:
            self.closing.set()
            threads = list(self._threads.values())
            for run in self._live.values():
                run.hang_up()
        for thread in threads:
            thread.join(LAST_WORDS_SECONDS + 5)

    def _carry_out(self, run: Run) -> None:
        try:
            execution = self._executor.start(run.assignment())
        except Exception as fault:
            # Whatever it was, the job's slot becomes free again.
            logger.warning("job %s cannot be started: %s", run.job.id, fault)
            words = unstartable(_first_line(fault))
            self.conclude(run, lambda: run.fail(words))
            self.admit()
            return
        messages = execution.messages()
        try:
            run.attach(execution)
            for message in messages:
                before = run.job.state
                run.hear(message)
                if run.job.state != before:
                    self._lend(run)
        except Exception as fault:
            # Whatever it was, nothing of the job may go on unseen: its worker is ended before its slot is free.
            logger.exception("job %s cannot be followed", run.job.id)
            words = unwritable(_first_line(fault))
            execution.end_by(0)
            for _message in messages:
                pass
            self.conclude(run, lambda: run.fail(words))
        else:
            self.conclude(run, lambda: run.settle(execution))
        self.admit()

    def _lend(self, run: Run) -> None:
        """A job that is paused lends its slots to those that wait; one that runs has them."""
        with self.lock:
            match run.job.state:
                case "paused":
                    self.slots.rest(run.job.id)
                    self.admit()
                case "running":
                    self.slots.take_back(run.job.id)

    def _write_end_later(self, run: Run) -> None:
        while self._live.get(run.job.id) is run and not self.closing.wait(RETRY_SECONDS):
            self.try_write_end(run)

    def _retire(self, run: Run) -> None:
        self._live.pop(run.job.id, None)
        self._threads.pop(run.job.id, None)
        run.feed.finish()


def _first_line(fault: Exception) -> str:
    return str(fault).split("\n")[0] or type(fault).__name__
