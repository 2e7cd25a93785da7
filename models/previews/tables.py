"""Tables: some rows as they were measured, and standardised."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from models.data import Data
from models.datasets.dataset import Dataset
from models.entry import Words
from models.pictures import Table, Tile
from models.previews.preparation import PreparationStep, rounded, truth_of

ROWS = 12


def table_steps(dataset: Dataset, data: Data) -> Iterator[PreparationStep]:
    """Some rows, then standardised."""
    raw, targets = data.raw_validation_inputs[:ROWS], data.raw_validation_targets[:ROWS]
    tiles = tuple(Tile(index=index, truth=truth_of(dataset, targets[index])) for index in range(len(raw)))
    yield PreparationStep(
        title=Words("Rows", "原始数据"),
        text=Words("Each row is an example, each column something that was measured.", "每一行是一个样本，每一列是一项测量。"),
        picture=Table(columns=dataset.columns(), rows=tuple(rounded(row) for row in raw), tiles=tiles),
    )
    prepared = data.prepare(torch.from_numpy(raw)).numpy()
    yield PreparationStep(
        title=Words("Standardised", "标准化"),
        text=Words(
            "From each column its mean is taken away, then it is divided by its deviation: now all columns count alike.",
            "每一列减去平均值，再除以标准差：这样各列的分量就一样了。",
        ),
        picture=Table(columns=dataset.columns(), rows=tuple(rounded(row) for row in prepared), tiles=tiles),
    )
