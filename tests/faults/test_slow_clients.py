"""Clients that never read and clients that hardly write, both at once because the server gives each half a minute: rows 7 and 24."""

from __future__ import annotations

import base64
import json
import os
import select
import socket
import struct
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.server.playground import Playground, Viewer, alive, resident, soon, spiral


class Deaf:
    """A client that opens a websocket, asks for pictures, and never reads a byte."""

    def __init__(self, server: Playground, job: str) -> None:
        host, port = server.address.split(":")
        self.line = socket.socket()
        self.line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.line.connect((host, int(port)))
        self.port = self.line.getsockname()[1]
        key = base64.b64encode(os.urandom(16)).decode()
        self.line.sendall(
            f"GET /api/jobs/{job}/events?after=0 HTTP/1.1\r\nHost: {server.address}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        wish = json.dumps({"watch": [{"op": "surface"}, {"op": "neurons"}]}).encode()
        mask = os.urandom(4)
        self.line.sendall(
            struct.pack(">BBH", 0x81, 0x80 | 126, len(wish)) + mask + bytes(byte ^ mask[n % 4] for n, byte in enumerate(wish))
        )

    def connected(self, server: Playground) -> bool:
        """Whether the server still holds its end."""
        here, there = f":{int(server.address.split(':')[1]):04X}", f":{self.port:04X}"
        held = _sockets(server)
        with open("/proc/net/tcp") as table:
            rows = [line.split() for line in table]
        return any(row[1].endswith(here) and row[2].endswith(there) and row[9] in held for row in rows[1:])


def _sockets(server: Playground) -> set[str]:
    folder = f"/proc/{server.process.pid}/fd"
    found = set()
    for name in os.listdir(folder):
        try:
            link = os.readlink(f"{folder}/{name}")
        except FileNotFoundError:
            continue
        if link.startswith("socket:["):
            found.add(link[8:-1])
    return found


def never_read(playground: Playground) -> None:
    """Five clients that want pictures of a job at full speed and never read."""
    job = playground.post(spiral())["id"]

    def speed(viewer: Viewer) -> float:
        """Steps a second over a second and a half."""
        viewer.events.clear()
        first = viewer.until_type("progress")["step"][-1]
        begun = time.monotonic()
        last = viewer.until(lambda event: event["type"] == "progress" and time.monotonic() > begun + 1.5)["step"][-1]
        return float(last - first) / (time.monotonic() - begun)

    with playground.socket(job, ping_interval=None) as viewer:
        viewer.watch({"op": "surface"}, {"op": "neurons"})
        viewer.until_type("progress")
        alone = speed(viewer)
        before = resident(playground.process.pid)
        deaf = [Deaf(playground, job) for _ in range(5)]
        assert soon(lambda: all(client.connected(playground) for client in deaf))
        among, most = speed(viewer), before
        begun = time.monotonic()
        while any(client.connected(playground) for client in deaf):
            assert time.monotonic() < begun + 90, "they are still connected"
            viewer.next()
            viewer.events.clear()
            viewer.pictures.clear()
            most = max(most, resident(playground.process.pid))
        print(f"{alone:.0f} steps/s alone, {among:.0f} among clients that never read")
        print(f"{(most - before) / 2**20:.1f} MiB more; let go after {time.monotonic() - begun:.0f} s")
        assert most - before < 60 * 2**20
        assert among > 0.5 * alone
    for client in deaf:
        rest = b""
        while chunk := _rest(client.line):
            rest = (rest + chunk)[-4096:]
        client.line.close()
    playground.command(job, "stop")
    with playground.socket(job) as viewer:
        viewer.until_final()
        assert viewer.events == playground.log_file(job)


def _rest(line: socket.socket) -> bytes:
    try:
        return line.recv(2**16)
    except ConnectionError:
        return b""


def hardly_write(playground: Playground) -> None:
    """A hundred clients that send a body byte by byte, some with a length, some in chunks."""
    host, port = playground.address.split(":")
    before = resident(playground.process.pid)
    lines = []
    for number in range(100):
        line = socket.create_connection((host, int(port)), 20)
        length = "Content-Length: 100000" if number % 2 else "Transfer-Encoding: chunked"
        line.sendall(
            f"POST /api/jobs HTTP/1.1\r\nHost: {playground.address}\r\nContent-Type: application/json\r\n{length}\r\n\r\n".encode()
        )
        lines.append(line)
    begun = time.monotonic()
    answers: dict[int, bytes] = {}
    slowest = 0.0
    while len(answers) < len(lines):
        assert time.monotonic() < begun + 60, f"{len(lines) - len(answers)} are still waited for"
        for number, line in enumerate(lines):
            if number not in answers:
                try:
                    line.sendall(b" " if number % 2 else b"1\r\n \r\n")
                except ConnectionError:
                    answers[number] = b""
        asked = time.monotonic()
        assert playground.client.get("/health").status_code == 200
        slowest = max(slowest, time.monotonic() - asked)
        waited = [line for number, line in enumerate(lines) if number not in answers]
        for line in select.select(waited, [], [], 0.5)[0]:
            try:
                answers[lines.index(line)] = line.recv(1000)
            except ConnectionError:
                answers[lines.index(line)] = b""
    print(f"the last was let go after {time.monotonic() - begun:.0f} s; others waited {1000 * slowest:.0f} ms at most")
    for line in lines:
        line.close()
    assert all(answer == b"" or answer.startswith((b"HTTP/1.1 408", b"HTTP/1.1 429", b"HTTP/1.1 503")) for answer in answers.values()), (
        answers
    )
    assert slowest < 2
    assert resident(playground.process.pid) < before + 60 * 2**20
    assert alive(playground.process.pid)


@pytest.fixture(scope="module")
def slow_clients(_shared: Playground) -> Iterator[tuple[Future[None], Future[None]]]:
    """Both kinds, at work."""
    with ThreadPoolExecutor(2) as threads:
        yield threads.submit(never_read, _shared), threads.submit(hardly_write, _shared)
    _shared.stop_all()


@pytest.mark.fault(7)
@pytest.mark.timeout(180)
def test_clients_that_never_read_cost_nothing_and_are_let_go(slow_clients: tuple[Future[None], Future[None]]) -> None:
    """Five clients with pictures of a job at full speed that never read, until each is let go"""
    slow_clients[0].result()


@pytest.mark.fault(24)
@pytest.mark.timeout(180)
def test_slow_bodies_hold_nothing_up(slow_clients: tuple[Future[None], Future[None]]) -> None:
    """100 clients that send a body byte by byte, some with a length, some in chunks, until the server has had enough"""
    slow_clients[1].result()
