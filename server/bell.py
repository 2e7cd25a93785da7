"""Wakes everyone on the event loop who waits for news; rung from any thread."""

from __future__ import annotations

import asyncio


class Bell:
    """Take `next`, look whether there is news, and only then wait for it: so nothing is missed in between."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._next = asyncio.Event()
        self._rung = False

    @property
    def next(self) -> asyncio.Event:
        """Set at the next ring."""
        return self._next

    def ring(self) -> None:
        """Wake everyone. Many rings before the loop comes round are one."""
        if not self._rung:
            self._rung = True
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        self._rung = False
        woken, self._next = self._next, asyncio.Event()
        woken.set()
