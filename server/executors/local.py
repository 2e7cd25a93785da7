"""Runs jobs on this machine: a fresh process for each, forked from a warm forkserver, in a process group of its own."""

from __future__ import annotations

import select
import signal
import socket
import struct
import threading
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from os import dup

from server import forkserver
from server.executors.executor import SILENCE_SECONDS
from server.wire import Assignment, Message, unpack
from server.worker import main

LOOK = 0.25
"""Seconds after which a silent worker is looked at, to see whether its time is up."""
REST = 0.002
"""Seconds between two readings of what a worker says. One that says much is heard a few sentences at a time: to wake up for each costs
more than the sentence, and takes it from the jobs on the same cores."""
TERM_SECONDS = 2.0
"""Seconds between TERM and KILL."""
TAKE_SECONDS = 5
"""Seconds after which a worker that takes no commands is taken to hang."""
LINGER_SECONDS = 5.0
"""Seconds that a worker has to end after it has closed its connection."""


class LocalExecution:
    """A job in a process on this machine."""

    def __init__(self, process: forkserver.Process, connection: Connection) -> None:
        self._process = process
        self._pid = process.pid
        self._connection = connection
        with socket.socket(fileno=dup(connection.fileno())) as end:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", TAKE_SECONDS, 0))
        self._sending = threading.Lock()
        self._term_at: float | None = None
        self._kill_at: float | None = None
        self._code: int | None = None
        self._silent_at = time.monotonic() + SILENCE_SECONDS
        self.silent = False
        """See Execution."""

    def messages(self) -> Iterator[Message]:
        """See Execution. A worker that has closed its connection but does not end is ended."""
        speech, sentinel = self._connection.fileno(), self._process.sentinel.fileno()
        # Made once: `multiprocessing.connection.wait` makes one for each message, which takes longer than the message.
        events = select.poll()
        for end in (speech, sentinel):
            events.register(end, select.POLLIN)
        while True:
            self._escalate()
            ready = {end for end, _ in events.poll(LOOK * 1000)}
            if speech in ready:
                try:
                    message = self._connection.recv_bytes()
                except (EOFError, OSError):
                    events.unregister(speech)
                    self.end_by(LINGER_SECONDS)
                else:
                    self._silent_at = time.monotonic() + SILENCE_SECONDS
                    yield unpack(message)
                    if not events.poll(0):
                        time.sleep(REST)
            elif sentinel in ready:
                break
            elif time.monotonic() >= self._silent_at and not self.silent:
                # Nothing waits to be read either, so it is not this thread that has slept.
                self.silent = True
                self.end_by(0)
        self._code = self._process.join()
        with self._sending:
            self._connection.close()
        forkserver.sweep_group(self._pid)

    def send(self, command: bytes) -> None:
        """See Execution."""
        with self._sending:
            try:
                self._connection.send_bytes(command)
            except BlockingIOError:
                # Its end of the connection is full: it has taken nothing for seconds, not even in the thread that only listens.
                self.end_by(0)
            except OSError:
                # The worker has ended; that is told by `messages`.
                return

    def hang_up(self) -> None:
        """See Execution. Only this direction is shut, so that the worker's last words still arrive."""
        with self._sending:
            try:
                with socket.socket(fileno=dup(self._connection.fileno())) as end:
                    end.shutdown(socket.SHUT_WR)
            except OSError:
                return

    def end_by(self, seconds: float) -> None:
        """See Execution; of several calls the earliest time holds."""
        at = time.monotonic() + seconds
        if self._term_at is None or at < self._term_at:
            self._term_at, self._kill_at = at, at + TERM_SECONDS

    @property
    def exit_code(self) -> int:
        """See Execution."""
        assert self._code is not None
        return self._code

    def _escalate(self) -> None:
        now = time.monotonic()
        if self._kill_at is not None and now >= self._kill_at:
            forkserver.signal_group(self._pid, signal.SIGKILL)
        elif self._term_at is not None and now >= self._term_at:
            self._term_at = float("inf")
            forkserver.signal_group(self._pid, signal.SIGTERM)


class LocalExecutor:
    """This machine."""

    def start(self, assignment: Assignment) -> LocalExecution:
        """See Executor."""
        return LocalExecution(*forkserver.start(main, assignment))
