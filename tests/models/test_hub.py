"""Datasets of the hub: what their columns become, what is wrong with a choice, and that all that others can be done with can be done
with them."""

from __future__ import annotations

import base64
import io
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from PIL import Image

from models.baselines import baseline
from models.data import load
from models.datasets.dataset import Dataset, Fault
from models.datasets.files import Missing, Unreadable
from models.datasets.hub import HubDataset
from models.datasets.hub_files import split_folder
from models.datasets.hub_images import HubImages, small_image
from models.datasets.hub_sounds import HubSounds, stretch
from models.datasets.hub_tables import HubTable
from models.datasets.hub_texts import HubTexts
from models.draw import draw
from models.experiment import Experiment
from models.learner import Learner
from models.memory import needed
from models.network import check
from models.pictures import Images, Table
from models.predict import predict
from models.preview import preview
from models.question import Question
from models.task import Classification, Regression
from models.views.catalogue import large_views
from tests.hub_examples import COLOURS, label, parquet, png, table
from tests.models.experiments import experiment
from tests.models.hub_here import FOLDER, HUB, REVISION, bring
from tests.sounds import wav

CHINESE = re.compile(r"[\u4e00-\u9fff]")
CHOICE = HUB[HubTable]
TWO = {**bring("two/splits", table()), **bring("two/splits", table(60, 1), split="test"), "splits": ("train", "test")}


def chosen(entry: type[Dataset], *stack: dict[str, Any], **fields: Any) -> Experiment:
    """An experiment on one of the fetched datasets."""
    return experiment({"op": entry.model_fields["op"].default, **HUB[entry], **fields}, *stack, batch_size=20)


FLATTEN, DENSE = {"op": "flatten"}, {"op": "dense", "units": 4}
EXPERIMENTS = {
    "table": chosen(HubTable, DENSE),
    "number": chosen(HubTable, DENSE, target="price"),
    "texts": chosen(HubTexts, {"op": "embedding", "features": 4}, {"op": "time_pool"}),
    "images": chosen(HubImages, {"op": "conv2d", "filters": 2}, FLATTEN),
    "sounds": chosen(HubSounds, {"op": "conv1d", "filters": 2}, {"op": "time_pool"}),
}


def faults(dataset: HubDataset) -> list[Fault]:
    return list(dataset.faults())


# What columns become


def test_words_classes_and_gaps_become_numbers() -> None:
    fields = {**CHOICE, "inputs": ("height", "colour", "sold", "stars"), "target": "grade", "validation": 0.1}
    dataset = HubTable(**fields)
    inputs, targets, held_out, truths = dataset.call().build()
    assert not faults(dataset)
    assert (len(inputs), len(held_out)) == dataset.counts() == (160, 18)
    rows, answers = np.concatenate([inputs, held_out]), np.concatenate([targets, truths])
    # Stars were made one more than the grade, and what is sold is green.
    assert (rows[:, 3] == answers + 1).all()
    known = ~np.isnan(rows[:, 1])
    assert ((rows[known, 1] == sorted(COLOURS).index("green")) == rows[known, 2]).all()
    assert (~known).any()
    assert [word.en for word in dataset.categories()[1]] == sorted(COLOURS)
    assert dataset.shape().sizes == (1 + 3 + 2 + 1,)
    task = dataset.task()
    assert isinstance(task, Classification)
    assert [name.en for name in task.classes] == ["poor", "fair", "good"]
    assert dataset.prepare(inputs).build()(torch.from_numpy(held_out)).isfinite().all()


@pytest.mark.parametrize(
    ("target", "answer", "kind"),
    [
        ("price", "automatic", Regression),
        ("stars", "automatic", Classification),
        ("stars", "number", Regression),
        ("sold", "number", Classification),
    ],
)
def test_a_target_names_classes_or_is_a_number(target: str, answer: str, kind: type) -> None:
    dataset = HubTable(**{**CHOICE, "target": target, "answer": answer})
    assert not faults(dataset)
    assert isinstance(dataset.task(), kind)
    targets = dataset.call().build()[1]
    assert targets.dtype == (np.int64 if kind is Classification else np.float32)
    assert len(targets) == dataset.counts()[0]


def test_splits_are_used_together() -> None:
    both = HubTable(**{**TWO, "inputs": ("width",), "target": "grade"})
    assert sum(both.counts()) == 178
    assert both.counts() == tuple(map(len, both.call().build()[::2]))
    assert sum(HubTable(**{**TWO, "splits": ("test",), "inputs": ("width",), "target": "grade"}).counts()) == 59


def test_few_rows_are_chosen_from_all_over() -> None:
    sorted_file = parquet({"x": pa.array(np.arange(1000.0)), "kind": pa.array(["first"] * 500 + ["second"] * 500)})
    dataset = HubTable(**bring("some/sorted", sorted_file), inputs=("x",), target="kind", samples=40)
    inputs, targets, held_out, truths = dataset.call().build()
    assert len(inputs) + len(held_out) == 40
    assert 10 < np.concatenate([targets, truths]).sum() < 30
    assert ((np.concatenate([inputs, held_out])[:, 0] >= 500) == np.concatenate([targets, truths])).all()


def test_texts_are_cut_as_was_chosen() -> None:
    dataset = HubTexts(**{**HUB[HubTexts], "unit": "characters", "length": 8})
    assert dataset.shown(dataset.read("the film").tolist()) == list("the film")
    said, labels = dataset.corpus()
    assert all(("bad" in text or "dull" in text or "awful" in text) == bool(kind) for text, kind in zip(said, labels, strict=True))
    assert dataset.sample(3)[0] in said


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_samples_of_every_size_are_the_same_sound(width: int) -> None:
    tone = 0.7 * np.sin(np.arange(8000) / 4)
    heard = stretch(wav(tone, 8000, width), 0, 8000)
    assert np.abs(heard - stretch(wav(tone, 8000, 4), 0, 8000)).max() < (400 if width == 1 else 3)
    assert heard.dtype == np.int16


def test_a_short_or_long_or_silent_sound_fits() -> None:
    assert not stretch(wav(np.zeros(100), 16_000), 0, 4000).any()
    late = np.concatenate([np.zeros(40_000), np.sin(np.arange(2000))])
    assert np.abs(stretch(wav(late, 8000), 0, 4000)).max() > 20_000


@pytest.mark.parametrize("content", [b"", b"RIFF", b"fLaC" + b"0" * 100, wav(np.zeros(100), 1000)])
def test_other_sounds_are_refused_with_their_row(content: bytes) -> None:
    with pytest.raises(Unreadable, match="row 8") as refused:
        stretch(content, 7, 4000)
    assert CHINESE.search(refused.value.zh)


def test_the_middle_of_an_image_is_made_small() -> None:
    wide = np.zeros((20, 60, 3), np.uint8)
    wide[:, 20:40] = (200, 100, 0)
    small = small_image(png(wide), 0, side=10, colour=True)
    assert small.shape == (3, 10, 10)
    assert np.abs(small.reshape(3, -1).T - np.array([200, 100, 0])).max() <= 1
    assert small_image(png(wide), 0, side=10, colour=False).shape == (1, 10, 10)
    out = io.BytesIO()
    Image.fromarray(wide).convert("P").save(out, "GIF")
    assert small_image(out.getvalue(), 0, side=8, colour=True).shape == (3, 8, 8)


def bomb() -> bytes:
    """A small file of a huge image."""
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.filterwarnings("default::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n", b"%PDF-1.4", png(np.zeros((9, 9), np.uint8))[:40], bomb()])
def test_other_images_are_refused_with_their_row(content: bytes) -> None:
    with pytest.raises(Unreadable, match="row 8") as refused:
        small_image(content, 7, side=8, colour=True)
    assert CHINESE.search(refused.value.zh)


# What is wrong with a choice


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"repository": "", "revision": "", "configuration": ""}, "repository", "No dataset of the hub has been chosen"),
        ({"repository": "never/fetched"}, "repository", "is not on this machine"),
        ({"splits": ("dev",)}, "repository", "is not on this machine"),
        ({"splits": ()}, "splits", "splits"),
        ({"inputs": ()}, "input", "No column has been chosen"),
        ({"inputs": ("widht",)}, "input", "no column 'widht'"),
        ({"inputs": ("parts",)}, "input", "lists or records"),
        ({"inputs": ("name",)}, "input", "holds texts; this kind of dataset wants numbers"),
        ({"inputs": ("width", "nothing")}, "input", "nothing has no value in any row"),
        ({"inputs": ("width", "grade")}, "target", "nothing to learn in it"),
        ({"target": ""}, "target", "No column has been chosen to be learnt"),
        ({"target": "prize"}, "target", "no column 'prize'"),
        ({"target": "parts"}, "target", "cannot be learnt"),
        ({"target": "nothing"}, "target", "no value in any row"),
        ({"target": "same"}, "target", "one class only"),
        ({"target": "still"}, "target", "All values of still are the same"),
        ({"target": "name"}, "target", "more than 100 different values"),
        ({"target": "price", "answer": "class"}, "target", "more than 100 different values"),
    ],
)
def test_a_choice_that_cannot_be_learnt_is_a_problem(fields: dict[str, Any], field: str, said: str) -> None:
    made = chosen(HubTable, DENSE, **fields)
    problems = [problem for problem in check(made).problems if problem.part == "dataset"]
    assert [problem.field for problem in problems] == [field]
    assert said in problems[0].message.en
    assert CHINESE.search(problems[0].message.zh)
    # Whatever is wrong, it can be spoken of.
    assert made.dataset.counts() == (1, 1)
    assert made.shape().sizes
    assert made.task()


@pytest.mark.parametrize(
    ("entry", "column", "said"),
    [
        (HubTexts, "mood", "wants texts"),
        (HubImages, "label", "wants images"),
        (HubSounds, "tone", "wants sounds"),
    ],
)
def test_a_column_of_another_kind_is_a_problem(entry: type[HubDataset], column: str, said: str) -> None:
    target = HUB[entry]["input"]
    problems = faults(entry.model_validate({**HUB[entry], "input": column, "target": target}))
    assert [problem.field for problem in problems] == ["input", "target"]
    assert said in problems[0].message.en


def test_few_rows_are_a_problem() -> None:
    dataset = HubTable(
        **bring("some/few", parquet({"x": pa.array([1.0] * 9 + [2.0]), "y": pa.array([1.5, *[None] * 8, 2.5])})), inputs=("x",)
    )
    assert "Only 2 rows" in faults(dataset.model_copy(update={"target": "y"}))[0].message.en


def test_sounds_that_are_no_wav_are_told_beforehand() -> None:
    files = [{"bytes": b"fLaC" + bytes(100), "path": None}] * 20
    dataset = HubSounds(
        **bring("some/flac", parquet({"audio": pa.array(files), "kind": pa.array(["a", "b"] * 10)})), input="audio", target="kind"
    )
    assert "WAV" in faults(dataset)[0].message.en


def test_what_comes_and_goes_is_seen_at_once() -> None:
    fields = {**CHOICE, "repository": "comes/goes"}
    made = chosen(HubTable, DENSE, **fields)
    assert check(made).problems
    with pytest.raises(Missing, match="POST /api/hub/fetch"):
        made.dataset.call().build()
    bring("comes/goes", table())
    assert not check(made).problems
    assert check(made).data.shape == (5,)
    shutil.rmtree(split_folder(FOLDER, "comes/goes", REVISION, "default", "train").parents[2])
    assert check(made).problems


# What can be done with all others


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_views_and_estimates_work(name: str) -> None:
    made = EXPERIMENTS[name]
    assert not check(made).problems
    assert needed(made).total > needed(made).data > 0
    views = large_views(made)
    assert views
    assert len(draw(made, None, list(views))) == len(views)
    assert name not in ("table", "texts") or baseline(made) is not None


def test_questions_are_answered() -> None:
    sound = base64.b64encode(wav(np.sin(np.arange(12_000)), 16_000)).decode()
    asked = {
        "table": Question.model_validate({"inputs": [[3.0, 100.0, "red"], [None, 90.0, None]]}),
        "number": Question.model_validate({"inputs": [[3.0, 100.0, "red"]]}),
        "texts": Question(text="a lovely film"),
        "images": Question(inputs=[np.zeros((16, 16, 3)).tolist()]),
        "sounds": Question(sound=sound),
    }
    for name, question in asked.items():
        made = EXPERIMENTS[name]
        answers = predict(made, Learner(made, load(made.dataset), "cpu").snapshot(), question).answers
        assert all((answer.label is None) == (name == "number") for answer in answers)


def test_many_classes_can_be_looked_at() -> None:
    files = [{"bytes": png(np.full((8, 8), place, np.uint8)), "path": None} for place in range(200)]
    content = parquet(
        {"image": pa.array(files), "label": pa.array(np.arange(200) % 100, pa.int64())},
        {"image": {"_type": "Image"}, "label": label([f"kind {place}" for place in range(100)])},
    )
    dataset = HubImages(**bring("some/many", content), input="image", target="label", side=8, colour=False)
    picture = preview(dataset).steps[0].picture
    assert isinstance(picture, Images)
    assert 20 < len(picture.tiles) <= 100


def test_gaps_are_filled_step_by_step() -> None:
    steps = preview(HubTable(**CHOICE)).steps
    assert len(steps) == 4
    first, last = steps[0].picture, steps[-1].picture
    assert isinstance(first, Table)
    assert isinstance(last, Table)
    assert any(cell is None for row in first.rows for cell in row)
    assert not any(cell is None for row in last.rows for cell in row)


def test_no_path_of_this_machine_is_in_a_script() -> None:
    for entry, fields in HUB.items():
        dataset = entry.model_validate(fields)
        assert str(Path.home()) not in dataset.written().code()
        assert "downloaded(" in dataset.written().code()
        assert "data/train-00000-of-" in dataset.written().code()
