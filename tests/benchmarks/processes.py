"""What processes of this machine use, as Linux tells it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def computed(process: int) -> float:
    """Seconds that the threads of a process have computed, to the nanosecond; those of threads that have ended are forgotten."""
    return sum(int(path.read_text().split()[0]) for path in Path(f"/proc/{process}/task").glob("*/schedstat")) / 1e9


def proportional(processes: Iterable[int]) -> float:
    """MiB that processes hold, with what they share counted once."""
    lines = (line for process in processes for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines())
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
