"""Tables of the Hugging Face hub: whichever columns a person has chosen."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from models.datasets.dataset import Modality, split
from models.datasets.hub import Column, HubDataset
from models.datasets.hub_files import HubColumn, chosen, numbers_in, places_in
from models.datasets.modules import Standardise
from models.datasets.tables import filled_and_spread, standardised_columns
from models.entry import Call, Label, Words, call
from models.shape import Shape
from models.task import Regression, Task

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
Named = tuple[str, tuple[str, ...]]

FEW = 20
"""Different whole numbers up to which a column is taken to name classes."""
LARGEST = 1e15
"""Numbers beyond this are cut off, so that the square of each can still be computed."""


def hub_table(files: list[str], columns: tuple[Named, ...], target: Named, samples: int, validation: float, seed: int) -> Arrays:
    """Rows of a table: numbers as they are, words as their places in the list beside their column's name; a gap is not a number."""
    truths = _column(files, target)
    rows = chosen(truths, samples, seed)
    inputs = np.stack([_column(files, column, rows) for column in columns], axis=1).astype(np.float32)
    targets = truths[rows].astype(np.int64) if target[1] else truths[rows, None].astype(np.float32)
    return split(inputs, targets, validation, seed)


def _column(files: list[str], column: Named, rows: np.ndarray | None = None) -> np.ndarray:
    name, values = column
    return places_in(files, name, values, rows) if values else numbers_in(files, name, rows).clip(-LARGEST, LARGEST)


class HubTable(HubDataset):
    """Any table of the Hugging Face hub: choose what the network gets and what it has to find out.

    Gaps are filled with what is usual in their column, each word becomes a column of its own that says yes or no, and all columns are
    brought to one scale, as with the penguins. What is to be learnt are classes or a number.
    """

    op: Literal["hub_table"] = "hub_table"
    inputs: tuple[Column, ...] = Field((), max_length=500, strict=False)
    """The columns that the network gets: numbers, and words of which there are at most 100."""
    answer: Literal["automatic", "class", "number"] = "automatic"
    """Whether the target names classes or is a number. Automatic: words are classes, and so are up to 20 different whole numbers."""

    title: ClassVar[Words] = Words("Table of the hub", "Hub 上的表格")
    modality: ClassVar[Modality] = "table"
    labels: ClassVar[dict[str, Label]] = {
        "inputs": Label("Inputs", "输入列", "网络看哪些列：数值，或者不超过 100 种的词。"),
        "answer": Label("Learnt as", "当作", "目标是类别还是数值。自动：词当类别，不超过 20 种的整数也当类别。"),
    }
    options: ClassVar[dict[str, dict[str, Words]]] = {
        "answer": {
            "automatic": Words("Automatic", "自动"),
            "class": Words("Classes", "类别"),
            "number": Words("A number", "数值"),
        }
    }
    chinese: ClassVar[str] = """Hugging Face Hub 上的任何表格：自己选给网络看哪些列、要它学哪一列。

    空格用该列的常见值补上，每个词变成一列“是或否”，各列调到同样的尺度，和企鹅那份一样。要学的可以是类别，也可以是数值。"""

    def wanted(self) -> tuple[str, ...]:
        """The chosen columns."""
        return tuple(dict.fromkeys(self.inputs))

    def suits(self, column: HubColumn) -> bool:
        """Numbers, or words that can be counted."""
        return column.kind == "number" or (column.kind == "category" and bool(column.values))

    @classmethod
    def input_words(cls) -> Words:
        """Numbers and few words."""
        return Words("numbers or at most 100 different words", "数值，或者不超过 100 种的词")

    def names_classes(self, column: HubColumn) -> bool:
        """Words, and numbers if they are to be classes."""
        if column.kind != "number" or self.answer == "class":
            return True
        return self.answer == "automatic" and 0 < len(column.values or ()) <= FEW

    def _columns(self) -> tuple[HubColumn, ...]:
        """The chosen columns, where the choice is sound."""
        found = self.contents()
        return tuple(found.columns[name] for name in self.wanted()) if found and self.learnt() else ()

    def _named(self) -> tuple[Named, ...]:
        return tuple((column.name, (column.values or ()) if column.kind == "category" else ()) for column in self._columns())

    def columns(self) -> tuple[Words, ...]:
        """Names of the chosen columns."""
        return tuple(Words(name, name) for name in self.wanted())

    def categories(self) -> dict[int, tuple[Words, ...]]:
        """The words of those that hold words."""
        return {
            place: tuple(Words(name, name) for name in column.classes or ())
            for place, column in enumerate(self._columns())
            if column.kind == "category"
        }

    def shape(self) -> Shape:
        """A number for each column, or one for each of its words."""
        columns = self._columns()
        return Shape((sum(len(column.values or ()) if column.kind == "category" else 1 for column in columns) or max(1, len(self.inputs)),))

    def task(self) -> Task:
        """The target's classes, or the number itself."""
        target = self.learnt()
        if target and not self.names_classes(target):
            return Regression(targets=(Words(target.name, target.name),))
        return self.classes()

    def reading(self, files: Call) -> Call:
        """See `hub_table`."""
        target = self.chosen_target()
        return call(hub_table, files, self._named(), target, samples=self.samples, validation=self.validation, seed=self.seed)

    def prepare(self, training_inputs: np.ndarray) -> Call:
        """Gaps filled and words spread, where there are any; then mean and deviation of the training rows."""
        columns = self._columns()
        if all(column.kind == "number" and not column.missing for column in columns):
            return call(Standardise, *standardised_columns(training_inputs))
        return filled_and_spread(training_inputs, tuple(len(values) for _, values in self._named()))

    def target_scale(self, training_targets: np.ndarray) -> tuple[float, float]:
        """Mean and deviation of the training targets, where they are numbers."""
        if training_targets.dtype == np.int64:
            return 0.0, 1.0
        return float(training_targets.mean()), float(training_targets.std()) or 1.0
