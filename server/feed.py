"""What viewers of a job follow: its log, its newest pictures, and what they are looking at."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from models.commands import Watch
from models.draw import key_of
from models.events import Frame
from models.views.catalogue import View
from server.artifacts import log_path
from server.bell import Bell
from server.course import Course
from server.frames import binary, text
from server.log import Log

MOST_WATCHED = 32
"""Live pictures that a worker draws at most, whatever the number of viewers."""
BATCH = 256 * 1024
"""Bytes of events that a viewer is sent at once."""
PLACES = 8
"""Places in the log for which what comes behind them is kept encoded."""


class Feed:
    """The log of one job and, beside it, pictures of which only the newest counts."""

    def __init__(self, folder: Path, bell: Bell, *, final: bool) -> None:
        self.folder = folder
        self.bell = bell
        self.log = Log(log_path(folder), bell.ring)
        self.course = Course(self.log)
        self.final = final
        """Whether the log is complete."""
        self.frames: dict[str, bytes] = {}
        """The newest picture of each view that is watched, as a websocket frame."""
        self._batches: dict[int, tuple[bytes, int]] = {}
        self._batched = 0
        self._watches: dict[int, Mapping[str, View]] = {}
        self._lock = threading.Lock()
        self._asked: frozenset[str] = frozenset()
        self.ask: Callable[[Watch], None] = lambda _watch: None
        """Tells the worker what to draw."""

    def finish(self) -> None:
        """Nothing further will be said."""
        self.final = True
        self.bell.ring()

    def reopen(self) -> None:
        """The job goes on after an interruption: there is more to follow."""
        self.final = False
        self.bell.ring()

    def show(self, frame: Frame) -> None:
        """A new picture; it takes the place of the one before."""
        if frame.key in self._asked:
            self.frames[frame.key] = binary(frame.payload)
            self.bell.ring()

    def batch(self, after: int) -> tuple[bytes, int] | None:
        """Events behind number `after` as websocket frames, and the number of the last of them: all that there are, or about
        BATCH bytes. None when they have to be `read`. Called on the event loop only; who is at the same place gets the same bytes."""
        last = self.log.last_seq
        if last != self._batched or len(self._batches) == PLACES:
            self._batches.clear()
            self._batched = last
        known = self._batches.get(after)
        if known is None:
            lines = self.log.recent(after)
            if lines is None:
                return None
            known = self._batches[after] = _batched(lines, after)
        return known

    def read(self, after: int) -> tuple[bytes, int]:
        """The same for events that are not in memory any more."""
        return _batched(self.log.read(after), after)

    def watch(self, viewer: int, views: Iterable[View]) -> None:
        """What a viewer looks at from now on; nothing when it leaves. Tells the worker when that changes what is to be drawn."""
        with self._lock:
            wanted = {key_of(view): view for view in views}
            if wanted:
                self._watches[viewer] = wanted
            else:
                self._watches.pop(viewer, None)
            self._tell()

    def tell_again(self) -> None:
        """Tell a worker that has just begun what to draw."""
        with self._lock:
            self._asked = frozenset()
            self._tell()

    def _tell(self) -> None:
        popular = Counter(key for watched in self._watches.values() for key in watched)
        views = {key: view for watched in self._watches.values() for key, view in watched.items()}
        keys = [key for key, _viewers in popular.most_common(MOST_WATCHED)]
        if frozenset(keys) != self._asked:
            self._asked = frozenset(keys)
            for key in self.frames.keys() - self._asked:
                self.frames.pop(key, None)
            self.ask(Watch(views=tuple(views[key] for key in keys)))


def _batched(lines: Sequence[bytes], after: int) -> tuple[bytes, int]:
    frames, size = [], 0
    for line in lines:
        frames.append(text(line))
        size += len(line)
        if size >= BATCH:
            break
    return b"".join(frames), after + len(frames)
