"""Time series: the whole of one, a window of it, and what the network gets; or some of each class."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from models.data import Data
from models.datasets.dataset import Dataset
from models.datasets.series import ForecastDataset
from models.datasets.series_classes import SeriesClasses
from models.entry import Words
from models.pictures import Line, Lines
from models.previews.preparation import PreparationStep, rounded


def series_steps(dataset: Dataset, data: Data) -> Iterator[PreparationStep]:
    """For a forecast: the series, one example, and how it is scaled; for classes: some of each, and how they are scaled."""
    if isinstance(dataset, ForecastDataset):
        yield from _forecast_steps(dataset, data)
    elif isinstance(dataset, SeriesClasses):
        yield from _class_steps(dataset, data)


def _forecast_steps(dataset: ForecastDataset, data: Data) -> Iterator[PreparationStep]:
    series, boundary = dataset.series().build(), dataset.boundary
    when = dataset.begins + dataset.pace * np.arange(len(series))
    yield PreparationStep(
        title=Words("Series", "整条序列"),
        text=Words(
            "One long series. The network learns from the first part and is tested on what came later.",
            "一条长序列。网络从前一段学，用后来的一段检验。",
        ),
        picture=Lines(
            axes=dataset.axes,
            lines=(
                Line(role="training", label=Words("to learn from", "训练"), x=rounded(when[:boundary], 6), y=rounded(series[:boundary])),
                Line(role="validation", label=Words("for validation", "验证"), x=rounded(when[boundary:], 6), y=rounded(series[boundary:])),
            ),
        ),
    )
    known, begin = dataset.window, boundary - dataset.window
    until = boundary + dataset.horizon
    yield PreparationStep(
        title=Words("Window and horizon", "窗口与预测段"),
        text=Words(
            f"An example: {dataset.window} values that are known, and the next {dataset.horizon}, which are wanted.",
            f"一个样本：已知的 {dataset.window} 个值，和要预测的后 {dataset.horizon} 个值。",
        ),
        picture=Lines(
            axes=dataset.axes,
            lines=(
                Line(role="input", label=Words("known", "已知"), x=rounded(when[begin:boundary], 6), y=rounded(series[begin:boundary])),
                Line(role="truth", label=Words("wanted", "要预测"), x=rounded(when[boundary:until], 6), y=rounded(series[boundary:until])),
            ),
        ),
    )
    prepared = data.prepare(torch.from_numpy(data.raw_validation_inputs[:1]))[0, :, 0].numpy()
    text = (
        Words(
            "All values as their distance from the last known one, divided by the deviation in the training part.",
            "所有值换成与最后一个已知值的差，再除以训练段的标准差。",
        )
        if dataset.relative
        else Words(
            "Less the mean of the training part, and divided by its deviation.",
            "减去训练段的平均值，再除以训练段的标准差。",
        )
    )
    yield PreparationStep(
        title=Words("Scaled", "缩放"),
        text=text,
        picture=Lines(
            axes=(dataset.axes[0], Words("what the network gets", "网络收到的值")),
            lines=(Line(role="input", label=Words("scaled", "缩放后"), x=rounded(when[begin : begin + known], 6), y=rounded(prepared)),),
        ),
    )


def _class_steps(dataset: SeriesClasses, data: Data) -> Iterator[PreparationStep]:
    targets = data.raw_validation_targets
    first = {name: int(np.flatnonzero(targets == index)[0]) for index, name in enumerate(dataset.task().classes)}

    def lines(values: np.ndarray, axes: tuple[Words, Words]) -> Lines:
        moments = tuple(map(float, range(values.shape[1])))
        return Lines(
            axes=axes,
            lines=tuple(Line(role="input", label=name, x=moments, y=rounded(values[place])) for name, place in first.items()),
        )

    yield PreparationStep(
        title=Words("Series", "序列"),
        text=Words("Each series is an example; here is one of each class.", "每条序列是一个样本，这里每类一条。"),
        picture=lines(data.raw_validation_inputs, dataset.axes),
    )
    yield PreparationStep(
        title=Words("Scaled", "缩放"),
        text=Words("Less the mean of all training values, and divided by their deviation.", "减去所有训练值的平均值，再除以标准差。"),
        picture=lines(data.validation.inputs[:, :, 0].numpy(), (dataset.axes[0], Words("what the network gets", "网络收到的值"))),
    )
