"""Where the files of datasets lie on this machine, and what to say when they do not."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import numpy as np

DEBIAN = Path("/usr/share/datasets")


class Missing(Exception):
    """A dataset's files are not on this machine; the message says what is missing and how to get it."""

    def __init__(self, op: str, what: str, remedy: str) -> None:
        super().__init__(f"{what} is not on this machine: {remedy}")
        self.op = op


class Unreadable(Exception):
    """An example cannot be read as what it is said to be; the message says which and why, in both languages."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.zh = zh


def candidates(op: str) -> list[Path]:
    """Folders in which a dataset may lie: what this server has fetched, then what Debian installs."""
    fetched = Path(os.environ.get("PLAYGROUND_DATA", "data")) / "datasets" / op
    return [fetched, DEBIAN / op.replace("_", "-")]


def find(op: str, names: tuple[str, ...]) -> Path | None:
    """The first folder that has all the files, or None."""
    return next((folder for folder in candidates(op) if all((folder / name).is_file() for name in names)), None)


def packaged(package: str, path: str) -> Path | None:
    """A data file inside an installed package, found without importing the package; None when it is not there."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return None
    file = Path(spec.origin).parent / path
    return file if file.is_file() else None


def scikit_learn_table(name: str, head: int = 0, between: str = ",") -> np.ndarray:
    """Numbers from a text file in scikit-learn's wheel, below `head` lines; float64. Importing the package would take a second."""
    path = packaged("sklearn", f"datasets/data/{name}")
    if path is None:
        raise Missing(name, f"The table {name}", "install the package that carries it, pip install scikit-learn")
    return np.loadtxt(path, delimiter=between, skiprows=head)
