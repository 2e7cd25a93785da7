"""Going on after an interruption: whatever was lost, the events are those of a run that was never disturbed, to the last bit."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from models import columns
from models import train as loop
from models.checkpoint import Snapshot, read, write
from models.commands import Command, Resume, Retune, Step, Stop
from models.data import load
from models.events import Checkpointed, Event, Progress, Started, StateChanged
from models.experiment import Experiment
from models.layers.catalogue import LAYERS
from models.learner import Learner
from models.losses import LOSSES
from models.optimizers import OPTIMIZERS
from models.past import past_of
from models.schedules import SCHEDULES
from models.train import Options, train
from tests.models.experiments import ALL, DIGITS, DROPPING, SPIRAL, experiment

pytestmark = pytest.mark.slow

Log = list[dict[str, Any]]


class Clock:
    """Time that passes by being asked for, so that where events are cut and when snapshots are taken can be repeated."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._now = 0.0

    def monotonic(self) -> float:
        self._now += self._seconds
        return self._now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A snapshot every few steps, and entries that stand for several steps from step 16 on."""
    monkeypatch.setattr(loop, "time", Clock(0.004))
    monkeypatch.setattr(loop, "CHECKPOINT", 0.03)
    monkeypatch.setattr(columns, "DENSE_STEPS", 16)


def silent(_seconds: float | None) -> Command | None:
    """An inbox in which nothing ever arrives."""
    return None


Inbox = Callable[[float | None], Command | None]


def follow(chosen: Experiment, log: Log, folder: Path, stop_after: int | None, inbox: Inbox = silent, *, paused: bool = False) -> bool:
    """Run, from wherever the log and the snapshots in the folder allow, until the end or until so many events and snapshots
    have come; False when it was cut off."""
    past = past_of(log)
    kept = [step for step in past.checkpoints if (folder / str(step)).exists()]
    resume = read(folder / str(max(kept))) if kept else None
    for count, item in enumerate(train(chosen, inbox, Options(resume=resume, past=past, paused=paused)), start=1):
        if isinstance(item, Snapshot):
            write(item, folder / str(item.step))
            item = Checkpointed(step=item.step, epoch=item.epoch)
        assert isinstance(item, Event)
        log.append(json.loads(item.model_dump_json()))
        if count == stop_after:
            return False
    return True


def told(log: Log) -> dict[str, Any]:
    """All that a log tells, however it was cut into events."""
    columns: dict[str, list[Any]] = {"step": [], "loss": [], "low": [], "high": []}
    rest: Log = []
    for event in log:
        if event["type"] == "progress":
            columns["step"] += event["step"]
            columns["loss"] += event["loss"]
            columns["low"] += event["low"] or event["loss"]
            columns["high"] += event["high"] or event["loss"]
        elif event["type"] not in ("started", "checkpointed", "state"):
            rest.append(event)
    return {**columns, "rest": rest}


def disturbed(chosen: Experiment, folder: Path, seed: int) -> Log:
    """A run that is interrupted at several random moments, of which the last words before each were lost on the way."""
    dice = random.Random(seed)
    log: Log = []
    for _interruption in range(4):
        if follow(chosen, log, folder, dice.randint(1, 60)):
            return log
        del log[len(log) - dice.randint(0, min(6, len(log) - 1)) :]
    assert follow(chosen, log, folder, None)
    return log


def assert_nothing_shows(chosen: Experiment, folder: Path) -> None:
    calm: Log = []
    folder.joinpath("calm").mkdir()
    assert follow(chosen, calm, folder / "calm", None)
    for seed in range(2):
        folder.joinpath(str(seed)).mkdir()
        assert told(disturbed(chosen, folder / str(seed), seed)) == told(calm)


CHANGED = DROPPING.model_dump(mode="json")


def changed(**training: Any) -> Experiment:
    """The experiment with dropout, batch norm and noise, trained otherwise."""
    return Experiment.model_validate({**CHANGED, "training": {**CHANGED["training"], **training}})


@pytest.mark.parametrize("name", ALL)
def test_kinds(name: str, tmp_path: Path) -> None:
    assert_nothing_shows(ALL[name], tmp_path)


@pytest.mark.parametrize("name", ["tiny", "dropping", "digits"])
def test_the_first_loss_may_be_told_before_the_first_measurement(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calm: Log = []
    assert follow(ALL[name], calm, tmp_path, None)
    monkeypatch.setattr(loop, "SLOW", -1)
    early: Log = []
    tmp_path.joinpath("early").mkdir()
    assert follow(ALL[name], early, tmp_path / "early", None)
    assert [event["type"] for event in early[:3]] == ["started", "progress", "evaluated"]
    assert early[1]["step"] == [1]
    assert told(early) == told(calm)
    for cut in (1, 2, 3, 5):
        log = early[:cut]
        tmp_path.joinpath(str(cut)).mkdir()
        assert follow(ALL[name], log, tmp_path / str(cut), None)
        assert told(log) == told(calm)
    tmp_path.joinpath("disturbed").mkdir()
    assert told(disturbed(ALL[name], tmp_path / "disturbed", 0)) == told(calm)


@pytest.mark.parametrize("op", [optimizer.model_fields["op"].default for optimizer in OPTIMIZERS])
def test_optimizers(op: str, tmp_path: Path) -> None:
    assert_nothing_shows(changed(optimizer={"op": op}), tmp_path)


@pytest.mark.parametrize("op", [schedule.model_fields["op"].default for schedule in SCHEDULES])
def test_schedules(op: str, tmp_path: Path) -> None:
    assert_nothing_shows(changed(schedule={"op": op}), tmp_path)


@pytest.mark.parametrize("op", [loss.model_fields["op"].default for loss in LOSSES])
def test_losses(op: str, tmp_path: Path) -> None:
    last: Exception | None = None
    for dataset in (SPIRAL, {"op": "diabetes"}, {"op": "iris"}):
        chosen = experiment(dataset, {"op": "dense", "units": 3}, {"op": "dropout"}, loss={"op": op}, batch_size=20)
        try:
            assert follow(chosen, [], tmp_path, 1) is False
        except Exception as unsuited:
            last = unsuited
            continue
        assert_nothing_shows(chosen, tmp_path)
        return
    raise AssertionError(f"no dataset suits the loss {op}") from last


@pytest.mark.parametrize(
    "layer",
    [layer for layer in LAYERS if layer.model_fields["op"].default != "output"],
    ids=lambda layer: layer.__name__,
)
def test_layers(layer: Any, tmp_path: Path) -> None:
    op = layer.model_fields["op"].default
    if layer.role == "merge":
        document = experiment(SPIRAL, {"op": "dense", "units": 2}, {"op": "tanh"}, {"op": op}).model_dump(mode="json")
        document["network"][2]["inputs"] = ["n0", "n1"]
        chosen = Experiment.model_validate(document)
    elif layer.accepts == ("tokens",):
        chosen = experiment({"op": "list_operations", "samples": 200}, {"op": op}, {"op": "dropout"}, batch_size=40)
    elif "features" in layer.accepts:
        chosen = experiment(SPIRAL, {"op": "dense", "units": 4}, {"op": op}, {"op": "dropout"})
    elif "sequence" in layer.accepts:
        chosen = experiment({"op": "digits"}, {"op": "rows_as_time"}, {"op": op}, {"op": "dropout"}, batch_size=400)
    else:
        head = [node.layer.model_dump(mode="json") for node in DIGITS.network[:1]]
        chosen = experiment({"op": "digits"}, *head, {"op": op}, {"op": "flatten"}, batch_size=400)
    assert_nothing_shows(chosen, tmp_path)


def test_every_step_will_do(tmp_path: Path) -> None:
    """Also the first and the last of an epoch."""
    chosen = changed(epochs=4)
    data = load(chosen.dataset)
    whole = Learner(chosen, data, "cpu")
    losses = [whole.step().item() for _ in range(whole.steps)]
    learner = Learner(chosen, data, "cpu")
    for step in range(whole.steps):
        write(learner.snapshot(), tmp_path / "snapshot")
        learner = Learner(chosen, data, "cpu")
        learner.restore(read(tmp_path / "snapshot"))
        assert learner.step().item() == losses[step]


def test_a_learning_rate_set_by_a_person_holds_from_the_same_step_on(tmp_path: Path) -> None:
    """The commands are given once; what became of them is in the log, and done again from there."""
    chosen = changed(epochs=8)
    script: Iterator[Command] = iter([Step(count=9), Retune(lr=0.5), Step(count=14), Retune(lr=0.01), Retune(lr=0.02), Resume()])
    calm: Log = []
    assert follow(chosen, calm, tmp_path, None, lambda seconds: next(script) if seconds is None else None, paused=True)
    retuned = [place for place, event in enumerate(calm) if event["type"] == "retuned"]
    assert len(retuned) == 3
    for cut in range(retuned[-1] + 1, len(calm)):
        log = calm[:cut]
        assert follow(chosen, log, tmp_path, None)
        assert told(log) == told(calm)


def test_a_paused_job_goes_on_as_a_paused_job(tmp_path: Path) -> None:
    script: Iterator[Command] = iter([Step(count=5), Stop()])
    log: Log = []
    assert follow(DROPPING, log, tmp_path, None, lambda seconds: next(script) if seconds is None else None, paused=True)
    again: Iterator[Command] = iter([Step(count=2), Stop()])
    rest = list(train(DROPPING, lambda seconds: next(again) if seconds is None else None, Options(paused=True, past=past_of(log))))
    assert isinstance(rest[0], Started)
    assert rest[0].step == 5
    assert rest[1] == StateChanged(state="paused", step=5)
    assert [step for event in rest if isinstance(event, Progress) for step in event.step] == [6, 7]
