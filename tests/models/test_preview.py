"""The preview of every dataset: what it counts is there, and what it draws is whole."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter

from models.data import load
from models.datasets import catalogue
from models.datasets.dataset import Dataset
from models.datasets.images import Mnist
from models.datasets.penguins import Penguins
from models.datasets.points import Spiral
from models.datasets.series import CarbonDioxide
from models.datasets.tables import Diabetes
from models.entry import Words
from models.pictures import Bars, Episode, Heatmap, Images, Lines, Points, Table, Tokens, TreeNode, Trees
from models.preview import Preview, preview
from tests.models.hub_here import HUB

DATASET: TypeAdapter[catalogue.Dataset] = TypeAdapter(catalogue.Dataset)
SMALL = {
    "fashion_mnist": {"samples": 500},
    "commands": {"voices": 8, "times": 1},
    **{entry.model_fields["op"].default: fields for entry, fields in HUB.items()},
}


def catalogue_of(op: str) -> type[Dataset]:
    """The dataset of this name."""
    return next(entry for entry in catalogue.DATASETS if entry.model_fields["op"].default == op)


def _preview(op: str) -> Preview:
    return preview(DATASET.validate_python({"op": op, **SMALL.get(op, {})}))


HERE = [
    op
    for op in (entry.model_fields["op"].default for entry in catalogue.DATASETS)
    if DATASET.validate_python({"op": op, **SMALL.get(op, {})}).available()
]


@pytest.mark.parametrize("op", HERE)
def test_it_can_be_looked_at(op: str) -> None:
    seen = _preview(op)
    assert seen.examples == seen.training + seen.validation
    assert len(seen.axes) == len(seen.shape)
    assert len(seen.steps) >= 2
    if catalogue_of(op).modality == "text":
        assert len(seen.steps) == 4
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
            case Tokens(sentences=sentences):
                assert all(sentence.tokens for sentence in sentences)
            case Trees(trees=trees):
                assert_parents_come_first(trees)
            case Bars(labels=labels, values=values):
                assert len(labels) == len(values) > 10
                assert list(values) == sorted(values, key=lambda value: -(value or 0))
            case Episode(states=states, actions=actions, rewards=rewards):
                assert len(states) - 1 == len(actions) == len(rewards) > 0
            case picture:
                assert isinstance(picture, Points)


def assert_parents_come_first(trees: tuple[tuple[TreeNode, ...], ...]) -> None:
    for root, *others in trees:
        assert root.parent is None
        assert all(node.parent is not None and 0 <= node.parent < place for place, node in enumerate(others, start=1))


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


def test_gaps_and_words_become_numbers_step_by_step() -> None:
    data = load(Penguins())
    raw, filled, spread, standardised = [step.picture for step in preview(Penguins()).steps]
    tables = [table for table in (raw, filled, spread, standardised) if isinstance(table, Table)]
    assert len(tables) == 4
    gaps = [
        [(row, column) for row, cells in enumerate(table.rows) for column, cell in enumerate(cells) if cell is None] for table in tables
    ]
    assert gaps[0]
    assert gaps[1:] == [[], [], []]
    assert Words("Dream", "德里姆岛") in [row[4] for row in tables[0].rows]
    for row, wide in zip(tables[1].rows, tables[2].rows, strict=True):
        chosen = [name.en.removeprefix("island: ") for name, cell in zip(tables[2].columns, wide, strict=True) if cell == 1]
        assert isinstance(row[4], Words)
        assert row[4].en in chosen
        assert row[:4] == wide[:4]
    place = tables[3].tiles[0].index
    assert list(tables[3].rows[0]) == pytest.approx(data.validation.inputs[place].tolist(), rel=1e-3, abs=1e-4)


def test_a_window_is_the_last_of_what_is_learnt_from() -> None:
    series, window, scaled = [step.picture for step in preview(CarbonDioxide()).steps]
    assert isinstance(series, Lines)
    assert isinstance(window, Lines)
    assert isinstance(scaled, Lines)
    learnt, held_out = series.lines
    known, wanted = window.lines
    assert known.y == learnt.y[-24:]
    assert wanted.y == held_out.y[:12]
    assert scaled.lines[0].y[-1] == 0
