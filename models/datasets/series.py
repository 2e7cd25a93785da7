"""Time series that are to be foretold: what is known until now is a window, what comes is the horizon."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from models.datasets.dataset import Dataset, Modality, Origin
from models.datasets.files import Missing, packaged
from models.datasets.modules import Window
from models.entry import Call, Label, Words, call
from models.shape import Shape
from models.task import Regression

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def windowed(series: np.ndarray, window: int, horizon: int, validation: float, relative: bool) -> Arrays:
    """Every stretch of a series (time,) as an example: `window` values known, the next `horizon` values wanted.

    Split in time: nothing of the last `validation` share, what it wants or what it knows, is in a training example. A validation example
    may know the end of the training part, as one would on that day. Relative: what is wanted is the change since the last known value.
    """
    stretches = np.lib.stride_tricks.sliding_window_view(series.astype(np.float32), window + horizon)
    inputs, targets = stretches[:, :window].copy(), stretches[:, window:].copy()
    if relative:
        targets -= inputs[:, -1:]
    boundary = len(series) - round(len(series) * validation)
    learnt, first = boundary - window - horizon + 1, boundary - window
    return inputs[:learnt], targets[:learnt], inputs[first:], targets[first:]


def sines(noise: float, seed: int) -> np.ndarray:
    """600 values of two sines, 24 and 7.3 steps long, whose phases the seed decides, with noise."""
    random = np.random.default_rng(seed)
    slow, fast = random.uniform(0, 2 * np.pi, 2)
    time = np.arange(600)
    values: np.ndarray = (
        np.sin(2 * np.pi * time / 24 + slow) + 0.5 * np.sin(2 * np.pi * time / 7.3 + fast) + noise * random.normal(size=600)
    )
    return values


def carried(op: str, path: str) -> Path:
    """A data file of statsmodels, found without importing the package."""
    found = packaged("statsmodels", path)
    if found is None:
        raise Missing(op, "The series (public domain)", "install the package that carries it, pip install --no-deps statsmodels")
    return found


def sunspots() -> np.ndarray:
    """Sunspots of each year, 1700 to 2008."""
    values: np.ndarray = np.loadtxt(carried("sunspots", "datasets/sunspots/sunspots.csv"), delimiter=",", skiprows=1)[:, 1]
    return values


def co2() -> np.ndarray:
    """Carbon dioxide over Mauna Loa, the mean of each month from March 1958 to December 2001 (ppm); months without a week lie between
    their neighbours."""
    lines = carried("co2", "datasets/co2/co2.csv").read_text().split()[1:]
    months: dict[int, list[float]] = {}
    for date, value in (line.split(",") for line in lines):
        weeks = months.setdefault(12 * int(date[:4]) + int(date[4:6]), [])
        if value:
            weeks.append(float(value))
    means = np.array([np.mean(weeks) if weeks else np.nan for weeks in months.values()])
    known = np.flatnonzero(~np.isnan(means))
    filled: np.ndarray = np.interp(np.arange(len(means)), known, means[known])
    return filled


class ForecastDataset(Dataset):
    """One long series, cut into windows."""

    window: int = Field(24, ge=2, le=60)
    """How many values the network knows."""
    horizon: int = Field(12, ge=1, le=24)
    """How many values after them it has to foretell."""
    validation: float = Field(0.3, ge=0.15, le=0.5)
    """Share at the end of the series that is only for testing: one learns from the past and is tested on what came later."""
    relative: bool = False
    """Whether all values are given as their distance from the last known one. Where a series keeps rising, the network then meets
    numbers that it has seen before; otherwise it would have to answer beyond all that it has learnt from."""

    modality: ClassVar[Modality] = "series"
    group: ClassVar[Words] = Words("Forecast", "预测")
    length: ClassVar[int]
    """Values in the series."""
    season: ClassVar[int]
    """Steps after which it about repeats itself."""
    step: ClassVar[Words]
    """What one step is called."""
    begins: ClassVar[float] = 0
    pace: ClassVar[float] = 1
    """Time of the first value, and from one to the next, on the axis of a picture."""
    axes: ClassVar[tuple[Words, Words]]
    """What time and value are called."""
    labels: ClassVar[Mapping[str, Label]] = {
        "window": Label("Window", "窗口", "网络知道之前的多少个值。"),
        "horizon": Label("Horizon", "预测步数", "要预测之后的多少个值。"),
        "validation": Label("For validation", "验证集占比", "序列末尾留出多少只用来检验：用过去学，用后来的考。"),
        "relative": Label(
            "Relative to the last value",
            "相对最后一个值",
            "是否把所有数值换成与最后一个已知值的差。序列一直在涨时，这样网络碰到的还是见过的数；否则就得回答从没学过的范围。",
        ),
    }

    @abstractmethod
    def series(self) -> Call:
        """What gives the whole series (length,)."""

    def call(self) -> Call:
        """See `windowed`."""
        cut = {"window": self.window, "horizon": self.horizon, "validation": self.validation, "relative": self.relative}
        return call(windowed, self.series(), **cut)

    @property
    def boundary(self) -> int:
        """Where the part for validation begins."""
        return self.length - round(self.length * self.validation)

    def shape(self) -> Shape:
        """One number at each time step."""
        return Shape((self.window, 1))

    def counts(self) -> tuple[int, int]:
        """Stretches that lie in the first part, and those that end in the last."""
        return self.boundary - self.window - self.horizon + 1, self.length - self.boundary - self.horizon + 1

    def columns(self) -> tuple[Words, ...]:
        """The time of each known value."""
        return tuple(
            Words(f"{self.step.en} −{back}", f"前 {back} {self.step.zh}") if back else Words("now", "现在")
            for back in reversed(range(self.window))
        )

    def task(self) -> Regression:
        """The next values, or how far they lie from the last known one."""
        # Short, since it stands beside an output of the network.
        change = ("Δ ", "变化") if self.relative else ("", "")
        return Regression(
            targets=tuple(
                Words(f"{change[0]}{self.step.en} +{ahead}", f"后 {ahead} {self.step.zh}{change[1]}")
                for ahead in range(1, self.horizon + 1)
            )
        )

    def prepare(self, training_inputs: np.ndarray) -> Call:
        """Mean and deviation of the training part."""
        if self.relative:
            return call(Window, 0.0, float((training_inputs - training_inputs[:, -1:]).std()) or 1.0, relative=True)
        return call(Window, float(training_inputs.mean()), float(training_inputs.std()) or 1.0)

    def target_scale(self, training_targets: np.ndarray) -> tuple[float, float]:
        """Mean and deviation of the training targets."""
        return float(training_targets.mean()), float(training_targets.std()) or 1.0

    def seasonal_naive(self) -> np.ndarray:
        """The simplest forecast there is, the same as one season ago, for every validation example: (examples, horizon)."""
        series: np.ndarray = self.series().build()
        first = self.boundary + np.arange(self.counts()[1])[:, None]
        ahead = np.arange(self.horizon)[None]
        before: np.ndarray = series[first + ahead - self.season * (1 + ahead // self.season)]
        return before.astype(np.float32)


class Sines(ForecastDataset):
    """Two sines, one slow and one fast, with noise on top.

    What is regular can be foretold and the noise cannot: even the best network misses by about the noise. Turn the noise up and see
    that training goes on falling while validation stops.
    """

    op: Literal["sines"] = "sines"
    noise: float = Field(0.15, ge=0, le=1)
    """Deviation of the noise; the slow sine reaches from -1 to 1."""

    title: ClassVar[Words] = Words("Sines", "正弦波")
    source: ClassVar[Origin] = Origin(name=Words("generated here", "在此生成"), licence="Apache-2.0", synthetic=True)
    chinese: ClassVar[str] = """一慢一快两个正弦波，加上噪声。

    有规律的部分能预测，噪声不能：再好的网络，误差也差不多和噪声一样大。把噪声调大，会看到训练误差还在降，验证误差已经停住。"""
    labels: ClassVar[Mapping[str, Label]] = {"noise": Label("Noise", "噪声", "噪声的标准差；慢波在 -1 到 1 之间。")}
    length: ClassVar[int] = 600
    season: ClassVar[int] = 24
    step: ClassVar[Words] = Words("step", "步")
    axes: ClassVar[tuple[Words, Words]] = (Words("time", "时间"), Words("value", "数值"))

    def series(self) -> Call:
        """See `sines`."""
        return call(sines, noise=self.noise, seed=self.seed)


class Recorded(ForecastDataset):
    """A series that was measured; statsmodels carries the file."""

    seed: int = Field(0, ge=0, le=2**31 - 1)
    """Of no effect here: the series is as it was measured, and it is split in time."""

    labels: ClassVar[Mapping[str, Label]] = {"seed": Label("Data seed", "数据种子", "在这里不起作用：序列是实测的，并按时间划分。")}
    file: ClassVar[str]

    def available(self) -> bool:
        """Whether statsmodels is installed."""
        return packaged("statsmodels", self.file) is not None


class Sunspots(Recorded):
    """How many spots the sun had in each year from 1700 to 2008.

    Their number rises and falls in about eleven years, but no two cycles are alike: some are twice as high as others. So “the same as
    eleven years ago” is often wrong, and a network that has seen many cycles does better.
    """

    op: Literal["sunspots"] = "sunspots"
    window: int = Field(22, ge=2, le=60)
    """How many values the network knows."""
    horizon: int = Field(5, ge=1, le=24)
    """How many values after them it has to foretell."""
    title: ClassVar[Words] = Words("Sunspots", "太阳黑子")
    source: ClassVar[Origin] = Origin(
        name=Words("NOAA, yearly mean; by statsmodels", "NOAA，年平均；取自 statsmodels"), licence="public domain", synthetic=False
    )
    chinese: ClassVar[str] = """1700 到 2008 年每年的太阳黑子数。

    黑子数大约十一年一起一落，但没有两个周期是一样的，有的高出一倍。所以“和十一年前一样”常常不对，见过许多周期的网络能做得更好。"""
    length: ClassVar[int] = 309
    season: ClassVar[int] = 11
    step: ClassVar[Words] = Words("year", "年")
    begins: ClassVar[float] = 1700
    axes: ClassVar[tuple[Words, Words]] = (Words("year", "年份"), Words("sunspots", "黑子数"))
    file: ClassVar[str] = "datasets/sunspots/sunspots.csv"

    def series(self) -> Call:
        """See `sunspots`."""
        return call(sunspots)


class CarbonDioxide(Recorded):
    """Carbon dioxide in the air over Mauna Loa, month by month from 1958 to 2001.

    It swings with the seasons, as forests take in and give back, and it rises all the time. The last years lie above everything that
    came before, so give the values relative to the last one, or the network has to answer beyond all it has seen.
    """

    op: Literal["co2"] = "co2"
    relative: bool = True
    """Whether all values are given as their distance from the last known one. Where a series keeps rising, the network then meets
    numbers that it has seen before; otherwise it would have to answer beyond all that it has learnt from."""
    title: ClassVar[Words] = Words("CO₂", "二氧化碳")
    source: ClassVar[Origin] = Origin(
        name=Words("Keeling and Whorf 2004, monthly means; by statsmodels", "Keeling 和 Whorf 2004，月平均；取自 statsmodels"),
        licence="public domain",
        synthetic=False,
    )
    chinese: ClassVar[str] = """1958 到 2001 年莫纳罗亚山上空每个月的二氧化碳浓度。

    它随季节起伏，因为森林一季吸收、一季放出；同时一年比一年高。最后几年高过以往所有的值，所以最好用相对最后一个值的差，不然网络就得回答从没见过的范围。"""
    length: ClassVar[int] = 526
    season: ClassVar[int] = 12
    step: ClassVar[Words] = Words("month", "个月")
    begins: ClassVar[float] = 1958 + 2 / 12
    pace: ClassVar[float] = 1 / 12
    axes: ClassVar[tuple[Words, Words]] = (Words("year", "年份"), Words("CO₂ (ppm)", "CO₂（ppm）"))
    file: ClassVar[str] = "datasets/co2/co2.csv"

    def series(self) -> Call:
        """See `co2`."""
        return call(co2)
