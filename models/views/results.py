"""Views of the results on the validation set: confusion matrix, predictions with the wrong ones first, truth against prediction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, Self

import numpy as np
import torch
from pydantic import Field

from models.datasets.tokens import TokenDataset
from models.entry import Label, Words
from models.evaluation import chosen, probabilities
from models.experiment import Experiment
from models.pictures import Images, Matrix, Points, Sentence, Table, Tile, Tokens, table_rows
from models.task import Classification, Regression
from models.views.scene import Scene
from models.views.view import Unseen, View

CONFUSION_EXAMPLES = 10_000
PREDICTION_EXAMPLES = 1_000
"""Validation examples among which the wrong ones are looked for."""
FIT_EXAMPLES = 500


class Confusion(View):
    """Which class is taken for which: true classes as rows, predictions as columns, counted on the validation set."""

    op: Literal["confusion"] = "confusion"
    title: ClassVar[Words] = Words("Confusion matrix", "混淆矩阵")
    chinese: ClassVar[str] = """哪一类被当成了哪一类：行是真实类别，列是预测类别，在验证集上数出来。"""

    @classmethod
    def large(cls, experiment: Experiment) -> Self | None:
        """For classes."""
        return cls() if isinstance(experiment.task(), Classification) else None

    def draw(self, scene: Scene) -> Matrix:
        """Counts of validation examples."""
        task = scene.task
        if not isinstance(task, Classification):
            raise Unseen("a confusion matrix needs classes; this dataset has numbers to estimate, try the view 'fit'")
        inputs, targets = scene.data.validation.inputs[:CONFUSION_EXAMPLES], scene.data.validation.targets[:CONFUSION_EXAMPLES]
        count = len(task.classes)
        pairs = targets * count + chosen(scene.answers(inputs))
        counts = torch.bincount(pairs, minlength=count * count).view(count, count)
        return Matrix(
            role="confusion", rows=task.classes, columns=task.classes, values=tuple(tuple(map(float, row)) for row in counts.tolist())
        )


class Predictions(View):
    """Validation examples with what the network says of them: the surest mistakes first."""

    op: Literal["predictions"] = "predictions"
    count: int = Field(24, ge=1, le=100)
    """How many examples to show."""
    title: ClassVar[Words] = Words("Predictions", "预测")
    chinese: ClassVar[str] = """验证样本和网络的回答，错得最有把握的排在最前。"""
    labels: ClassVar[Mapping[str, Label]] = {"count": Label("Examples", "样本数", "显示多少个样本。")}

    @classmethod
    def large(cls, experiment: Experiment) -> Self | None:
        """Three rows of images, so that the curves stay in sight; a table scrolls by itself."""
        fitting = {"image": 12, "speech": 12, "several": 12, "table": 40, "text": 30}.get(experiment.dataset.modality)
        return cls(count=fitting) if fitting and isinstance(experiment.task(), Classification | Regression) else None

    def draw(self, scene: Scene) -> Images | Table | Tokens:
        """Images where a person knows an example by one, rows of tokens for texts, a table otherwise."""
        task = scene.task
        if not isinstance(task, Classification | Regression):
            raise Unseen("the view 'predictions' needs classes to name or numbers to estimate; the network learns something else here")
        inputs, targets = scene.data.validation.inputs[:PREDICTION_EXAMPLES], scene.data.validation.targets[:PREDICTION_EXAMPLES]
        outputs = scene.answers(inputs)
        tiles = class_tiles(task, outputs, targets) if isinstance(task, Classification) else _value_tiles(outputs, targets, scene)
        shown = tiles[: self.count]
        places = [tile.index for tile in shown]
        raw = scene.data.raw_validation_inputs[places]
        dataset = scene.experiment.dataset
        if isinstance(dataset, TokenDataset):
            return Tokens(
                sentences=tuple(
                    Sentence(tokens=tuple(dataset.shown(row)), tile=tile) for row, tile in zip(raw.tolist(), shown, strict=True)
                )
            )
        images = dataset.likeness(raw, inputs[places].cpu().numpy())
        if images is not None:
            channels, height, width = images.shape[1:]
            pixels = np.ascontiguousarray(images.transpose(0, 2, 3, 1)).tobytes()
            return Images(width=width, height=height, channels=channels, tiles=tuple(shown), pixels=pixels)
        return Table(columns=dataset.columns(), rows=table_rows(raw.tolist(), dataset.categories()), tiles=tuple(shown))


def class_tiles(task: Classification, outputs: torch.Tensor, targets: torch.Tensor) -> list[Tile]:
    """What the network says of each example: mistakes before hits, the surest first."""
    shares, predicted = probabilities(outputs), chosen(outputs)
    sure = shares.gather(1, predicted[:, None])[:, 0]
    right = predicted == targets
    # Mistakes before hits, the surest mistake first; hits keep the order of the set.
    order = torch.argsort(torch.where(right, torch.full_like(sure, 2.0), -sure), stable=True)
    facts = zip(order.tolist(), predicted[order].tolist(), targets[order].tolist(), sure[order].tolist(), strict=True)
    return [
        Tile(index=index, truth=task.classes[truth], prediction=task.classes[guess], probability=_share(share), correct=guess == truth)
        for index, guess, truth, share in facts
    ]


def _share(value: float) -> float | None:
    return round(value, 4) if value == value else None


def _value_tiles(outputs: torch.Tensor, targets: torch.Tensor, scene: Scene) -> list[Tile]:
    mean, deviation = scene.data.target_mean, scene.data.target_deviation
    guesses, truths = outputs[:, 0] * deviation + mean, targets[:, 0] * deviation + mean
    order = torch.argsort((guesses - truths).abs().nan_to_num(torch.inf), descending=True, stable=True)
    facts = zip(order.tolist(), guesses[order].tolist(), truths[order].tolist(), strict=True)
    return [Tile(index=index, truth=_value(truth), prediction=_value(guess)) for index, guess, truth in facts]


def _value(number: float) -> Words:
    text = f"{number:.4g}" if number == number else "–"
    return Words(text, text)


class Fit(View):
    """Estimated against true values on the validation set: a perfect network puts every point on the diagonal."""

    op: Literal["fit"] = "fit"
    title: ClassVar[Words] = Words("Truth and estimate", "真实值与估计值")
    chinese: ClassVar[str] = """验证集上估计值与真实值的对照：完美的网络会让每个点都落在对角线上。"""

    @classmethod
    def large(cls, experiment: Experiment) -> Self | None:
        """For numbers."""
        return cls() if isinstance(experiment.task(), Regression) else None

    def draw(self, scene: Scene) -> Points:
        """x is the truth, y the estimate, both in the data's own units."""
        task = scene.task
        if not isinstance(task, Regression):
            raise Unseen("the view 'fit' needs numbers to estimate; this dataset has classes, try 'confusion'")
        inputs = scene.data.validation.inputs[:FIT_EXAMPLES]
        mean, deviation = scene.data.target_mean, scene.data.target_deviation
        guesses = (scene.answers(inputs)[:, 0] * deviation + mean).tolist()
        truths = scene.data.raw_validation_targets[:FIT_EXAMPLES, 0].tolist()
        return Points(
            role="fit",
            axes=(Words("true value", "真实值"), Words("estimate", "估计值")),
            x=tuple(float(f"{value:.5g}") for value in truths),
            y=tuple(float(f"{value:.5g}") if abs(value) < 1e30 else None for value in guesses),
            value=(),
            validation=(True,) * len(truths),
        )
