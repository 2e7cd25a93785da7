"""The base of every catalogue class, and the constructor call that it turns into."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler
from pydantic.dataclasses import dataclass as validated
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema
from torch import nn, optim

from models.docstrings import docstrings_in


@validated(frozen=True)
class Words:
    """One text in both languages of the page."""

    en: str
    zh: str


class Spec(BaseModel):
    """A frozen piece of data: unknown fields are refused, a value has its field's type already, and numbers are finite.

    JSON has no tuples: a field that is one takes a list by `strict=False`, which what is in it does not inherit.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        ser_json_bytes="base64",
        val_json_bytes="base64",
    )

    @classmethod
    def descriptions(cls) -> dict[str, str]:
        """What each field is for, by its name: what its type says, else its docstring. One that is declared anew has none but its own."""
        found: dict[str, str] = {}
        for base in reversed(cls.__mro__):
            if issubclass(base, Spec):
                own = docstrings_in(base.__module__).get(base.__name__, {})
                kept = {name: text for name, text in found.items() if name not in inspect.get_annotations(base)}
                found = {**kept, **own}
        described = {name: field.description or found.get(name) for name, field in cls.model_fields.items()}
        return {name: text for name, text in described.items() if text}

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The class's JSON Schema, with its fields' docstrings."""
        schema = handler(core_schema)
        properties = handler.resolve_ref_schema(schema)["properties"]
        for name, text in cls.descriptions().items():
            properties[name]["description"] = text
        return schema


@dataclass(frozen=True)
class Label:
    """How a field is called in a form, and its help in Chinese; the English help is the field's docstring."""

    en: str
    zh: str
    help_zh: str = ""


class Entry(Spec):
    """One layer, dataset, optimizer, schedule, loss or view: its fields, its words and what it builds.

    The docstring is the English help: its first paragraph is the summary. `chinese` holds the same in Chinese, and
    `labels` names every field.
    """

    op: str
    """Name of the entry in an experiment."""

    title: ClassVar[Words]
    group: ClassVar[Words] = Words("", "")
    chinese: ClassVar[str] = ""
    labels: ClassVar[Mapping[str, Label]] = {}

    @classmethod
    def all_labels(cls) -> dict[str, Label]:
        """Labels of the class and of its bases; the class's own win."""
        merged: dict[str, Label] = {}
        for base in reversed(cls.__mro__):
            merged.update(vars(base).get("labels", {}))
        return merged

    @classmethod
    def summary(cls) -> Words:
        """The first paragraph of the help."""
        return Words(_first_paragraph(inspect.getdoc(cls) or ""), _first_paragraph(cls.chinese))

    @classmethod
    def help(cls) -> Words:
        """What follows the summary; empty when the summary says it all."""
        return Words(_later_paragraphs(inspect.getdoc(cls) or ""), _later_paragraphs(cls.chinese))


def _first_paragraph(text: str) -> str:
    return " ".join(text.strip().split("\n\n")[0].split("\n")).strip()


def _later_paragraphs(text: str) -> str:
    paragraphs = inspect.cleandoc(text).strip().split("\n\n")[1:]
    return "\n\n".join(" ".join(line.strip() for line in paragraph.split("\n")) for paragraph in paragraphs)


@dataclass(frozen=True)
class Call:
    """A call that can be made (`build`) or printed (`code`), so that what runs and what is exported cannot drift."""

    target: Callable[..., Any]
    arguments: tuple[Any, ...] = ()
    keywords: Mapping[str, Any] = field(default_factory=dict)

    def build(self) -> Any:
        """Make the call; arguments that are calls are made first, in order."""
        arguments = [_built(argument) for argument in self.arguments]
        keywords = {name: _built(argument) for name, argument in self.keywords.items()}
        return self.target(*arguments, **keywords)

    def code(self) -> str:
        """The call as Python source text."""
        parts = [_printed(argument) for argument in self.arguments]
        parts += [f"{name}={_printed(argument)}" for name, argument in self.keywords.items()]
        return f"{name_of(self.target)}({', '.join(parts)})"

    def before(self, *arguments: Any) -> Call:
        """The same call with further arguments put in front of its own."""
        return Call(self.target, (*arguments, *self.arguments), self.keywords)

    def targets(self) -> Iterator[Callable[..., Any]]:
        """Every callable that the call needs, its own first."""
        yield self.target
        for argument in (*self.arguments, *self.keywords.values()):
            if isinstance(argument, Call):
                yield from argument.targets()


class Source(str):
    """An argument that is printed as it stands, such as the name of a variable in the script."""

    def __repr__(self) -> str:
        return str(self)


def call(target: Callable[..., Any], *arguments: Any, **keywords: Any) -> Call:
    """Note down a call of `target` without making it."""
    return Call(target, arguments, keywords)


def _built(argument: Any) -> Any:
    return argument.build() if isinstance(argument, Call) else argument


def _printed(argument: Any) -> str:
    return argument.code() if isinstance(argument, Call) else repr(argument)


def name_of(target: Callable[..., Any]) -> str:
    """How an exported script names `target`: by `nn.`, by `torch.optim.`, or bare when its source is copied."""
    name = target.__name__
    if getattr(nn, name, None) is target:
        return f"nn.{name}"
    if getattr(optim, name, None) is target:
        return f"torch.optim.{name}"
    return name
