"""The interface between jobs and the places where they run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from server.wire import Assignment, Message

SILENCE_SECONDS = 30.0
"""Seconds within which a worker promises to be heard of again, whatever it is busy with; one that is not is ended."""


class Execution(Protocol):
    """A job on its way: what its worker says, and how to reach and to end it."""

    def messages(self) -> Iterator[Message]:
        """What the worker says, in order, until it has ended and its slot is truly free."""

    def send(self, command: bytes) -> None:
        """Give the worker a command (JSON); silently too late when it has ended."""

    def hang_up(self) -> None:
        """Tell the worker that the server goes: it writes a last checkpoint and ends."""

    def end_by(self, seconds: float) -> None:
        """If the worker has not ended by itself after so many seconds, TERM it, then KILL it with its whole process group."""

    @property
    def silent(self) -> bool:
        """Whether it was ended because nothing had been heard of it; known once `messages` is through."""

    @property
    def exit_code(self) -> int:
        """How the worker ended, negative for a signal; known once `messages` is through."""


class Executor(Protocol):
    """A place where jobs run."""

    def start(self, assignment: Assignment) -> Execution:
        """Start a worker for the job; blocks until its process exists. Raises OSError when there can be none."""
