"""Parquet files looked into by a process of its own, which a file that was made to do harm may end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from server.fetch import FetchError

PROGRAM = Path(__file__).with_name("parquet.py")
SECONDS = 300.0
LOOK = 0.2
"""Seconds between two looks whether anybody still waits."""

REFUSALS = {
    "broken": ("The files of {name} cannot be read as parquet.", "hub_unreadable"),
    "differ": ("The files of {name} have different columns, so they cannot be used together. Choose fewer splits.", "hub_unreadable"),
    "columns": ("{name} has more than 2,000 columns, more than can be used here.", "hub_too_large"),
    "rows": ("{name} has more than 5,000,000 rows, more than can be used here. Choose fewer splits.", "hub_too_large"),
    "size": ("Values in {name} are larger than can be read here.", "hub_too_large"),
}


def examine(task: str, paths: Sequence[Path], name: str, check: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """What `parquet.py` finds, by its tasks `footers` and `files`; `check` is called now and then, and may raise. Raises FetchError."""
    environment = {"PATH": os.environ.get("PATH", ""), "ARROW_DEFAULT_MEMORY_POOL": "system", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-I", str(PROGRAM), task, *map(str, paths)]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, start_new_session=True
    ) as process:
        try:
            said = _said(process, check)
        except BaseException:
            process.kill()
            raise
    found: dict[str, Any] = json.loads(said) if process.returncode == 0 else {"refused": "size" if process.returncode < 0 else "broken"}
    if refused := found.get("refused"):
        sentence, code = REFUSALS[refused]
        raise FetchError(sentence.format(name=name), code)
    return found


def _said(process: subprocess.Popen[bytes], check: Callable[[], None]) -> bytes:
    until = time.monotonic() + SECONDS
    while True:
        check()
        try:
            return process.communicate(timeout=LOOK)[0]
        except subprocess.TimeoutExpired:
            if time.monotonic() > until:
                raise FetchError(
                    f"To look into these files took longer than {SECONDS:g} seconds; it was given up.", "hub_too_large"
                ) from None
