"""The preview of every dataset: what it counts is there, and what it draws is whole."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter

from models.data import load
from models.datasets import catalogue
from models.datasets.images import Mnist
from models.datasets.points import Spiral
from models.datasets.tables import Diabetes
from models.pictures import Heatmap, Images, Lines, Points, Table
from models.preview import Preview, preview

DATASET: TypeAdapter[catalogue.Dataset] = TypeAdapter(catalogue.Dataset)
SMALL = {"fashion_mnist": {"samples": 500}, "commands": {"voices": 8, "times": 1}}
HERE = [entry.model_fields["op"].default for entry in catalogue.DATASETS if entry.available()]


def _preview(op: str) -> Preview:
    return preview(DATASET.validate_python({"op": op, **SMALL.get(op, {})}))


@pytest.mark.parametrize("op", HERE)
def test_it_can_be_looked_at(op: str) -> None:
    seen = _preview(op)
    assert seen.examples == seen.training + seen.validation
    assert len(seen.axes) == len(seen.shape)
    assert len(seen.steps) >= 2
    assert all(step.title.zh and step.text.zh for step in seen.steps)
    assert Preview.model_validate_json(seen.model_dump_json()) == seen
    for step in seen.steps:
        match step.picture:
            case Heatmap(planes=planes, cells=cells):
                assert len(cells) == sum(plane.width * plane.height for plane in planes)
            case Images(tiles=tiles, pixels=pixels, width=width, height=height, channels=channels):
                assert len(pixels) == len(tiles) * width * height * channels
            case Table(columns=columns, rows=rows, tiles=tiles):
                assert len(rows) == len(tiles)
                assert {len(row) for row in rows} == {len(columns)}
            case Lines(lines=lines):
                assert lines
                assert all(len(line.x) == len(line.y) > 1 for line in lines)
            case picture:
                assert isinstance(picture, Points)


def test_every_point_is_shown() -> None:
    picture = preview(Spiral(samples=5000, validation=0.1)).steps[0].picture
    assert isinstance(picture, Points)
    assert len(picture.x) == len(picture.y) == len(picture.value) == len(picture.validation) == 5000
    assert sum(picture.validation) == 500


def test_a_feature_is_a_plane() -> None:
    picture = preview(Spiral(features=("x1", "x2", "sin_x1"))).steps[1].picture
    assert isinstance(picture, Heatmap)
    assert len(picture.planes) == 3


def test_images_of_every_class_are_shown() -> None:
    picture = _preview(Mnist().op).steps[0].picture
    assert isinstance(picture, Images)
    assert {tile.truth for tile in picture.tiles} == set(Mnist().task().classes)


def test_standardised_rows_are_those_that_the_network_gets() -> None:
    raw, standardised = [step.picture for step in preview(Diabetes()).steps]
    assert isinstance(raw, Table)
    assert isinstance(standardised, Table)
    assert raw.rows[0][0] == pytest.approx(load(Diabetes()).raw_validation_inputs[0, 0])
    assert list(standardised.rows[0]) == pytest.approx(load(Diabetes()).validation.inputs[0].tolist(), rel=1e-3)
