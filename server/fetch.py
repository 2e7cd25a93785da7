"""Downloads that are under way, have failed or are done: each in a thread of its own, with its progress."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

logger = logging.getLogger("playground")

KEPT = 50
"""Downloads that have ended and are still told of."""


class FetchError(Exception):
    """The dataset could not be fetched; the message says why and what to do, the code says it to a program."""

    def __init__(self, message: str, code: str = "fetch_failed") -> None:
        super().__init__(message)
        self.code = code


class Cancelled(Exception):
    """Nobody wants it any more."""


@dataclass
class Fetch:
    """A download that is under way, has failed or is done."""

    subject: str
    """What is fetched."""
    id: str = field(default_factory=lambda: secrets.token_hex(6))
    bytes: int = 0
    total: int = 0
    state: Literal["running", "done", "failed", "cancelled"] = "running"
    error: str | None = None
    code: str | None = None

    @property
    def running(self) -> bool:
        """Whether it is under way."""
        return self.state == "running"

    def arrived(self, count: int) -> None:
        """So many bytes more are here. Raises Cancelled."""
        self.bytes += count
        self.check()

    def check(self) -> None:
        """Raises Cancelled when nobody wants it any more."""
        if self.state == "cancelled":
            raise Cancelled


class Fetches:
    """All downloads, the newest last. Safe to use from several threads."""

    def __init__(self) -> None:
        self._fetches: dict[str, Fetch] = {}
        self._lock = threading.Lock()

    def all(self) -> list[Fetch]:
        """Those that are under way and the last ones that have ended."""
        with self._lock:
            return list(self._fetches.values())

    def get(self, number: str) -> Fetch | None:
        """The download with this id."""
        with self._lock:
            return self._fetches.get(number)

    def of(self, subject: str) -> Fetch | None:
        """The newest download of a subject."""
        return next((fetch for fetch in reversed(self.all()) if fetch.subject == subject), None)

    def begin(self, subject: str, work: Callable[[Fetch], None], total: int = 0) -> Fetch | None:
        """Do the work in a thread; None when there is one for this subject already."""
        with self._lock:
            if any(fetch.running and fetch.subject == subject for fetch in self._fetches.values()):
                return None
            fetch = Fetch(subject, total=total)
            self._fetches[fetch.id] = fetch
            for old in [known.id for known in self._fetches.values() if not known.running][:-KEPT]:
                del self._fetches[old]
        threading.Thread(target=self._run, args=(fetch, work), name=f"fetch {subject}", daemon=True).start()
        return fetch

    def cancel(self, fetch: Fetch) -> None:
        """Let go of a download; one that has ended stays as it is."""
        with self._lock:
            if fetch.running:
                fetch.state = "cancelled"

    def _run(self, fetch: Fetch, work: Callable[[Fetch], None]) -> None:
        try:
            work(fetch)
        except Cancelled:
            return
        except Exception as fault:
            if not isinstance(fault, FetchError):
                logger.exception("%s could not be fetched", fetch.subject)
            with self._lock:
                if fetch.running:
                    fetch.error = str(fault) or type(fault).__name__
                    fetch.code = fault.code if isinstance(fault, FetchError) else "fetch_failed"
                    fetch.state = "failed"
        else:
            with self._lock:
                if fetch.running:
                    fetch.state = "done"
