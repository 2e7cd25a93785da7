"""Texts: as they came, cut into tokens, as numbers filled up in front, and the tokens that are most frequent."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models.data import Data
from models.datasets.dataset import Dataset
from models.datasets.tokens import MARKS, TokenDataset
from models.entry import Words
from models.pictures import Bars, Sentence, Tile, Tokens
from models.previews.preparation import PreparationStep
from models.task import Classification

TEXTS = 8
FREQUENT = 20
LONGEST = 160
"""Characters of a text that are shown as it came."""


def text_steps(dataset: Dataset, data: Data) -> Iterator[PreparationStep]:
    """Some texts, their tokens, their numbers; then the vocabulary."""
    assert isinstance(dataset, TokenDataset)
    texts, rows = dataset.sample(TEXTS), data.raw_validation_inputs[:TEXTS]
    task = dataset.task()
    truths = data.raw_validation_targets[:TEXTS].tolist()
    tiles = [
        Tile(index=index, truth=task.classes[truths[index]] if isinstance(task, Classification) else None) for index in range(len(rows))
    ]
    texts = [text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…" for text in texts]
    yield PreparationStep(
        title=Words("Texts", "原文"),
        text=Words("Each text is an example.", "每段文字是一个样本。")
        if isinstance(task, Classification)
        else Words("The texts, one behind the other, are cut into windows.", "文字首尾相接，切成一个个窗口。"),
        picture=Tokens(sentences=tuple(Sentence(tokens=(text,), tile=tile) for text, tile in zip(texts, tiles, strict=False))),
    )
    yield PreparationStep(
        title=Words("Tokens", "词元"),
        text=Words(
            f"Cut into tokens. {MARKS[1]} is one that is not in the vocabulary: all such look the same to the network.",
            f"切成词元。{MARKS[1]} 是词表里没有的，在网络看来都一样。",
        ),
        picture=Tokens(
            sentences=tuple(Sentence(tokens=tuple(dataset.shown(row.tolist())), tile=tile) for row, tile in zip(rows, tiles, strict=False))
        ),
    )
    yield PreparationStep(
        title=Words("Numbers", "编号"),
        text=Words(
            f"Each token becomes its place in the vocabulary; short texts are filled up in front with 0 to {rows.shape[1]} tokens.",
            f"每个词元换成它在词表里的编号，短的在前面用 0 补齐到 {rows.shape[1]} 个。",
        ),
        picture=Tokens(
            sentences=tuple(Sentence(tokens=tuple(map(str, row.tolist())), tile=tile) for row, tile in zip(rows, tiles, strict=False))
        ),
    )
    counts = np.bincount(data.training.inputs.numpy().reshape(-1), minlength=2)
    counts[0] = 0
    places = np.argsort(-counts, kind="stable")[:FREQUENT]
    names = [dataset.shown([int(place)])[0] if place else "" for place in places]
    yield PreparationStep(
        title=Words("Vocabulary", "词表"),
        text=Words(
            f"{np.count_nonzero(counts[2:]):,} tokens are known; these are the most frequent in the training set.",
            f"一共认识 {np.count_nonzero(counts[2:]):,} 种词元，这些在训练集里最常见。",
        ),
        picture=Bars(labels=tuple(Words(name, name) for name in names), values=tuple(map(float, counts[places]))),
    )
