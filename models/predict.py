"""What a network says of an example that somebody gives."""

from __future__ import annotations

import numpy as np
import torch

from models.checkpoint import Snapshot
from models.datasets.control import WorldDataset
from models.datasets.trees import ListOperations
from models.draw import scene_of
from models.entry import Spec, Words
from models.evaluation import chosen, probabilities
from models.experiment import Experiment
from models.pictures import Images, Sentence, Tile, Tokens
from models.previews.preparation import PreparationStep
from models.previews.speech import heard_steps
from models.question import Question, Row, Unfit, raw_examples
from models.task import Classification, Control, Generation, NextToken, Reconstruction
from models.views.latent import decoded, decodes, numbers_of
from models.views.scene import Scene
from models.views.texts import read_aloud

MADE, REAL = Words("made", "生成的"), Words("real", "真的")
"""What a judge of examples says."""


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
    raw = raw_examples(question, scene.experiment.dataset, scene.data.raw_validation_inputs)
    if raw.dtype == np.int64:
        return _of_text(scene, raw)
    seen = _seen(raw) if raw.dtype == np.uint8 else None
    with torch.no_grad():
        outputs = scene.answers(scene.data.prepare(torch.from_numpy(raw)))
    if isinstance(scene.task, Reconstruction):
        return _made(scene, outputs).model_copy(update={"seen": seen})
    heard = heard_steps(raw[0], scene.data.prepare) if question.sound is not None else ()
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
