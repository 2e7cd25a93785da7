"""What a network says of an example that somebody gives: a point, a row, an image or a drawing."""

from __future__ import annotations

import base64
import io
import wave
from typing import Annotated, TypeVar

import numpy as np
import torch
from pydantic import Field, model_validator

from models.checkpoint import Snapshot
from models.datasets.control import WorldDataset
from models.datasets.dataset import Dataset, Takes
from models.datasets.sound_modules import LogMel
from models.datasets.trees import ListOperations
from models.draw import scene_of
from models.entry import Spec, Words
from models.evaluation import chosen, probabilities
from models.experiment import Experiment
from models.pictures import Images, Sentence, Tile, Tokens
from models.previews.preparation import PreparationStep
from models.previews.speech import sound_steps
from models.task import Classification, Control, Generation, NextToken, Reconstruction
from models.views.latent import decoded, decodes, numbers_of
from models.views.scene import Scene
from models.views.texts import read_aloud

Number = Annotated[float, Field(ge=-1e9, le=1e9)]
Row = Annotated[list[Number], Field(max_length=4096)]
Cells = Annotated[list[Number | Annotated[str, Field(max_length=100)] | None], Field(max_length=4096)]
"""A row of a table: numbers, words of a column that names something, null for a gap."""
Image = Annotated[list[Row], Field(max_length=512)]
Coloured = Annotated[list[Image], Field(max_length=512)]

Example = TypeVar("Example")
Examples = Annotated[list[Example], Field(min_length=1, max_length=256)]


MADE, REAL = Words("made", "生成的"), Words("real", "真的")
"""What a judge of examples says."""


class Unfit(ValueError):
    """The example does not suit the dataset; the message says what was expected."""


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


class Answer(Spec):
    """What the network says of one example."""

    label: Words | None = None
    """Most probable class, or the action that is thought best."""
    probabilities: tuple[float | None, ...] | None = None
    """One for each class or action, in the task's order."""
    value: tuple[float | None, ...] | None = None
    """Estimated numbers in the data's own units; in a world the return that is expected, after each action or from here on."""


class Answers(Spec):
    """The answers in order, and what the network saw: the image, the tokens of a text, each step from a sound to what it heard."""

    answers: tuple[Answer, ...]
    seen: Images | None = None
    sentences: Tokens | None = None
    """Texts only: the tokens, and how much each spoke for the answer; behind a text to go on with, what the network writes."""
    heard: tuple[PreparationStep, ...] = ()
    given: Images | None = None
    """What a network that gives examples back, or makes some, gives."""


def predict(experiment: Experiment, snapshot: Snapshot, question: Question) -> Answers:
    """Answer for every example; raises Unfit when an example does not suit the dataset."""
    scene = scene_of(experiment, snapshot)
    if question.code is not None:
        return _made(scene, _decoded(scene, question.code))
    raw = _raw(scene, question)
    if raw.dtype == np.int64:
        return _of_text(scene, raw)
    seen = _seen(raw) if raw.dtype == np.uint8 else None
    with torch.no_grad():
        outputs = scene.answers(scene.data.prepare(torch.from_numpy(raw)))
    if isinstance(scene.task, Reconstruction):
        return _made(scene, outputs).model_copy(update={"seen": seen})
    heard = sound_steps(raw[0], scene.data.prepare) if question.sound is not None and isinstance(scene.data.prepare, LogMel) else ()
    return Answers(answers=tuple(_answers(scene, outputs)), seen=seen, heard=tuple(heard))


def _of_text(scene: Scene, raw: np.ndarray) -> Answers:
    rows = torch.from_numpy(raw)
    outputs = scene.answers(rows)
    if isinstance(scene.task, NextToken):
        # The scores of what follows the last token.
        outputs = outputs[:, -1]
        shares = [tuple(_finite(share) for share in row) for row in outputs.softmax(dim=1).tolist()]
        answers = tuple(Answer(probabilities=row) for row in shares)
    else:
        answers = tuple(_answers(scene, outputs))
    dataset = scene.experiment.dataset
    if isinstance(dataset, ListOperations):
        # Blanked tokens would break the brackets, so there is no saying how much each mattered.
        read = tuple(Sentence(tokens=tuple(dataset.shown(row)), tile=Tile(index=index)) for index, row in enumerate(raw.tolist()))
        return Answers(answers=answers, sentences=Tokens(sentences=read))
    return Answers(answers=answers, sentences=read_aloud(scene, rows))


def _decoded(scene: Scene, given: list[Row]) -> torch.Tensor:
    """What codes become, as prepared examples."""
    numbers = numbers_of(scene.experiment)
    if not decodes(scene.experiment) or numbers is None:
        raise Unfit("only a network that gives examples back, or makes some, turns codes into examples; choose such a method")
    if any(len(code) != numbers for code in given):
        raise Unfit(f"a code of this network has {numbers} numbers; these have {', '.join(sorted({str(len(code)) for code in given}))}")
    return decoded(scene, torch.tensor(given, dtype=torch.float32))


def _made(scene: Scene, outputs: torch.Tensor) -> Answers:
    """What the network gives, as raw examples where it is known what those would be."""
    raw = scene.data.raw(outputs)
    if raw is not None and raw.dtype == np.uint8:
        return Answers(answers=tuple(Answer() for _ in raw), given=_seen(raw))
    values = (outputs.numpy() if raw is None else raw).reshape(len(outputs), -1).tolist()
    return Answers(answers=tuple(Answer(value=tuple(_finite(value) for value in row)) for row in values))


def _raw(scene: Scene, question: Question) -> np.ndarray:
    dataset, known = scene.experiment.dataset, scene.data.raw_validation_inputs
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
    except ValueError as fault:
        raise Unfit(str(fault)) from None


def _bytes(letters: str) -> bytes:
    """What base64 stands for, in its plain or its URL-safe alphabet."""
    try:
        return base64.b64decode(letters.replace("-", "+").replace("_", "/"), validate=True)
    except ValueError:
        raise ValueError("the sound must be a WAV file as base64 text") from None


def _samples(wav: bytes) -> tuple[np.ndarray, int]:
    """The samples of a WAV file, both channels' mean, from -1 to 1, and how many there are a second."""
    try:
        with wave.open(io.BytesIO(wav)) as file:
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            content = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as fault:
        raise ValueError(f"this is no WAV file ({fault}); send 16-bit samples with a WAV header") from None
    if width != 2 or not 4000 <= rate <= 192_000:
        raise ValueError(f"the sound must have 16 bits a sample and 4,000 to 192,000 samples a second, not {8 * width} and {rate:,}")
    samples = np.frombuffer(content[: len(content) // (2 * channels) * 2 * channels], dtype="<i2").reshape(-1, channels)
    return (samples.mean(axis=1) / 32768).astype(np.float32), rate


def _answers(scene: Scene, outputs: torch.Tensor) -> list[Answer]:
    task = scene.task
    if isinstance(task, Classification):
        labels = [task.classes[index] for index in chosen(outputs).tolist()]
        shares = probabilities(outputs).tolist()
        return [
            Answer(label=label, probabilities=tuple(_finite(share) for share in row)) for label, row in zip(labels, shares, strict=True)
        ]
    if isinstance(scene.task, Generation):
        shares = outputs.sigmoid()[:, 0].tolist()
        return [Answer(label=REAL if share > 0.5 else MADE, probabilities=(_finite(1 - share), _finite(share))) for share in shares]
    if isinstance(task, Control):
        return _acts(scene, task, outputs)
    values = outputs.double() * scene.data.target_deviation + scene.data.target_mean
    return [Answer(value=tuple(_finite(value) for value in row)) for row in values.tolist()]


def _acts(scene: Scene, task: Control, outputs: torch.Tensor) -> list[Answer]:
    """The action that is thought best, with how probable each is, or what each is worth; of a critic, what is expected from here on."""
    count = len(task.actions)
    numbers = outputs[:, :count]
    labels = [task.actions[index] for index in numbers.argmax(dim=1).tolist()]
    shares = numbers.softmax(dim=1).tolist() if task.gives == "preferences" else None
    dataset = scene.experiment.dataset
    unit = dataset.world().unit if isinstance(dataset, WorldDataset) else 1.0
    foretold = outputs[:, count:] if task.critic else numbers
    values = (foretold.double() * unit).tolist() if task.critic or task.gives == "values" else None
    return [
        Answer(
            label=label,
            probabilities=tuple(_finite(share) for share in shares[place]) if shares else None,
            value=tuple(_finite(value) for value in values[place]) if values else None,
        )
        for place, label in enumerate(labels)
    ]


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _seen(raw: np.ndarray) -> Images:
    count, channels, height, width = raw.shape
    pixels = np.ascontiguousarray(raw.transpose(0, 2, 3, 1)).tobytes()
    return Images(
        width=width,
        height=height,
        channels=1 if channels == 1 else 3,
        tiles=tuple(Tile(index=index) for index in range(count)),
        pixels=pixels,
    )
