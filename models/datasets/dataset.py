"""The base of every dataset: where its examples come from and how a raw example becomes what the network gets."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from models.entry import Call, Entry, Label, Spec, Words
from models.shape import Shape
from models.task import Task

Modality = Literal["points", "table", "image", "text", "speech", "series", "tree", "several", "control"]

Takes = Literal["numbers", "drawing", "text", "sound"]
"""What a person can give for the network to answer: numbers as the examples have them, something drawn, typed or said."""


class Origin(Spec):
    """Where a dataset's examples come from."""

    name: Words
    licence: str
    synthetic: bool
    bytes: int | None = None
    """Size of a download, where there is one."""
    remedy: Words | None = None
    """How to get what it needs, where that may be missing and no download on the page can bring it."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with the fields of a dataset, as far as no bounds can tell."""

    field: str
    message: Words
    hint: Words | None = None


class Dataset(Entry):
    """Examples to learn from, and examples that are only for testing (validation)."""

    seed: int = Field(0, ge=0, le=2**31 - 1)
    """Start of the random numbers that make the data, its noise and its split."""

    modality: ClassVar[Modality]
    takes: ClassVar[Takes] = "numbers"
    number_bytes: ClassVar[int] = 4
    """Memory of one number of an example, as it is kept: 1 for pixels, 4 for what is measured, 8 for tokens."""
    source: ClassVar[Origin]
    part_titles: ClassVar[Mapping[str, Words]] = {}
    """What each of several inputs is called."""
    slow: ClassVar[bool] = False
    """Whether reading it takes so long that it is kept as it is once read."""
    options: ClassVar[Mapping[str, Mapping[str, Words]]] = {}
    labels: ClassVar[Mapping[str, Label]] = {
        "validation": Label("For validation", "验证集占比", "留出多少样本只用来检验，网络从不在上面学习。"),
        "seed": Label("Data seed", "数据种子", "决定数据、噪声和划分的随机数起点。"),
    }

    def available(self) -> bool:
        """Whether the data is on this machine."""
        return True

    def faults(self) -> Iterator[Fault]:
        """What is wrong with its fields, where that follows from the data itself."""
        yield from ()

    def state(self) -> Hashable:
        """What shape, task, counts and faults depend on beside the fields."""
        return None

    @abstractmethod
    def call(self) -> Call:
        """A plain function's call that gives training inputs, training targets, validation inputs and validation targets."""

    def written(self) -> Call:
        """The same call as an exported script makes it."""
        return self.call()

    @abstractmethod
    def shape(self) -> Shape:
        """One example as the network gets it, after `prepare`; known without loading anything."""

    @abstractmethod
    def task(self) -> Task:
        """What has to be learnt; known without loading anything."""

    @abstractmethod
    def counts(self) -> tuple[int, int]:
        """Examples for training and for validation; known without loading anything."""

    def parts(self) -> Mapping[str, Shape]:
        """Where an example has several inputs: each one's name, as nodes refer to it, and its shape. `shape` is then a plain list
        of all their numbers, one part behind the other."""
        return {}

    @abstractmethod
    def columns(self) -> tuple[Words, ...]:
        """Names of the raw inputs; empty for images."""

    def categories(self) -> Mapping[int, tuple[Words, ...]]:
        """Columns of a table whose numbers stand for words: for each its words, in the order of their numbers."""
        return {}

    @abstractmethod
    def prepare(self, training_inputs: np.ndarray) -> Call:
        """The nn.Module that turns a batch of raw examples into the network's inputs, float32 (batch, *shape)."""

    def target_scale(self, training_targets: np.ndarray) -> tuple[float, float]:
        """Mean and deviation by which regression targets are standardised; (0, 1) leaves them as they are."""
        return 0.0, 1.0

    def likeness(self, raw: np.ndarray, prepared: np.ndarray) -> np.ndarray | None:
        """Some examples as images by which a person knows them, uint8 (n, channels, height, width); None where a table of their
        numbers does better. `raw` are examples as `call` gives them, `prepared` the same as the network gets them."""
        return raw if raw.dtype == np.uint8 else None

    def receive(self, drawing: np.ndarray) -> np.ndarray:
        """A drawing, square with ink 0 to 255, as one raw example, uint8 (channels, height, width); images only."""
        raise NotImplementedError(f"{self.op} takes no drawings")

    def read(self, text: str) -> np.ndarray:
        """What somebody typed, as one raw example; text only. Raises ValueError with a sentence for what cannot be read."""
        raise NotImplementedError(f"{self.op} takes no text")

    def hear(self, samples: np.ndarray, rate: int) -> np.ndarray:
        """What somebody said, (samples,) float32 from -1 to 1 at `rate` a second, as one raw example; speech only. Raises ValueError
        with a sentence for what cannot be heard."""
        raise NotImplementedError(f"{self.op} takes no sound")


def dealt(examples: int, validation: float) -> tuple[int, int]:
    """How many of the examples `split` deals out for training and for validation: at least one each."""
    held_out = min(max(1, round(examples * validation)), examples - 1)
    return examples - held_out, held_out


def split(inputs: np.ndarray, targets: np.ndarray, validation: float, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Deal the examples out by chance: training inputs and targets, then validation inputs and targets."""
    order = np.random.default_rng(seed).permutation(len(inputs))
    _, held_out = dealt(len(inputs), validation)
    training, testing = order[held_out:], order[:held_out]
    return inputs[training], targets[training], inputs[testing], targets[testing]
