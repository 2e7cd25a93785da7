"""A download that is under way or has failed."""

from __future__ import annotations

from dataclasses import dataclass, field


class FetchError(Exception):
    """The dataset could not be fetched; the message says why and what to do."""


@dataclass
class Fetch:
    """A download that is under way or has failed."""

    bytes: int = 0
    total: int = 0
    error: str | None = None
    running: bool = field(default=True)
