"""Texts of the Hugging Face hub, with a class each."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, StringConstraints

from models.datasets.hub import HubDataset
from models.datasets.hub_files import HubColumn, chosen, places_in, texts_in
from models.datasets.tokens import Arrays, TextDataset, cut, tokenised
from models.entry import Call, Label, Words, call
from models.task import Classification

Named = tuple[str, tuple[str, ...]]


def hub_corpus(files: list[str], column: str, target: Named, samples: int, seed: int) -> tuple[list[str], list[int]]:
    """Texts, and the places of their classes in the list beside the target's name."""
    truths = places_in(files, *target)
    rows = chosen(truths, samples, seed)
    return texts_in(files, column, rows), [int(place) for place in truths[rows]]


def hub_texts(files: list[str], column: str, target: Named, samples: int, unit: str, length: int, vocabulary: int, **split: Any) -> Arrays:
    """Texts as rows of tokens; `split` is the share for validation and the seed."""
    return tokenised(*hub_corpus(files, column, target, samples, split["seed"]), unit, length, vocabulary, **split)


class HubTexts(HubDataset, TextDataset):
    """Any texts of the Hugging Face hub that have a class each: reviews, headlines, questions.

    Only the first 2,000 characters of a text are read. Cut them into words where the language puts spaces between them, and into
    characters or pairs of them where it does not.
    """

    op: Literal["hub_texts"] = "hub_texts"
    input: Annotated[str, StringConstraints(max_length=200)] = ""
    """The column of texts that the network gets."""
    unit: Literal["characters", "bigrams", "words"] = "words"
    """What a text is cut into: characters, pairs of neighbours, or words."""
    length: int = Field(64, ge=4, le=256)
    """Tokens of a text that the network gets. Longer texts are cut off behind, shorter ones are filled up in front."""
    vocabulary: int = Field(5000, ge=50, le=20_000, json_schema_extra={"scale": "log"})
    """How many different tokens the network knows, the most frequent ones. All others look the same to it."""

    title: ClassVar[Words] = Words("Texts of the hub", "Hub 上的文字")
    labels: ClassVar[dict[str, Label]] = {
        "input": Label("Texts", "文字列", "给网络看的是哪一列文字。"),
        "unit": Label("Unit", "词元", "把文字切成什么：一个个字、相邻两字一组，还是词。"),
    }
    chinese: ClassVar[str] = """Hugging Face Hub 上任何带类别的文字：评论、标题、问题。

    每段只读前 2000 个字符。词之间有空格的语言切成词，没有空格的切成字或相邻两字。"""

    def wanted(self) -> tuple[str, ...]:
        """The column of texts."""
        return (self.input,) if self.input else ()

    def suits(self, column: HubColumn) -> bool:
        """Texts, however few different ones there are."""
        return column.kind == "text" or (column.kind == "category" and column.type == "string")

    @classmethod
    def input_words(cls) -> Words:
        """Texts."""
        return Words("texts", "文字")

    def task(self) -> Classification:
        """The target's classes."""
        return self.classes()

    def reading(self, files: Call) -> Call:
        """See `hub_texts`."""
        return call(hub_texts, files, self.input, self.chosen_target(), samples=self.samples, **self._common())

    def pieces(self, text: str) -> list[str]:
        """Characters, pairs of them, or words."""
        return cut(text, self.unit)

    def corpus(self) -> tuple[list[str], list[int]]:
        """The chosen texts."""
        return _corpus(self)


@lru_cache(maxsize=2)
def _corpus(dataset: HubTexts) -> tuple[list[str], list[int]]:
    files: list[str] = next(argument for argument in dataset.call().arguments if isinstance(argument, Call)).build()
    return hub_corpus(files, dataset.input, dataset.chosen_target(), dataset.samples, dataset.seed)
