"""The files in a job's folder: its log, its checkpoints, what its worker printed."""

from __future__ import annotations

from pathlib import Path

KEPT_CHECKPOINTS = 40


def log_path(folder: Path) -> Path:
    """Where the job's events lie."""
    return folder / "events.jsonl"


def output_path(folder: Path) -> Path:
    """Where the worker's standard output and error go."""
    return folder / "worker.log"


def checkpoint_path(folder: Path, step: int) -> Path:
    """Where the checkpoint of a step lies."""
    return folder / "checkpoints" / f"{step:012d}.safetensors"


def checkpoints_in(folder: Path) -> list[tuple[int, Path]]:
    """Step and file of every checkpoint, oldest first."""
    return sorted((int(path.stem), path) for path in (folder / "checkpoints").glob("[0-9]*.safetensors"))


def thin_checkpoints(folder: Path, most: int = KEPT_CHECKPOINTS) -> None:
    """Beyond `most`, drop every second of the older checkpoints; the first and the newest stay."""
    kept = checkpoints_in(folder)
    if len(kept) > most:
        for _step, path in kept[1:-1:2]:
            path.unlink(missing_ok=True)
