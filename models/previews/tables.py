"""Tables: some rows as they were measured, their gaps and words made numbers, and standardised."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import nn

from models.data import Data
from models.datasets.dataset import Dataset
from models.entry import Words
from models.pictures import Table, Tile, table_rows
from models.previews.preparation import PreparationStep, truth_of

ROWS = 12


def table_steps(dataset: Dataset, data: Data) -> Iterator[PreparationStep]:
    """Some rows, those with gaps first; filled and with a column for each word, where that is needed; then standardised."""
    gaps = torch.from_numpy(data.raw_validation_inputs).isnan().sum(1)
    places = gaps.argsort(descending=True, stable=True)[:ROWS].sort().values if gaps.any() else torch.arange(min(ROWS, len(gaps)))
    raw, targets = torch.from_numpy(data.raw_validation_inputs)[places], data.raw_validation_targets[places.numpy()]
    tiles = tuple(Tile(index=int(place), truth=truth_of(dataset, target)) for place, target in zip(places, targets, strict=True))
    columns, categories = dataset.columns(), dataset.categories()
    yield PreparationStep(
        title=Words("Rows", "原始数据"),
        text=Words("Each row is an example, each column something that was measured.", "每一行是一个样本，每一列是一项测量。"),
        picture=Table(columns=columns, rows=table_rows(raw.tolist(), categories), tiles=tiles),
    )
    if isinstance(data.prepare, nn.Sequential):
        fill, spread, _ = data.prepare
        filled = fill(raw)
        yield PreparationStep(
            title=Words("Gaps filled", "填补空格"),
            text=Words(
                "A gap takes the middle value of its column among the training rows; where the column holds words, the most common one.",
                "空格用训练集里这一列的中位数填上；如果这一列是文字，就用最常见的那个词。",
            ),
            picture=Table(columns=columns, rows=table_rows(filled.tolist(), categories), tiles=tiles),
        )
        columns = tuple(
            Words(f"{name.en}: {word.en}", f"{name.zh}：{word.zh}") if word else name
            for place, name in enumerate(columns)
            for word in categories.get(place, (None,))
        )
        yield PreparationStep(
            title=Words("Words as columns", "文字变成列"),
            text=Words(
                "Each word gets a column of its own, 1 for yes and 0 for no: as plain numbers, one island would be more than another.",
                "每个词单独占一列，是为 1，否为 0：要是直接编成 0、1、2，就好像一座岛比另一座“大”。",
            ),
            picture=Table(columns=columns, rows=table_rows(spread(filled).tolist()), tiles=tiles),
        )
    yield PreparationStep(
        title=Words("Standardised", "标准化"),
        text=Words(
            "From each column its mean is taken away, then it is divided by its deviation: now all columns count alike.",
            "每一列减去平均值，再除以标准差：这样各列的分量就一样了。",
        ),
        picture=Table(columns=columns, rows=table_rows(data.prepare(raw).tolist()), tiles=tiles),
    )
