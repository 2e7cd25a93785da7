"""What a person gives for a network to answer (numbers, a drawing, a text, a sound, a code), and the raw examples that it becomes."""

from __future__ import annotations

import base64
import io
import wave
from typing import Annotated, TypeVar

import numpy as np
from pydantic import Field, model_validator

from models.datasets.dataset import Dataset, Takes
from models.datasets.sound import Unheard
from models.entry import Spec, Words

Number = Annotated[float, Field(ge=-1e9, le=1e9)]
Row = Annotated[list[Number], Field(max_length=4096)]
Cells = Annotated[list[Number | Annotated[str, Field(max_length=100)] | None], Field(max_length=4096)]
"""A row of a table: numbers, words of a column that names something, null for a gap."""
Image = Annotated[list[Row], Field(max_length=512)]
Coloured = Annotated[list[Image], Field(max_length=512)]

Example = TypeVar("Example")
Examples = Annotated[list[Example], Field(min_length=1, max_length=256)]


class Unfit(ValueError):
    """The example does not suit the dataset; the message says what was expected, by the code a page has it in other languages."""

    def __init__(self, message: str, code: str = "invalid") -> None:
        super().__init__(message)
        self.code = code


class Question(Spec):
    """Raw examples as the dataset has them, or something drawn, typed or said."""

    inputs: Examples[Row] | Examples[Cells] | Examples[Image] | Examples[Coloured] | None = None
    """Points [[x1, x2], …], rows of a table in its columns' units with words where a column has them and null for a gap, grey images
    [[[0…255]]] or coloured ones [[[[red, green, blue]]]]."""
    drawing: list[Row] | None = Field(None, min_length=4, max_length=512)
    """One square grey canvas, ink 255 on 0; the dataset's own centring and scaling is applied."""
    text: str | None = Field(None, min_length=1, max_length=1000)
    """Something typed."""
    code: Examples[Row] | None = None
    """Codes that the network shall turn into examples: as many numbers each as its narrowest layer gives, or as its noise has."""
    sound: str | None = Field(None, min_length=60, max_length=2_700_000)
    """Something said: a WAV file of 16-bit samples, as base64."""

    @model_validator(mode="after")
    def _one(self) -> Question:
        if sum(one is not None for one in (self.inputs, self.drawing, self.text, self.sound, self.code)) != 1:
            raise ValueError("give one of inputs, a drawing, a text, a sound or a code")
        return self


def raw_examples(question: Question, dataset: Dataset, known: np.ndarray) -> np.ndarray:
    """What was given as raw examples (n, …), of the kind of those that are `known`; raises Unfit when it does not suit the dataset."""
    if question.text is not None or question.sound is not None:
        return _said(dataset, question)[None]
    if known.dtype == np.int64:
        raise Unfit(f"the dataset {dataset.op!r} takes text; give it a text instead of numbers")
    images = known.dtype == np.uint8
    numbers = _numbers(question, dataset) if question.drawing is None else question.drawing
    try:
        given = np.array(numbers, dtype=np.float32)
    except ValueError:
        raise Unfit("all rows must have the same length") from None
    if question.drawing is not None:
        if dataset.takes != "drawing":
            raise Unfit(f"only datasets of grey images take a drawing; give {dataset.op!r} its inputs instead")
        if given.shape[0] != given.shape[1]:
            raise Unfit(f"a drawing must be square; this one is {given.shape[1]} wide and {given.shape[0]} high")
        received: np.ndarray = dataset.receive(given)[None]
        return received
    if images:
        _, channels, height, width = known.shape
        each = "grey values" if channels == 1 else "pixels, each red, green and blue,"
        if given.shape[1:] != ((height, width) if channels == 1 else (height, width, channels)):
            raise Unfit(f"each image of {dataset.op!r} has {height} rows of {width} {each} from 0 to 255")
        pixels = given.clip(0, 255).astype(np.uint8)
        return pixels[:, None] if channels == 1 else np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))
    if given.shape[1:] != known.shape[1:]:
        names = ", ".join(column.en for column in dataset.columns())
        sizes = " rows of ".join(str(size) for size in known.shape[1:])
        raise Unfit(f"each example of {dataset.op!r} has {sizes} numbers{': ' if names else ''}{names}")
    for column, words in dataset.categories().items():
        if not np.isin(given[:, column][~np.isnan(given[:, column])], np.arange(len(words))).all():
            raise Unfit(f"{dataset.columns()[column].en} must be one of {_listed(words)}, or its place in this list from 0 on")
    return given.astype(known.dtype)


def _numbers(question: Question, dataset: Dataset) -> object:
    """The inputs with the words of a table as their numbers and its gaps as not a number."""
    flat = [cell for row in question.inputs or [] for cell in row]
    if not any(cell is None or isinstance(cell, str) for cell in flat):
        return question.inputs
    categories = dataset.categories()
    if not categories:
        raise Unfit(f"the inputs of {dataset.op!r} are numbers, without words or gaps")

    def number(column: int, cell: object) -> object:
        if cell is None:
            return np.nan
        if not isinstance(cell, str):
            return cell
        words = categories.get(column)
        if not words:
            name = dataset.columns()[column].en if column < len(dataset.columns()) else f"column {column + 1}"
            raise Unfit(f"{name} is a number, not {cell[:20]!r}")
        places = [place for place, word in enumerate(words) if cell.strip().lower() in (word.en.lower(), word.zh)]
        if not places:
            raise Unfit(f"{dataset.columns()[column].en} must be one of {_listed(words)}, not {cell[:20]!r}")
        return places[0]

    return [[number(column, cell) for column, cell in enumerate(row)] for row in question.inputs or []]


def _listed(words: tuple[Words, ...]) -> str:
    return ", ".join(word.en for word in words)


def _said(dataset: Dataset, question: Question) -> np.ndarray:
    """What was typed or said as a raw example."""
    wanted: Takes = "sound" if question.text is None else "text"
    if dataset.takes != wanted:
        raise Unfit(f"the dataset {dataset.op!r} takes no {wanted}; give it {dataset.takes} instead")
    try:
        if question.text is not None:
            return dataset.read(question.text)
        return dataset.hear(*_samples(_bytes(question.sound or "")))
    except Unheard as fault:
        raise Unfit(str(fault), fault.code) from None
    except ValueError as fault:
        raise Unfit(str(fault)) from None


def _bytes(letters: str) -> bytes:
    """What base64 stands for, in its plain or its URL-safe alphabet."""
    try:
        return base64.b64decode(letters.replace("-", "+").replace("_", "/"), validate=True)
    except ValueError:
        raise Unheard("the sound must be a WAV file as base64 text", "sound_unreadable") from None


def _samples(wav: bytes) -> tuple[np.ndarray, int]:
    """The samples of a WAV file, both channels' mean, from -1 to 1, and how many there are a second."""
    try:
        with wave.open(io.BytesIO(wav)) as file:
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            content = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as fault:
        raise Unheard(f"this is no WAV file ({fault}); send 16-bit samples with a WAV header", "sound_unreadable") from None
    if width != 2 or not 4000 <= rate <= 192_000:
        message = f"the sound must have 16 bits a sample and 4,000 to 192,000 samples a second, not {8 * width} and {rate:,}"
        raise Unheard(message, "sound_format")
    samples = np.frombuffer(content[: len(content) // (2 * channels) * 2 * channels], dtype="<i2").reshape(-1, channels)
    return (samples.mean(axis=1) / 32768).astype(np.float32), rate
