"""Forecasts: what is known lies before what is wanted, nothing of the last part is learnt from, and the baseline is what it says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from models.baselines import baseline
from models.data import load
from models.datasets.series import CarbonDioxide, ForecastDataset, Sines, Sunspots, windowed
from models.draw import draw, scene_of
from models.experiment import Experiment
from models.pictures import Lines
from models.views.series import Forecast
from models.views.view import Unseen
from tests.models.experiments import IRIS, RISING, SUNSPOTS

FORECASTS = [
    Sines(),
    Sunspots(),
    CarbonDioxide(),
    Sines(window=2, horizon=1, validation=0.15),
    Sunspots(window=60, horizon=24, validation=0.5),
]
HERE = [dataset for dataset in FORECASTS if dataset.available()]


def test_a_stretch_is_cut_into_what_is_known_and_what_comes() -> None:
    inputs, targets, held_out, wanted = windowed(np.arange(10.0), window=3, horizon=2, validation=0.4, relative=False)
    assert inputs.tolist() == [[0, 1, 2], [1, 2, 3]]
    assert targets.tolist() == [[3, 4], [4, 5]]
    assert held_out.tolist() == [[3, 4, 5], [4, 5, 6], [5, 6, 7]]
    assert wanted.tolist() == [[6, 7], [7, 8], [8, 9]]
    _, changes, _, _ = windowed(np.arange(10.0), window=3, horizon=2, validation=0.4, relative=True)
    assert changes.tolist() == [[1, 2], [1, 2]]


@pytest.mark.parametrize("dataset", HERE, ids=repr)
def test_nothing_of_the_last_part_is_learnt_from(dataset: ForecastDataset) -> None:
    """The last part is replaced by others' values; nothing that is learnt from, nor the scaling, may notice."""
    series = dataset.series().build()
    assert len(series) == dataset.length
    changed = series.copy()
    changed[dataset.boundary :] = -1000
    settings: dict[str, Any] = {
        "window": dataset.window,
        "horizon": dataset.horizon,
        "validation": dataset.validation,
        "relative": dataset.relative,
    }
    parts, others = windowed(series, **settings), windowed(changed, **settings)
    for part, other in zip(parts[:2], others[:2], strict=True):
        assert np.array_equal(part, other)
    assert not np.array_equal(parts[3], others[3])
    assert dataset.prepare(parts[0]).code() == dataset.prepare(others[0]).code()
    assert dataset.target_scale(parts[1]) == dataset.target_scale(others[1])


@pytest.mark.parametrize("dataset", HERE, ids=repr)
def test_the_baseline_is_the_value_of_a_season_ago(dataset: ForecastDataset) -> None:
    series, naive = dataset.series().build(), dataset.seasonal_naive()
    for example in (0, len(naive) - 1):
        for ahead in (0, dataset.horizon - 1):
            moment = dataset.boundary + example + ahead
            before = moment - dataset.season
            while before >= dataset.boundary + example:  # not known yet on that day
                before -= dataset.season
            assert naive[example, ahead] == pytest.approx(series[before])


def test_the_error_of_the_baseline_is_in_the_series_own_units() -> None:
    dataset = RISING.dataset
    assert isinstance(dataset, CarbonDioxide)
    found = baseline(RISING)
    assert found is not None
    data = load(dataset)
    truth = data.raw_validation_targets + data.raw_validation_inputs[:, -1:]
    assert found.metrics.mae == pytest.approx(np.abs(dataset.seasonal_naive() - truth).mean(), rel=1e-4)


@pytest.mark.parametrize("chosen", [SUNSPOTS, RISING], ids=["sunspots", "co2"])
def test_the_forecast_is_drawn_over_what_came(chosen: Experiment) -> None:
    dataset = chosen.dataset
    assert isinstance(dataset, ForecastDataset)
    [picture] = draw(chosen, None, [Forecast()])
    assert isinstance(picture, Lines)
    known, truth, naive, network = picture.lines
    series, scene = dataset.series().build(), scene_of(chosen, None)
    assert truth.y == pytest.approx(series[dataset.boundary :][: len(truth.y)], rel=1e-4)
    assert known.y[-1] == pytest.approx(series[dataset.boundary - 1], rel=1e-4)
    assert naive.x == truth.x == network.x
    answers = scene.answers(scene.data.validation.inputs[dataset.horizon :][:1]) * scene.data.target_deviation + scene.data.target_mean
    level = series[dataset.boundary + dataset.horizon - 1] if dataset.relative else 0
    assert network.y[dataset.horizon : 2 * dataset.horizon] == pytest.approx((answers[0] + level).tolist(), rel=1e-3)


def test_other_data_is_no_forecast() -> None:
    assert Forecast.large(IRIS) is None
    with pytest.raises(Unseen, match="series"):
        draw(IRIS, None, [Forecast()])


def test_windows_are_bounded_so_that_examples_are_left() -> None:
    for settings in ({"window": 61}, {"horizon": 25}, {"validation": 0.6}):
        with pytest.raises(ValidationError):
            Sunspots.model_validate(settings)
