"""Processes that die, hang, swell or stay: rows 1 to 5, 20 and 21."""

from __future__ import annotations

import os
import random
import resource
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from tests.faults.evidence import busy, dropping, kill, log_of, result_of, undisturbed
from tests.server.playground import FINAL, Event, Playground, Viewer, alive, gone, soon, spiral


def into(viewer: Viewer, step: int) -> Event:
    """Wait for a checkpoint at or behind a step and for what is told after it."""
    viewer.until(lambda event: event["type"] == "checkpointed" and event["step"] >= step)
    return viewer.until_type("progress")


@pytest.mark.fault(1)
def test_a_killed_server_takes_its_jobs_up_again(mortal: Playground) -> None:
    """kill -9 with a job running, one paused in mid-epoch, one waiting; started again"""
    expected = undisturbed(mortal, dropping())
    running = mortal.post(dropping(), steps_per_second=1000)["id"]
    paused = mortal.post(dropping(), paused=True)["id"]
    # The paused one lends its slot.
    blockers = [mortal.post(spiral(), steps_per_second=1)["id"] for _ in range(2)]
    waiting = mortal.post(dropping())["id"]
    mortal.command(paused, "step", unit="batch", count=77)
    with mortal.socket(paused) as viewer:
        assert viewer.until_steps(77) == list(range(1, 78))
    with mortal.socket(running) as viewer:
        into(viewer, 500)
    workers = [mortal.worker(job) for job in (running, paused)]
    before = {job: mortal.log_file(job) for job in (running, paused, waiting)}
    kill(mortal)
    mortal.start()
    for job in mortal.client.get("/jobs").json()["jobs"]:
        if job["state"] in ("running", "paused"):
            assert mortal.worker(job["id"]) not in workers
    with mortal.socket(paused) as viewer:
        viewer.until(lambda event: event["seq"] > len(before[paused]) and event.get("state") == "paused")
    assert mortal.job(paused)["step"] == 77
    for blocker in blockers:
        assert mortal.command(blocker, "stop").status_code == 202
    assert mortal.command(paused, "resume").status_code == 202
    for job in (running, paused, waiting):
        done = mortal.finish(job)
        assert done["state"] == "completed", done["reason"]
        assert result_of(mortal, job) == expected
        assert mortal.log_file(job)[: len(before[job])] == before[job]
    assert [mortal.job(job)["resumes"] for job in (running, paused, waiting)] == [1, 1, 0]
    assert all(gone(worker) for worker in workers)
    assert busy(mortal) == 0


@pytest.mark.fault(2)
def test_a_killed_worker_is_told_and_goes_on(playground: Playground) -> None:
    """kill -9 the worker in mid-run, `resume`, kill it again, `resume`"""
    expected = undisturbed(playground, dropping())
    # A checkpoint a second: one near step 1000, one near 2000, and a third of the 3000 steps still to go.
    job = playground.post(dropping(), steps_per_second=1000)["id"]
    for place in (500, 1500):
        with playground.socket(job) as viewer:
            into(viewer, place)
            os.kill(playground.worker(job), signal.SIGKILL)
            begun = time.monotonic()
            reason = viewer.until_final()["reason"]
            assert time.monotonic() - begun < 5
        assert playground.job(job)["state"] == "interrupted"
        assert playground.job(job)["reason"] == reason
        assert "signal 9" in reason["en"]
        assert "memory" in reason["en"]
        assert "batch size 2 instead of 10" in reason["en"]
        assert "信号 9" in reason["zh"]
        assert busy(playground) == 0
        assert playground.command(job, "pause").status_code == 409
        assert playground.command(job, "resume").status_code == 202
        assert playground.command(job, "resume").status_code in (202, 409)
    with playground.socket(job, after=playground.job(job)["last_seq"]) as viewer:
        assert viewer.until_state("completed", *FINAL)["state"] == "completed"
    assert playground.job(job)["resumes"] == 2
    assert result_of(playground, job) == expected


@pytest.mark.fault(2)
@pytest.mark.gpu
def test_a_killed_worker_on_a_gpu_goes_on(playground: Playground) -> None:
    """kill -9 a worker that computes on a GPU, `resume`"""
    expected = undisturbed(playground, dropping(device="cuda"))
    job = playground.post(dropping(device="cuda"), steps_per_second=1000)["id"]
    with playground.socket(job) as viewer:
        into(viewer, 300)
        os.kill(playground.worker(job), signal.SIGKILL)
        assert viewer.until_final()["state"] == "interrupted"
    assert playground.command(job, "resume").status_code == 202
    with playground.socket(job, after=playground.job(job)["last_seq"]) as viewer:
        assert viewer.until_state("completed", *FINAL)["state"] == "completed"
    assert result_of(playground, job) == expected


LARGE: dict[str, Any] = {
    "dataset": {"op": "digits"},
    "network": [
        {"id": "c1", "layer": {"op": "conv2d", "filters": 64}},
        {"id": "a1", "layer": {"op": "relu"}},
        {"id": "c2", "layer": {"op": "conv2d", "filters": 64}},
        {"id": "out", "layer": {"op": "output"}},
    ],
    "training": {"batch_size": 1024, "epochs": 100_000, "optimizer": {"op": "adam"}},
}


@pytest.mark.fault(3)
def test_a_job_that_cannot_fit_is_refused_before_it_starts(tmp_path: Path) -> None:
    """Asked for more memory than the server grants; then for less"""
    server = Playground(tmp_path, "--slots", "1", "--max-memory", "256")
    try:
        # What it loads behind its start is no harm that the job does.
        server.finish(server.post(spiral(epochs=1))["id"])
        before, known = server.memory, server.client.get("/jobs").json()
        wide = [{"id": f"w{place}", "layer": {"op": "conv2d", "filters": 128}} for place in range(6)]
        response = server.client.post("/jobs", json={"experiment": {**LARGE, "network": [*wide, *LARGE["network"]]}})
        assert response.status_code == 422, response.text
        message = response.json()["error"]["message"]
        assert "256" in message
        assert "batch" in message
        assert server.client.get("/jobs").json() == known
        assert server.memory < before + 50 * 2**20
        assert server.finish(server.post(spiral(epochs=1))["id"])["state"] == "completed"
    finally:
        server.close()


@pytest.mark.fault(3)
def test_a_job_that_runs_out_of_memory_says_so(playground: Playground) -> None:
    """The kernel gives a worker no further memory (RLIMIT_DATA) in mid-run"""
    job = playground.post(LARGE, paused=True)["id"]
    with playground.socket(job) as viewer:
        viewer.until_state("paused")
        worker = playground.worker(job)
        resource.prlimit(worker, resource.RLIMIT_DATA, (_data(worker) + 2**20,) * 2)
        playground.command(job, "resume")
        failed = viewer.until_type("failed")
        assert viewer.until_final()["state"] == "failed"
    assert failed["code"] == "out_of_memory"
    assert "memory" in failed["message"]["en"]
    assert "内存" in failed["message"]["zh"]
    assert "batch size 256 instead of 1024" in failed["hint"]["en"]
    assert playground.command(job, "resume").status_code == 409
    assert busy(playground) == 0
    assert playground.finish(playground.post(spiral(epochs=1))["id"])["state"] == "completed"


def _data(process: int) -> int:
    (line,) = (line for line in Path(f"/proc/{process}/status").read_text().splitlines() if line.startswith("VmData"))
    return int(line.split()[1]) * 1024


@pytest.mark.fault(3)
@pytest.mark.gpu
def test_a_job_that_fills_the_gpu_says_so(playground: Playground) -> None:
    """Another process holds almost all memory of the GPU"""
    import torch

    free, _ = torch.cuda.mem_get_info()
    hog = torch.empty(max(free - 600 * 2**20, 0), dtype=torch.uint8, device="cuda")
    job = playground.post({**LARGE, "training": {**LARGE["training"], "device": "cuda", "batch_size": 4096}})["id"]
    done = playground.finish(job)
    del hog
    torch.cuda.empty_cache()
    assert done["state"] == "failed"
    assert "batch size" in done["reason"]["en"]
    assert playground.finish(playground.post(spiral(epochs=1, device="cuda"))["id"])["state"] == "completed"


@pytest.mark.fault(4)
def test_steps_that_hang_and_ignore_term_are_ended_with_their_children(sickly: Playground) -> None:
    """Held one worker inside a C call, TERM ignored, with a child that ignores it too; froze another (SIGSTOP); then `stop`"""
    hanging, frozen = (sickly.post(spiral())["id"] for _ in range(2))
    folder = sickly.data / "jobs" / hanging
    with sickly.socket(hanging) as viewer, sickly.socket(frozen) as other:
        viewer.until_type("progress")
        other.until_type("progress")
        workers = [sickly.worker(job) for job in (hanging, frozen)]
        (folder / "hang").touch()
        assert soon((folder / "child").exists)
        assert soon(lambda: bool((folder / "child").read_text()))
        child = int((folder / "child").read_text())
        os.kill(workers[1], signal.SIGSTOP)
        after = sickly.post(spiral(epochs=1))["id"]
        begun = time.monotonic()
        for job in (hanging, frozen):
            assert sickly.command(job, "stop").json()["state"] == "stopping"
        assert viewer.until_final()["state"] == "stopped"
        assert not alive(workers[0])
        assert other.until_final()["state"] == "stopped"
        assert not alive(workers[1])
    assert gone(child, 1)
    with sickly.socket(after) as viewer:
        viewer.until_type("started")
        assert time.monotonic() - begun < 10
        assert viewer.until_final()["state"] == "completed"
    assert "did not answer" in sickly.job(hanging)["reason"]["en"]
    assert busy(sickly) == 0


@pytest.mark.fault(5)
def test_a_process_that_does_not_exit_is_ended(sickly: Playground) -> None:
    """An output that never takes what is flushed keeps the worker from exiting after its last step"""
    job = sickly.post(spiral(epochs=3), paused=True)["id"]
    folder = sickly.data / "jobs" / job
    (folder / "linger").touch()
    assert soon((folder / "linger.had").exists)
    worker = sickly.worker(job)
    with sickly.socket(job) as viewer:
        sickly.command(job, "resume")
        viewer.until_type("finished")
        assert alive(worker)
        assert viewer.until_final()["state"] == "completed"
        assert not alive(worker)
    assert result_of(sickly, job) == undisturbed(sickly, spiral(epochs=3))
    assert busy(sickly) == 0


@pytest.mark.fault(20)
def test_a_crash_next_door_changes_nothing(playground: Playground) -> None:
    """Two jobs on one dataset at once; one dies of SIGSEGV, in mid-step"""
    expected = undisturbed(playground, dropping())
    survivor = playground.post(dropping(), steps_per_second=1500)["id"]
    victim = playground.post(dropping(epochs=100_000))["id"]
    with playground.socket(victim) as viewer, playground.socket(survivor) as other:
        viewer.until_type("progress")
        other.until_type("progress")
        os.kill(playground.worker(victim), signal.SIGSEGV)
        reason = viewer.until_final()["reason"]
        assert "SIGSEGV" in reason["en"]
        assert other.until_final()["state"] == "completed"
    assert result_of(playground, survivor) == expected


@pytest.mark.fault(21)
def test_what_is_stopped_while_it_waits_never_runs(playground: Playground) -> None:
    """Stopped in the queue, then freed the slot that it waited for"""
    blockers = [playground.post(spiral())["id"] for _ in range(3)]
    waiting = playground.post(spiral())["id"]
    after = playground.post(spiral(epochs=1))["id"]
    assert playground.command(waiting, "stop").json()["state"] == "stopped"
    for blocker in blockers:
        playground.command(blocker, "stop")
    assert playground.finish(after)["state"] == "completed"
    assert [event.get("state") for event in log_of(playground, waiting)] == ["queued", "stopped"]
    assert playground.job(waiting)["started"] is None
    assert not (playground.data / "jobs" / waiting / "worker.log").exists()


@pytest.mark.fault(21)
def test_what_is_stopped_at_the_instant_of_its_start_stops(playground: Playground) -> None:
    """Stopped 24 jobs at and around the instant of their start"""
    dice = random.Random(21)
    moments = ["", "queued", "starting", "started", "running", "progress"] * 4
    dice.shuffle(moments)
    for moment in moments:
        job = playground.post(spiral())["id"]
        with playground.socket(job) as viewer:
            if moment:
                viewer.until(lambda event, moment=moment: moment in (event["type"], event.get("state")))  # type: ignore[misc]
            assert playground.command(job, "stop").status_code == 202
            assert viewer.until_final()["state"] == "stopped"
        states = [event["state"] for event in playground.log_file(job) if event["type"] == "state"]
        assert states.count("stopped") == 1
        assert states[-1] == "stopped"
    assert busy(playground) == 0


@pytest.mark.fault(21)
def test_a_final_state_stays(playground: Playground) -> None:
    """Every command, 5 times, at a completed and at a stopped job"""
    completed = playground.post(spiral(epochs=1))["id"]
    stopped = playground.post(spiral(), paused=True)["id"]
    playground.command(stopped, "stop")
    for job, state in ((completed, "completed"), (stopped, "stopped")):
        assert playground.finish(job)["state"] == state
        before = (playground.data / "jobs" / job / "events.jsonl").read_bytes()
        for op, fields in (("stop", {}), ("pause", {}), ("resume", {}), ("step", {}), ("retune", {"lr": 0.1}), ("pace", {})) * 5:
            assert playground.command(job, op, **fields).status_code == 409
        assert playground.job(job)["state"] == state
        assert (playground.data / "jobs" / job / "events.jsonl").read_bytes() == before
