"""The inference processes: each answers one question at a time, within limits of time and memory."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Mapping
from multiprocessing.connection import Connection
from signal import SIGKILL
from typing import Any

from server import forkserver, inference
from server.errors import Invalid, PlaygroundError, TooSlow, Unavailable

logger = logging.getLogger("playground")

PROCESSES = 2
MOST_WAITING = 16
"""Questions that may wait for a process; more would keep the threads from everything else."""


class Gone(Exception):
    """The checkpoint was thinned away between choosing and reading it."""


class _Process:
    """One inference process, started again when it has ended."""

    def __init__(self, memory: int) -> None:
        self._memory = memory
        self._process: forkserver.Process | None = None
        self._connection: Connection | None = None
        self.subject = ""
        """What it was asked about last, which it still has in memory."""

    def start(self) -> Connection:
        if self._connection is not None and self._connection.poll(0):
            # It speaks without having been asked: its end is closed, because it has died since the last question.
            self.end()
        if self._connection is None:
            try:
                self._process, self._connection = forkserver.start(inference.main, self._memory)
            except OSError as fault:
                raise Unavailable(f"The process that answers questions cannot be started: {fault}.", code="inference_died") from fault
        return self._connection

    def exchange(self, question: bytes, seconds: float) -> list[bytes]:
        connection = self.start()
        try:
            connection.send_bytes(question)
            if not connection.poll(seconds):
                self.end()
                raise TooSlow(f"It took longer than {seconds:g} seconds and was given up; ask for less at once or use a smaller network.")
            header = json.loads(connection.recv_bytes())
            parts = [connection.recv_bytes() for _part in range(header["parts"])]
        except (EOFError, OSError) as fault:
            self.end()
            raise Unavailable(
                "The process that answers questions ended unexpectedly, most likely for want of memory; ask for less, or try again.",
                code="inference_died",
            ) from fault
        match header.get("fault"):
            case None:
                return parts
            case "invalid" | "missing_data":
                raise Invalid(header["message"], code=header.get("code", header["fault"]))
            case "gone":
                raise Gone
            case "memory":
                raise Unavailable(header["message"], code=header["fault"])
            case _:
                logger.error("a question met an unexpected error\n%s", header["report"])
                raise PlaygroundError("The question met an error that was not expected; the server's log says more.")

    def end(self) -> None:
        if self._process is not None and self._connection is not None:
            forkserver.signal_group(self._process.pid, SIGKILL)
            self._process.join()
            self._connection.close()
        self._process = self._connection = None


class InferencePool:
    """Asks whichever process is free, by choice the one that knows the subject. Safe to use from several threads."""

    def __init__(self, seconds: float, memory: int) -> None:
        self._seconds = seconds
        self._free = [_Process(memory) for _ in range(PROCESSES)]
        self._changed = threading.Condition()
        self._waiting = 0

    def cards(self) -> list[str]:
        """The machine's graphics cards. Raises Unavailable when nobody can be asked."""
        if not inference.knows_cards():
            return []
        (answer,) = self.ask("cards", {"op": "cards"})
        cards: list[str] = json.loads(answer)
        return cards

    def ask(self, subject: str, question: Mapping[str, Any], seconds: float | None = None) -> list[bytes]:
        """The parts of the answer. Raises Invalid, Unavailable or TooSlow with words, and Gone."""
        process = self._take(subject)
        try:
            return process.exchange(json.dumps(question).encode(), seconds or self._seconds)
        finally:
            with self._changed:
                self._free.append(process)
                self._changed.notify()

    def close(self) -> None:
        """End the processes; the pool must not be asked any more."""
        for process in self._free:
            process.end()

    def _take(self, subject: str) -> _Process:
        with self._changed:
            if self._waiting >= MOST_WAITING:
                raise Unavailable("Too many questions are waiting; try again in a moment.", code="busy")
            self._waiting += 1
            try:
                self._changed.wait_for(lambda: self._free)
            finally:
                self._waiting -= 1
            process = next((free for free in self._free if free.subject == subject), self._free[0])
            self._free.remove(process)
            process.subject = subject
            return process
