"""The playground's own loop as a contestant, in a process like a worker's: `python -m tests.benchmarks.ours KIND EXPERIMENT THREADS`.

Kinds: `steps` does bare training steps, `streamed` the same with examples from a file, `trainings` whole runs of `train` (it counts
epochs), `unwatched` one endless run of `train` that nobody listens to (it counts steps); `goal` says once how many seconds one run takes
to a test accuracy.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from models.commands import Command, Pause, Resume
from models.data import Data, load
from models.datasets.files import find
from models.datasets.images import FASHION_FILES
from models.events import Evaluated, StateChanged
from models.experiment import Experiment
from models.learner import Learner
from models.train import Options, train
from server.allocator import keep_freed_memory
from tests.benchmarks.tasks import GOAL
from tests.benchmarks.turns import Turns

FETCHED = 20
"""Steps whose losses are fetched together; the loop fetches far more of them at once."""


def prepare(threads: int) -> None:
    """What a worker sets before it trains."""
    keep_freed_memory()
    torch.set_num_threads(threads)


def steps(experiment: Experiment, data: Data | None = None) -> None:
    """Bare training steps, without measurements between them."""
    device = "cuda" if experiment.training.device == "cuda" else "cpu"
    learner = Learner(experiment, data or load(experiment.dataset, device), device)
    for _ in range(60):
        learner.step()
    turns = Turns()
    while True:
        begun = learner.step_count
        losses = []
        while (left := begun + FETCHED - learner.step_count) > 0:
            losses.append(learner.steps_on(left))
        torch.cat(losses).tolist()
        turns.done(FETCHED)


def streamed(experiment: Experiment) -> None:
    """The same with examples that are read ahead from a file, mapped into memory, as if they did not fit."""
    data = load(experiment.dataset)
    with tempfile.NamedTemporaryFile(suffix=".npy") as file:
        np.save(file, data.training.inputs.numpy())
        file.flush()
        inputs = torch.from_numpy(np.load(file.name, mmap_mode="c"))
        steps(experiment, replace(data, training=replace(data.training, inputs=inputs), streamed=True))


def trainings(experiment: Experiment) -> None:
    """Whole runs, each from fresh weights, with all that a run says and measures."""
    for _ in train(experiment, lambda _seconds: None):
        pass
    turns = Turns()
    while True:
        for _ in train(experiment, lambda _seconds: None):
            pass
        turns.done(experiment.training.epochs)


class Hand:
    """An inbox that resumes the run when its turn comes and pauses it when its time is up, as a person would."""

    def __init__(self) -> None:
        self._turns: Turns | None = None
        self._until: float | None = None

    def __call__(self, seconds: float | None) -> Command | None:
        """See models.train.Inbox."""
        if seconds is None and self._turns:
            self._until = time.monotonic() + self._turns.seconds
            return Resume()
        if self._until and time.monotonic() >= self._until:
            self._until = None
            return Pause()
        return None

    def heard(self, event: StateChanged) -> None:
        """The run has obeyed."""
        step, now = event.step or 0, time.perf_counter()
        if event.state == "running":
            self._begun, self._step = now, step
        elif self._turns:
            self._turns.report(step - self._step, now - self._begun)
        else:
            self._turns = Turns()


def unwatched(experiment: Experiment) -> None:
    """One run that is paused while it is not its turn."""
    hand = Hand()
    for said in train(experiment, hand, Options(paused=True)):
        if isinstance(said, StateChanged):
            hand.heard(said)


def goal(experiment: Experiment) -> None:
    """One run from its start to the first measurement that is good enough."""
    here = find("fashion_mnist", FASHION_FILES)
    assert here is not None
    with tempfile.TemporaryDirectory() as folder:
        # A server's data folder, in which the images lie decoded since somebody has trained on them.
        own = Path(folder) / "datasets" / "fashion_mnist"
        own.mkdir(parents=True)
        for name in FASHION_FILES:
            (own / name).symlink_to((here / name).resolve())
        os.environ["PLAYGROUND_DATA"] = folder
        load(experiment.dataset)
        begun = time.perf_counter()
        for said in train(experiment, lambda _seconds: None):
            if isinstance(said, Evaluated) and (said.validation.accuracy or 0) >= GOAL:
                print(time.perf_counter() - begun)
                return
    raise SystemExit(f"the run ended below {GOAL}")


KINDS = {"steps": steps, "streamed": streamed, "trainings": trainings, "unwatched": unwatched, "goal": goal}

if __name__ == "__main__":
    kind, text, threads = sys.argv[1:]
    prepare(int(threads))
    KINDS[kind](Experiment.model_validate_json(text))
