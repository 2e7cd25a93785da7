"""What a restart of the server leaves true: nothing runs that says so, nothing that waited is lost."""

from __future__ import annotations

import signal
import subprocess
import sys

from tests.server.playground import REPOSITORY, Playground, gone, spiral


def test_jobs_are_found_again(strict: Playground) -> None:
    server = strict
    for number, code in ((signal.SIGKILL, -9), (signal.SIGTERM, 0)):
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
        assert server.finish(waiting)["state"] == "completed"
        found = server.job(running)
        assert found["state"] == "interrupted"
        assert "server" in found["reason"]["en"]
        assert "服务器" in found["reason"]["zh"]
        after = server.log_file(running)
        assert after[: len(before)] == before
        assert [event["seq"] for event in after] == list(range(1, len(after) + 1))
        assert after[-1]["state"] == "interrupted"
        assert found["last_seq"] == len(after)
        # The worker wrote a last checkpoint when its server had gone.
        last = server.client.get(f"/jobs/{running}/checkpoints").json()["checkpoints"][-1]
        assert last["step"] >= max(event["step"][-1] for event in after if event["type"] == "progress")
        assert server.client.post(f"/jobs/{running}/predict", json={"inputs": [[1, 1]]}).json()["step"] == last["step"]


def test_a_port_that_is_taken_is_told_in_words(playground: Playground) -> None:
    port = playground.address.split(":")[1]
    ended = subprocess.run([sys.executable, "-m", "server", "--port", port], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "PLAYGROUND_PORT" in ended.stderr
