"""Text as something to go on with: which character comes next?"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from models.datasets.dataset import Origin
from models.datasets.headlines import headline_texts
from models.datasets.poems import POEMS
from models.datasets.tokens import MARKS, Arrays, TokenDataset, vocabulary_of
from models.entry import Call, Label, Words, call
from models.shape import Shape
from models.task import NextToken

END = "\n"
"""What stands after each text."""

HEADLINES = 2000
"""Headlines that the grammar makes up where those are to be written."""


def written_texts(texts: str, seed: int) -> list[str]:
    """The poems, or headlines made up in one language, in an order of chance."""
    made = POEMS if texts == "poems" else headline_texts("chinese" if texts == "chinese_headlines" else "english", HEADLINES, seed)[0]
    return [made[place] for place in np.random.default_rng(seed).permutation(len(made))]


def streams(texts: str, validation: float, seed: int) -> tuple[str, str]:
    """All texts one behind the other, for training and for validation."""
    found = [text + END for text in written_texts(texts, seed)]
    held_out = max(1, round(len(found) * validation))
    return "".join(found[held_out:]), "".join(found[:held_out])


def windows(stream: str, known: list[str], length: int) -> tuple[np.ndarray, np.ndarray]:
    """Pieces of a stream, each beginning in the middle of the one before, and the character that follows on each of theirs:
    (n, length) int64 twice."""
    places = {token: place for place, token in enumerate(known) if place > 1}
    numbers = np.array([places.get(token, 1) for token in stream], np.int64)
    begins = np.arange(0, len(numbers) - length, max(1, length // 2))[:, None] + np.arange(length)
    return numbers[begins], numbers[begins + 1]


def writing(texts: str, length: int, validation: float, seed: int) -> Arrays:
    """Windows of texts as rows of characters, and for each character the one that follows."""
    training, held_out = streams(texts, validation, seed)
    known = vocabulary_of([training], 20_000)
    return *windows(training, known, length), *windows(held_out, known, length)


class Writing(TokenDataset):
    """Foretell the next character: whoever can do that can write.

    The network reads one character after the other and says at each which will follow. Ask it for one, take it as if it had been read,
    ask for the next: so it writes. At first it only babbles, then come punctuation and the length of a line, then words.
    A hundred poems are so few that a network soon knows them by heart; of the headlines, which follow a grammar, it can learn the rule.
    """

    op: Literal["writing"] = "writing"
    texts: Literal["poems", "chinese_headlines", "english_headlines"] = "poems"
    """What it reads: quatrains of the Tang dynasty, or headlines made up by the project's own grammar."""
    length: int = Field(24, ge=8, le=128)
    """Characters that the network reads at a time."""
    validation: float = Field(0.1, ge=0.05, le=0.5)
    """Share of the texts that the network is only tested on and never learns from."""

    title: ClassVar[Words] = Words("Writing", "写作")
    group: ClassVar[Words] = Words("Next character", "预测下一个字")
    source: ClassVar[Origin] = Origin(
        name=Words("Tang poems, in the public domain; headlines made up by this project", "唐诗（公有领域）；标题由本项目编造"),
        licence="Apache-2.0",
        synthetic=False,
    )
    chinese: ClassVar[str] = """猜下一个字：会猜，就会写。

    网络一个字一个字地读，每读一个就说下一个会是什么。让它猜一个字，再把这个字当成读到的，接着猜下一个，它就写起来了。
    起初只是胡言乱语，然后有了标点和句长，再然后有了词。一百来首诗太少，网络很快就会背下来；标题有语法可循，规律是学得到的。"""
    labels: ClassVar[Mapping[str, Label]] = {
        "texts": Label("Texts", "文字", "读什么：唐诗，还是本项目用语法编造的标题。"),
        "length": Label("Length", "长度", "网络一次读多少个字。"),
        "validation": Label("For validation", "验证集占比", "留出多少文字只用来检验，网络从不在上面学习。"),
    }
    options: ClassVar[Mapping[str, Mapping[str, Words]]] = {
        "texts": {
            "poems": Words("Tang poems", "唐诗"),
            "chinese_headlines": Words("Chinese headlines", "中文标题"),
            "english_headlines": Words("English headlines", "英文标题"),
        }
    }

    def known(self) -> tuple[str, ...]:
        """Every character of the training texts."""
        return _known(self)

    def pieces(self, text: str) -> list[str]:
        """Characters."""
        return list(text)

    def sample(self, count: int) -> list[str]:
        """The first validation texts."""
        return streams(self.texts, self.validation, self.seed)[1].split(END)[:count]

    def shape(self) -> Shape:
        """A row of characters."""
        return Shape((self.length,), vocabulary=len(self.known()))

    def task(self) -> NextToken:
        """One of the characters."""
        return NextToken(tokens=tuple(self.shown_token(place) for place in range(len(self.known()))))

    def shown_token(self, place: int) -> str:
        """How a token is shown."""
        return (MARKS[place] if place < 2 else self.known()[place]).replace(END, "⏎")

    def shown(self, ids: object) -> list[str]:
        """Characters by their numbers."""
        return [self.shown_token(int(one)) for one in ids]  # type: ignore[attr-defined]

    def counts(self) -> tuple[int, int]:
        """As many windows as fit into the texts."""
        training, held_out = (
            len(range(0, len(stream) - self.length, max(1, self.length // 2))) for stream in streams(self.texts, self.validation, self.seed)
        )
        return training, held_out

    def call(self) -> Call:
        """See `writing`."""
        return call(writing, texts=self.texts, length=self.length, validation=self.validation, seed=self.seed)

    def read(self, text: str) -> np.ndarray:
        """The last characters of a text, behind some of the training texts, so that there are enough: int64 (length,)."""
        before, _ = streams(self.texts, self.validation, self.seed)
        places = {token: place for place, token in enumerate(self.known()) if place > 1}
        return np.array([places.get(token, 1) for token in (before + text)[-self.length :]], np.int64)


@lru_cache(maxsize=8)
def _known(dataset: Writing) -> tuple[str, ...]:
    return tuple(vocabulary_of([streams(dataset.texts, dataset.validation, dataset.seed)[0]], 20_000))
