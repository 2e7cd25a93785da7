"""What viewers of a job follow: its log, its newest pictures, and what they are looking at."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from models.commands import Watch
from models.draw import key_of
from models.events import Frame
from models.views.catalogue import View
from server.artifacts import log_path
from server.bell import Bell
from server.log import Log

MOST_WATCHED = 32
"""Live pictures that a worker draws at most, whatever the number of viewers."""


class Feed:
    """The log of one job and, beside it, pictures of which only the newest counts."""

    def __init__(self, folder: Path, bell: Bell, *, final: bool) -> None:
        self.folder = folder
        self.bell = bell
        self.log = Log(log_path(folder), bell.ring)
        self.final = final
        """Whether the log is complete."""
        self.frames: dict[str, Frame] = {}
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
            self.frames[frame.key] = frame
            self.bell.ring()

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
