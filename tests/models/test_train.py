"""The training loop: what it says, that the clock and commands change nothing, and that it goes on where it stopped."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from models.checkpoint import Snapshot, read, write
from models.commands import Command, Pace, Pause, Resume, Retune, Step, Stop, Watch
from models.events import Evaluated, Event, Finished, Found, Frame, Progress, Retuned, Started, StateChanged
from models.experiment import Experiment
from models.past import past_of
from models.train import Options, train
from models.views.plane import Neurons, Surface
from tests.models.experiments import ALL, DROPPING, SPIRAL, TINY, experiment

pytestmark = pytest.mark.slow

UNDISTURBED = Options()


def silent(_seconds: float | None) -> Command | None:
    """An inbox in which nothing ever arrives."""
    return None


def run(
    chosen: Experiment, inbox: Callable[[float | None], Command | None] = silent, options: Options = UNDISTURBED
) -> list[Event | Frame | Snapshot]:
    """All that a run yields."""
    return list(train(chosen, inbox, options))


def losses(said: list[Event | Frame | Snapshot]) -> list[float | None]:
    """The losses of all steps."""
    return [loss for event in said if isinstance(event, Progress) for loss in event.loss]


def evaluations(said: list[Event | Frame | Snapshot]) -> list[Evaluated]:
    """All measurements."""
    return [event for event in said if isinstance(event, Evaluated)]


@pytest.mark.parametrize("name", ALL)
def test_a_run_begins_progresses_and_finishes(name: str) -> None:
    said = run(ALL[name])
    started = said[0]
    assert isinstance(started, Started)
    steps = [step for event in said if isinstance(event, Progress) for step in event.step]
    assert steps == list(range(1, len(steps) + 1))
    assert isinstance(said[-1], Finished)
    assert said[-1].outcome == "completed"
    assert evaluations(said)[0].step == 0
    assert evaluations(said)[-1].step == len(steps) == said[-1].step


@pytest.mark.parametrize("name", ALL)
def test_the_same_experiment_gives_the_same_numbers(name: str) -> None:
    first, second = run(ALL[name]), run(ALL[name])
    assert losses(first) == losses(second)
    assert evaluations(first) == evaluations(second)


def test_commands_and_the_clock_change_no_number() -> None:
    """Pausing, stepping, slowing down and looking at pictures leave every loss as it was."""
    script: Iterator[Command | None] = iter(
        [Watch(views=(Surface(), Neurons())), Pause(), Step(count=3), Step(unit="epoch"), Pace(steps_per_second=2000), Resume()]
    )

    def inbox(_seconds: float | None) -> Command | None:
        return next(script, None)

    disturbed, calm = run(DROPPING, inbox), run(DROPPING)
    assert losses(disturbed) == losses(calm)
    assert evaluations(disturbed) == evaluations(calm)
    assert any(isinstance(item, Frame) for item in disturbed)
    states = [event.state for event in disturbed if isinstance(event, StateChanged)]
    assert states == ["paused", "running"]


def test_stepping_does_exactly_so_many_steps() -> None:
    script: Iterator[Command] = iter([Step(count=3), Step(unit="epoch"), Stop()])
    said: list[Event | Frame | Snapshot] = []
    seen: list[int] = []

    def inbox(seconds: float | None) -> Command | None:
        if seconds is not None:
            return None
        seen.append(len(losses(said)))
        return next(script)

    for item in train(TINY, inbox, Options(paused=True)):
        said.append(item)
    assert seen == [0, 3, 6]
    assert isinstance(said[-1], Finished)
    assert said[-1].outcome == "stopped"


def test_a_new_learning_rate_says_from_which_step_it_holds() -> None:
    script: Iterator[Command] = iter([Step(count=2), Retune(lr=0.5), Stop()])
    said = run(TINY, lambda seconds: next(script) if seconds is None else None, Options(paused=True))
    assert [event for event in said if isinstance(event, Retuned)] == [Retuned(step=2, lr=0.5)]


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("stop", [1, 7, 80])
def test_going_on_from_a_snapshot_is_exact(name: str, stop: int, tmp_path: Path) -> None:
    chosen = ALL[name]
    whole = losses(run(chosen))
    script: Iterator[Command] = iter([Step(count=stop), Stop()])
    said: list[Event | Frame | Snapshot] = []
    path = tmp_path / "snapshot.safetensors"
    for item in train(chosen, lambda seconds: next(script) if seconds is None else None, Options(paused=True)):
        said.append(item)
        if isinstance(item, Snapshot):
            write(item, path)
    past = past_of(json.loads(item.model_dump_json()) for item in said if isinstance(item, Event))
    again = run(chosen, options=Options(resume=read(path), past=past))
    assert losses(again) == whole[stop:]


def test_divergence_is_found_and_ends_the_run() -> None:
    chosen = experiment(SPIRAL, {"op": "dense"}, {"op": "relu"}, optimizer={"op": "sgd", "lr": 10.0}, loss={"op": "mse"}, epochs=300)
    regression = experiment(
        {"op": "plane", "samples": 60}, {"op": "dense"}, {"op": "relu"}, optimizer={"op": "sgd", "lr": 10.0}, epochs=300
    )
    assert isinstance(run(chosen)[-1], Finished)
    said = run(regression)
    found = [event for event in said if isinstance(event, Found) and event.op == "diverged"]
    assert len(found) == 1
    assert found[0].changes
    last = said[-1]
    assert isinstance(last, Finished)
    assert "Diverged" in last.reason.en
    for event in said:
        if isinstance(event, Event):
            assert "NaN" not in event.model_dump_json()
            assert "Infinity" not in event.model_dump_json()


def test_early_stopping_says_why() -> None:
    chosen = experiment(
        {"op": "diabetes"}, {"op": "dense", "units": 64}, {"op": "relu"}, optimizer={"op": "adam", "lr": 0.03}, patience=3, epochs=200
    )
    last = run(chosen)[-1]
    assert isinstance(last, Finished)
    assert "Stopped early" in last.reason.en
    assert last.reason.zh
    # Not a step is done after the measurement that ended it, whatever the pace.
    assert last.step == evaluations(run(chosen))[-1].step == len(losses(run(chosen)))
    assert run(chosen, options=Options(steps_per_second=1e6))[-1] == last
