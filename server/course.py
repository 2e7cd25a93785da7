"""All that a job has said so far, in short: read on as its log grows, so that a long one need not be read again."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic_core import from_json, to_json

from server.log import Log

MOST = 2048
"""Entries of the loss in which a course is told at most: about as many as a chart has columns of pixels."""
TYPE = re.compile(rb'\{"seq":\d+,"at":"[^"]*","type":"(\w+)"')
"""How the log begins a line: to know the type of an event nobody has to read all of it."""

Rows = npt.NDArray[np.float64]


def type_of(line: bytes) -> str:
    """The type of an event in the log."""
    known = TYPE.match(line)
    return known[1].decode() if known else str(from_json(line)["type"])


class Course:
    """The course of one job. Safe to use from several threads."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._seq = 0
        self._others: dict[int, bytes] = {}
        self._checkpointed = 0
        self._progress: dict[str, Any] = {}
        self._losses = Losses()

    def events(self) -> tuple[list[bytes], int]:
        """The events of the log with all progress in the newest event of that type and, of the checkpoints, only the newest; and the
        number of the log's last event."""
        with self._lock:
            # Piece by piece: a million numbers at once would be eighty megabytes, and for the most part the wait for them.
            while lines := self._log.read(self._seq):
                self._read(lines)
            told = dict(self._others)
            if self._progress:
                told[self._progress["seq"]] = to_json(self._progress | self._losses.columns())
            return [told[seq] for seq in sorted(told)], self._seq

    def _read(self, lines: Sequence[bytes]) -> None:
        step: list[int] = []
        loss: list[float | None] = []
        low: list[float | None] = []
        high: list[float | None] = []
        for line in lines:
            self._seq += 1
            kind = type_of(line)
            if kind != "progress":
                self._others[self._seq] = line
                if kind == "checkpointed":
                    self._others.pop(self._checkpointed, None)
                    self._checkpointed = self._seq
                continue
            self._progress = from_json(line)
            step += self._progress["step"]
            loss += self._progress["loss"]
            low += self._progress["low"] or self._progress["loss"]
            high += self._progress["high"] or self._progress["loss"]
        if step:
            self._losses.add(step, loss, low, high)


class Losses:
    """The loss by step in at most MOST entries: each the mean, the least and the greatest of as many steps, a power of two that
    doubles with the run. Steps without a number are an entry of their own."""

    def __init__(self) -> None:
        self._width = 1
        # By entry: its last step, the sum of its losses, the number of its steps, the least and the greatest loss.
        self._rows: Rows = np.empty((5, 0))

    def add(self, step: Sequence[int], loss: Sequence[float | None], low: Sequence[float | None], high: Sequence[float | None]) -> None:
        """Further entries, each with its last step and, where it stands for several, their mean, least and greatest loss."""
        steps, losses, lows, highs = (np.array(column, dtype=np.float64) for column in (step, loss, low, high))
        before = self._rows[0, -1] if self._rows.size else 0
        counts = np.diff(steps, prepend=before)
        rows = np.concatenate([self._rows, [steps, losses * counts, counts, lows, highs]], axis=1)
        self._width = max(self._width, 2 ** math.ceil(math.log2(step[-1] / MOST)))
        self._rows = _merged(rows, self._width)
        while self._rows.shape[1] > MOST:
            self._width *= 2
            self._rows = _merged(self._rows, self._width)

    def columns(self) -> dict[str, list[Any]]:
        """As in a progress event."""
        step, total, count, low, high = self._rows
        # As many digits as tell single-precision numbers apart.
        mean = [None if value is None else float(f"{value:.9g}") for value in _column(total / count)]
        return {"step": step.astype(int).tolist(), "loss": mean, "low": _column(low), "high": _column(high)}


def _merged(rows: Rows, width: int) -> Rows:
    """Entries of the same `width` steps made one: those with a loss, and those without."""
    entry = 2 * ((rows[0] - 1) // width) + np.isnan(rows[1])
    order = np.argsort(entry, kind="stable")
    step, total, count, low, high = rows[:, order]
    begin = np.flatnonzero(np.diff(entry[order], prepend=-1))
    merged: Rows = np.stack(
        [
            np.maximum.reduceat(step, begin),
            np.add.reduceat(total, begin),
            np.add.reduceat(count, begin),
            np.fmin.reduceat(low, begin),
            np.fmax.reduceat(high, begin),
        ]
    )
    return merged[:, np.argsort(merged[0])]


def _column(values: Rows) -> list[float | None]:
    return [None if math.isnan(value) else value for value in values.tolist()]
