"""The course of a job in short: nothing hidden, and nothing missing or double for who goes on from it."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.course import MOST, Course
from server.log import Log
from tests.server.playground import Event, Playground, spiral

LOSS = st.one_of(st.none(), st.floats(0, 1e6))


def said(log: Log, kind: str, **fields: Any) -> None:
    log.append(json.dumps({"type": kind, **fields}).encode())


def progress_in(course: Course) -> Event:
    """All that a course tells of progress: one event."""
    (progress,) = [event for event in map(json.loads, course.events()[0]) if event["type"] == "progress"]
    return dict(progress)


@given(st.lists(st.lists(LOSS, min_size=1, max_size=40), min_size=1, max_size=12), st.integers(0, 12))
def test_no_extreme_and_no_gap_is_lost(tmp_path_factory: pytest.TempPathFactory, pieces: list[list[float | None]], looks: int) -> None:
    log = Log(tmp_path_factory.mktemp("course") / "events.jsonl")
    course = Course(log)
    with patch("server.course.MOST", 16):
        step = 0
        for place, losses in enumerate(pieces):
            said(log, "progress", step=list(range(step + 1, step + len(losses) + 1)), loss=losses, low=None, high=None)
            step += len(losses)
            if place == looks:
                course.events()
        told = progress_in(course)
        anew = progress_in(Course(log))
    whole = [loss for losses in pieces for loss in losses]
    known = [loss for loss in whole if loss is not None]
    assert len(told["step"]) <= 16
    assert all(earlier < later for earlier, later in pairwise(told["step"]))
    assert told["step"][-1] == step
    assert (None in told["loss"]) == (None in whole)
    shown = [loss for loss in told["loss"] if loss is not None]
    assert bool(shown) == bool(known)
    if known:
        assert min(low for low in told["low"] if low is not None) == min(known)
        assert max(high for high in told["high"] if high is not None) == max(known)
    # Who has looked meanwhile is told the same.
    assert told["step"] == anew["step"]
    assert (told["low"], told["high"]) == (anew["low"], anew["high"])
    assert all((one is None) == (other is None) for one, other in zip(told["loss"], anew["loss"], strict=True))
    assert [loss for loss in anew["loss"] if loss is not None] == pytest.approx(shown, rel=1e-6)


def test_a_million_steps_with_one_spike(tmp_path: Path) -> None:
    log = Log(tmp_path / "events.jsonl")
    course = Course(log)
    for begin in range(0, 10**6, 10**5):
        stride = 1 if begin == 0 else 16
        step = list(range(begin + stride, begin + 10**5 + 1, stride))
        loss = [1.0 if place % 2 else 3.0 for place in range(len(step))]
        high = [99.0 if last == 654_400 else value for last, value in zip(step, loss, strict=True)]
        said(log, "progress", step=step, loss=loss, low=[0.5] * len(step), high=high)
    told = progress_in(course)
    assert MOST / 2 < len(told["step"]) <= MOST
    assert (told["step"][0], told["step"][-1]) == (512, 10**6)
    assert max(told["high"]) == 99.0
    assert set(told["low"][200:]) == {0.5}
    assert all(math.isclose(loss, 2.0) for loss in told["loss"][:-1])


def test_other_events_stay_and_of_checkpoints_the_newest(tmp_path: Path) -> None:
    log = Log(tmp_path / "events.jsonl")
    course = Course(log)
    assert course.events() == ([], 0)
    said(log, "started", step=0)
    for step in range(1, 6):
        said(log, "progress", step=[step], loss=[1 / step], low=None, high=None, examples_per_second=float(step))
        said(log, "evaluated", step=step)
        said(log, "checkpointed", step=step)
    events, last = course.events()
    told = [json.loads(event) for event in events]
    assert [event["type"] for event in told] == ["started", *["evaluated"] * 4, "progress", "evaluated", "checkpointed"]
    assert [event["seq"] for event in told] == [1, 3, 6, 9, 12, 14, 15, 16]
    assert last == 16
    (progress,) = [event for event in told if event["type"] == "progress"]
    assert progress["step"] == [1, 2, 3, 4, 5]
    assert progress["loss"] == pytest.approx([1 / step for step in range(1, 6)])
    assert progress["examples_per_second"] == 5.0


def test_who_goes_on_from_the_course_misses_nothing(playground: Playground) -> None:
    job = playground.post(spiral())["id"]
    with playground.socket(job) as viewer:
        viewer.until_steps(500)
    answer = playground.client.get(f"/jobs/{job}/course").raise_for_status().json()
    (progress,) = [event for event in answer["events"] if event["type"] == "progress"]
    with playground.socket(job, after=answer["last_seq"]) as viewer:
        first = viewer.until_type("progress")
        assert viewer.events[0]["seq"] == answer["last_seq"] + 1
        assert first["step"][0] == progress["step"][-1] + 1
        viewer.until_steps(500)
    playground.stop_all()
    whole = playground.events(job)
    again = playground.client.get(f"/jobs/{job}/course").raise_for_status().json()
    assert again["last_seq"] == whole[-1]["seq"] == again["events"][-1]["seq"]
    for kind in ("evaluated", "state", "started", "finished"):
        assert [event for event in again["events"] if event["type"] == kind] == [event for event in whole if event["type"] == kind]
    losses = [loss for event in whole if event["type"] == "progress" for loss in event["low"] or event["loss"]]
    (progress,) = [event for event in again["events"] if event["type"] == "progress"]
    assert min(progress["low"]) == min(losses)
