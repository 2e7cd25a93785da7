"""The one harness over the whole catalogue: words in both languages, defaults, bounds and forms of every entry."""

from __future__ import annotations

import json
import re

import pytest

from models.catalogue import catalogue
from models.datasets.catalogue import DATASETS
from models.entry import Entry
from models.experiment import Experiment
from models.layers.catalogue import LAYERS
from models.losses import LOSSES
from models.methods.catalogue import METHODS
from models.network import check
from models.optimizers import OPTIMIZERS
from models.preset import Preset
from models.presets import PRESETS
from models.schedules import SCHEDULES
from models.views.catalogue import VIEWS

REGISTRIES = {
    "layers": LAYERS,
    "datasets": DATASETS,
    "methods": METHODS,
    "optimizers": OPTIMIZERS,
    "schedules": SCHEDULES,
    "losses": LOSSES,
    "views": VIEWS,
}
ENTRIES: list[type[Entry]] = [entry for registry in REGISTRIES.values() for entry in registry]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.__name__)
def test_an_entry_explains_itself_in_both_languages(entry: type[Entry]) -> None:
    assert entry.title.en
    assert entry.title.zh
    assert entry.__doc__ is not None
    summary, more = entry.summary(), entry.help()
    assert summary.en.endswith(".")
    assert summary.zh.endswith("。")
    assert CHINESE.search(summary.zh)
    assert bool(more.en) == bool(more.zh)
    labels, descriptions = entry.all_labels(), entry.descriptions()
    for name in entry.model_fields:
        if name == "op":
            continue
        assert descriptions.get(name), f"{name} has no docstring"
        assert labels[name].en, name
        assert labels[name].zh, name
        assert CHINESE.search(labels[name].help_zh), f"{name} has no help in Chinese"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.__name__)
def test_defaults_survive_json(entry: type[Entry]) -> None:
    plain = entry.model_validate({})
    assert entry.model_validate_json(plain.model_dump_json()) == plain
    assert hash(plain) == hash(entry.model_validate({}))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.__name__)
def test_every_number_has_bounds(entry: type[Entry]) -> None:
    document = next(
        found
        for name, registry in REGISTRIES.items()
        if entry in registry
        for found in catalogue()[name]
        if found["title"]["en"] == entry.title.en
    )
    for field in document["fields"]:
        if field["kind"] in ("integer", "number"):
            assert field["minimum"] is not None, field["name"]
            assert field["maximum"] is not None, field["name"]
            assert field["minimum"] <= field["default"] <= field["maximum"], field["name"]
        if field["kind"] in ("choice", "choices"):
            assert field["options"], field["name"]


def test_names_are_not_used_twice() -> None:
    for registry in REGISTRIES.values():
        ops = [entry.model_fields["op"].default for entry in registry]
        assert len(ops) == len(set(ops))


def test_the_catalogue_is_json() -> None:
    assert json.loads(json.dumps(catalogue(), allow_nan=False)) == catalogue()


def test_the_training_is_explained_too() -> None:
    for field in catalogue()["training"]["fields"]:
        assert field["help"]["en"], field["name"]
        assert CHINESE.search(field["help"]["zh"]), field["name"]


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.id)
def test_a_preset_is_a_sound_experiment(preset: Preset) -> None:
    assert not check(preset.experiment).problems
    assert Experiment.model_validate_json(preset.experiment.model_dump_json()) == preset.experiment
    assert preset.look_for.en.endswith((".", "?"))
    assert preset.look_for.zh.endswith(("。", "？"))
    assert CHINESE.search(preset.title.zh)


def test_there_are_enough_presets() -> None:
    assert len(PRESETS) >= 12
    assert len({preset.id for preset in PRESETS}) == len(PRESETS)
    assert {preset.lesson for preset in PRESETS} == {"good", "bad"}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.__name__)
def test_a_schema_tells_what_every_field_is_for(entry: type[Entry]) -> None:
    properties = entry.model_json_schema()["properties"]
    assert {name: field.get("description") for name, field in properties.items() if name != "op"} == {
        name: text for name, text in entry.descriptions().items() if name != "op"
    }


def test_a_field_that_is_declared_anew_does_not_keep_the_words_of_another() -> None:
    assert "op" in Entry.descriptions()
    assert "op" not in LAYERS[0].descriptions()
