"""Worlds to learn by reward: nobody knows the right answers, only what an action brings."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
import torch
from pydantic import Field

from models.datasets.dataset import Dataset, Modality, Origin
from models.datasets.modules import Standardise
from models.entry import Call, Label, Words, call
from models.playing import Arena
from models.shape import Shape
from models.task import Control
from models.worlds import CartPole, GridWorld, World

TRAINING, VALIDATION = 1000, 250
"""Moments of random play that are looked at where examples are wanted."""
WORLDS = 10
"""Copies of a world that random play goes on in."""


def random_play(world: World, training: int, validation: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """What is seen of a world while acting by chance, and what was done: first so many moments, then so many from other episodes."""
    chance = torch.Generator().manual_seed(seed)

    def play(moments: int) -> tuple[np.ndarray, np.ndarray]:
        arena = Arena(world, WORLDS, chance)
        actions = torch.randint(world.actions, (-(-moments // WORLDS), WORLDS), generator=chance)
        states = torch.stack([arena.step(action).states for action in actions], dim=1)
        seen = world.observation(states.flatten(0, 1)[:moments])
        return seen.numpy(), actions.T.flatten()[:moments].numpy()

    return *play(training), *play(validation)


class WorldDataset(Dataset):
    """A world that answers actions with rewards. What it shows as examples are moments of random play."""

    modality: ClassVar[Modality] = "control"
    group: ClassVar[Words] = Words("By reward", "靠奖励")
    source: ClassVar[Origin] = Origin(name=Words("simulated by the project", "由本项目模拟"), licence="Apache-2.0", synthetic=True)
    labels: ClassVar[Mapping[str, Label]] = {
        "seed": Label("World seed", "世界种子", "决定检验时各局怎样开始、怎样打滑的随机数起点。"),
    }

    enough: ClassVar[float | None] = None
    """Mean return from which on the world counts as solved, where there is one that everybody agrees on."""

    @abstractmethod
    def world_call(self) -> Call:
        """What makes the world's rules."""

    def world(self) -> World:
        """The world's rules."""
        world: World = self.world_call().build()
        return world

    def call(self) -> Call:
        """See `random_play`."""
        return call(random_play, self.world_call(), training=TRAINING, validation=VALIDATION, seed=self.seed)

    def counts(self) -> tuple[int, int]:
        """Moments of random play."""
        return TRAINING, VALIDATION


class CartPoleDataset(WorldDataset):
    """A pole stands on a cart. Push the cart to the left or to the right so that the pole does not fall.

    Each step that it still stands earns 1, at most 500 in an episode. Nobody says which push was right: the network has to find out
    by trying, and only the fall tells that something before it was wrong. A mean return of 475 counts as solved.

    The rules are those of gymnasium's CartPole-v1 (Barto, Sutton and Anderson, 1983), simulated in many copies at once.
    """

    op: Literal["cart_pole"] = "cart_pole"

    title: ClassVar[Words] = Words("Pole on a cart", "倒立摆")
    enough: ClassVar[float | None] = 475.0
    chinese: ClassVar[str] = (
        "小车上立着一根杆。往左或往右推小车，别让杆倒下。\n\n"
        "杆每多立一步得 1 分，一局最多 500 分。没有人告诉网络哪一推才对，它只能自己试，杆倒了才知道前面做错了什么。"
        "平均回报达到 475 就算学会了。\n\n"
        "规则和 gymnasium 的 CartPole-v1 完全一样（Barto、Sutton、Anderson，1983），许多局同时模拟。"
    )

    def world_call(self) -> Call:
        """worlds.CartPole."""
        return call(CartPole)

    def shape(self) -> Shape:
        """Four numbers."""
        return Shape((4,))

    def task(self) -> Control:
        """Two pushes."""
        return Control(actions=(Words("left", "向左"), Words("right", "向右")))

    def columns(self) -> tuple[Words, ...]:
        """Of the cart and of the pole."""
        return Words("place", "位置"), Words("speed", "速度"), Words("angle", "角度"), Words("angular speed", "角速度")

    def prepare(self, training_inputs: np.ndarray) -> Call:
        """All four to about the same size."""
        return call(Standardise, (0.0, 0.0, 0.0, 0.0), (1.0, 1.0, 0.1, 1.0))


Map = Literal["rooms", "lake", "great_lake", "cliff"]

MAPS: Mapping[Map, tuple[str, ...]] = {
    "rooms": (
        "S...#..",
        "....#..",
        "..O....",
        "....#..",
        "#.###.#",
        ".......",
        "..O.#.G",
    ),
    "lake": ("S...", ".O.O", "...O", "O..G"),
    "great_lake": (
        "S.......",
        "........",
        "...O....",
        ".....O..",
        "...O....",
        ".OO...O.",
        ".O..O.O.",
        "...O...G",
    ),
    "cliff": ("............", "............", "............", "SOOOOOOOOOOG"),
}
"""The lakes are gymnasium's, the cliff is that of Sutton and Barto's book."""


class GridWorldDataset(WorldDataset):
    """A field of cells: find the way from the start to the goal, round walls and past pits.

    The goal earns 1 and a pit nothing, and both end the episode; so the mean return is the share of episodes that reach the goal.
    The reward comes only at the end: it has to be handed back, step by step, to the moves that led there. On slippery ground a
    step may go sideways: then a way close to a pit is dangerous, and a longer one can be better.
    """

    op: Literal["grid_world"] = "grid_world"
    map: Map = "rooms"
    """Which field to walk on."""
    slip: float = Field(0.1, ge=0, le=0.8)
    """Chance that a step goes to one side of where it was meant to go. Frozen lakes have two thirds."""
    pit: float = Field(0.0, ge=0, le=1)
    """What falling into a pit costs. Much of it teaches to stand still."""
    cost: float = Field(0.0, ge=0, le=0.1)
    """What every step costs; with 0 only the discount says that a short way is better."""

    title: ClassVar[Words] = Words("Grid world", "格子世界")
    chinese: ClassVar[str] = (
        "在一片格子里，绕开墙和陷阱，从起点走到终点。\n\n"
        "到终点得 1 分，掉进陷阱没有分，两种情况这一局都结束，所以平均回报就是走到终点的比例。奖励到最后才来，要一步步往回分给前面的选择。"
        "地面滑时，脚步会偏到旁边：贴着陷阱走就危险，绕远反而更好。"
    )
    labels: ClassVar[Mapping[str, Label]] = {
        "map": Label("Map", "地图", "在哪一片格子里走。"),
        "slip": Label("Slip", "打滑概率", "一步偏到旁边去的概率。冰湖是三分之二。"),
        "pit": Label("Cost of a pit", "陷阱代价", "掉进陷阱扣多少分。扣得太多，它就学会站着不动。"),
        "cost": Label("Cost of a step", "每步代价", "每走一步扣多少分；0 时只有折扣会让它走近路。"),
    }
    options: ClassVar[Mapping[str, Mapping[str, Words]]] = {
        "map": {
            "rooms": Words("rooms, 7×7", "房间 7×7"),
            "lake": Words("frozen lake, 4×4", "冰湖 4×4"),
            "great_lake": Words("frozen lake, 8×8", "冰湖 8×8"),
            "cliff": Words("cliff, 12×4", "悬崖 12×4"),
        }
    }

    @property
    def rows(self) -> tuple[str, ...]:
        """The field, row by row."""
        return MAPS[self.map]

    def world_call(self) -> Call:
        """worlds.GridWorld."""
        return call(GridWorld, self.rows, slip=self.slip, pit=self.pit, cost=self.cost)

    def shape(self) -> Shape:
        """One input for each cell."""
        return Shape((len(self.rows) * len(self.rows[0]),))

    def task(self) -> Control:
        """Four ways to go."""
        return Control(actions=(Words("left", "向左"), Words("down", "向下"), Words("right", "向右"), Words("up", "向上")))

    def columns(self) -> tuple[Words, ...]:
        """The cells by row and column."""
        width = len(self.rows[0])
        places = [(cell // width + 1, cell % width + 1) for cell in range(width * len(self.rows))]
        return tuple(Words(f"row {row}, column {column}", f"第 {row} 行第 {column} 列") for row, column in places)

    def prepare(self, training_inputs: np.ndarray) -> Call:
        """As it is: 1 where one stands, 0 elsewhere."""
        return call(Standardise, 0.0, 1.0)
