"""Numbers that are none, viewers that are cut, long curves: rows 6, 8 and 22."""

from __future__ import annotations

import json
import random
import signal
import socket
import struct
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.faults.evidence import dropping, result_of, undisturbed
from tests.server.playground import PATIENCE, Event, Playground, spiral


def strict(text: str) -> Any:
    """JSON without the numbers that JSON does not have."""
    return json.loads(text, parse_constant=lambda constant: pytest.fail(f"{constant} is not JSON"))


@pytest.mark.fault(6)
def test_a_learning_rate_far_too_high_is_refused_in_words(playground: Playground) -> None:
    """Learning rate 1e3 in a new job and in a running one"""
    response = playground.client.post("/jobs", json={"experiment": spiral(optimizer={"op": "sgd", "lr": 1e3})})
    assert response.status_code == 422
    assert response.json()["error"]["details"][0]["field"] == "lr"
    job = playground.post(spiral(), paused=True)["id"]
    assert playground.command(job, "retune", lr=1e3).status_code == 422


@pytest.mark.fault(6)
def test_a_diverged_job_harms_nothing(playground: Playground) -> None:
    """Diverged to NaN at the highest learning rate that is allowed, then asked everything of the job"""
    experiment = spiral(epochs=50, optimizer={"op": "sgd", "lr": 10})
    experiment["network"] = [
        *({"id": f"d{place}", "layer": {"op": "dense", "units": 8}} for place in range(4)),
        {"id": "out", "layer": {"op": "output"}},
    ]
    job = playground.post(experiment)["id"]
    with playground.socket(job) as viewer:
        viewer.watch({"op": "surface"}, {"op": "neurons"}, {"op": "weights", "node": "d1"})
        assert viewer.until_final()["state"] == "completed"
    (found,) = [event for event in playground.events(job) if event["type"] == "found" and event["op"] == "diverged"]
    assert f"step {found['step']}" in found["text"]["en"]
    assert "发散" in found["text"]["zh"]
    assert found["changes"][0]["value"] < 10
    for path in ("", "/events", "/course", "/metrics", "/checkpoints", "/views/surface", "/views/neurons", "/views/weights?node=d1"):
        response = playground.client.get(f"/jobs/{job}{path}")
        assert response.status_code == 200, response.text
        strict(response.text)
    metrics = playground.client.get(f"/jobs/{job}/metrics").json()
    assert None in metrics["loss"], "the chart has no gap"
    assert metrics["loss"][0] is not None
    answer = playground.client.post(f"/jobs/{job}/predict", json={"inputs": [[1, 2]]})
    assert answer.status_code == 200, answer.text
    strict(answer.text)
    assert any(known["id"] == job for known in strict(playground.client.get("/jobs").text)["jobs"])
    for event in viewer.events:
        strict(json.dumps(event))


@pytest.mark.fault(8)
def test_a_socket_cut_at_100_moments_misses_nothing(mortal: Playground) -> None:
    """Cut 4 viewers' sockets 25 times each (RST); restarted the server by TERM and by kill -9 meanwhile"""
    expected = undisturbed(mortal, dropping(epochs=150))
    # So slow that it cannot end before the server has been restarted twice, however busy the machine; then as fast as it can.
    job = mortal.post(dropping(epochs=150), steps_per_second=100)["id"]

    def faithful(seed: int) -> tuple[list[Event], int]:
        """All events, held once each, over a line that is cut again and again; and how often it was."""
        dice = random.Random(seed)
        held: list[Event] = []
        cuts = 0
        until = time.monotonic() + 90
        while not (held and held[-1].get("state") == "completed" and cuts >= 25):
            assert time.monotonic() < until, (len(held), cuts)
            # When all is told, it goes on being cut while it reads the end again.
            place = len(held) if not (held and held[-1].get("state") == "completed") else dice.randrange(len(held))
            try:
                with mortal.socket(job, after=place, open_timeout=5) as viewer:
                    for number in range(place, place + dice.randint(1, 12)):
                        viewer.until(lambda _event: True)
                        event = viewer.events[-1]
                        assert event["seq"] == number + 1, "a gap or a double"
                        if number < len(held):
                            assert held[number] == event
                        else:
                            held.append(event)
                        if event.get("state") == "completed":
                            break
                    line = viewer.connection.socket
                    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    line.shutdown(socket.SHUT_RDWR) if dice.random() < 0.5 else line.close()
                    cuts += 1
            except (OSError, InvalidHandshake, ConnectionClosed, EOFError):
                # The server is away or has just gone; the held events stay.
                continue
        return held, cuts

    with ThreadPoolExecutor(4) as threads:
        viewers = [threads.submit(faithful, seed) for seed in range(4)]
        for number in (signal.SIGTERM, signal.SIGKILL):
            with mortal.socket(job, after=mortal.job(job)["last_seq"]) as viewer:
                viewer.until(lambda event: event["type"] == "checkpointed" and event["step"] > 0)
                viewer.until_type("progress")
            mortal.end(number)
            mortal.start()
        mortal.command(job, "pace").raise_for_status()
        results = [viewer.result() for viewer in viewers]
    log = mortal.log_file(job)
    assert all(held == log for held, _cuts in results)
    assert sum(cuts for _held, cuts in results) >= 100
    assert result_of(mortal, job) == expected


@pytest.mark.fault(22)
def test_one_spike_among_a_million_points_is_seen(playground: Playground) -> None:
    """Wrote 10^6 losses with one spike into the log of a job that had ended, and asked for 1,000 and 10 points"""
    job = playground.post(spiral(epochs=1))["id"]
    playground.finish(job)
    path = playground.data / "jobs" / job / "events.jsonl"
    head = [event for event in playground.log_file(job) if event["type"] in ("state", "started")][:4]
    points, spike, size = 10**6, 654_321, 10_000
    events: list[Event] = [*head]
    for begin in range(0, points, size):
        loss = [round(0.5 + 0.1 * ((step * 7919) % 1000) / 1000, 4) for step in range(begin + 1, begin + size + 1)]
        if begin < spike <= begin + size:
            loss[spike - begin - 1] = 99.0
        events.append(
            {
                "type": "progress",
                "step": list(range(begin + 1, begin + size + 1)),
                "loss": loss,
                "low": None,
                "high": None,
                "examples_per_second": 1.0,
            }
        )
    events.append({"type": "state", "state": "completed", "step": points, "reason": None})
    path.write_text("".join(json.dumps({**event, "seq": seq, "at": head[0]["at"]}) + "\n" for seq, event in enumerate(events, start=1)))
    for most in (1000, 10):
        begun = time.monotonic()
        metrics = playground.client.get(f"/jobs/{job}/metrics", params={"points": most}, timeout=PATIENCE).json()
        assert time.monotonic() - begun < 10
        assert metrics["of"] == points
        assert metrics["shown"] == len(metrics["step"]) == len(metrics["loss"]) <= most
        assert (metrics["step"][0], metrics["step"][-1]) == (1, points)
        assert dict(zip(metrics["step"], metrics["high"], strict=True)).get(spike) == 99.0
    assert playground.client.delete(f"/jobs/{job}").status_code == 204
