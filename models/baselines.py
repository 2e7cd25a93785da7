"""What a simple method, without any hidden layer, reaches on the same data: the mark that a network has to pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from models.component_baseline import component_scores
from models.data import load
from models.datasets import dataset as base
from models.datasets.decoded import arrays
from models.datasets.series import ForecastDataset
from models.entry import Spec, Words
from models.events import Metrics
from models.experiment import Experiment
from models.task import Classification, NextToken, Reconstruction, Regression, Task


class Baseline(Spec):
    """A simple method and its scores on the validation set, measured as a network's are."""

    title: Words
    metrics: Metrics


def baseline(experiment: Experiment) -> Baseline | None:
    """The usual simple method for the experiment's data and task; None where there is none.

    Raises datasets.files.Missing when the data is not on this machine.
    """
    if isinstance(experiment.task(), Reconstruction):
        scores = component_scores(experiment)
        title = Words("Principal components, as many as the code has numbers", "主成分分析，个数与编码相同")
        return None if scores is None else Baseline(title=title, metrics=scores)
    return _measured(experiment.dataset, experiment.task())


@lru_cache(maxsize=32)
def _measured(dataset: base.Dataset, task: Task) -> Baseline | None:
    measure = BASELINES.get(dataset.modality)
    return measure(dataset, task) if measure else None


# text


def bag_of_words(inputs: np.ndarray, vocabulary: int) -> Any:
    """How often each token stands in each text: (n, tokens) ids to a sparse table (n, vocabulary), without the empty token."""
    from scipy.sparse import csr_array

    texts, places = np.nonzero(inputs)
    return csr_array((np.ones(len(texts)), (texts, inputs[texts, places])), shape=(len(inputs), vocabulary))


def text_baseline(dataset: base.Dataset, task: Task) -> Baseline | None:
    """Counted tokens and one weight for each of them; for the next token, a table of which follows which."""
    match task:
        case Classification():
            return _logistic(dataset)
        case NextToken(tokens=tokens):
            return _successors(dataset, len(tokens))
        case _:
            return None


def _logistic(dataset: base.Dataset) -> Baseline:
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    inputs, targets, validation, truths = arrays(dataset)
    size = dataset.shape().vocabulary
    # Threads that wait for each other lose far more to a job beside them than they gain.
    with threadpool_limits(1):
        model = LogisticRegression(tol=0.001, max_iter=200).fit(bag_of_words(inputs, size), targets)
    shares = model.predict_proba(bag_of_words(validation, size))
    right = np.searchsorted(model.classes_, truths)
    loss = -np.log(shares[np.arange(len(truths)), right].clip(1e-12)).mean()
    return Baseline(
        title=Words("Bag of words", "词袋模型"),
        metrics=Metrics(loss=float(loss), accuracy=float((shares.argmax(axis=1) == right).mean())),
    )


def _successors(dataset: base.Dataset, tokens: int) -> Baseline:
    inputs, targets, validation, truths = arrays(dataset)
    counts = np.zeros((tokens, tokens))
    np.add.at(counts, (inputs, targets), 1)
    # Where a pair has not been seen, how frequent the token is by itself has a say, worth as much as one pair.
    alone = (counts.sum(axis=0) + 1) / (counts.sum() + tokens)
    shares = (counts + alone) / (counts.sum(axis=1, keepdims=True) + 1)
    return Baseline(
        title=Words("Which follows which", "前后字搭配表"),
        metrics=Metrics(
            loss=float(-np.log(shares[validation, truths]).mean()), accuracy=float((shares.argmax(axis=1)[validation] == truths).mean())
        ),
    )


# tables


def table_baseline(dataset: base.Dataset, task: Task) -> Baseline | None:
    """Logistic regression for classes, linear regression for numbers, on what the network gets."""
    from sklearn.linear_model import LinearRegression, LogisticRegression

    data = load(dataset)
    inputs, validation = data.training.inputs.flatten(1).numpy(), data.validation.inputs.flatten(1).numpy()
    targets, truths = data.training.targets.numpy(), data.validation.targets.numpy()
    match task:
        case Classification():
            # As scarcely held back as the network is by itself; where classes part cleanly, weights would grow for ever.
            model = LogisticRegression(C=10, max_iter=5000).fit(inputs, targets)
            shares = model.predict_proba(validation)
            right = np.searchsorted(model.classes_, truths)
            loss = -np.log(shares[np.arange(len(truths)), right].clip(1e-12)).mean()
            accuracy = (shares.argmax(axis=1) == right).mean()
            return Baseline(title=Words("Logistic regression", "逻辑回归"), metrics=Metrics(loss=float(loss), accuracy=float(accuracy)))
        case Regression():
            answers = LinearRegression().fit(inputs, targets).predict(validation)
            return Baseline(title=Words("Linear regression", "线性回归"), metrics=_missed(answers, truths, data.target_deviation))
        case _:
            return None


def _missed(answers: np.ndarray, truths: np.ndarray, deviation: float) -> Metrics:
    """Scores of answers (n, outputs) to standardised numbers, in the way in which a network's are measured."""
    errors = (answers - truths).astype(np.float64)
    squares, spread = np.square(errors), np.square(truths - truths.mean(axis=0))
    return Metrics(loss=float(squares.mean()), r2=float(1 - squares.sum() / spread.sum()), mae=float(np.abs(errors).mean() * deviation))


# series


def series_baseline(dataset: base.Dataset, task: Task) -> Baseline | None:
    """A forecast: the same as one season ago. Classes: logistic regression on the values as they stand."""
    if not isinstance(dataset, ForecastDataset) or not isinstance(task, Regression):
        return table_baseline(dataset, task) if isinstance(task, Classification) else None
    data = load(dataset)
    answers = dataset.seasonal_naive()
    if dataset.relative:
        answers = answers - data.raw_validation_inputs[:, -1:]
    answers = (answers - data.target_mean) / data.target_deviation
    return Baseline(
        title=Words("As one season ago", "与上一周期相同"), metrics=_missed(answers, data.validation.targets.numpy(), data.target_deviation)
    )


BASELINES: Mapping[base.Modality, Callable[[base.Dataset, Task], Baseline | None]] = {
    "text": text_baseline,
    "table": table_baseline,
    "series": series_baseline,
}
"""What measures the simple method, for each kind of data; it is given what the network is to learn."""
