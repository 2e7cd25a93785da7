"""A disk that is full, a database that is locked, a log that is torn, a store of another release: rows 23 and 25."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from tests.faults.evidence import busy, dropping, kill, result_of, told, undisturbed
from tests.server.playground import FINAL, Playground, soon, spiral

STORE = Path(__file__).parent / "store_1"
"""The data folder of a server of format 1 that was killed with a job done, one at step 126 of 180 and one waiting."""
MOUNT = 'mkdir -p "$0" && mount -t tmpfs -o size=12m tmpfs "$0" && exec "$@"'


@contextmanager
def small_disk(folder: Path) -> Iterator[Playground]:
    """A server whose data lie on a disk of 12 MiB, a tmpfs in a mount namespace of its own: no privilege is needed for that."""
    before = ["unshare", "--map-root-user", "--mount", "sh", "-c", MOUNT, str(folder)]
    server = Playground(folder, "--slots", "1", before=before)
    # The server's view of the disk.
    server.data = Path(f"/proc/{server.process.pid}/root{folder}")
    try:
        yield server
    finally:
        server.close()


def fill(folder: Path) -> Path:
    """Write a file until the disk takes no further byte."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (2**16, 2**12, 2**8, 1):
            with suppress(OSError):
                while file.write(bytes(size)) == size:
                    continue
    return ballast


def sound(server: Playground) -> None:
    """The database is whole, and says of no job that it runs that does not."""
    with closing(sqlite3.connect(server.data / "playground.sqlite")) as database:
        assert database.execute("pragma integrity_check").fetchall() == [("ok",)]


@pytest.mark.fault(23)
def test_a_full_disk_stops_a_job_with_a_clear_state(tmp_path: Path) -> None:
    """Filled the disk (a real tmpfs of 12 MiB) under a running job, freed it, `resume`"""
    with small_disk(tmp_path / "disk") as server:
        expected = undisturbed(server, dropping())
        job = server.post(dropping(), steps_per_second=500)["id"]
        with server.socket(job) as viewer:
            viewer.until(lambda event: event["type"] == "checkpointed" and event["step"] > 300)
            ballast = fill(server.data)
            assert soon(lambda: server.job(job)["state"] in FINAL)
            found = server.job(job)
            if found["state"] != "completed":
                assert found["state"] == "interrupted"
                assert "space" in found["reason"]["en"]
                assert "空间" in found["reason"]["zh"]
                assert busy(server) == 0
        refused = server.client.post("/jobs", json={"experiment": spiral(epochs=1)})
        if refused.status_code != 201:
            assert refused.status_code == 503
            assert re.search("space|full", refused.json()["error"]["message"])
        for path in ("/jobs", f"/jobs/{job}", f"/jobs/{job}/events", f"/jobs/{job}/metrics", "/health", f"/jobs/{job}/checkpoints"):
            assert server.client.get(path).status_code == 200
        ballast.unlink()
        if found["state"] == "interrupted":
            seen = server.job(job)["last_seq"]
            # Its end has to be written down first, for which there is room only now.
            assert soon(lambda: server.command(job, "resume").status_code == 202, 10)
            with server.socket(job, after=seen) as viewer:
                assert viewer.until_state("completed", *FINAL)["state"] == "completed"
        assert result_of(server, job) == expected
        assert server.finish(server.post(spiral(epochs=1))["id"])["state"] == "completed"
        sound(server)


@pytest.mark.fault(23)
def test_a_locked_database_is_waited_for(mortal: Playground) -> None:
    """Held an exclusive transaction on the database for 3 seconds while a job ran and another was asked for"""
    expected = undisturbed(mortal, dropping())
    job = mortal.post(dropping(), steps_per_second=1000)["id"]
    with mortal.socket(job) as viewer:
        viewer.until_type("progress")
        with closing(sqlite3.connect(mortal.data / "playground.sqlite", isolation_level=None)) as database:
            database.execute("begin exclusive")
            until = time.monotonic() + 3
            viewer.until(lambda _event: time.monotonic() > until)
            assert mortal.client.get("/health").status_code == 200
            database.execute("rollback")
        assert viewer.until_final()["state"] == "completed"
    assert result_of(mortal, job) == expected
    sound(mortal)


@pytest.mark.fault(23)
def test_a_database_that_stays_locked_ends_nothing_for_good(mortal: Playground) -> None:
    """Held an exclusive transaction for longer than the server waits (10 s) under a running job, let go, and took it up again"""
    expected = undisturbed(mortal, dropping())
    job = mortal.post(dropping(), steps_per_second=250)["id"]
    with mortal.socket(job) as viewer:
        viewer.until_type("progress")
    with closing(sqlite3.connect(mortal.data / "playground.sqlite", isolation_level=None)) as database:
        database.execute("begin exclusive")
        until = time.monotonic() + 11
        while time.monotonic() < until:
            assert mortal.client.get("/health").status_code == 200
            time.sleep(0.1)
        database.execute("rollback")
    # Either it has gone on, or it says that it has not, or a start of the server says so.
    assert soon(lambda: mortal.job(job)["state"] in FINAL)
    if mortal.job(job)["state"] == "interrupted":
        seen = mortal.job(job)["last_seq"]
        assert mortal.command(job, "resume").status_code == 202
        with mortal.socket(job, after=seen) as viewer:
            assert viewer.until_state("completed", *FINAL)["state"] == "completed"
    assert mortal.job(job)["state"] == "completed"
    assert result_of(mortal, job) == expected
    sound(mortal)


@pytest.mark.fault(23)
def test_torn_logs_are_mended(mortal: Playground) -> None:
    """Cut three logs in mid-line while the server was down: in the last line, 20 lines back, with zeros as after a power cut"""
    expected = undisturbed(mortal, dropping())
    jobs = [mortal.post(dropping(), steps_per_second=500)["id"] for _ in range(3)]
    for job in jobs:
        with mortal.socket(job) as viewer:
            viewer.until(lambda event: event["type"] == "checkpointed" and event["step"] > 400)
            viewer.until_steps(50)
    workers = [mortal.worker(job) for job in jobs]
    kill(mortal)
    for worker in workers:
        # Unless it has been quick and written its last checkpoint already, so that it knows more than the log tells.
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)
    kept: dict[str, bytes] = {}
    for job, back, end in zip(jobs, (1, 20, 2), (b"", b"", bytes(4096)), strict=True):
        path = mortal.data / "jobs" / job / "events.jsonl"
        lines = path.read_bytes().splitlines(keepends=True)
        kept[job] = b"".join(lines[:-back])
        path.write_bytes(kept[job] + lines[-back][:30] + end)
    mortal.start()
    for job in jobs:
        assert mortal.finish(job)["state"] == "completed"
        assert (mortal.data / "jobs" / job / "events.jsonl").read_bytes().startswith(kept[job])
        assert result_of(mortal, job) == expected
    sound(mortal)


def opened(folder: Path) -> Path:
    """A copy of the old store, as a killed server left it; git keeps no empty folders."""
    shutil.copytree(STORE, folder)
    for job in (folder / "jobs").iterdir():
        (job / "checkpoints").mkdir(exist_ok=True)
    return folder


@pytest.mark.fault(25)
def test_a_store_of_the_previous_release_is_taken_over(tmp_path: Path) -> None:
    """Opened a data folder that the previous release (format 1) had left when it was killed with a job in mid-run"""
    data = opened(tmp_path / "data")
    server = Playground(data, "--slots", "1")
    try:
        jobs = {job["name"]: job for job in server.client.get("/jobs").json()["jobs"]}
        assert set(jobs) == {"done", "alive", "waiting"}
        done = jobs["done"]
        assert (done["state"], done["step"], done["mine"]) == ("completed", 9, True)
        assert len(server.events(done["id"])) == 15
        assert server.client.get(f"/jobs/{done['id']}/metrics").json()["of"] == 9
        assert server.client.post(f"/jobs/{done['id']}/predict", json={"inputs": [[1, 2]]}).json()["step"] == 9
        for part in ("experiment", "pytorch", "weights"):
            assert server.client.get(f"/jobs/{done['id']}/export/{part}").status_code == 200
        assert server.command(done["id"], "resume").status_code == 409
        for name in ("alive", "waiting"):
            assert server.finish(jobs[name]["id"])["state"] == "completed"
        assert result_of(server, jobs["alive"]["id"]) == undisturbed(server, jobs["alive"]["experiment"])
        assert told(server.events(jobs["waiting"]["id"])) == told(server.events(done["id"]))
        sound(server)
    finally:
        server.close()


@pytest.mark.fault(25)
def test_a_store_from_the_future_is_refused_in_words(tmp_path: Path) -> None:
    """Opened a store of format 1000, and one that is no database at all"""
    data = opened(tmp_path / "data")
    with closing(sqlite3.connect(data / "playground.sqlite")) as database:
        database.execute("update meta set value = '1000' where name = 'version'")
        database.commit()
    for content in (None, b"this is not a database, " * 100):
        if content:
            (data / "playground.sqlite").write_bytes(content)
        with pytest.raises(AssertionError, match="cannot start") as refused:
            Playground(data)
        assert "Traceback" not in str(refused.value)
        assert content or "1000" in str(refused.value)
        if content is None:
            with closing(sqlite3.connect(data / "playground.sqlite")) as database:
                assert len(database.execute("select id from jobs").fetchall()) == 3
        else:
            assert (data / "playground.sqlite").read_bytes() == content
