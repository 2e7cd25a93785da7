"""The life of a job: states, commands, queue, ends."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.server.playground import Playground, gone, spiral


def test_a_job_runs_from_queue_to_end(playground: Playground) -> None:
    begun = time.perf_counter()
    job = playground.post(spiral(epochs=5), name="first steps")
    with playground.socket(job["id"]) as viewer:
        viewer.until_type("evaluated")
        print(f"first metric {1000 * (time.perf_counter() - begun):.0f} ms after POST")
        last = viewer.until_final()
    assert last["state"] == "completed"
    states = [event["state"] for event in viewer.events if event["type"] == "state"]
    assert states == ["queued", "starting", "running", "completed"]
    done = playground.job(job["id"])
    assert done["name"] == "first steps"
    assert (done["step"], done["epoch"], done["state"]) == (done["steps"], 5.0, "completed")
    assert done["reason"]["en"]
    assert done["reason"]["zh"]
    assert done["training"]["loss"] > 0
    assert done["validation"]["accuracy"] > 0
    assert done["last_seq"] == last["seq"] == len(viewer.events)
    assert done["created"] <= done["started"] <= done["finished"]
    steps = [step for event in viewer.events if event["type"] == "progress" for step in event["step"]]
    assert steps == list(range(1, done["steps"] + 1))
    assert playground.client.get("/jobs").json()["jobs"][0]["id"] == job["id"]


def test_pause_step_resume_and_stop(playground: Playground) -> None:
    job = playground.post(spiral(), paused=True)["id"]
    with playground.socket(job) as viewer:
        assert viewer.until_state("paused", "running")["state"] == "paused"
        assert playground.command(job, "step", unit="batch", count=3).status_code == 202
        assert viewer.until_steps(3) == [1, 2, 3]
        assert playground.command(job, "resume").status_code == 202
        viewer.until_state("running")
        viewer.until_type("progress")
        begun = time.perf_counter()
        assert playground.command(job, "pause").status_code == 202
        viewer.until_state("paused")
        print(f"paused after {1000 * (time.perf_counter() - begun):.0f} ms")
        assert playground.command(job, "stop").status_code == 202
        assert [viewer.until_state("stopping", "stopped")["state"] for _ in range(2)] == ["stopping", "stopped"]
    assert playground.command(job, "resume").status_code == 409
    assert playground.command(job, "stop").json()["error"]["code"] == "job_final"
    assert playground.client.get(f"/jobs/{job}/checkpoints").json()["checkpoints"][-1]["step"] == playground.job(job)["step"]


def test_retune_and_pace_take_effect_and_say_so(playground: Playground) -> None:
    job = playground.post(spiral(), steps_per_second=100)["id"]
    with playground.socket(job) as viewer:
        viewer.until_type("progress")
        playground.command(job, "retune", lr=0.5)
        retuned = viewer.until_type("retuned")
        assert retuned["lr"] == 0.5
        begun, first = time.perf_counter(), viewer.until_type("progress")["step"][-1]
        last = viewer.until(lambda event: event["type"] == "progress" and event["step"][-1] >= first + 30)["step"][-1]
        assert (last - first) / (time.perf_counter() - begun) < 200
        playground.command(job, "pace", steps_per_second=None)
        viewer.until(lambda event: event["type"] == "progress" and event["step"][-1] >= last + 1000)
    script = playground.client.get(f"/jobs/{job}/export/pytorch").text
    assert "0.5" in script


def test_commands_before_the_start_are_kept(playground: Playground) -> None:
    blockers = [playground.post(spiral())["id"] for _ in range(2)]
    job = playground.post(spiral(), paused=True)["id"]
    assert playground.job(job)["state"] == "queued"
    assert playground.command(job, "step", unit="batch", count=2).status_code == 202
    for blocker in blockers:
        playground.command(blocker, "stop")
    with playground.socket(job) as viewer:
        assert viewer.until_steps(2) == [1, 2]


def test_a_paused_job_lends_its_slot_and_waits_for_it(playground: Playground) -> None:
    undisturbed = playground.post(spiral(epochs=80))["id"]
    playground.finish(undisturbed)
    keeper = playground.post(spiral(), steps_per_second=1)["id"]
    paused = playground.post(spiral(epochs=80))["id"]
    with playground.socket(paused) as viewer:
        viewer.until_type("progress")
        playground.command(paused, "pause")
        viewer.until_state("paused")
        guest = playground.post(spiral(), steps_per_second=100)["id"]
        with playground.socket(guest) as other:
            other.until_state("running")
        assert playground.client.get("/health").json()["running"] == 2
        playground.command(paused, "step", count=1).raise_for_status()
        viewer.until_type("progress")
        last = playground.post(spiral())["id"]
        answer = playground.command(paused, "resume").json()
        assert (answer["state"], answer["position"]) == ("queued", 1)
        assert viewer.until_state("queued")["reason"]["zh"]
        # It goes on before those that have not begun.
        assert playground.job(last)["position"] == 2
        playground.command(guest, "stop")
        assert viewer.until_state("running")["type"] == "state"
        assert viewer.until_final()["state"] == "completed"
    for job in (keeper, last):
        playground.command(job, "stop")
    losses = [playground.client.get(f"/jobs/{job}/metrics").json()["loss"] for job in (undisturbed, paused)]
    assert losses[0] == losses[1]


def test_a_paused_job_that_waits_may_be_stopped(playground: Playground) -> None:
    paused = playground.post(spiral(), paused=True)["id"]
    with playground.socket(paused) as viewer:
        viewer.until_state("paused")
        guests = [playground.post(spiral(), steps_per_second=1)["id"] for _ in range(2)]
        for guest in guests:
            with playground.socket(guest) as other:
                other.until_state("running")
        assert playground.command(paused, "resume").json()["state"] == "queued"
        worker = playground.worker(paused)
        playground.command(paused, "stop").raise_for_status()
        assert viewer.until_final()["state"] == "stopped"
    assert gone(worker)
    assert playground.client.get("/health").json()["queued"] == 0


def test_slots_are_leased_in_order_and_the_rest_queue(playground: Playground) -> None:
    jobs = [playground.post(spiral())["id"] for _ in range(5)]
    assert [playground.job(job)["position"] for job in jobs] == [None, None, 1, 2, 3]
    health = playground.client.get("/health").json()
    assert (health["devices"][0]["busy"], health["running"], health["queued"]) == (2, 2, 3)
    assert playground.command(jobs[3], "stop").status_code == 202
    stopped = playground.job(jobs[3])
    assert stopped["state"] == "stopped"
    assert stopped["started"] is None
    assert [playground.job(job)["position"] for job in jobs] == [None, None, 1, None, 2]
    with playground.socket(jobs[2]) as viewer:
        playground.command(jobs[1], "stop")
        viewer.until_type("progress")
    assert playground.job(jobs[4])["position"] == 1
    assert not (playground.data / "jobs" / jobs[3] / "worker.log").exists()


def test_a_killed_worker_is_told_in_words_and_frees_its_slot(playground: Playground) -> None:
    job = playground.post(spiral())["id"]
    with playground.socket(job) as viewer:
        viewer.until_type("progress")
        os.kill(playground.worker(job), signal.SIGKILL)
        begun = time.perf_counter()
        failed = viewer.until_type("failed")
        assert viewer.until_final()["state"] == "interrupted"
        assert time.perf_counter() - begun < 5
    assert "signal 9" in failed["message"]["en"]
    assert "信号 9" in failed["message"]["zh"]
    assert "batch size 2 instead of 10" in failed["hint"]["en"]
    assert failed["hint"]["en"] in playground.job(job)["reason"]["en"]
    assert playground.client.get("/health").json()["devices"][0]["busy"] == 0
    assert playground.finish(playground.post(spiral(epochs=1))["id"])["state"] == "completed"


def test_a_worker_that_does_not_answer_is_made_to_stop(playground: Playground) -> None:
    job = playground.post(spiral())["id"]
    with playground.socket(job) as viewer:
        viewer.until_type("progress")
        worker = playground.worker(job)
        # A stopped process ignores even TERM.
        os.kill(worker, signal.SIGSTOP)
        begun = time.perf_counter()
        playground.command(job, "stop")
        assert viewer.until_final()["state"] == "stopped"
        assert time.perf_counter() - begun < 10
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)
    assert "did not answer" in playground.job(job)["reason"]["en"]


def test_one_idempotency_key_makes_one_job(playground: Playground) -> None:
    body = {"experiment": spiral(epochs=1)}
    headers = {"Idempotency-Key": "double click"}
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: playground.client.post("/jobs", json=body, headers=headers), range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    other = playground.client.post("/jobs", json={"experiment": spiral(epochs=2)}, headers=headers)
    assert other.status_code == 409
    assert other.json()["error"]["code"] == "key_reused"


def test_only_ended_jobs_are_deleted(playground: Playground) -> None:
    job = playground.post(spiral())["id"]
    assert playground.client.delete(f"/jobs/{job}").status_code == 409
    playground.command(job, "stop")
    playground.finish(job)
    assert playground.client.delete(f"/jobs/{job}").status_code == 204
    assert playground.client.get(f"/jobs/{job}").status_code == 404
    assert playground.client.delete(f"/jobs/{job}").status_code == 404
    assert not (playground.data / "jobs" / job).exists()


def test_a_job_is_repeated_to_the_last_bit(playground: Playground) -> None:
    first = playground.post(spiral(epochs=3))
    second = playground.post(playground.client.get(f"/jobs/{first['id']}/export/experiment").json())
    curves = []
    for job in (first["id"], second["id"]):
        playground.finish(job)
        curves.append(playground.client.get(f"/jobs/{job}/metrics").json()["loss"])
    assert curves[0] == curves[1]


def test_a_diverging_job_stays_valid_json(playground: Playground) -> None:
    experiment = spiral(epochs=50, optimizer={"op": "sgd", "lr": 10})
    experiment["network"] = [{"id": f"d{n}", "layer": {"op": "dense", "units": 8}} for n in range(4)] + [
        {"id": "out", "layer": {"op": "output"}}
    ]
    job = playground.post(experiment)["id"]
    done = playground.finish(job)
    text = playground.client.get(f"/jobs/{job}/events").text
    assert "NaN" not in text
    assert "Infinity" not in text
    assert None in [loss for event in playground.events(job) if event["type"] == "progress" for loss in event["loss"]]
    assert done["state"] in {"completed", "failed"}
    assert playground.client.get("/jobs").status_code == 200
    assert None in playground.client.get(f"/jobs/{job}/metrics").json()["loss"]


def test_a_full_queue_is_told(strict: Playground) -> None:
    jobs = [strict.post(spiral())["id"] for _ in range(3)]
    refused = strict.client.post("/jobs", json={"experiment": spiral()})
    assert refused.status_code == 503
    assert refused.json()["error"]["code"] == "queue_full"
    for job in reversed(jobs):
        strict.command(job, "stop")
        strict.finish(job)
    assert strict.client.get("/health").json()["queued"] == 0


def test_a_large_job_takes_as_many_slots_as_it_has_threads(tmp_path: Path) -> None:
    experiment = {
        "dataset": {"op": "digits"},
        "network": [
            {"id": "c1", "layer": {"op": "conv2d", "filters": 32}},
            {"id": "a1", "layer": {"op": "relu"}},
            {"id": "c2", "layer": {"op": "conv2d", "filters": 32}},
            {"id": "out", "layer": {"op": "output"}},
        ],
        "training": {"batch_size": 64, "epochs": 1},
    }
    server = Playground(tmp_path, "--slots", "3")
    try:
        first, second = server.post(spiral())["id"], server.post(spiral())["id"]
        large = server.post(experiment)
        assert (large["threads"], large["state"], large["position"]) == (2, "queued", 1)
        # One slot is free, but who came first goes first.
        after = server.post(spiral(epochs=1))["id"]
        assert server.job(after)["position"] == 2
        server.command(first, "stop")
        assert server.finish(large["id"])["state"] == "completed"
        assert next(event["threads"] for event in server.events(large["id"]) if event["type"] == "started") == 2
        assert server.finish(after)["started"] >= server.job(large["id"])["started"]
        server.command(second, "stop")
        server.finish(second)
    finally:
        server.close()
