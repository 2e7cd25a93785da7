"""A job's durable log of events: one JSON line each, on disk before anyone hears of it."""

from __future__ import annotations

import json
import os
import threading
import weakref
from array import array
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

TAIL = 256
"""Newest events that are kept in memory, encoded, for those who follow closely; older ones are read from the file."""
CHUNK = 256 * 1024
"""Bytes of old events that are read at once."""


def now() -> str:
    """This moment, as events and jobs carry it."""
    return written(datetime.now(UTC))


def written(moment: datetime) -> str:
    """A moment in UTC, to the millisecond."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Log:
    """The log of one job; line n is event n. A reader is one integer, the number of the last event that it has.

    Safe to use from several threads. `heard` is called after each event, from the thread that appended it.
    """

    def __init__(self, path: Path, heard: Callable[[], None] = lambda: None) -> None:
        """Open the log, or begin it. A torn last line, left by a crash in mid-write, is cut off."""
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        weakref.finalize(self, os.close, self._file)
        self._heard = heard
        # Who writes may wait for the disk, and who reads does not wait for that.
        self._writing = threading.Lock()
        self._lock = threading.Lock()
        self._ends = array("Q")
        self._tail: deque[bytes] = deque(maxlen=TAIL)
        self._load()

    def _load(self) -> None:
        place = 0
        while chunk := os.pread(self._file, 2**20, place):
            start = 0
            while (end := chunk.find(b"\n", start)) >= 0:
                start = end + 1
                self._ends.append(place + start)
            place += len(chunk)
        while self._ends and not _whole(self._line(len(self._ends)), len(self._ends)):
            self._ends.pop()
        os.ftruncate(self._file, self._size)

    @property
    def _size(self) -> int:
        return self._ends[-1] if self._ends else 0

    def _line(self, seq: int) -> bytes:
        begin = self._ends[seq - 2] if seq > 1 else 0
        return os.pread(self._file, self._ends[seq - 1] - begin, begin)

    @property
    def last_seq(self) -> int:
        """Number of the newest event; 0 when there is none."""
        return len(self._ends)

    def append(self, event: bytes, *, sync: bool = False) -> int:
        """Write an event (a JSON object), give it the next number and the time, and return the number.

        `sync` waits until the disk has it, so that not even a power cut undoes it. Raises OSError, and leaves the log as it
        was, when it cannot be written.
        """
        with self._writing:
            seq = len(self._ends) + 1
            line = b'{"seq":%d,"at":"%s",' % (seq, now().encode()) + event[1:] + b"\n"
            begin = self._size
            try:
                written = 0
                while written < len(line):
                    written += os.pwrite(self._file, line[written:], begin + written)
                if sync:
                    os.fsync(self._file)
            except OSError:
                os.ftruncate(self._file, begin)
                raise
            with self._lock:
                self._ends.append(begin + len(line))
                self._tail.append(line[:-1])
        self._heard()
        return seq

    def recent(self, after: int) -> list[bytes] | None:
        """Events behind number `after` if they are in memory still, else None: then `read` them."""
        with self._lock:
            missing = len(self._ends) - after
            if missing > len(self._tail):
                return None
            return list(islice(self._tail, len(self._tail) - max(missing, 0), None))

    def read(self, after: int, most: int = CHUNK) -> list[bytes]:
        """Events behind number `after` from the file: at least one if there is one, and about `most` bytes."""
        with self._lock:
            last = len(self._ends)
            if after >= last:
                return []
            begin = self._ends[after - 1] if after else 0
            until = after + 1
            while until < last and self._ends[until] - begin <= most:
                until += 1
            size = self._ends[until - 1] - begin
        return os.pread(self._file, size, begin).split(b"\n")[:-1]

    def rest(self, after: int = 0) -> list[bytes]:
        """All events behind number `after` from the file."""
        return self.read(after, most=2**63)


def events_in(path: Path) -> Iterator[dict[str, Any]]:
    """The events of a log that somebody else writes, as far as its lines are whole; none when there is no log."""
    with suppress(FileNotFoundError), path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield json.loads(line)


def _whole(line: bytes, seq: int) -> bool:
    try:
        event = json.loads(line)
    except ValueError:
        return False
    return isinstance(event, dict) and event.get("seq") == seq
