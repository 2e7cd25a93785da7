"""A contestant in a process of its own, which waits without computing while it is not its turn."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

REPOSITORY = Path(__file__).parents[2]
PEERS = REPOSITORY / ".venv" / "peers" / "bin" / "python"
"""Python with the peers' packages, as `make bench` installs it."""
PATIENCE = 180.0
"""Seconds that one may take to get ready or to answer: TensorFlow takes its time."""


class Unavailable(Exception):
    """A contestant cannot take part; the text says why."""


def python(*, peer: bool = False) -> str:
    """The Python of the project, or that of its peers."""
    return str(PEERS) if peer and PEERS.exists() else sys.executable


class Contestant:
    """Starts a command that speaks as `turns.Turns` does. Raises Unavailable when it does not get ready."""

    def __init__(self, *command: str, environment: Mapping[str, str] | None = None) -> None:
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 (it lives as long as the process)
        self._process = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )
        try:
            self._line()
        except Unavailable:
            self.close()
            raise

    def run(self, seconds: float) -> float:
        """Its rate, measured over so many seconds."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{seconds}\n".encode())
        self._process.stdin.flush()
        answer = json.loads(self._line())
        return float(answer["count"]) / float(answer["seconds"])

    def close(self) -> None:
        """End it."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()

    def __enter__(self) -> Contestant:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _fault: BaseException | None, _trace: TracebackType | None) -> None:
        self.close()

    def _line(self) -> str:
        """Its next line. It says nothing unasked, so there is never a second one in the pipe."""
        assert self._process.stdout is not None
        until, line = time.monotonic() + PATIENCE, b""
        while not line.endswith(b"\n"):
            if not select.select([self._process.stdout], [], [], max(0.0, until - time.monotonic()))[0]:
                raise Unavailable(f"no answer within {PATIENCE:.0f} seconds")
            if not (part := os.read(self._process.stdout.fileno(), 4096)):
                self._process.wait(PATIENCE)
                self._errors.seek(0)
                raise Unavailable((self._errors.read().strip().splitlines() or [f"it ended with {self._process.returncode}"])[-1])
            line += part
        return line.decode()
