"""A contestant's side of taking turns. It needs nothing but Python, for some contestants live in an environment of their own."""

from __future__ import annotations

import json
import sys
import time

WARMING = 0.2
"""Part of a turn, before it counts, in which caches fill and idle threads wake."""


class Turns:
    """Says `ready`, then waits for a line with a number of seconds, counts what is done in that time, and answers with a line of
    JSON; again until there are no more lines, which ends the process. A loop of any kind reports each thing that it has done."""

    def __init__(self) -> None:
        # What libraries print belongs on the screen, not between the answers.
        self._out, sys.stdout = sys.stdout, sys.stderr
        self._warming, self._count, self._begun, self._until = True, 0, 0.0, 0.0
        self._say("ready")
        self._wait()

    def done(self, count: int = 1) -> None:
        """So much more has been done; returns when the contestant may go on."""
        self._count += count
        now = time.perf_counter()
        if self._warming:
            if now >= self._until:
                self._warming, self._begun, self._until, self._count = False, now, now + self.seconds, 0
        elif now >= self._until:
            self.report(self._count, now - self._begun)

    def report(self, count: int, seconds: float) -> None:
        """End the turn with figures of one's own; returns when the next turn comes, which is to take `seconds`."""
        self._say(json.dumps({"count": count, "seconds": seconds}))
        self._wait()

    def _wait(self) -> None:
        line = sys.stdin.readline()
        if not line:
            sys.exit()
        self.seconds = float(line)
        self._warming, self._count = True, 0
        self._begun = time.perf_counter()
        self._until = self._begun + WARMING * self.seconds

    def _say(self, text: str) -> None:
        print(text, file=self._out, flush=True)
