"""Datasets that take long to read, kept on the disk as they are once read: all jobs map the same files into memory."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import numpy as np

from models.datasets.dataset import Dataset
from models.datasets.files import Unreadable
from models.sources import Sources

Arrays = tuple[np.ndarray, ...]

KEPT = 4
"""Versions of a dataset (other seeds, other numbers of examples) that are kept; the one that was used longest ago goes."""


def arrays(dataset: Dataset) -> Arrays:
    """Training inputs and targets, validation inputs and targets. Raises datasets.files.Missing when its files are not here, and
    Unreadable when its fields do not go with them."""
    if (fault := next(dataset.faults(), None)) and dataset.available():
        raise Unreadable(fault.message.en, fault.message.zh)
    if not dataset.slow or "PLAYGROUND_DATA" not in os.environ:
        return tuple(dataset.call().build())
    folder = Path(os.environ["PLAYGROUND_DATA"]) / "datasets" / dataset.op / "decoded" / _version(dataset)
    try:
        found = _mapped(folder)
        os.utime(folder)
    except (OSError, ValueError):
        with _alone(folder.parent):
            with suppress(OSError, ValueError):
                # Somebody else has made it meanwhile.
                return _mapped(folder)
            found = tuple(dataset.call().build())
            # On a disk that is full or may not be written, each job reads for itself.
            with suppress(OSError):
                _keep(found, folder)
                found = _mapped(folder)
    return found


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Only one process at a time makes a version: two at once would take twice as long. The system lets go of the lock when it ends."""
    with ExitStack() as stack:
        with suppress(OSError):
            folder.parent.mkdir(parents=True, exist_ok=True)
            fcntl.flock(stack.enter_context(folder.with_name(".decoding").open("w")), fcntl.LOCK_EX)
        yield


def _version(dataset: Dataset) -> str:
    """Differs when the dataset's settings do, or the source of what reads it."""
    sources = Sources()
    sources.add(dataset.call().targets())
    return hashlib.sha256(f"{dataset.model_dump_json()}\n{sources.text()}".encode()).hexdigest()[:16]


def _mapped(folder: Path) -> Arrays:
    # Copy on write: nothing that a job does can reach the file, or another job.
    return tuple(np.load(folder / f"{place}.npy", mmap_mode="c") for place in range(4))


def _keep(found: Arrays, folder: Path) -> None:
    """Write the arrays so that the folder is either whole or not there."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, ignore_cleanup_errors=True) as name:
        made = Path(name) / "made"
        made.mkdir()
        for place, array in enumerate(found):
            with (made / f"{place}.npy").open("wb") as file:
                np.save(file, array)
                file.flush()
                os.fsync(file.fileno())
        if folder.exists():
            # Another job was quicker, unless this is what a broken disk has left.
            with suppress(OSError, ValueError):
                _mapped(folder)
                return
            shutil.rmtree(folder)
        made.rename(folder)
    versions = sorted((version for version in folder.parent.iterdir() if len(version.name) == 16), key=lambda one: one.stat().st_mtime)
    for old in versions[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
