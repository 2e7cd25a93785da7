"""The files in a job's folder: its log, its checkpoints, what its worker printed."""

from __future__ import annotations

from pathlib import Path

KEPT_CHECKPOINTS = 40
"""Most checkpoints that a job keeps."""


def log_path(folder: Path) -> Path:
    """Where the job's events lie."""
    return folder / "events.jsonl"


def lease_path(folder: Path) -> Path:
    """What the worker holds while it writes into the folder."""
    return folder / "worker.lock"


def output_path(folder: Path) -> Path:
    """Where the worker's standard output and error go."""
    return folder / "worker.log"


def checkpoint_path(folder: Path, step: int) -> Path:
    """Where the checkpoint of a step lies."""
    return folder / "checkpoints" / f"{step:012d}.safetensors"


def checkpoints_in(folder: Path) -> list[tuple[int, Path]]:
    """Step and file of every checkpoint, oldest first."""
    return sorted((int(path.stem), path) for path in (folder / "checkpoints").glob("[0-9]*.safetensors"))


def thin_checkpoints(folder: Path, most_bytes: int, most: int = KEPT_CHECKPOINTS) -> None:
    """Beyond `most` checkpoints or `most_bytes`, drop every second of the older ones, again and again if need be.

    The newest two stay whatever their size: the log may not yet tell of the last. While there is room, so does the first.
    """
    kept = [(path, path.stat().st_size) for _step, path in checkpoints_in(folder)]
    while len(kept) > 2 and (len(kept) > most or sum(size for _path, size in kept) > most_bytes):
        dropped = kept[1:-2:2] or kept[:1]
        for path, _size in dropped:
            path.unlink(missing_ok=True)
        kept = [entry for entry in kept if entry not in dropped]


def drop_checkpoints(folder: Path, *, after: int) -> None:
    """Forget the checkpoints behind a step, and what a writer that was killed has left half written."""
    for step, path in checkpoints_in(folder):
        if step > after:
            path.unlink(missing_ok=True)
    for path in (folder / "checkpoints").glob(".*"):
        path.unlink(missing_ok=True)
