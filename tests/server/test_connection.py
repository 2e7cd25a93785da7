"""Callers that are slow, long-winded or never listen: each costs little, and is let go."""

from __future__ import annotations

import base64
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from tests.server.playground import PATIENCE, Playground, resident, soon, spiral

PATIENT = 2.0
"""Seconds that this server has patience."""
MIB = 2**20


@pytest.fixture(scope="module")
def brisk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playground]:
    """A server with little patience, which takes few sockets."""
    arguments = ("--slots", "2", "--patience", str(PATIENT), "--max-sockets", "3")
    server = Playground(tmp_path_factory.mktemp("brisk"), *arguments)
    yield server
    server.close()


@contextmanager
def line(server: Playground) -> Iterator[socket.socket]:
    """A bare connection that takes in as little as it can."""
    host, port = server.address.split(":")
    with socket.socket() as bare:
        bare.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        bare.settimeout(PATIENCE)
        bare.connect((host, int(port)))
        yield bare


def request(server: Playground, path: str, *headers: str, method: str = "GET") -> bytes:
    """A request as it goes over the wire."""
    return "\r\n".join((f"{method} {path} HTTP/1.1", f"Host: {server.address}", *headers, "", "")).encode()


def upgrade(server: Playground, job: str) -> bytes:
    """A request for a websocket."""
    key = base64.b64encode(os.urandom(16)).decode()
    headers = ("Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13")
    return request(server, f"/api/jobs/{job}/events?after=0", *headers)


def frame(payload: bytes, opcode: int = 1, *, final: bool = True) -> bytes:
    """A short frame as a client sends it."""
    length = bytes((0x80 | len(payload),)) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2, "big")
    return bytes((opcode | 0x80 * final,)) + length + bytes(4) + payload


def everything(bare: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    said = bytearray()
    try:
        while part := bare.recv(65536):
            said += part
    except ConnectionError:
        pass
    return bytes(said)


def rows(bare: socket.socket) -> list[list[str]]:
    """What the system says of the server's end of a connection; nothing when there is none."""
    port = f":{bare.getsockname()[1]:04X}"
    return [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:] if row.split()[2].endswith(port)]


def holds(server: Playground, bare: socket.socket) -> bool:
    """Whether the server still has a file open for a connection."""
    return not {f"socket:[{row[9]}]" for row in rows(bare)}.isdisjoint(links(server))


def stuck(bare: socket.socket, seconds: float) -> None:
    """Wait until the server has not got rid of anything for a while, though it has something to say."""
    unsent, since = "", time.monotonic()
    while time.monotonic() < since + seconds or not int(unsent or "0", 16):
        now = rows(bare)[0][4].partition(":")[0]
        if now != unsent:
            unsent, since = now, time.monotonic()
        time.sleep(0.01)


def links(server: Playground) -> list[str]:
    """What the server's open files are."""
    found = []
    for file in Path(f"/proc/{server.process.pid}/fd").iterdir():
        try:
            found.append(os.readlink(file))
        except FileNotFoundError:
            continue
    return found


def status(said: bytes) -> int:
    """Status of the first answer."""
    return int(said.split(b" ", 2)[1])


@pytest.mark.parametrize("begin", [b"", b"G", b"GET /api/health HTTP/1.1\r\nHost: loc", b"\r\n"])
def test_a_head_that_does_not_come_is_not_waited_for(brisk: Playground, begin: bytes) -> None:
    with line(brisk) as bare:
        before = time.monotonic()
        bare.sendall(begin)
        assert everything(bare) == b""
        assert PATIENT * 0.9 < time.monotonic() - before < PATIENT + 5


@pytest.mark.parametrize("before", [0, 1])
def test_a_head_that_drips_in_is_not_waited_for(brisk: Playground, before: int) -> None:
    with line(brisk) as bare:
        bare.sendall(request(brisk, "/api/health") * before)
        bare.settimeout(PATIENT / 10)
        said = b"-"
        until = time.monotonic() + PATIENT + 5
        with suppress(ConnectionError):
            while said and time.monotonic() < until:
                bare.sendall(b"X")
                with suppress(TimeoutError):
                    said = bare.recv(4096)
        assert time.monotonic() < until


def test_a_body_that_does_not_come_is_not_waited_for(brisk: Playground) -> None:
    with line(brisk) as bare:
        bare.sendall(request(brisk, "/api/jobs", "Content-Type: application/json", "Content-Length: 10", method="POST") + b"{")
        said = everything(bare)
        assert status(said) == 408
        assert not holds(brisk, bare)


@pytest.mark.parametrize(
    "headers",
    [
        ["Range: bytes=" + ",".join(f"{n}-{n}" for n in range(100_000))],
        ["Cookie: " + "a=b; " * 100_000],
        ["X: y"] * 100_000,
        ["X" * 40_000 + ": y"],
        ["Accept: " + ",".join(f"a/{n}" for n in range(5000))],
    ],
)
def test_long_heads_are_refused(brisk: Playground, headers: list[str]) -> None:
    before = resident(brisk.process.pid)
    for path, more in (("/api/health", []), ("/api/jobs/0123456789ab/events", ["Upgrade: websocket", "Connection: Upgrade"])):
        with line(brisk) as bare:
            started = time.monotonic()
            # It does not listen to the end.
            with suppress(ConnectionError):
                bare.sendall(request(brisk, path, *more, *headers))
            said = everything(bare)
            assert time.monotonic() - started < 5
            if said:
                assert status(said) == 431
                assert b"script-src 'self'" in said
                assert json.loads(said.partition(b"\r\n\r\n")[2])["error"]["code"] == "head_too_large"
            assert soon(lambda bare=bare: not holds(brisk, bare))  # type: ignore[misc]
    assert resident(brisk.process.pid) < before + 20 * MIB
    assert brisk.client.get("/health").status_code == 200


def test_a_head_without_end_is_refused(brisk: Playground) -> None:
    with line(brisk) as bare:
        bare.sendall(b"GET /api/health HTTP/1.1\r\nX: ")
        with pytest.raises(ConnectionError):
            bare.sendall(b"y" * 100 * MIB)


def test_many_parts_are_a_body_like_any_other(brisk: Playground) -> None:
    parts = b"".join(b'--x\r\nContent-Disposition: form-data; name="%d"\r\n\r\n\r\n' % n for n in range(100_000)) + b"--x--\r\n"
    for body, expected in ((parts, {413}), (parts[: MIB - 100], {422})):
        before = time.monotonic()
        for path in ("/jobs", "/networks/check"):
            response = brisk.client.post(path, content=body, headers={"Content-Type": "multipart/form-data; boundary=x"})
            assert response.status_code in expected
            assert len(response.content) < 10_000
        assert time.monotonic() - before < 5


def test_requests_that_run_ahead_of_their_answers_are_bounded(brisk: Playground) -> None:
    with line(brisk) as bare:
        bare.sendall(request(brisk, "/api/health") * 8)
        said = b""
        while said.count(b'"status":"ok"') < 8:
            said += bare.recv(65536)
    with line(brisk) as bare:
        with suppress(ConnectionError):
            bare.sendall(request(brisk, "/api/health") * 2000)
        assert everything(bare).count(b'"status":"ok"') < 2000


def test_who_takes_no_answer_is_let_go(brisk: Playground) -> None:
    job = brisk.post(spiral(epochs=400))["id"]
    brisk.finish(job)
    before = resident(brisk.process.pid)
    with line(brisk) as bare:
        bare.sendall(request(brisk, f"/api/jobs/{job}/events") * 30)
        assert soon(lambda: not holds(brisk, bare), PATIENT * 4 + 5)
    assert resident(brisk.process.pid) < before + 50 * MIB


@pytest.mark.slow
def test_a_viewer_that_never_reads_is_let_go_and_costs_little(brisk: Playground) -> None:
    job = brisk.post(spiral())["id"]
    views = [{"op": "surface"}, {"op": "neurons"}, *({"op": "activations", "example": n} for n in range(8))]
    with brisk.socket(job) as viewer:
        viewer.until_type("progress")
        memory, files = resident(brisk.process.pid), len(links(brisk))
        with line(brisk) as bare:
            bare.sendall(upgrade(brisk, job) + frame(json.dumps({"watch": views}).encode()))
            assert status(bare.recv(64)) == 101
            assert soon(lambda: holds(brisk, bare))
            while holds(brisk, bare):
                viewer.until_type("progress")
                assert resident(brisk.process.pid) < memory + 20 * MIB
        assert len(links(brisk)) <= files
        # Nobody else has noticed anything.
        assert [event["seq"] for event in viewer.events] == list(range(1, len(viewer.events) + 1))
    brisk.command(job, "stop")
    brisk.finish(job)


@pytest.mark.slow
def test_a_viewer_that_wakes_up_too_late_is_told_why(brisk: Playground) -> None:
    job = brisk.post(spiral())["id"]
    with line(brisk) as bare:
        bare.sendall(upgrade(brisk, job) + frame(b'{"watch": [{"op": "surface"}, {"op": "neurons"}]}'))
        stuck(bare, 1.4 * PATIENT)
        assert (1013).to_bytes(2, "big") + b"too slow" in everything(bare)
    brisk.command(job, "stop")
    brisk.finish(job)


@pytest.mark.parametrize(
    "flood",
    [
        frame(b'{"watch": []}') * 500,
        frame(b"x" * 100, 9) * 500,
        frame(b"{", final=False) + frame(b"", 0, final=False) * 500,
    ],
    ids=["messages", "pings", "parts"],
)
def test_a_flood_of_messages_is_stopped(brisk: Playground, flood: bytes) -> None:
    job = brisk.post(spiral(), paused=True)["id"]
    with line(brisk) as bare:
        bare.sendall(upgrade(brisk, job))
        said = bare.recv(65536)
        bare.sendall(flood)
        while (1008).to_bytes(2, "big") + b"at most 20 messages a second" not in said:
            part = bare.recv(65536)
            assert part
            said += part
        # Nothing that it sends from now on is looked at.
        memory = resident(brisk.process.pid)
        bare.settimeout(PATIENCE)
        with suppress(ConnectionError):
            bare.sendall(flood * 1000)
        assert resident(brisk.process.pid) < memory + 20 * MIB
        assert soon(lambda: not holds(brisk, bare))
    brisk.command(job, "stop")
    brisk.finish(job)


def test_messages_at_a_human_pace_are_taken(brisk: Playground) -> None:
    job = brisk.post(spiral(), paused=True)["id"]
    with brisk.socket(job) as viewer:
        for _ in range(50):
            viewer.watch({"op": "surface"})
        viewer.until_picture("surface")
    brisk.command(job, "stop")
    brisk.finish(job)


def test_sockets_of_one_owner_are_counted(brisk: Playground) -> None:
    job = brisk.post(spiral(), paused=True)["id"]
    for _ in range(2):
        with brisk.socket(job), brisk.socket(job), brisk.socket(job):
            with pytest.raises(InvalidStatus) as refused, brisk.socket(job):
                pass
            assert refused.value.response.status_code == 429
            assert b"close some first" in bytes(refused.value.response.body or b"")

        def room() -> bool:
            try:
                with brisk.socket(job):
                    return True
            except InvalidStatus:
                return False

        assert soon(room)
    brisk.command(job, "stop")
    brisk.finish(job)


@pytest.mark.parametrize(
    ("part", "instead", "expected"),
    [
        (b"GET", b"POST", {405}),
        (b"Upgrade: web", b"Content-Length: 3\r\nUpgrade: web", {400}),
        (b"Upgrade: web", b"Transfer-Encoding: chunked\r\nUpgrade: web", {400}),
        (b"Upgrade: web", b"Odd: \xff\xfe\r\nUpgrade: web", {404}),
        (b"?after=0", b"?after=0\xff", {400, 404}),
        (b"Sec-WebSocket-Key: ", b"Sec-WebSocket-Key: %", {400}),
        (b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Version: 1", {400, 426}),
        (b"HTTP/1.1", b"HTTP/1.0", {400, 404}),
    ],
)
def test_odd_requests_for_a_websocket_are_answered(brisk: Playground, part: bytes, instead: bytes, expected: set[int]) -> None:
    with line(brisk) as bare:
        bare.sendall(upgrade(brisk, "0123456789ab").replace(part, instead, 1))
        assert status(everything(bare)) in expected


def test_the_server_may_open_as_many_files_as_the_machine_lets_it(brisk: Playground) -> None:
    limits = Path(f"/proc/{brisk.process.pid}/limits").read_text()
    soft, hard = next(row for row in limits.splitlines() if row.startswith("Max open files")).split()[3:5]
    assert soft == hard


def test_nothing_of_this_was_an_error(brisk: Playground) -> None:
    assert brisk.client.get("/health").status_code == 200
    assert not any("Traceback" in said or "ERROR" in said for said in brisk.said), "".join(brisk.said)
