"""The registries side by side, as the JSON from which forms, palette and help are made."""

from __future__ import annotations

import inspect
import types
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
from pydantic.fields import FieldInfo

from models.datasets.catalogue import DATASETS
from models.entry import Entry, Label, Spec, Words
from models.experiment import TRAINING_LABELS, Training
from models.layers.catalogue import LAYERS
from models.layers.layer import Merge
from models.losses import LOSSES
from models.methods.catalogue import METHODS
from models.optimizers import OPTIMIZERS
from models.presets import PRESETS
from models.schedules import SCHEDULES
from models.views.catalogue import VIEWS

ENTRY_FIELDS = {"method": "methods", "optimizer": "optimizers", "schedule": "schedules", "loss": "losses"}
"""Fields of a training that hold an entry, and the registry that it is picked from."""

TRAINING_OPTIONS: Mapping[str, Mapping[str, Words]] = {
    "device": {
        "auto": Words("automatic", "自动"),
        "cpu": Words("processor (CPU)", "处理器（CPU）"),
        "cuda": Words("graphics card (CUDA)", "显卡（CUDA）"),
    }
}
TRAINING_ADVANCED = frozenset({"loss", "l1", "clip_norm", "patience", "seed", "weights_seed", "device"})


@cache
def catalogue() -> dict[str, Any]:
    """Every entry with its words, fields, bounds and defaults, the fields of a training, and the presets."""
    return {
        "version": 1,
        "layers": [
            {**document(entry), "accepts": list(entry.accepts), "merges": issubclass(entry, Merge), "role": entry.role} for entry in LAYERS
        ],
        "datasets": [
            {
                **document(entry),
                "modality": entry.modality,
                "takes": entry.takes,
                "task": entry.model_validate({}).task().model_dump(mode="json"),
                "source": entry.source.model_dump(mode="json"),
                "parts": {name: words(title) for name, title in entry.part_titles.items()},
            }
            for entry in DATASETS
        ],
        "methods": [document(entry) for entry in METHODS],
        "optimizers": [document(entry) for entry in OPTIMIZERS],
        "schedules": [document(entry) for entry in SCHEDULES],
        "losses": [{**document(entry), "tasks": list(entry.tasks)} for entry in LOSSES],
        "views": [document(entry) for entry in VIEWS],
        "training": {"fields": fields(Training, TRAINING_LABELS, TRAINING_OPTIONS, TRAINING_ADVANCED)},
        "presets": [preset.model_dump(mode="json") for preset in PRESETS],
    }


def document(entry: type[Entry]) -> dict[str, Any]:
    """One entry as JSON."""
    options: Mapping[str, Mapping[str, Words]] = getattr(entry, "options", {})
    return {
        "op": entry.model_fields["op"].default,
        "group": words(entry.group),
        "title": words(entry.title),
        "summary": words(entry.summary()),
        "help": words(entry.help()),
        "defaults": entry.model_validate({}).model_dump(mode="json"),
        "fields": fields(entry, entry.all_labels(), options, frozenset({"seed"})),
        "schema": entry.model_json_schema(),
    }


def fields(
    model: type[Spec], labels: Mapping[str, Label], options: Mapping[str, Mapping[str, Words]], advanced: frozenset[str]
) -> list[dict[str, Any]]:
    """The fields of a model as a form needs them, without `op`: a class's own before those of its bases."""
    defaults = model.model_validate({}).model_dump(mode="json")
    descriptions = model.descriptions()
    order = dict.fromkeys(name for base in model.__mro__ for name in inspect.get_annotations(base) if name in model.model_fields)
    return [
        _field(
            name, model.model_fields[name], descriptions.get(name, ""), defaults[name], labels[name], options.get(name), name in advanced
        )
        for name in order
        if name != "op"
    ]


def words(text: Words) -> dict[str, str]:
    """Both languages as JSON."""
    return {"en": text.en, "zh": text.zh}


def _field(
    name: str, field: FieldInfo, description: str, default: Any, label: Label, options: Mapping[str, Words] | None, advanced: bool
) -> dict[str, Any]:
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    values = _literals(field.annotation)
    bounds = _bounds(field.metadata)
    return {
        "name": name,
        "kind": _kind(name, field.annotation),
        "label": {"en": label.en, "zh": label.zh},
        "help": {"en": " ".join(description.split()), "zh": label.help_zh},
        "default": default,
        "minimum": bounds.get("ge", bounds.get("gt")),
        "maximum": bounds.get("le", bounds.get("lt")),
        "exclusive_minimum": "gt" in bounds,
        "exclusive_maximum": "lt" in bounds,
        "scale": extra.get("scale", "linear"),
        "options": [{"value": value, "label": words((options or {}).get(value, Words(value, value)))} for value in values] or None,
        "registry": ENTRY_FIELDS.get(name),
        "advanced": bool(extra.get("advanced", advanced)),
    }


def _kind(name: str, annotation: Any) -> str:
    if name in ENTRY_FIELDS:
        return "entry"
    if annotation is bool:
        return "boolean"
    if annotation is int:
        return "integer"
    if annotation is float:
        return "number"
    if get_origin(annotation) is Literal:
        return "choice"
    if get_origin(annotation) is tuple:
        item = get_args(annotation)[0]
        if get_origin(item) is Literal:
            return "choices"
        return "names" if _is_text(item) else "points"
    if _is_text(annotation):
        return "text"
    raise TypeError(f"no form is known for the field {name!r} of type {annotation!r}")


def _is_text(annotation: Any) -> bool:
    return annotation is str or (get_origin(annotation) is Annotated and get_args(annotation)[0] is str)


def _literals(annotation: Any) -> Sequence[str]:
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    if get_origin(annotation) in (tuple, Annotated, Union, types.UnionType):
        return next((found for part in get_args(annotation) if (found := _literals(part))), ())
    return ()


def _bounds(metadata: Sequence[Any]) -> dict[str, float]:
    found: dict[str, float] = {}
    for constraint in metadata:
        for kind, name in ((annotated_types.Ge, "ge"), (annotated_types.Gt, "gt"), (annotated_types.Le, "le"), (annotated_types.Lt, "lt")):
            if isinstance(constraint, kind):
                found[name] = getattr(constraint, name)
    return found
