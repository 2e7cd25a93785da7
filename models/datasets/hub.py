"""The base of all datasets of the Hugging Face hub: which one, which of its columns, and what is wrong with that choice."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from models.datasets.dataset import Dataset, Fault, Origin, dealt
from models.datasets.hub_files import (
    DESCRIPTION,
    REASONS,
    ColumnKind,
    HubColumn,
    described,
    downloaded,
    fetched,
    hub_folder,
    split_folder,
)
from models.entry import Call, Label, Words, call
from models.task import Classification

REPOSITORY = r"^([A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*/[A-Za-z0-9_][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*)$"
"""How datasets on the hub are called: owner/name."""
REVISION = "^[0-9a-f]{40}$"
"""A commit."""
PART = "^[A-Za-z0-9_][A-Za-z0-9_.+() -]{0,79}$"
"""How configurations and splits are called, which are folders here."""

Part = Annotated[str, StringConstraints(pattern=PART)]
Column = Annotated[str, StringConstraints(min_length=1, max_length=200)]

MOST_CLASSES = 100
FEWEST = 10
"""Rows below which nothing can be learnt and tested."""
UNKNOWN = (Words("?", "？"), Words("??", "？？"))
"""What the classes are called of a dataset that is not here."""


@dataclass(frozen=True)
class Contents:
    """What the chosen splits hold together, as far as it is known without reading them."""

    rows: int
    columns: Mapping[str, HubColumn]
    files: tuple[str, ...]
    """As they are called on the hub, in the order in which they are read."""


def contents_of(root: Path, repository: str, revision: str, configuration: str, splits: tuple[str, ...]) -> Contents | None:
    """What these splits hold; None unless all of them are on this machine."""
    folders = tuple(split_folder(root, repository, revision, configuration, split) for split in splits)
    try:
        written = tuple((folder / DESCRIPTION).stat().st_mtime_ns for folder in folders)
    except OSError:
        return None
    return _together(folders, written) if folders else None


@lru_cache(maxsize=64)
def _together(folders: tuple[Path, ...], _written: tuple[int, ...]) -> Contents | None:
    found = [described(folder) for folder in folders]
    splits = [split for split in found if split]
    if len(splits) < len(found):
        return None
    first, *others = [{column.name: column for column in split.columns} for split in splits]
    columns = {name: merged([first[name], *[other[name] for other in others]]) for name in first if all(name in other for other in others)}
    return Contents(sum(split.rows for split in splits), columns, tuple(file.path for split in splits for file in split.files))


def merged(parts: Sequence[HubColumn]) -> HubColumn:
    """One column of several splits, of each of which something is known."""
    first = parts[0]
    if unusable := next((part for part in parts if part.kind == "unusable"), None):
        return unusable
    kind: ColumnKind = "text" if {part.kind for part in parts} == {"text", "category"} else first.kind
    if any(part.kind not in ("text", "category") and part.kind != kind for part in parts):
        return first.model_copy(update={"kind": "unusable", "reason": "type"})
    classes, values = first.classes, first.values
    if any(part.values != values for part in parts):
        union = {value for part in parts for value in part.values or ()}
        few = all(part.values for part in parts) and len(union) <= MOST_CLASSES
        values = tuple(sorted(union, key=int if kind == "number" else str)) if few else None
        classes = values
    numbers = [part for part in parts if part.least is not None and part.greatest is not None]
    return first.model_copy(
        update={
            "kind": "text" if kind == "category" and first.type == "string" and values is None else kind,
            "classes": classes,
            "values": values,
            "missing": sum(part.missing for part in parts),
            "least": min((part.least for part in numbers if part.least is not None), default=None),
            "greatest": max((part.greatest for part in numbers if part.greatest is not None), default=None),
        }
    )


class HubDataset(Dataset):
    """Examples out of a dataset of the Hugging Face hub that has been fetched by its name.

    An experiment names the commit, so that it stays the same whatever its makers do later. All splits that are chosen are dealt out
    anew into examples for training and for validation.
    """

    repository: Annotated[str, StringConstraints(pattern=f"^$|{REPOSITORY}", max_length=200)] = ""
    """Which dataset of the hub, as owner/name."""
    revision: Annotated[str, StringConstraints(pattern=f"^$|{REVISION}")] = ""
    """Its commit: which of its versions."""
    configuration: Annotated[str, StringConstraints(pattern=f"^$|{PART}")] = ""
    """Which of its configurations; many have only the one called default."""
    splits: tuple[Part, ...] = Field((), max_length=20, strict=False)
    """Which of its parts, such as train and test, are used together."""
    target: Annotated[str, StringConstraints(max_length=200)] = ""
    """The column to be learnt."""
    samples: int = Field(10_000, ge=20, le=100_000, json_schema_extra={"scale": "log"})
    """How many of the rows, at most, chosen by chance among those in which the target is known."""
    validation: float = Field(0.25, ge=0.1, le=0.9)
    """Share of the examples that the network is only tested on and never learns from."""

    group: ClassVar[Words] = Words("Hugging Face hub", "Hugging Face Hub")
    slow: ClassVar[bool] = True
    source: ClassVar[Origin] = Origin(
        name=Words("the Hugging Face hub, by name", "Hugging Face Hub，按名字取"),
        licence="as the dataset says",
        synthetic=False,
        remedy=Words(
            "Name a dataset of the hub, look at its size and licence, and fetch it.", "写下 Hub 上数据集的名字，看过大小和许可证，再下载。"
        ),
    )
    labels: ClassVar[Mapping[str, Label]] = {
        "repository": Label("Dataset", "数据集", "Hub 上的哪个数据集，写成“所有者/名字”。"),
        "revision": Label("Revision", "版本", "它的哪次提交，也就是哪个版本。"),
        "configuration": Label("Configuration", "配置", "它的哪个配置；很多只有一个，叫 default。"),
        "splits": Label("Splits", "划分", "合起来用哪几部分，例如 train 和 test。"),
        "target": Label("To be learnt", "目标列", "要学的是哪一列。"),
        "samples": Label("Examples", "样本数", "最多用多少行，从目标列有值的行里随机选。"),
        "validation": Label("For validation", "验证集占比", "留出多少样本只用来检验，网络从不在上面学习。"),
        "input": Label("Input", "输入列", "网络看的是哪一列。"),
    }

    targets: ClassVar[tuple[ColumnKind, ...]] = ("number", "category")
    """Kinds of columns that can be learnt."""

    @abstractmethod
    def wanted(self) -> tuple[str, ...]:
        """Names of the columns that the network gets; empty when none has been chosen."""

    @abstractmethod
    def suits(self, column: HubColumn) -> bool:
        """Whether the network can get this column."""

    @classmethod
    @abstractmethod
    def input_words(cls) -> Words:
        """What a column must hold that the network gets."""

    @abstractmethod
    def reading(self, files: Call) -> Call:
        """The call that makes the examples of these files."""

    # What is known

    def contents(self) -> Contents | None:
        """What the chosen splits hold; None when they are not all on this machine."""
        if not self.repository or not self.revision or not self.configuration:
            return None
        return contents_of(hub_folder(), self.repository, self.revision, self.configuration, self.splits)

    def available(self) -> bool:
        """Whether the chosen splits have been fetched."""
        return self.contents() is not None

    def state(self) -> bool:
        """Whether they have been fetched: what can be said of them depends on it."""
        return self.available()

    def learnt(self) -> HubColumn | None:
        """The column to be learnt, where the whole choice is sound."""
        found = self.contents()
        return found.columns[self.target] if found and next(self.faults(), None) is None else None

    def names_classes(self, _column: HubColumn) -> bool:
        """Whether a column, if it is learnt, is learnt as classes."""
        return True

    def counts(self) -> tuple[int, int]:
        """The rows whose target is known, at most so many, dealt out."""
        found, target = self.contents(), self.learnt()
        return dealt(min(self.samples, found.rows - target.missing), self.validation) if found and target else (1, 1)

    def classes(self) -> Classification:
        """The classes of the target."""
        target = self.learnt()
        return Classification(classes=tuple(Words(name, name) for name in target.classes) if target and target.classes else UNKNOWN)

    def call(self) -> Call:
        """The function that reads the files that were fetched."""
        return self.reading(call(fetched, self.repository, self.revision, self.configuration, self.splits))

    def written(self) -> Call:
        """The function that reads the files wherever the script runs: the hub's own library fetches them."""
        found = self.contents()
        return self.reading(call(downloaded, self.repository, self.revision, found.files if found else ()))

    def chosen_target(self) -> tuple[str, tuple[str, ...]]:
        """The target and, where it is learnt as classes, its values in the order of the classes."""
        column = self.learnt()
        return self.target, (column.values or ()) if column and self.names_classes(column) else ()

    # What is wrong

    def faults(self) -> Iterator[Fault]:
        """What is wrong with the choice, the first thing first."""
        if not self.repository:
            yield Fault("repository", Words("No dataset of the hub has been chosen.", "还没有选 Hub 上的数据集。"), self.source.remedy)
            return
        if not self.splits:
            yield Fault("splits", Words("None of the dataset's splits has been chosen.", "还没有选用数据集的哪个划分。"))
            return
        found = self.contents()
        if found is None:
            yield Fault(
                "repository",
                Words(
                    f"The dataset {self.repository} ({', '.join(self.splits)}) is not on this machine.",
                    f"这台机器上没有数据集 {self.repository}（{'、'.join(self.splits)}）。",
                ),
                Words("Fetch it, or choose one that is here.", "下载它，或者换一个已有的。"),
            )
            return
        chosen = self.wanted()
        if not chosen:
            yield Fault("input", Words("No column has been chosen for the network to get.", "还没有选给网络看的列。"))
        for name in chosen:
            yield from self._input_faults(name, found)
        yield from self._target_faults(found)

    def _input_faults(self, name: str, found: Contents) -> Iterator[Fault]:
        column = found.columns.get(name)
        if column is None:
            yield _not_there("input", name, self.repository)
        elif column.kind == "unusable":
            reason = REASONS.get(column.reason or "type", REASONS["type"])
            yield Fault(
                "input", Words(f"The column {name} cannot be used: {reason.en}.", f"“{name}”这一列用不了：{reason.zh}。"), _other_column()
            )
        elif not self.suits(column):
            kind, wanted = KINDS[column.kind], self.input_words()
            yield Fault(
                "input",
                Words(
                    f"The column {name} holds {kind.en}; this kind of dataset wants {wanted.en}.",
                    f"“{name}”这一列是{kind.zh}，这里需要{wanted.zh}。",
                ),
                Words("Choose another column, or use it as another kind of dataset.", "换一列，或者换一种用法。"),
            )
        elif column.missing >= found.rows:
            yield _all_missing("input", name)

    def _target_faults(self, found: Contents) -> Iterator[Fault]:
        name = self.target
        column = found.columns.get(name)
        if not name:
            yield Fault("target", Words("No column has been chosen to be learnt.", "还没有选要学的列。"))
        elif column is None:
            yield _not_there("target", name, self.repository)
        elif name in self.wanted():
            yield Fault(
                "target",
                Words(
                    f"The network gets the column {name}, so there is nothing to learn in it.", f"“{name}”已经给网络看了，没什么可学的。"
                ),
                Words("Leave it out of the inputs.", "把它从输入里去掉。"),
            )
        elif column.kind not in self.targets and column.kind != "text":
            kind = KINDS[column.kind]
            yield Fault(
                "target",
                Words(f"The column {name} cannot be learnt: it holds {kind.en}.", f"“{name}”这一列没法当目标：它是{kind.zh}。"),
                Words("Choose a column of classes or numbers.", "请选类别或数值的列。"),
            )
        elif column.missing >= found.rows:
            yield _all_missing("target", name)
        elif found.rows - column.missing < FEWEST:
            count = found.rows - column.missing
            yield Fault(
                "target",
                Words(
                    f"Only {count} rows have a value in {name}; at least {FEWEST} are needed.",
                    f"只有 {count} 行在“{name}”里有值，至少要 {FEWEST} 行。",
                ),
            )
        elif self.names_classes(column):
            yield from _class_faults(name, column)
        elif column.least == column.greatest:
            yield Fault(
                "target",
                Words(f"All values of {name} are the same: there is nothing to learn.", f"“{name}”的值全都一样，没什么可学的。"),
                _other_column(),
            )


KINDS: Mapping[ColumnKind, Words] = {
    "number": Words("numbers", "数值"),
    "category": Words("classes", "类别"),
    "text": Words("texts", "文字"),
    "image": Words("images", "图像"),
    "sound": Words("sounds", "声音"),
    "unusable": Words("what cannot be used", "用不了的内容"),
}
"""What a column holds, in words."""


def _class_faults(name: str, column: HubColumn) -> Iterator[Fault]:
    """What is wrong with a column as classes."""
    if not column.values:
        yield Fault(
            "target",
            Words(
                f"The column {name} has more than {MOST_CLASSES} different values, too many to be classes.",
                f"“{name}”有超过 {MOST_CLASSES} 种不同的值，太多了，当不了类别。",
            ),
            _other_column(),
        )
    elif len(column.values) < 2:
        yield Fault(
            "target",
            Words(f"The column {name} has one class only: there is nothing to tell apart.", f"“{name}”只有一个类别，没什么可分的。"),
            Words("Choose another column, or fetch another split too.", "换一列，或者再下载别的划分。"),
        )


def _not_there(field: str, name: str, repository: str) -> Fault:
    return Fault(
        field, Words(f"The dataset {repository} has no column {name!r}.", f"数据集 {repository} 没有“{name}”这一列。"), _other_column()
    )


def _all_missing(field: str, name: str) -> Fault:
    return Fault(field, Words(f"The column {name} has no value in any row.", f"“{name}”这一列全是空的。"), _other_column())


def _other_column() -> Words:
    return Words("Choose another column.", "请换一列。")
