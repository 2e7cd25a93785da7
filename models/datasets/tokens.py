"""From texts to rows of numbers: cutting into tokens, the vocabulary, and the base of every dataset of texts."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
from pydantic import Field
from torch import nn

from models.datasets.dataset import Dataset, Modality, Takes, split
from models.entry import Call, Label, Words, call
from models.shape import Shape

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]

MARKS = ("·", "▯")
"""How the tokens 0 and 1 are shown: the empty one that fills up short texts, and one that is not in the vocabulary."""


def cut(text: str, unit: str, lexicon: Collection[str] = ()) -> list[str]:
    """A text as its tokens: characters, pairs of neighbours (bigrams), both with each pair between its characters, or words.

    Words of letters and digits end where those do. Chinese has no such ends: at each place the longest word of the lexicon is
    taken, or else the one character.
    """
    text = " ".join(text.lower().split())
    if unit == "characters":
        return list(text)
    if unit == "bigrams":
        return [text[place : place + 2] for place in range(max(1, len(text) - 1))] if text else []
    if unit == "characters_and_bigrams":
        return [text[place // 2 : place // 2 + 1 + place % 2] for place in range(2 * len(text) - 1)]
    tokens: list[str] = []
    for part in re.findall(r"[a-z0-9]+(?:['.-][a-z0-9]+)*|[^\sa-z0-9]+", text):
        place = 0 if not part[0].isascii() or not part[0].isalnum() else len(part)
        tokens += [part] if place else []
        while place < len(part):
            size = next((size for size in range(min(8, len(part) - place), 1, -1) if part[place : place + size] in lexicon), 1)
            tokens.append(part[place : place + size])
            place += size
    return tokens


def vocabulary_of(texts: Sequence[Sequence[str]], size: int) -> list[str]:
    """The most frequent tokens, at most `size` with the two in front that stand for no token and for any other."""
    return ["", "", *[token for token, _ in Counter(token for tokens in texts for token in tokens).most_common(size - 2)]]


def numbered(texts: Sequence[Sequence[str]], vocabulary: Sequence[str], length: int) -> np.ndarray:
    """Texts as rows of `length` numbers, the places of their tokens in the vocabulary: (n, length) int64.

    Only a text's first `length` tokens count. Short texts are filled up on the left with 0, so that the end of each is where a
    network that reads from the left arrives last; 1 is a token that the vocabulary lacks.
    """
    places = {token: place for place, token in enumerate(vocabulary) if place > 1}
    rows = np.zeros((len(texts), length), np.int64)
    for row, tokens in zip(rows, texts, strict=True):
        known = [places.get(token, 1) for token in tokens[:length]]
        row[length - len(known) :] = known
    return rows


def tokenised(
    texts: Sequence[str],
    labels: Sequence[int],
    unit: str,
    length: int,
    vocabulary: int,
    validation: float,
    seed: int,
    lexicon: Collection[str] = (),
) -> Arrays:
    """Texts and their classes, dealt out and turned into numbers; the vocabulary comes from the training texts alone."""
    training, targets, held_out, truths = split(np.array(texts, object), np.array(labels, np.int64), validation, seed)
    pieces = [cut(text, unit, lexicon) for text in training]
    known = vocabulary_of(pieces, vocabulary)
    return numbered(pieces, known, length), targets, numbered([cut(text, unit, lexicon) for text in held_out], known, length), truths


class TokenDataset(Dataset):
    """Texts as rows of tokens, which are numbers that name a character or a word."""

    modality: ClassVar[Modality] = "text"
    takes: ClassVar[Takes] = "text"
    number_bytes: ClassVar[int] = 8

    @abstractmethod
    def known(self) -> tuple[str, ...]:
        """The vocabulary in the order of the numbers; the first two stand for no token and for any that is not in it."""

    @abstractmethod
    def sample(self, count: int) -> list[str]:
        """Some of the validation texts as they came, the first ones."""

    @abstractmethod
    def pieces(self, text: str) -> list[str]:
        """A text's tokens."""

    @property
    def spacing(self) -> int:
        """Tokens from one that is shown to the next: 2 where pairs stand between characters, each a part of the two beside it."""
        return 1

    def columns(self) -> tuple[Words, ...]:
        """The places of a text have no names."""
        return ()

    def prepare(self, training_inputs: np.ndarray) -> Call:
        """Tokens come to the network as they are."""
        return call(nn.Identity)

    def shown(self, ids: Sequence[int]) -> list[str]:
        """Tokens by their numbers, without the empty ones in front."""
        known = self.known()
        return [(known[one] if one < len(known) else "") or MARKS[1] for one in ids if one]


class TextDataset(TokenDataset):
    """Texts with a class each."""

    length: int = Field(24, ge=4, le=256)
    """Tokens of a text that the network gets. Longer texts are cut off behind, shorter ones are filled up in front."""
    vocabulary: int = Field(1000, ge=50, le=20_000, json_schema_extra={"scale": "log"})
    """How many different tokens the network knows, the most frequent ones. All others look the same to it."""
    validation: float = Field(0.25, ge=0.1, le=0.9)
    """Share of the texts that the network is only tested on and never learns from."""

    group: ClassVar[Words] = Words("Classes", "分类")
    labels: ClassVar[Mapping[str, Label]] = {
        "unit": Label("Unit", "词元", "把文字切成什么：一个个字、相邻两字一组，还是词。"),
        "length": Label("Length", "长度", "网络能看到一段文字的多少个词元。长的截去后面，短的在前面补齐。"),
        "vocabulary": Label("Vocabulary", "词表大小", "网络认识多少种词元，取最常见的。其余的在它看来都一样。"),
        "validation": Label("For validation", "验证集占比", "留出多少文字只用来检验，网络从不在上面学习。"),
    }
    options: ClassVar[Mapping[str, Mapping[str, Words]]] = {
        "unit": {
            "characters": Words("Characters", "字"),
            "bigrams": Words("Pairs of characters", "相邻两字"),
            "characters_and_bigrams": Words("Characters and pairs", "单字加相邻两字"),
            "words": Words("Words", "词"),
        }
    }

    @abstractmethod
    def corpus(self) -> tuple[list[str], list[int]]:
        """All texts as they came, and their classes."""

    def shape(self) -> Shape:
        """A row of tokens."""
        return Shape((self.length,), vocabulary=self.vocabulary)

    def _common(self) -> dict[str, Any]:
        """What every function that makes rows of tokens is called with."""
        return self.model_dump(include={"unit", "length", "vocabulary", "validation", "seed"})

    def known(self) -> tuple[str, ...]:
        """The most frequent tokens of the training texts."""
        return _known(self)

    def sample(self, count: int) -> list[str]:
        """The first validation texts."""
        texts, _ = self.corpus()
        return list(split(np.array(texts, object), np.zeros(len(texts)), self.validation, self.seed)[2][:count])

    def read(self, text: str) -> np.ndarray:
        """The tokens of a text as numbers, int64 (length,)."""
        pieces = self.pieces(text)
        if not pieces:
            raise ValueError("there is nothing to read in this text; type a word or a character")
        row: np.ndarray = numbered([pieces], self.known(), self.length)[0]
        return row


@lru_cache(maxsize=8)
def _known(dataset: TextDataset) -> tuple[str, ...]:
    texts, _ = dataset.corpus()
    training = split(np.array(texts, object), np.zeros(len(texts)), dataset.validation, dataset.seed)[0]
    return tuple(vocabulary_of([dataset.pieces(text) for text in training], dataset.vocabulary))
