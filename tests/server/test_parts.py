"""Parts of the service by themselves: log, store, thinning, settings."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from models.events import Checkpointed, Frame
from server.artifacts import checkpoint_path, checkpoints_in, thin_checkpoints
from server.lease import Lease, see_off
from server.log import TAIL, Log
from server.metrics import thinned
from server.states import BEFORE, FINAL, died
from server.store import DuplicateKey, Job, Store, StoreError
from server.wire import Said, pack, unpack


def test_the_log_numbers_events_and_is_read_from_any_place(tmp_path: Path) -> None:
    heard: list[int] = []
    log = Log(tmp_path / "log", lambda: heard.append(1))
    for number in range(2 * TAIL):
        assert log.append(json.dumps({"n": number, "text": "\u2028行"}, ensure_ascii=False).encode()) == number + 1
    assert len(heard) == log.last_seq == 2 * TAIL
    assert [json.loads(line)["n"] for line in log.rest(500)] == list(range(500, 2 * TAIL))
    assert log.recent(0) is None
    assert log.recent(2 * TAIL) == [] == log.recent(2 * TAIL + 5) == log.read(2 * TAIL + 5)
    assert log.recent(2 * TAIL - 3) == log.read(2 * TAIL - 3) == log.rest(2 * TAIL - 3)
    assert len(log.read(0, most=1)) == 1


@pytest.mark.parametrize("torn", [b'{"seq":3,', b'{"seq":3,"at":"x"}', b"garbage\n", b"\x00\xff\n", b'["seq"]\n', b"\n\n"])
def test_a_torn_end_is_cut_off(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "log"
    log = Log(path)
    log.append(b'{"a":1}')
    log.append(b'{"a":2}')
    whole = path.read_bytes()
    path.write_bytes(whole + torn)
    again = Log(path)
    assert again.last_seq == 2
    assert path.read_bytes() == whole
    assert again.append(b'{"a":3}') == 3
    assert [json.loads(line)["seq"] for line in Log(path).rest()] == [1, 2, 3]


def test_many_threads_share_a_log(tmp_path: Path) -> None:
    log = Log(tmp_path / "log")
    threads = [threading.Thread(target=lambda: [log.append(b'{"a":1}') for _ in range(200)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [json.loads(line)["seq"] for line in log.rest()] == list(range(1, 801))


def test_who_reads_does_not_wait_for_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log(tmp_path / "log")
    log.append(b'{"a":1}')
    waiting, done = threading.Event(), threading.Event()

    def slow(_file: int) -> None:
        waiting.set()
        assert done.wait(30)

    monkeypatch.setattr("os.fsync", slow)
    writer = threading.Thread(target=log.append, args=(b'{"a":2}',), kwargs={"sync": True})
    writer.start()
    assert waiting.wait(30)
    # Nobody hears of what the disk does not have.
    assert log.last_seq == 1
    assert [json.loads(line)["a"] for line in (*(log.recent(0) or ()), *log.read(0))] == [1, 1]
    done.set()
    writer.join()
    assert log.last_seq == 2


def test_a_log_that_cannot_be_written_stays_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log(tmp_path / "log")
    log.append(b'{"a":1}')
    real, calls = __import__("os").pwrite, []

    def full(file: int, data: bytes, place: int) -> int:
        calls.append(place)
        if len(calls) > 1:
            raise OSError(28, "No space left on device")
        written: int = real(file, data[:5], place)
        return written

    monkeypatch.setattr("os.pwrite", full)
    with pytest.raises(OSError, match="No space"):
        log.append(b'{"a":2}')
    monkeypatch.undo()
    assert log.last_seq == 1
    assert len(Log(tmp_path / "log").rest()) == 1
    assert log.append(b'{"a":2}') == 2


def job_row(job_id: str, **values: object) -> Job:
    plain: dict[str, Any] = {
        "name": "n",
        "owner": "local",
        "state": "queued",
        "reason": None,
        "experiment": "{}",
        "options": {},
        "key": None,
        "fingerprint": None,
        "created": "now",
        "parameters": 1,
        "device": "cpu",
        "threads": 1,
    }
    return Job(id=job_id, **{**plain, **values})


def test_states_change_by_compare_and_set_only(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'db'}", tmp_path / "jobs")
    store.create(job_row("a"))
    assert not store.move("a", "running")
    assert store.move("a", "starting")
    assert store.move("a", "running", step=3)
    assert store.move("a", "completed")
    for state in BEFORE:
        assert not store.move("a", state)
    row = store.get("a")
    assert row is not None
    assert (row.state, row.step) == ("completed", 3)
    assert not store.move("unknown", "starting")
    store.close()


def test_of_many_threads_one_moves_a_job(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'db'}", tmp_path / "jobs")
    store.create(job_row("a"))
    moved: list[bool] = []
    threads = [threading.Thread(target=lambda: moved.append(store.move("a", "starting"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert moved.count(True) == 1
    store.create(job_row("b", key="same"))
    with pytest.raises(DuplicateKey):
        store.create(job_row("c", key="same"))
    assert store.get("c") is None
    assert not store.folder("c").exists()
    assert not store.delete("b")
    assert store.move("b", "stopped")
    assert store.delete("b")
    store.close()


def test_a_store_of_another_version_is_refused_with_words(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'db'}"
    Store(url, tmp_path / "jobs").close()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("update meta set value = '99'"))
    engine.dispose()
    with pytest.raises(StoreError, match="format 99; this server reads formats 1 to 2"):
        Store(url, tmp_path / "jobs")


def test_a_store_that_cannot_be_written_is_refused_with_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be opened"):
        Store("sqlite:///:memory:", tmp_path / "file" / "jobs")


def test_final_states_stay() -> None:
    assert {state for state in BEFORE if BEFORE[state] & FINAL} == {"queued"}
    assert BEFORE["queued"] == {"interrupted", "paused"}


def test_ends_have_words() -> None:
    assert "memory" in died(-9, 1024).hint.en  # type: ignore[union-attr]
    assert "SIGSEGV" in died(-11, 8).message.en
    assert "退出码 3" in died(3, 8).message.zh
    assert "200" in died(-200, 8).message.en


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e6)), max_size=300), st.integers(10, 50))
def test_thinning_keeps_ends_extremes_and_gaps(values: list[float | None], points: int) -> None:
    kept = thinned(values, values, points)
    assert len(kept) <= points
    assert kept == sorted(set(kept))
    if values:
        assert {0, len(values) - 1} <= set(kept)
        known = [value for value in values if value is not None]
        shown = [values[index] for index in kept]
        if known:
            assert max(known) in shown
            assert min(known) in shown
        assert (None in values) == (None in shown)


def test_one_spike_in_a_million_stays_visible() -> None:
    low = [1.0] * 10**6
    high = list(low)
    high[654_321] = 99.0
    assert 654_321 in thinned(low, high, 1000)


def test_checkpoints_are_thinned_and_the_newest_stay(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").mkdir()
    for step in range(0, 1000, 10):
        checkpoint_path(tmp_path, step).write_bytes(b"")
        thin_checkpoints(tmp_path, 2**30)
        steps = [known for known, _path in checkpoints_in(tmp_path)]
        assert steps[0] == 0
        assert steps[-2:] == [step - 10, step] or step == 0
        assert len(steps) <= 40
    gaps = [later - earlier for earlier, later in pairwise(steps)]
    assert len(steps) >= 20
    assert max(gaps) <= 160


@pytest.mark.parametrize("budget", [0, 100, 1000])
def test_checkpoints_keep_within_their_budget_of_bytes(tmp_path: Path, budget: int) -> None:
    (tmp_path / "checkpoints").mkdir()
    for step in range(50):
        checkpoint_path(tmp_path, step).write_bytes(b"x" * 30)
        thin_checkpoints(tmp_path, budget)
        steps = [known for known, _path in checkpoints_in(tmp_path)]
        assert steps[-2:] == [step - 1, step] or step == 0
        assert 30 * len(steps) <= max(budget, 60)
    assert 30 * len(steps) >= min(budget, 60) / 2


def test_a_lease_ends_with_its_holder_and_not_before(tmp_path: Path) -> None:
    script = """
import pathlib, sys, time
from server.lease import Lease
print(Lease(pathlib.Path(sys.argv[1])).take(), flush=True)
time.sleep(600)
"""
    command = [sys.executable, "-c", script, str(tmp_path / "lock")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        lease = Lease(tmp_path / "lock")
        assert not lease.take()
        assert lease.holder == holder.pid
        # Whoever does not let go in time is killed.
        see_off(tmp_path / "lock", 0.1)
        assert holder.wait(10) == -9
    assert lease.take()


def test_messages_survive_the_pipe() -> None:
    said = unpack(pack(Checkpointed(step=7, epoch=0.5)))
    assert said == Said("checkpointed", 7, b'{"type":"checkpointed","step":7,"epoch":0.5}')
    frame = Frame('{"op":"surface"}', 3, b"\x00\xff")
    assert unpack(pack(frame)) == frame
