"""A file that one process holds at a time. The system lets go of it when the process ends, however it ends, so it never lies."""

from __future__ import annotations

import fcntl
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

LOOK = 0.02
"""Seconds between two tries to get what somebody else holds."""


class Lease:
    """The right to be the only one who writes into a folder."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def take(self) -> bool:
        """Take it if nobody holds it, and write down who does."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, str(os.getpid()).encode(), 0)
        return True

    def take_over(self, seconds: float) -> None:
        """Take it; whoever holds it has so many seconds to end and is then killed with its process group."""
        until = time.monotonic() + seconds
        while not self.take():
            time.sleep(LOOK)
            holder = self.holder
            if holder and time.monotonic() > until:
                with suppress(ProcessLookupError):
                    os.killpg(holder, signal.SIGKILL)

    @property
    def holder(self) -> int | None:
        """Process id of who holds it, or held it last."""
        text = os.pread(self._file, 20, 0)
        return int(text) if text.isdigit() else None

    def give_back(self) -> None:
        """Let go of it."""
        os.close(self._file)


def see_off(path: Path, seconds: float) -> None:
    """Wait until nobody holds it any more; whoever does has so many seconds to end and is then killed with its process group."""
    lease = Lease(path)
    lease.take_over(seconds)
    lease.give_back()
