"""Datasets of the Hugging Face hub as they lie on this machine: what is known of each split without reading it, and reading columns."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
from pydantic import ValidationError

from models.datasets.files import Missing
from models.entry import Spec, Words

DESCRIPTION = "hub.json"
"""File in a split's folder that tells what is in it."""
LONGEST_TEXT = 2000
"""Characters of a text that are read: a network gets fewer tokens than that."""

MANY = 65_536
"""Rows that are read at once: of numbers and short words."""
FEW = 256
"""Rows that are read at once: of values that may be large."""

ColumnKind = Literal["number", "category", "text", "image", "sound", "unusable"]

REASONS = {
    "nested": Words("it holds lists or records, not one value a row", "每行是列表或嵌套结构，不是单个值"),
    "type": Words("its values are neither numbers nor texts, images or sounds", "它的值既不是数，也不是文字、图像或声音"),
    "files": Words("it holds files that are not said to be images or sounds", "里面是文件，但没说明是图像还是声音"),
    "elsewhere": Words("it has only the names of files that lie elsewhere", "里面只有文件名，文件本身在别处"),
    "encoding": Words(
        "its sounds are not WAV with plain samples (PCM), which is all that can be read", "声音不是普通采样（PCM）的 WAV，读不了"
    ),
    "size": Words("its values are too large", "它的值太大"),
}
"""Why a column cannot be used, by the code of the reason."""


class HubColumn(Spec):
    """A column of a dataset on the hub."""

    name: str
    type: str
    """As the file has it, such as int64 or string."""
    kind: ColumnKind
    reason: str | None = None
    """Why it cannot be used: a key of `REASONS`."""
    classes: tuple[str, ...] | None = None
    """What its values are called, where they are few enough to be classes; in an order that stays."""
    values: tuple[str, ...] | None = None
    """The same values as the file has them, written as text."""
    missing: int = 0
    """Rows that have no value."""
    least: float | None = None
    greatest: float | None = None
    """The range of numbers."""


class HubFile(Spec):
    """A file of a split."""

    path: str
    """In its repository."""
    bytes: int
    sha256: str


class HubSplit(Spec):
    """One split of a dataset on the hub as it lies on this machine. It stays as it is for ever: another revision is another one."""

    version: Literal[1] = 1
    repository: str
    revision: str
    configuration: str
    split: str
    licence: str | None
    rows: int
    bytes: int
    files: tuple[HubFile, ...]
    columns: tuple[HubColumn, ...]


def hub_folder() -> Path:
    """Where datasets of the hub lie on this machine."""
    return Path(os.environ.get("PLAYGROUND_DATA", "data")) / "datasets" / "hub"


def split_folder(root: Path, repository: str, revision: str, configuration: str, split: str) -> Path:
    """Where a split lies: <owner>--<name>/<revision>/<configuration>/<split>."""
    return root / repository.replace("/", "--") / revision / configuration / split


def described(folder: Path) -> HubSplit | None:
    """What is known of the split in this folder; None when there is none."""
    try:
        return HubSplit.model_validate_json((folder / DESCRIPTION).read_bytes())
    except (OSError, ValidationError):
        return None


def fetched(repository: str, revision: str, configuration: str, splits: Sequence[str]) -> list[str]:
    """The parquet files of these splits on this machine. Raises Missing."""
    if not splits:
        raise Missing("hub", "What to learn from", "choose a dataset of the hub and at least one of its splits")
    paths = []
    for split in splits:
        folder = split_folder(hub_folder(), repository, revision, configuration, split)
        known = described(folder)
        if known is None:
            raise Missing("hub", f"The dataset {repository} of the hub", "fetch it on the page or by POST /api/hub/fetch")
        paths += [str(folder / f"{place}.parquet") for place in range(len(known.files))]
    return paths


def downloaded(repository: str, revision: str, files: Sequence[str]) -> list[str]:
    """The parquet files of a dataset on the Hugging Face hub, which this fetches into the library's own folder where they are not there."""
    from huggingface_hub import hf_hub_download

    return [hf_hub_download(repository, file, repo_type="dataset", revision=revision) for file in files]


def column_pieces(files: Sequence[str], name: str, rows: np.ndarray | None, size: int) -> Iterator[Any]:
    """A column piece by piece, so many rows at once, as arrow arrays; with `rows`, ascending places, only of those rows."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

    begin = 0
    for path in files:
        with ParquetFile(path, buffer_size=2**20) as file:
            for batch in file.iter_batches(size, columns=[name], use_threads=False):
                piece, end = batch.column(name), begin + len(batch)
                if rows is not None:
                    first, last = np.searchsorted(rows, (begin, end))
                    piece = piece.take(pa.array(rows[first:last] - begin, pa.int64()))
                begin = end
                yield piece.dictionary_decode() if pa.types.is_dictionary(piece.type) else piece


def numbers_in(files: Sequence[str], name: str, rows: np.ndarray | None = None) -> np.ndarray:
    """A column of numbers, float64 (rows,); not a number where there is none."""
    import pyarrow as pa
    import pyarrow.compute as pc

    pieces = [pc.cast(piece, pa.float64(), safe=False).to_numpy(zero_copy_only=False) for piece in column_pieces(files, name, rows, MANY)]
    numbers = np.concatenate([np.empty(0), *pieces])
    numbers[~np.isfinite(numbers)] = np.nan
    return numbers


def places_in(files: Sequence[str], name: str, values: Sequence[str], rows: np.ndarray | None = None) -> np.ndarray:
    """A column of classes as the places of its values in this list, float64 (rows,); not a number where there is none."""
    import pyarrow as pa
    import pyarrow.compute as pc

    known = pa.array(values, pa.string())
    pieces = [
        pc.index_in(pc.cast(piece, pa.string()), value_set=known).cast(pa.float64()).to_numpy(zero_copy_only=False)
        for piece in column_pieces(files, name, rows, MANY)
    ]
    return np.concatenate([np.empty(0), *pieces])


def texts_in(files: Sequence[str], name: str, rows: np.ndarray) -> list[str]:
    """A column of texts, the first characters of each; empty where there is none."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts: list[str] = []
    for piece in column_pieces(files, name, rows, FEW):
        cut = pc.utf8_slice_codeunits(pc.cast(piece, pa.large_string()), 0, LONGEST_TEXT)
        texts += [text or "" for text in cut.to_pylist()]
    return texts


Made = TypeVar("Made")


def made_of(files: Sequence[str], name: str, rows: np.ndarray, make: Callable[[bytes, int], Made]) -> list[Made | None]:
    """What is made of each file in a column of files and the row that it stands in; None where there is no file."""
    import pyarrow as pa

    made: list[Made | None] = []
    for piece in column_pieces(files, name, rows, FEW):
        column = piece.field("bytes") if pa.types.is_struct(piece.type) else piece
        for content in column:
            row = int(rows[len(made)])
            made.append(make(content.as_py(), row) if content.is_valid else None)
    return made


def chosen(targets: np.ndarray, samples: int, seed: int) -> np.ndarray:
    """Places of rows whose target (rows,) is known, at most so many and chosen by chance, in ascending order."""
    known = np.flatnonzero(~np.isnan(targets))
    rows: np.ndarray = np.sort(np.random.default_rng(seed).permutation(known)[:samples])
    return rows
