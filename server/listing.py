"""What a dataset of the Hugging Face hub is made of: its configurations, their splits and the parquet files of each, read from what the
hub says of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any

from models.datasets.hub import PART, REPOSITORY, REVISION
from models.datasets.hub_files import HubFile
from server.endpoint import Endpoint
from server.fetch import FetchError

CONVERTED = "refs/convert/parquet"
"""Where the hub puts its own parquet files of datasets that have come in another form."""
SPLITS = {"train": "train", "training": "train", "test": "test", "testing": "test", "eval": "test", "evaluation": "test"} | dict.fromkeys(
    ("validation", "valid", "val", "dev"), "validation"
)
"""Words in the name of a file or a folder, and the split that they mean."""


@dataclass(frozen=True)
class Split:
    """A part of a configuration."""

    name: str
    files: tuple[HubFile, ...]
    rows: int | None

    @property
    def bytes(self) -> int:
        """Of all its files."""
        return sum(file.bytes for file in self.files)


@dataclass(frozen=True)
class Listing:
    """A dataset as the hub describes it."""

    name: str
    revision: str
    licence: str | None
    gated: bool
    private: bool
    configurations: Mapping[str, tuple[Split, ...]] = field(default_factory=dict)


def read_listing(endpoint: Endpoint, name: str, revision: str | None = None) -> Listing:
    """Ask the hub; at a commit, or as it is now. The dataset's own parquet files are taken, or else those that the hub has made of it.

    Raises FetchError.
    """
    said = endpoint.listing(name, revision)
    known = said.get("id")
    card = said.get("cardData") if isinstance(said.get("cardData"), dict) else {}
    listing = Listing(
        name=known if isinstance(known, str) and re.fullmatch(REPOSITORY, known) else name,
        revision=_commit(said, name),
        licence=_licence(card or {}, said.get("tags")),
        gated=bool(said.get("gated")),
        private=bool(said.get("private")),
    )
    rows = dict(_counted(card or {}))
    if found := _configurations(_files(said), card or {}, rows):
        return replace(listing, configurations=found)
    if revision is None:
        try:
            converted = endpoint.listing(name, CONVERTED)
        except FetchError as fault:
            if fault.code != "no_hub_dataset":
                raise
            converted = {}
        if found := _configurations(_files(converted), {}, rows):
            return replace(listing, revision=_commit(converted, name), configurations=found)
    raise FetchError(
        f"The dataset {name} has no parquet files, and the hub has made none of it: it cannot be used here. Choose another one.",
        "no_parquet",
    )


def _commit(said: Mapping[str, Any], name: str) -> str:
    revision = said.get("sha")
    if not isinstance(revision, str) or not re.fullmatch(REVISION, revision):
        raise FetchError(f"The hub does not say which commit of {name} this is.", "hub_fault")
    return revision


def _licence(card: Mapping[str, Any], tags: Any) -> str | None:
    said = card.get("license") or [tag.removeprefix("license:") for tag in tags or () if str(tag).startswith("license:")]
    names = [said] if isinstance(said, str) else [name for name in said if isinstance(name, str)] if isinstance(said, list) else []
    if names == ["other"] and isinstance(card.get("license_name"), str):
        names = [card["license_name"]]
    return ", ".join(names)[:200] or None


def _files(said: Mapping[str, Any]) -> Iterator[HubFile]:
    """Parquet files that the hub gives a checksum of."""
    for sibling in said.get("siblings") or ():
        lfs = sibling.get("lfs") if isinstance(sibling, dict) else None
        path = sibling.get("rfilename") if lfs else None
        if not isinstance(path, str) or not isinstance(lfs, dict) or not path.endswith(".parquet") or len(path) > 300:
            continue
        size, sha256 = lfs.get("size"), lfs.get("sha256")
        if isinstance(size, int) and size > 0 and isinstance(sha256, str) and re.fullmatch("[0-9a-f]{64}", sha256):
            yield HubFile(path=path, bytes=size, sha256=sha256)


def _counted(card: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], int]]:
    """Rows of each configuration and split, where the dataset's card tells."""
    told = card.get("dataset_info")
    for information in told if isinstance(told, list) else [told]:
        if not isinstance(information, dict) or not isinstance(information.get("splits"), list):
            continue
        for split in information["splits"]:
            if isinstance(split, dict) and isinstance(split.get("num_examples"), int):
                yield (str(information.get("config_name", "default")), str(split.get("name"))), split["num_examples"]


def _configurations(files: Iterable[HubFile], card: Mapping[str, Any], rows: Mapping[tuple[str, str], int]) -> dict[str, tuple[Split, ...]]:
    found: dict[str, dict[str, list[HubFile]]] = {}
    patterns = list(_patterns(card))
    for file in sorted(files, key=lambda file: file.path):
        places = [(configuration, split) for configuration, split, pattern in patterns if fnmatchcase(file.path, pattern)]
        for configuration, split in dict.fromkeys(places) if patterns else [place_of(file.path)]:
            if re.fullmatch(PART, configuration) and re.fullmatch(PART, split):
                found.setdefault(configuration, {}).setdefault(split, []).append(file)
    return {
        configuration: tuple(Split(name, tuple(files), rows.get((configuration, name))) for name, files in splits.items())
        for configuration, splits in found.items()
    }


def _patterns(card: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Configuration, split and pattern of the paths of its files, as the dataset's card has them."""
    told = card.get("configs")
    for configuration in told if isinstance(told, list) else ():
        if not isinstance(configuration, dict):
            continue
        name, files = str(configuration.get("config_name", "default")), configuration.get("data_files")
        if isinstance(files, dict):
            files = [{"split": split, "path": path} for split, path in files.items()]
        for part in files if isinstance(files, list) else [files]:
            split, path = (part.get("split"), part.get("path")) if isinstance(part, dict) else ("train", part)
            for pattern in path if isinstance(path, list) else [path]:
                if isinstance(pattern, str):
                    yield name, str(split), pattern.removeprefix("./")


def place_of(path: str) -> tuple[str, str]:
    """Configuration and split of a file by its path alone: data/train-00000-of-00002.parquet, en/test.parquet, en/train/0000.parquet."""
    *folders, file = PurePosixPath(path).parts
    stem = re.sub(r"-\d+-of-\d+.*$", "", file.removesuffix(".parquet"))
    if re.fullmatch(r"\d+", stem) and folders:
        split = folders.pop().removeprefix("partial-")
    elif known := _meant(stem):
        split = known
    elif folders and (known := _meant(folders[-1])):
        split = known
        folders.pop()
    else:
        split = "train"
    configuration = folders[-1] if folders else "default"
    return "default" if configuration == "data" or _meant(configuration) else configuration, split


def _meant(name: str) -> str | None:
    """The split that a name speaks of."""
    return next((SPLITS[word] for word in re.split(r"[^a-z]+", name.lower()) if word in SPLITS), None)
