"""Short time series of several classes: which kind of course is this?"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from models.datasets.dataset import Dataset, Modality, Origin, dealt, split
from models.datasets.files import Missing, packaged
from models.datasets.modules import Window
from models.entry import Call, Label, Words, call
from models.shape import Shape
from models.task import Classification

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def series_classes(name: str, noise: float, validation: float, seed: int) -> Arrays:
    """The series of both files of a set that aeon carries, each line its values and its class, dealt out."""
    lines: list[str] = []
    for part in ("TRAIN", "TEST"):
        path = packaged("aeon", f"datasets/data/{name}/{name}_{part}.ts")
        if path is None:
            raise Missing(
                "gun_point" if name == "GunPoint" else "italy_power_demand",
                f"The set {name}",
                "install the package that carries it, pip install --no-deps aeon",
            )
        lines += [line for line in path.read_text().splitlines() if line[:1] not in "@#"]
    values, classes = zip(*(line.rsplit(":", 1) for line in lines), strict=True)
    series = np.array([row.split(",") for row in values], dtype=np.float32)
    series += noise * np.random.default_rng(seed).normal(size=series.shape).astype(np.float32)
    return split(series, np.array(classes, dtype=np.int64) - 1, validation, seed)


class SeriesClasses(Dataset):
    """Series of equal length, each of one class; aeon carries them."""

    noise: float = Field(0.0, ge=0, le=1)
    """Deviation of noise on every value; the values themselves have deviation 1."""
    validation: float = Field(0.3, ge=0.1, le=0.9)
    """Share of the series that the network is only tested on and never learns from."""

    modality: ClassVar[Modality] = "series"
    group: ClassVar[Words] = Words("Classes", "分类")
    labels: ClassVar[Mapping[str, Label]] = {
        "noise": Label("Noise", "噪声", "每个值上噪声的标准差；数值本身的标准差是 1。"),
        "validation": Label("For validation", "验证集占比", "留出多少条序列只用来检验，网络从不在上面学习。"),
    }
    file: ClassVar[str]
    """Name of the set."""
    count: ClassVar[int]
    """Series in both files together."""
    length: ClassVar[int]
    """Values of a series."""
    axes: ClassVar[tuple[Words, Words]]
    """What time and value are called."""

    @abstractmethod
    def task(self) -> Classification:
        """The classes."""

    def available(self) -> bool:
        """Whether aeon is installed."""
        return packaged("aeon", f"datasets/data/{self.file}/{self.file}_TRAIN.ts") is not None

    def call(self) -> Call:
        """See `series_classes`."""
        return call(series_classes, self.file, noise=self.noise, validation=self.validation, seed=self.seed)

    def shape(self) -> Shape:
        """One number at each time step."""
        return Shape((self.length, 1))

    def counts(self) -> tuple[int, int]:
        """The series, dealt out."""
        return dealt(self.count, self.validation)

    def columns(self) -> tuple[Words, ...]:
        """The place of each value in time."""
        return tuple(Words(f"{self.axes[0].en} {place}", f"{self.axes[0].zh} {place}") for place in range(self.length))

    def prepare(self, training_inputs: np.ndarray) -> Call:
        """Mean and deviation of all training values."""
        return call(Window, float(training_inputs.mean()), float(training_inputs.std()) or 1.0)


class GunPoint(SeriesClasses):
    """200 movements of a hand that draws a replica gun, or only points with a finger.

    The height of the right hand over five seconds. The two movements differ in small dips at the beginning and the end, where the hand
    reaches for the holster: something local, as a convolution looks for.
    """

    op: Literal["gun_point"] = "gun_point"
    title: ClassVar[Words] = Words("Gun or finger", "拔枪还是指点")
    source: ClassVar[Origin] = Origin(
        name=Words("Ratanamahatana and Keogh, UCR archive; by aeon", "Ratanamahatana 和 Keogh，UCR 数据库；取自 aeon"),
        licence="for research and teaching",
        synthetic=False,
    )
    chinese: ClassVar[str] = """200 次手的动作：有的拔出一把仿真枪，有的只是伸手一指。

    记录的是右手五秒内的位置。两种动作的差别在开头和结尾的小凹陷，手在那里伸向枪套：这种局部特征正是卷积要找的。"""
    file: ClassVar[str] = "GunPoint"
    count: ClassVar[int] = 200
    length: ClassVar[int] = 150
    axes: ClassVar[tuple[Words, Words]] = (Words("frame", "帧"), Words("place of the hand", "手的位置"))

    def task(self) -> Classification:
        """Two movements."""
        return Classification(classes=(Words("gun", "拔枪"), Words("finger", "指点")))


class ItalyPowerDemand(SeriesClasses):
    """1096 days of electricity in Italy, in winter or in summer.

    Each series is one day, hour by hour. The evening gives it away: in winter the lights go on earlier.
    """

    op: Literal["italy_power_demand"] = "italy_power_demand"
    title: ClassVar[Words] = Words("Power demand", "用电曲线")
    source: ClassVar[Origin] = Origin(
        name=Words("Keogh et al., UCR archive; by aeon", "Keogh 等，UCR 数据库；取自 aeon"),
        licence="for research and teaching",
        synthetic=False,
    )
    chinese: ClassVar[str] = """意大利 1096 天的用电量，有的在冬天，有的在夏天。

    每条序列是一天，每小时一个数。看傍晚就知道：冬天灯开得早。"""
    file: ClassVar[str] = "ItalyPowerDemand"
    count: ClassVar[int] = 1096
    length: ClassVar[int] = 24
    axes: ClassVar[tuple[Words, Words]] = (Words("hour", "时"), Words("demand", "用电量"))

    def task(self) -> Classification:
        """Two halves of the year."""
        return Classification(classes=(Words("October to March", "十月到三月"), Words("April to September", "四月到九月")))
