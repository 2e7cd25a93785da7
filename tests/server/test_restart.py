"""What a restart of the server leaves true: nothing runs that says so, nothing that waited is lost."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tests.server.conftest import Launch
from tests.server.playground import PATIENCE, Playground, spiral


def gone(process: int) -> bool:
    """Whether a process ends while one waits for it."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        os.sched_yield()
    return False


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_jobs_are_found_again(launch: Launch, number: signal.Signals) -> None:
    server = launch("--slots", "1")
    running, waiting = server.post(spiral())["id"], server.post(spiral(epochs=1))["id"]
    with server.socket(running) as viewer:
        viewer.until(lambda event: event["type"] == "checkpointed" and event["step"] > 0)
    worker = server.worker(running)
    assert server.end(number) == (-9 if number == signal.SIGKILL else 0)
    assert gone(worker)
    before = server.log_file(running)
    server.start()
    assert server.finish(waiting)["state"] == "completed"
    found = server.job(running)
    assert found["state"] == "interrupted"
    assert "server" in found["reason"]["en"]
    assert "服务器" in found["reason"]["zh"]
    log = server.log_file(running)
    assert log[: len(before)] == before
    assert [event["seq"] for event in log] == list(range(1, len(log) + 1))
    assert log[-1]["state"] == "interrupted"
    assert found["last_seq"] == len(log)
    # The worker wrote a last checkpoint when its server had gone.
    last = server.client.get(f"/jobs/{running}/checkpoints").json()["checkpoints"][-1]
    assert last["step"] >= max(event["step"][-1] for event in log if event["type"] == "progress")
    assert server.client.post(f"/jobs/{running}/predict", json={"inputs": [[1, 1]]}).json()["step"] == last["step"]


def test_a_torn_log_is_mended(launch: Launch) -> None:
    server = launch()
    job = server.post(spiral())["id"]
    with server.socket(job) as viewer:
        viewer.until_type("progress")
    server.end(signal.SIGKILL)
    whole = server.log_file(job)
    with (server.data / "jobs" / job / "events.jsonl").open("ab") as log:
        log.write(b'{"seq":999,"at":"2026-01-01T00:0')
    server.start()
    events = server.events(job)
    assert events[: len(whole)] == whole
    assert [event["seq"] for event in events] == list(range(1, len(whole) + 2))


def test_a_store_of_another_version_is_refused_with_words(launch: Launch, tmp_path: Path) -> None:
    from sqlalchemy import create_engine, text

    server = launch()
    server.end()
    engine = create_engine(f"sqlite:///{server.data / 'playground.sqlite'}")
    with engine.begin() as connection:
        connection.execute(text("update meta set value = '99'"))
    engine.dispose()
    with pytest.raises(AssertionError, match="format 99"):
        server.start()
    assert server.process.wait(PATIENCE) == 1


def test_a_port_that_is_taken_is_told_in_words(playground: Playground, launch: Launch) -> None:
    with pytest.raises(AssertionError, match="PLAYGROUND_PORT"):
        launch("--port", playground.address.split(":")[1])
