"""Wakes everyone on the event loop who waits for news; rung from any thread."""

from __future__ import annotations

import asyncio
import time

LEAST_REST = 0.002
"""Seconds between two rings at least: news that comes in quick succession is taken together."""


class Bell:
    """Take `next`, look whether there is news, and only then wait for it: so nothing is missed in between.

    After it has woken those who wait it rests for as long as they took, and a moment at least. So it never takes more than half of the
    event loop's time, and the more there are, the more news each takes at once.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._next = asyncio.Event()
        self._rung = False
        self._rests_until = 0.0

    @property
    def next(self) -> asyncio.Event:
        """Set at the next ring."""
        return self._next

    def ring(self) -> None:
        """Wake everyone. Many rings before the loop comes round are one."""
        if not self._rung:
            self._rung = True
            self._loop.call_soon_threadsafe(self._wake_after_rest)

    def _wake_after_rest(self) -> None:
        rest = self._rests_until - time.monotonic()
        if rest > 0:
            self._loop.call_later(rest, self._wake)
        else:
            self._wake()

    def _wake(self) -> None:
        self._rung = False
        woken, self._next = self._next, asyncio.Event()
        # Of its own time, not of that which others take of the processor.
        begun = time.thread_time()
        woken.set()
        # Its turn comes behind all who have been woken.
        self._loop.call_soon(self._rest, begun)

    def _rest(self, begun: float) -> None:
        self._rests_until = time.monotonic() + max(LEAST_REST, time.thread_time() - begun)
