"""Many viewers of one job: what the server pays for each delivery, and how long an event is on its way.

`python -m tests.benchmarks.viewers [--viewers 1000] [--seconds 10] [--rate 300]`
"""

from __future__ import annotations

import argparse
import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from tests.server.playground import Playground, spiral

RECEIVED = 256 * 1024
"""Bytes that the client takes from a socket at once."""


class Viewer:
    """One websocket, read as cheaply as Python can."""

    def __init__(self, host: str, port: int, job: str, after: int) -> None:
        self.socket = socket.create_connection((host, port))
        self.socket.sendall(
            f"GET /api/jobs/{job}/events?after={after} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        self.rest = b""
        while b"\r\n\r\n" not in self.rest:
            self.rest += self.socket.recv(RECEIVED)
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise RuntimeError(head.decode())
        self.socket.setblocking(False)
        self.seq = after

    def watch(self, *views: dict[str, Any]) -> None:
        """Choose pictures, in one masked frame (the mask is zero)."""
        text = json.dumps({"watch": views}).encode()
        self.socket.setblocking(True)
        self.socket.sendall(bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text)
        self.socket.setblocking(False)

    def take(self, noted: list[float], sizes: Counter[str]) -> None:
        """Take in what has come; note how long each event was on its way."""
        data = self.rest + self.socket.recv(RECEIVED)
        now, place = time.time(), 0
        while len(data) >= place + 10:
            length, begin = data[place + 1], place + 2
            if length == 126:
                length, begin = int.from_bytes(data[place + 2 : place + 4]), place + 4
            elif length == 127:
                length, begin = int.from_bytes(data[place + 2 : place + 10]), place + 10
            if len(data) < begin + length:
                break
            sizes["messages"] += 1
            sizes["bytes"] += length
            if data[place] == 0x81:
                seq, _, rest = data[begin + 7 : begin + 60].partition(b",")
                self.seq += 1
                if int(seq) != self.seq:
                    raise AssertionError(f"event {int(seq)} instead of {self.seq}")
                noted.append(now - moment(rest[6:30]))
            place = begin + length
        self.rest = data[place:]


_moments: dict[bytes, float] = {}


def moment(text: bytes) -> float:
    """Seconds since 1970 of an event's `at`."""
    if text not in _moments:
        _moments[text] = datetime.fromisoformat(text.decode()).timestamp()
    return _moments[text]


def client(host: str, port: int, job: str, after: int, viewers: int, watching: int, seconds: float, server: int) -> None:
    """All viewers, in this process; prints what they saw as JSON."""
    everyone = [Viewer(host, port, job, after) for _ in range(viewers)]
    for viewer in everyone[:watching]:
        viewer.watch({"op": "surface"}, {"op": "neurons"})
    waiting = select.epoll()
    places = {viewer.socket.fileno(): viewer for viewer in everyone}
    for number in places:
        waiting.register(number, select.EPOLLIN)
    noted: list[float] = []
    sizes: Counter[str] = Counter()

    def follow(seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            for number, _ in waiting.poll(left):
                places[number].take(noted, sizes)

    follow(1)
    request = Request(f"http://{host}:{port}/api/jobs/{job}/commands", b'{"op": "resume"}', {"content-type": "application/json"})
    urlopen(request).close()
    follow(1)
    noted.clear()
    sizes.clear()
    begun, before, kernel = time.monotonic(), cpu(server), cpu(server, 12)
    follow(seconds)
    passed = time.monotonic() - begun
    noted.sort()
    spent = cpu(server) - before
    print(
        json.dumps(
            {
                "events": len(noted),
                "messages_per_second": round(sizes["messages"] / passed),
                "megabytes_per_second": round(sizes["bytes"] / passed / 1e6, 1),
                "server_cores": round(spent / passed, 3),
                "of_it_in_the_kernel": round((cpu(server, 12) - kernel) / spent, 2),
                "microseconds_per_delivery": round(1e6 * spent / max(1, sizes["messages"]), 2),
                "median_ms": round(1000 * noted[len(noted) // 2], 1),
                "p99_ms": round(1000 * noted[int(len(noted) * 0.99)], 1),
                "client_cores": round(time.process_time() / passed, 2),
            }
        )
    )


def cpu(process: int, first: int = 11) -> float:
    """Seconds that a process has computed; with 12 only those in the kernel."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[first:13])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Start a server and a job, and let the viewers look on."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--viewers", type=int, default=1000)
    parser.add_argument("--watching", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rate", type=float, default=None)
    parser.add_argument("--client", nargs=8)
    given = parser.parse_args()
    if given.client:
        host, port, job, after, viewers, watching, seconds, server = given.client
        client(host, int(port), job, int(after), int(viewers), int(watching), float(seconds), int(server))
        return
    with tempfile.TemporaryDirectory() as folder:
        playground = Playground(Path(folder), "--max-sockets", "5000", "--patience", "120")
        try:
            job = playground.post(spiral(), steps_per_second=given.rate, paused=True)["id"]
            host, _, port = playground.address.partition(":")
            arguments = (host, port, job, 0, given.viewers, given.watching, given.seconds, playground.process.pid)
            subprocess.run(
                [sys.executable, "-m", "tests.benchmarks.viewers", "--client", *map(str, arguments)],
                check=True,
                cwd=Path(__file__).parents[2],
            )
        finally:
            playground.close()


if __name__ == "__main__":
    main()
