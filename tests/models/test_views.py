"""Every view, drawn of untrained networks of every kind of data, and the bytes that it becomes."""

from __future__ import annotations

import json
import struct
from itertools import pairwise

import pytest
import torch

from models.draw import draw, key_of, scene_of
from models.events import Metrics
from models.pictures import Bars, Episode, Heatmap, Images, Matrix, Picture, Points, Table, encode
from models.views.blanked import Blanked
from models.views.catalogue import VIEWS, View
from models.views.control import GreedyEpisode, PolicyMap
from models.views.layers import Activations, Filters, Weights
from models.views.plane import Neurons, Surface
from models.views.results import Confusion, Fit, Predictions
from models.views.view import Unseen, signed_bytes
from tests.models.experiments import (
    ACTOR_CRITIC,
    DEEP_Q,
    DIABETES,
    DIGITS,
    IRIS,
    PAIRED,
    RECORDED,
    RECURRENT,
    REINFORCE,
    SPIRAL,
    TINY,
    experiment,
)


def drawn(chosen: object, view: View) -> Picture:
    """One picture of the untrained network."""
    return draw(chosen, None, [view])[0]  # type: ignore[arg-type]


def test_every_view_is_tried_here() -> None:
    assert {view.__name__ for view in VIEWS} == {
        "Surface",
        "Neurons",
        "Weights",
        "Filters",
        "Activations",
        "Confusion",
        "Predictions",
        "Fit",
        "Blanked",
        "Samples",
        "Mattered",
        "WordMap",
        "Neighbours",
        "Reconstructions",
        "Codes",
        "Decoded",
        "Made",
        "Augmented",
        "Forecast",
        "BelievedTrees",
        "GreedyEpisode",
        "PolicyMap",
    }


def test_signs_become_bytes() -> None:
    maps = torch.tensor([[-2.0, -1.0, 0.0, 1.0, 2.0, float("nan")]])
    assert list(signed_bytes(maps, torch.tensor([2.0]))) == [0, 63, 127, 191, 254, 255]
    assert list(signed_bytes(torch.zeros(1, 3), torch.zeros(1))) == [127, 127, 127]


def test_the_surface_is_what_the_network_answers() -> None:
    surface = drawn(TINY, Surface())
    assert isinstance(surface, Heatmap)
    assert len(surface.cells) == 100 * 100
    scene = scene_of(TINY, None)
    corner = scene.answers(scene.data.prepare(torch.tensor([[-5.94, 5.94]]))).sigmoid().item() * 2 - 1
    assert surface.cells[0] == round(corner * 127 + 127)


def test_every_neuron_has_its_plane() -> None:
    neurons = drawn(TINY, Neurons())
    assert isinstance(neurons, Heatmap)
    names = [(plane.node, plane.unit) for plane in neurons.planes]
    assert names == [("data", 0), ("data", 1), *[(node, unit) for node in ("n0", "n1") for unit in range(4)], ("output", 0)]
    assert len(neurons.cells) == sum(plane.width * plane.height for plane in neurons.planes)
    # x₁ grows to the right and x₂ upwards.
    row = neurons.cells[:50]
    assert all(left <= right for left, right in pairwise(row))
    assert neurons.cells[2500] > neurons.cells[2500 + 49 * 50]


def test_weights_are_those_of_the_layer() -> None:
    matrix = drawn(TINY, Weights(node="n0"))
    assert isinstance(matrix, Matrix)
    layer = scene_of(TINY, None).network.layer("n0")
    assert torch.allclose(torch.tensor(matrix.values), layer.weight, atol=1e-5)  # type: ignore[arg-type]
    with pytest.raises(Unseen):
        drawn(TINY, Weights(node="nowhere"))


def test_images_show_channels_filters_and_predictions() -> None:
    activations = drawn(DIGITS, Activations(example=3))
    assert isinstance(activations, Heatmap)
    assert {plane.node for plane in activations.planes} == {"data", "n0", "n1", "n2", "n3", "output"}
    assert len(activations.cells) == sum(plane.width * plane.height for plane in activations.planes)
    filters = drawn(DIGITS, Filters(node="n0"))
    assert isinstance(filters, Heatmap)
    assert len(filters.planes) == 4
    predictions = drawn(DIGITS, Predictions(count=12))
    assert isinstance(predictions, Images)
    assert len(predictions.pixels) == 12 * 8 * 8
    assert [tile.correct for tile in predictions.tiles] == sorted(tile.correct or False for tile in predictions.tiles)


def test_tables_show_rows_confusion_and_fit() -> None:
    rows = drawn(IRIS, Predictions(count=5))
    assert isinstance(rows, Table)
    assert len(rows.rows) == 5
    assert len(rows.columns) == len(rows.rows[0])
    confusion = drawn(IRIS, Confusion())
    assert isinstance(confusion, Matrix)
    assert sum(sum(value or 0 for value in row) for row in confusion.values) == len(scene_of(IRIS, None).data.validation)
    fit = drawn(DIABETES, Fit())
    assert isinstance(fit, Points)
    assert len(fit.x) == len(fit.y) > 50


def test_sounds_are_shown_as_their_spectra() -> None:
    for chosen, sizes in ((RECORDED, (13, 48)), (PAIRED, (8, 8))):
        shown = drawn(chosen, Predictions(count=5))
        assert isinstance(shown, Images)
        assert (shown.height, shown.width) == sizes
        assert len(shown.pixels) == 5 * shown.height * shown.width
        assert len(set(shown.pixels)) > 20


def test_each_input_can_be_taken_away() -> None:
    bars = drawn(PAIRED, Blanked())
    assert isinstance(bars, Bars)
    assert [label.en for label in bars.labels] == ["all inputs", "without “Seen”", "without “Heard”"]
    scene = scene_of(PAIRED, None)
    inputs, targets = scene.data.validation.inputs.clone(), scene.data.validation.targets
    assert bars.values[0] == pytest.approx((scene.answers(inputs).argmax(dim=1) == targets).double().mean().item(), abs=1e-4)
    inputs[:, 64:] = 0
    assert bars.values[2] == pytest.approx((scene.answers(inputs).argmax(dim=1) == targets).double().mean().item(), abs=1e-4)


def test_an_episode_is_what_the_network_would_do() -> None:
    episode = drawn(REINFORCE, GreedyEpisode(number=3))
    assert isinstance(episode, Episode)
    assert len(episode.states) - 1 == len(episode.actions) == len(episode.rewards) <= episode.limit == 500
    scene = scene_of(REINFORCE, None)
    seen = scene.data.prepare(torch.tensor(episode.states[:-1], dtype=torch.float32))
    assert tuple(scene.answers(seen).argmax(dim=1).tolist()) == episode.actions
    assert drawn(REINFORCE, GreedyEpisode(number=3)) == episode
    assert drawn(REINFORCE, GreedyEpisode(number=4)) != episode


def test_a_grid_tells_what_is_expected_and_preferred_in_each_cell() -> None:
    episode = drawn(ACTOR_CRITIC, GreedyEpisode())
    assert isinstance(episode, Episode)
    assert episode.grid == ("S...", ".O.O", "...O", "O..G")
    assert episode.values is not None
    assert episode.policy is not None
    closed = [cell in "OG#" for cell in "".join(episode.grid)]
    assert [value is None for value in episode.values] == [action is None for action in episode.policy] == closed
    # The critic's number comes after those of the four actions.
    scene = scene_of(ACTOR_CRITIC, None)
    answers = scene.answers(torch.eye(16))
    assert answers.shape == (16, 5)
    assert episode.values[0] == pytest.approx(answers[0, 4].item(), abs=1e-4)
    assert episode.policy[0] == answers[0, :4].argmax().item()


@pytest.mark.parametrize("chosen", [REINFORCE, DEEP_Q])
def test_a_policy_is_a_map_of_angle_and_speed(chosen: object) -> None:
    policy = drawn(chosen, PolicyMap())
    assert isinstance(policy, Heatmap)
    assert len(policy.cells) == 60 * 60
    assert policy.planes[0].scale > 0


@pytest.mark.parametrize(
    ("chosen", "view"),
    [
        (IRIS, Surface()),
        (DIABETES, Confusion()),
        (IRIS, Fit()),
        (TINY, Filters(node="n0")),
        (TINY, Blanked()),
        (TINY, GreedyEpisode()),
        (ACTOR_CRITIC, PolicyMap()),
        (REINFORCE, Predictions()),
    ],
)
def test_a_view_that_cannot_be_drawn_says_so(chosen: object, view: View) -> None:
    with pytest.raises(Unseen):
        drawn(chosen, view)


def test_a_frame_is_a_header_and_bytes() -> None:
    picture = drawn(TINY, Surface())
    frame = encode(key_of(Surface()), 7, picture)
    (length,) = struct.unpack_from("<I", frame)
    header = json.loads(frame[4 : 4 + length])
    assert (header["type"], header["step"], json.loads(header["key"])) == ("picture", 7, {"op": "surface"})
    assert isinstance(picture, Heatmap)
    assert frame[4 + length :] == picture.cells
    assert "cells" not in header["picture"]


def test_not_a_number_never_breaks_json() -> None:
    assert json.loads(Metrics(loss=float("nan"), accuracy=float("inf")).model_dump_json()) == {
        "loss": None,
        "accuracy": None,
        "r2": None,
        "mae": None,
        "generator_loss": None,
        "coverage": None,
        "reward": None,
        "returns": None,
    }


def test_a_sequence_is_drawn_with_its_time_downwards() -> None:
    seen = drawn(RECURRENT, Activations())
    assert isinstance(seen, Heatmap)
    sizes = {plane.node: (plane.height, plane.width) for plane in seen.planes}
    assert sizes == {"data": (8, 8), "n0": (8, 8), "n1": (8, 8), "n2": (8, 6), "n3": (1, 5), "output": (1, 10)}
    for view in (Neurons(), Surface()):
        assert isinstance(drawn(experiment(SPIRAL, {"op": "to_sequence"}, {"op": "gru"}), view), Heatmap)
