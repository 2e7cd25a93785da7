"""Worlds: an episode of random actions, and what the network is given of its moments."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from models.data import Data
from models.datasets.control import GridWorldDataset, WorldDataset
from models.datasets.dataset import Dataset
from models.entry import Words
from models.pictures import Episode, Heatmap, Table, Tile
from models.playing import episodes
from models.previews.preparation import PreparationStep, rounded
from models.task import Control
from models.views.view import plane, signed_bytes

ROWS = 12


def control_steps(dataset: Dataset, data: Data) -> Iterator[PreparationStep]:
    """Random play, then what is seen of it."""
    assert isinstance(dataset, WorldDataset)
    world, chance = dataset.world(), torch.Generator().manual_seed(dataset.seed)
    played = episodes(world, lambda states: torch.randint(world.actions, (len(states),), generator=chance), 1, chance)
    states = [*played.states[:, 0].numpy(), played.last[0].numpy()]
    grid = dataset.rows if isinstance(dataset, GridWorldDataset) else None
    yield PreparationStep(
        title=Words("An episode by chance", "随机玩一局"),
        text=Words(
            f"Nobody has learnt anything yet: each action is drawn by chance. It brought {played.returns.item():.4g}.",
            f"还什么都没学：每个动作都是随机抽的。这一局得了 {played.returns.item():.4g} 分。",
        ),
        picture=Episode(
            world="grid" if grid else "cart_pole",
            states=tuple(rounded(state) for state in states),
            actions=tuple(played.actions[:, 0].tolist()),
            rewards=rounded(played.rewards[:, 0].numpy()),
            grid=grid,
            limit=world.limit,
        ),
    )
    if grid:
        yield _cells(data, len(grid[0]), len(grid))
    else:
        yield _rows(dataset, data)


def _cells(data: Data, width: int, height: int) -> PreparationStep:
    maps = data.validation.inputs[:ROWS].view(-1, height, width).contiguous()
    return PreparationStep(
        title=Words("What is seen", "看到的"),
        text=Words("One input for each cell: 1 where one stands, 0 everywhere else.", "每个格子一个输入：自己站的那一格是 1，其余是 0。"),
        picture=Heatmap(
            planes=tuple(plane("data", unit, width, height, 1.0) for unit in range(len(maps))),
            cells=signed_bytes(maps, torch.ones(len(maps))),
        ),
    )


def _rows(dataset: WorldDataset, data: Data) -> PreparationStep:
    task = dataset.task()
    assert isinstance(task, Control)
    done = data.raw_validation_targets[:ROWS]
    return PreparationStep(
        title=Words("What is seen", "看到的"),
        text=Words(
            "The numbers that the network is given at each step, brought to about the same size.",
            "网络每一步看到的几个数，已缩放到差不多的大小。",
        ),
        picture=Table(
            columns=dataset.columns(),
            rows=tuple(rounded(row) for row in data.validation.inputs[:ROWS].numpy()),
            tiles=tuple(Tile(index=index, truth=task.actions[int(action)]) for index, action in enumerate(done)),
        ),
    )
