"""Something drawable, of a closed set of kinds; big ones carry bytes that go over the socket as they are."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field

from models.entry import Spec, Words


class Plane(Spec):
    """One signed map of a heatmap: byte 0 means -scale, 127 means 0, 254 means +scale; 255 means not a number."""

    node: str
    """Node of the network that the map belongs to; "data" for an input, "output" for the answer."""
    unit: int
    """Index of the neuron, channel, filter or class within the node."""
    width: int
    height: int
    scale: float
    """Magnitude that the strongest colour stands for; 0 when all is zero."""
    label: Words | None = None


class Heatmap(Spec):
    """Signed maps, row by row from the top, one byte a cell, plane after plane."""

    kind: Literal["heatmap"] = "heatmap"
    planes: tuple[Plane, ...]
    x: tuple[float, float] = (0, 1)
    """Range of the horizontal axis over each plane (left, right)."""
    y: tuple[float, float] = (0, 1)
    """Range of the vertical axis (bottom, top)."""
    axes: tuple[Words, Words] | None = None
    """What lies along the horizontal and the vertical axis, where it is not the plane's."""
    cells: bytes


class Tile(Spec):
    """What is known of one image: its true class or value, and what the network says."""

    index: int
    """Place in its set (validation unless said otherwise)."""
    truth: Words | None = None
    prediction: Words | None = None
    probability: float | None = None
    """How sure the network is of its prediction, 0 to 1."""
    correct: bool | None = None


class Images(Spec):
    """Grey (1 channel) or coloured (3) pictures, one byte a channel of a pixel, picture after picture, row by row."""

    kind: Literal["images"] = "images"
    width: int
    height: int
    channels: Literal[1, 3] = 1
    tiles: tuple[Tile, ...]
    columns: int | None = None
    """How many stand in a row, where their order tells something."""
    rows: tuple[Words, ...] = ()
    """What each row shows."""
    pixels: bytes


class Matrix(Spec):
    """A table of numbers that is read as a picture: a confusion matrix (true class a row, prediction a column) or weights
    (a row for each unit, a column for each input)."""

    kind: Literal["matrix"] = "matrix"
    role: Literal["confusion", "weights"]
    rows: tuple[Words, ...]
    columns: tuple[Words, ...]
    values: tuple[tuple[float | None, ...], ...]
    extra: tuple[float | None, ...] | None = None
    """Weights only: the bias of each unit."""


class Points(Spec):
    """Points in the plane with their class or value; `validation` marks those the network never trains on."""

    kind: Literal["points"] = "points"
    role: Literal["data", "fit", "map"]
    """data: x and y are inputs. fit: x is the truth, y the prediction. map: places that the network, or an analysis, has found."""
    axes: tuple[Words, Words]
    x: tuple[float | None, ...]
    y: tuple[float | None, ...]
    value: tuple[float, ...]
    """Class index for classification, target for regression (or for fit: unused, empty)."""
    validation: tuple[bool, ...]
    names: tuple[str, ...] | None = None
    """map: what stands at each point, such as a word."""
    groups: tuple[Words, ...] | None = None
    """map: what the values, as places in this list, mean."""
    clusters: tuple[int, ...] | None = None
    """map: the group in which an analysis without labels puts each point."""
    agreement: float | None = None
    """map: share of the points whose cluster is their value's own, once clusters and values are paired as well as can be."""


class Bars(Spec):
    """One bar a label: probabilities, importance, counts."""

    kind: Literal["bars"] = "bars"
    labels: tuple[Words, ...]
    values: tuple[float | None, ...]


class Table(Spec):
    """Rows of examples: inputs by name, truth and prediction, wrong ones first."""

    kind: Literal["table"] = "table"
    columns: tuple[Words, ...]
    rows: tuple[tuple[float | Words | None, ...], ...]
    """Numbers, words where a column names something, None for a gap."""
    tiles: tuple[Tile, ...]


def table_rows(
    rows: Sequence[Sequence[float]], categories: Mapping[int, tuple[Words, ...]] | None = None
) -> tuple[tuple[float | Words | None, ...], ...]:
    """Rows of numbers as cells: four digits, a gap for what is not a number, the word where a column names something."""
    named = categories or {}

    def cell(column: int, value: float) -> float | Words | None:
        if value != value:
            return None
        return named[column][int(value)] if column in named else float(f"{value:.4g}")

    return tuple(tuple(cell(column, value) for column, value in enumerate(row)) for row in rows)


class Line(Spec):
    """One line of a picture of lines."""

    role: Literal["input", "truth", "prediction", "baseline", "training", "validation"]
    label: Words
    x: tuple[float, ...]
    y: tuple[float | None, ...]
    """None is a gap."""


class Lines(Spec):
    """Numbers along an axis: a waveform, a series with its forecast, returns of episodes."""

    kind: Literal["lines"] = "lines"
    axes: tuple[Words, Words]
    lines: tuple[Line, ...]


class Sentence(Spec):
    """A row of tokens, and how much each mattered."""

    tokens: tuple[str, ...]
    weights: tuple[float | None, ...] | None = None
    """From -1 (spoke against) to 1 (spoke for), one for each token."""
    tile: Tile
    """The truth and the answer, where there are any."""


class Tokens(Spec):
    """Texts, token by token."""

    kind: Literal["tokens"] = "tokens"
    sentences: tuple[Sentence, ...]


class TreeNode(Spec):
    """One node of a tree and what the network believes there."""

    label: str
    parent: int | None
    """Place of the parent in the list, which comes before its children; None for the root."""
    truth: Words | None = None
    belief: Words | None = None
    probability: float | None = None
    correct: bool | None = None


class Trees(Spec):
    """Trees, each as a list of its nodes, root first, children from left to right."""

    kind: Literal["trees"] = "trees"
    trees: tuple[tuple[TreeNode, ...], ...]


class Episode(Spec):
    """A world in motion: one state after another."""

    kind: Literal["episode"] = "episode"
    world: Literal["cart_pole", "grid"]
    states: tuple[tuple[float, ...], ...]
    """Numbers of each moment, as the world tells them."""
    actions: tuple[int, ...]
    """What was done at each moment but the last."""
    rewards: tuple[float, ...]
    grid: tuple[str, ...] | None = None
    """Grid only: its rows; "#" wall, "G" goal, "O" pit, "S" start, "." free."""
    values: tuple[float | None, ...] | None = None
    """Grid only: what the network expects from each cell on, row by row; None where one never stands, and as a whole where the
    network foretells nothing."""
    policy: tuple[int | None, ...] | None = None
    """Grid only: the action that the network prefers in each cell; None where one never stands."""
    limit: int
    """Steps after which an episode is broken off."""


Picture = Annotated[
    Heatmap | Images | Matrix | Points | Bars | Table | Lines | Tokens | Trees | Episode,
    Field(discriminator="kind"),
]


def encode(key: str, step: int, picture: Picture) -> bytes:
    """A binary frame: 4 bytes little-endian header length, JSON header, then the picture's bytes, if it has any.

    The header is {"type": "picture", "key": …, "step": …, "picture": {… without its bytes}}; `key` is the view's JSON,
    by which a viewer knows what it asked for.
    """
    binary = "cells" if isinstance(picture, Heatmap) else "pixels" if isinstance(picture, Images) else None
    body = picture.model_dump_json(exclude={binary} if binary else None)
    head = f'{{"type":"picture","key":{json.dumps(key, ensure_ascii=False)},"step":{step},"picture":{body}}}'.encode()
    return struct.pack("<I", len(head)) + head + (getattr(picture, binary) if binary else b"")
