"""What a restart of the server leaves true: nothing runs that says so, nothing that waited or ran is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server.playground import REPOSITORY, Playground, children, gone, spiral


@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, -9), (signal.SIGTERM, 0)])
def test_jobs_go_on_by_themselves(strict: Playground, number: signal.Signals, code: int) -> None:
    server = strict
    running, waiting = server.post(spiral())["id"], server.post(spiral(epochs=1))["id"]
    with server.socket(running) as viewer:
        viewer.until(lambda event: event["type"] == "checkpointed" and event["step"] > 0)
    worker = server.worker(running)
    assert server.end(number) == code
    assert gone(worker)
    before = server.log_file(running)
    if number == signal.SIGKILL:
        with (server.data / "jobs" / running / "events.jsonl").open("ab") as log:
            log.write(b'{"seq":999,"at":"2026-01-01T00:0')
    server.start()
    with server.socket(running, after=len(before)) as viewer:
        if number == signal.SIGKILL:
            interrupted = viewer.until_state("interrupted")
            assert "server" in interrupted["reason"]["en"]
            assert "服务器" in interrupted["reason"]["zh"]
        else:
            assert before[-1]["state"] == "interrupted"
        assert [viewer.until_state("queued", "starting", "running")["state"] for _ in range(3)] == ["queued", "starting", "running"]
        viewer.until_type("progress")
    job = server.job(running)
    assert (job["state"], job["resumes"]) == ("running", 1)
    assert job["check_in"] > job["started"]
    assert server.job(waiting)["state"] == "queued"
    server.command(running, "stop")
    assert server.finish(running)["state"] == "stopped"
    assert server.finish(waiting)["state"] == "completed"
    after = server.log_file(running)
    assert after[: len(before)] == before
    assert [event["seq"] for event in after] == list(range(1, len(after) + 1))
    steps = [step for event in after if event["type"] == "progress" for step in event["step"]]
    assert steps == list(range(1, len(steps) + 1))
    assert server.job(running)["last_seq"] == len(after)
    assert server.job(running)["check_in"] is None


def test_a_paused_job_is_found_paused(strict: Playground) -> None:
    job = strict.post(spiral(), paused=True)["id"]
    with strict.socket(job) as viewer:
        viewer.until_state("paused")
        strict.command(job, "step", count=25)
        assert viewer.until_steps(25)[-1] == 25
    strict.end(signal.SIGKILL)
    strict.start()
    with strict.socket(job) as viewer:
        viewer.until_state("interrupted")
        assert viewer.until_state("paused", "running")["state"] == "paused"
        strict.command(job, "step", count=1)
        assert viewer.until_steps(1) == [26]
    strict.command(job, "stop")
    assert strict.finish(job)["step"] == 26


def test_who_was_asked_to_stop_does_not_go_on(strict: Playground) -> None:
    job = strict.post(spiral())["id"]
    with strict.socket(job) as viewer:
        viewer.until_type("progress")
        worker = strict.worker(job)
        os.kill(worker, signal.SIGSTOP)
        strict.command(job, "stop")
        viewer.until_state("stopping")
    strict.end(signal.SIGKILL)
    strict.start()
    assert strict.finish(job)["state"] == "stopped"
    assert gone(worker)


def test_a_killed_worker_s_job_goes_on_when_told_to(playground: Playground) -> None:
    calm, job = playground.post(spiral(epochs=300))["id"], playground.post(spiral(epochs=300), steps_per_second=6000)["id"]
    with playground.socket(job) as viewer:
        viewer.until(lambda event: event["type"] == "checkpointed" and event["step"] > 0)
        os.kill(playground.worker(job), signal.SIGKILL)
        assert viewer.until_final()["state"] == "interrupted"
        assert playground.command(job, "pause").status_code == 409
        assert playground.command(job, "resume").status_code == 202
        # The viewer who is still there sees it go on.
        assert viewer.until_final()["state"] == "completed"
    assert playground.command(job, "resume").json()["error"]["code"] == "job_final"
    playground.finish(calm)
    curves = [playground.client.get(f"/jobs/{id}/metrics?points=100000").json() for id in (job, calm)]
    for curve in curves:
        curve["evaluations"] = [{**point, "seq": 0, "at": ""} for point in curve["evaluations"]]
    assert curves[0] == curves[1]


def test_a_worker_that_the_system_ends_writes_a_last_checkpoint(playground: Playground) -> None:
    job = playground.post(spiral())["id"]
    with playground.socket(job) as viewer:
        viewer.until_type("progress")
        os.kill(playground.worker(job), signal.SIGTERM)
        viewer.until_final()
    found = playground.job(job)
    assert (found["state"], "SIGTERM" in found["reason"]["en"]) == ("interrupted", True)
    steps = [step for event in playground.events(job) if event["type"] == "progress" for step in event["step"]]
    assert playground.client.get(f"/jobs/{job}/checkpoints").json()["checkpoints"][-1]["step"] == steps[-1]


def test_a_forkserver_that_was_killed_is_replaced(strict: Playground) -> None:
    job = strict.post(spiral())["id"]
    with strict.socket(job) as viewer:
        viewer.until(lambda event: event["type"] == "checkpointed" and event["step"] > 0)
        worker, (before,) = strict.worker(job), children(strict.process.pid)
        os.kill(before, signal.SIGKILL)
        # Nobody could say how its worker ends, so that is ended with it.
        assert viewer.until_final()["state"] == "interrupted"
        assert gone(worker)
        assert strict.command(job, "resume").status_code == 202
        viewer.until_type("progress")
    strict.command(job, "stop")
    assert strict.finish(job)["state"] == "stopped"
    (after,) = children(strict.process.pid)
    assert after != before
    assert strict.client.get(f"/jobs/{job}/views/surface").status_code == 200


def test_a_folder_is_served_once(playground: Playground, tmp_path: Path) -> None:
    arguments = [sys.executable, "-m", "server", "--port", "0", "--data", str(playground.data)]
    ended = subprocess.run(arguments, cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert f"Process {playground.process.pid} serves the folder" in ended.stderr


def test_a_port_that_is_taken_is_told_in_words(playground: Playground) -> None:
    port = playground.address.split(":")[1]
    ended = subprocess.run([sys.executable, "-m", "server", "--port", port], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "PLAYGROUND_PORT" in ended.stderr
