"""The view of a forecast beside what came."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

import numpy as np

from models.datasets.series import ForecastDataset
from models.entry import Words
from models.experiment import Experiment
from models.pictures import Line, Lines
from models.task import Regression
from models.views.scene import Scene
from models.views.view import Unseen, View

STEPS = 240
"""Time steps of the validation part that are shown, at most."""


class Forecast(View):
    """What the network foretells, over what really came and over the simplest forecast: the same as one season ago.

    All of it lies in the part for validation. The network is asked anew each time that its horizon is over, and is then told what came.
    """

    op: Literal["forecast"] = "forecast"
    title: ClassVar[Words] = Words("Forecast", "预测")
    chinese: ClassVar[str] = """网络的预测，对照真实值，再对照最简单的预测：和上一周期一样。

    画的全是验证段。每走完一个预测段，就把真实值告诉网络，再问一次。"""

    @classmethod
    def large(cls, experiment: Experiment) -> Self | None:
        """For forecasts."""
        return cls() if _foretells(experiment) else None

    def draw(self, scene: Scene) -> Lines:
        """Values in the series' own units over its own time."""
        dataset = scene.experiment.dataset
        if not isinstance(dataset, ForecastDataset) or not _foretells(scene.experiment):
            raise Unseen("the view 'forecast' needs a series to be foretold, try 'confusion' or 'fit'")
        horizon, boundary, data = dataset.horizon, dataset.boundary, scene.data
        chosen = slice(0, min(len(data.validation), STEPS - horizon + 1), horizon)
        answers = scene.answers(data.validation.inputs[chosen]).double().cpu().numpy() * data.target_deviation + data.target_mean
        if dataset.relative:
            answers = answers + data.raw_validation_inputs[chosen, -1:]
        series, count = dataset.series().build(), answers.size
        when = dataset.begins + dataset.pace * np.arange(len(series))
        known, shown = slice(boundary - dataset.window, boundary), slice(boundary, boundary + count)
        return Lines(
            axes=dataset.axes,
            lines=(
                _line("input", Words("known", "已知"), when[known], series[known]),
                _line("truth", Words("truth", "真实值"), when[shown], series[shown]),
                _line("baseline", Words("as one season ago", "与上一周期相同"), when[shown], dataset.seasonal_naive()[chosen].reshape(-1)),
                _line("prediction", Words("network", "网络"), when[shown], answers.reshape(-1)),
            ),
        )


def _foretells(experiment: Experiment) -> bool:
    return isinstance(experiment.dataset, ForecastDataset) and isinstance(experiment.task(), Regression)


def _line(role: Literal["input", "truth", "prediction", "baseline"], label: Words, x: np.ndarray, y: np.ndarray) -> Line:
    return Line(
        role=role,
        label=label,
        x=tuple(float(f"{moment:.6g}") for moment in x),
        y=tuple(float(f"{value:.5g}") if abs(value) < 1e30 else None for value in y),
    )
