"""Followers of a job: early, late, cut off, many, curious and rude ones."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.server.playground import PATIENCE, Event, Playground, spiral

SURFACE = {"op": "surface"}


def test_early_late_and_cut_off_viewers_hold_exactly_the_log(playground: Playground) -> None:
    job = playground.post(spiral(epochs=50))["id"]

    def faithful(after: int) -> list[Event]:
        with playground.socket(job, after) as viewer:
            viewer.until_final()
            return viewer.events

    def cut_off(seed: int) -> list[Event]:
        dice = random.Random(seed)
        held: list[Event] = []
        while not held or held[-1].get("state") not in {"completed"}:
            with playground.socket(job, len(held)) as viewer:
                for _ in range(dice.randint(1, 30)):
                    viewer.next()
                    if viewer.events[-1].get("state") == "completed":
                        break
                held += viewer.events
        return held

    with ThreadPoolExecutor(8) as threads:
        early = [threads.submit(faithful, 0) for _ in range(3)]
        cut = [threads.submit(cut_off, seed) for seed in range(4)]
        everything = [viewer.result() for viewer in (*early, *cut)]
    log = playground.log_file(job)
    assert [event["seq"] for event in log] == list(range(1, len(log) + 1))
    assert all(held == log for held in everything)
    assert faithful(0) == log
    assert faithful(len(log) // 2) == log[len(log) // 2 :]
    assert playground.events(job) == log
    assert playground.events(job, after=len(log) - 2) == log[-2:]
    assert playground.client.get(f"/jobs/{job}/events?after={len(log)}").json() == {"events": [], "last_seq": len(log)}


def test_pictures_come_while_somebody_watches(playground: Playground) -> None:
    job = playground.post(spiral())["id"]
    with playground.socket(job) as viewer, playground.socket(job) as other:
        viewer.watch(SURFACE, {"op": "neurons"})
        header, cells = viewer.until_picture("surface")
        assert header["type"] == "picture"
        assert header["picture"]["kind"] == "heatmap"
        assert len(cells) == 100 * 100
        later, _ = viewer.until_picture("surface")
        assert later["step"] > header["step"]
        viewer.until_picture("neurons")
        other.until_type("progress")
        assert not other.pictures
        playground.command(job, "pause")
        viewer.until_state("paused")
        # A paused job still shows what somebody new asks for.
        other.watch({"op": "weights", "node": "h1"})
        other.until_picture("weights")


def test_a_finished_job_shows_its_last_checkpoint(playground: Playground) -> None:
    job = playground.post(spiral(epochs=2))["id"]
    steps = playground.finish(job)["steps"]
    with playground.socket(job) as viewer:
        viewer.until_final()
        viewer.watch(SURFACE, {"op": "confusion"})
        assert viewer.until_picture("surface")[0]["step"] == steps
        assert viewer.until_picture("confusion")[0]["step"] == steps
        viewer.watch({"op": "neurons"})
        viewer.until_picture("neurons")


def test_a_viewer_that_is_there_already_follows_a_job_that_goes_on(playground: Playground) -> None:
    job = playground.post(spiral(), steps_per_second=200)["id"]
    with playground.socket(job) as viewer:
        viewer.watch(SURFACE)
        for _ in range(2):
            viewer.until_type("checkpointed")
            viewer.until_steps(20)
            os.kill(playground.worker(job), signal.SIGKILL)
            viewer.until_state("interrupted")
            viewer.until_picture("surface")
            assert playground.command(job, "resume").status_code == 202
            viewer.until_state("queued")
            viewer.until_state("running")
            step = viewer.until_picture("surface")[0]["step"]
            while viewer.until_picture("surface")[0]["step"] == step:
                pass
        playground.command(job, "stop")
        viewer.until_final()
        assert viewer.events == playground.log_file(job)
        assert [event["seq"] for event in viewer.events] == list(range(1, len(viewer.events) + 1))


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("not json", 1007),
        ('{"watch": [{"op": "nonsense"}]}', 1007),
        ('{"watch": "surface"}', 1007),
        ('{"look": []}', 1007),
        (b"\x00\x01", 1007),
        (json.dumps({"watch": [{"op": "activations", "example": n} for n in range(33)]}), 1008),
        ("x" * 100_000, 1009),
    ],
)
def test_rude_messages_close_the_socket_with_a_code(playground: Playground, message: str | bytes, code: int) -> None:
    job = playground.post(spiral())["id"]
    with playground.socket(job) as viewer:
        viewer.connection.send(message)
        with pytest.raises(ConnectionClosed) as closed:
            viewer.until_final()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == code
    assert code == 1009 or closed.value.rcvd.reason


def test_a_viewer_that_never_reads_holds_nobody_up(playground: Playground) -> None:
    job = playground.post(spiral())["id"]
    with playground.socket(job, max_queue=1) as lazy, playground.socket(job) as viewer:
        lazy.watch(SURFACE, {"op": "neurons"})
        viewer.until(lambda event: event["type"] == "progress" and event["step"][-1] > 3000)


def test_there_is_nothing_to_follow_of_unknown_jobs(playground: Playground) -> None:
    for path in ("0123456789ab", "no-such-job"):
        with pytest.raises(InvalidStatus) as refused, playground.socket(path):
            pass
        assert refused.value.response.status_code in (403, 404)


def test_many_viewers(playground: Playground) -> None:
    job = playground.post(spiral(epochs=60), paused=True)["id"]
    barrier = threading.Barrier(31)

    def follow() -> int:
        with playground.socket(job) as viewer:
            barrier.wait(PATIENCE)
            viewer.until_final()
            return len(viewer.events)

    with ThreadPoolExecutor(30) as threads:
        viewers = [threads.submit(follow) for _ in range(30)]
        barrier.wait(PATIENCE)
        playground.command(job, "resume")
        assert {viewer.result() for viewer in viewers} == {len(playground.log_file(job))}
