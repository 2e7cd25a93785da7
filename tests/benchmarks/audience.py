"""Many viewers of one job in a process of their own, which read as cheaply as Python can: `python -m tests.benchmarks.audience …`."""

from __future__ import annotations

import json
import select
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any

from tests.benchmarks.contestant import REPOSITORY, python
from tests.server.playground import Playground

RECEIVED = 256 * 1024
"""Bytes taken from a socket at once."""
PARTS = 10
"""Steps of each event, evenly spread from its last to its first, whose way is timed."""


@dataclass
class Seat:
    """One websocket and its place in the log."""

    line: socket.socket
    seq: int
    rest: bytes = b""


@dataclass
class Heard:
    """What came in while it was measured."""

    events: dict[int, tuple[float, float]] = field(default_factory=dict)
    """For each progress event, when it was written and the seconds that its steps took."""
    ways: list[tuple[int, float]] = field(default_factory=list)
    """An event's number, and when a viewer had it."""
    messages: int = 0
    bytes: int = 0


def seat(host: str, port: int, job: str, after: int) -> Seat:
    """Open a websocket."""
    line = socket.create_connection((host, port))
    head = (
        f"GET /api/jobs/{job}/events?after={after} HTTP/1.1",
        f"Host: {host}:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        "Sec-WebSocket-Version: 13",
    )
    line.sendall("\r\n".join([*head, "", ""]).encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += line.recv(RECEIVED)
    status, _, rest = answer.partition(b"\r\n\r\n")
    if not status.startswith(b"HTTP/1.1 101"):
        raise RuntimeError(status.decode())
    line.setblocking(False)
    return Seat(line, after, rest)


def take(one: Seat, heard: Heard) -> None:
    """Take in what has come. Raises AssertionError when an event is missing or comes twice."""
    data, now, place = one.rest + one.line.recv(RECEIVED), time.time(), 0
    while len(data) >= place + 4:
        length, begin = data[place + 1], place + 2
        if length == 126:
            length, begin = int.from_bytes(data[place + 2 : place + 4]), place + 4
        elif length == 127:
            length, begin = int.from_bytes(data[place + 2 : place + 10]), place + 10
        if len(data) < begin + length:
            break
        heard.messages += 1
        heard.bytes += length
        if data[place] == 0x81:
            one.seq += 1
            seq = int(data[begin + 7 : data.index(b",", begin)])
            if seq != one.seq:
                raise AssertionError(f"event {seq} instead of {one.seq}")
            if seq not in heard.events:
                heard.events[seq] = timed(json.loads(data[begin : begin + length]))
            heard.ways.append((seq, now))
        place = begin + length
    one.rest = data[place:]


def timed(event: dict[str, Any]) -> tuple[float, float]:
    """When an event was written, and how long its steps took; not a number for events without steps."""
    if event["type"] != "progress":
        return float("nan"), 0.0
    batch = 10
    return datetime.fromisoformat(event["at"]).timestamp(), len(event["step"]) * batch / event["examples_per_second"]


def ages(heard: Heard) -> list[float]:
    """Seconds from a step to a viewer, for each timed step and each viewer, in order."""
    found = []
    for seq, now in heard.ways:
        written, took = heard.events[seq]
        found += [now - written + took * (part + 0.5) / PARTS for part in range(PARTS) if written == written]
    return sorted(found)


def listen(seats: dict[int, Seat], waiting: select.epoll, seconds: float) -> dict[str, float]:
    """Listen for a while; what was heard, in figures."""
    heard = Heard()
    begun = time.monotonic()
    while time.monotonic() < begun + seconds:
        for number, _ in waiting.poll(0.05):
            take(seats[number], heard)
    passed = time.monotonic() - begun
    ordered = ages(heard) or [float("nan")]
    return {
        "seconds": passed,
        "messages": heard.messages,
        "bytes": heard.bytes,
        "median": ordered[len(ordered) // 2],
        "p99": ordered[int(len(ordered) * 0.99)],
    }


def main(host: str, port: int, job: str, after: int, viewers: int) -> None:
    """Sit down, then listen until told otherwise: a line with a number of seconds measures and is answered."""
    seats = {one.line.fileno(): one for one in (seat(host, port, job, after) for _ in range(viewers))}
    waiting = select.epoll()
    for number in seats:
        waiting.register(number, select.EPOLLIN)
    print("ready", flush=True)
    orders = select.epoll()
    orders.register(sys.stdin.fileno(), select.EPOLLIN)
    nothing = Heard()
    while True:
        if orders.poll(0):
            if not (line := sys.stdin.readline()):
                return
            print(json.dumps(listen(seats, waiting, float(line))), flush=True)
        for number, _ in waiting.poll(0.05):
            take(seats[number], nothing)
        nothing.ways.clear()


class Audience:
    """So many viewers of a job, from here on."""

    def __init__(self, server: Playground, job: str, viewers: int) -> None:
        host, _, port = server.address.partition(":")
        after = server.job(job)["last_seq"]
        self._process = subprocess.Popen(
            [python(), "-m", "tests.benchmarks.audience", host, port, job, str(after), str(viewers)],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        if self._process.stdout.readline() != "ready\n":
            raise RuntimeError(f"{viewers} viewers could not sit down")

    def listen(self, seconds: float) -> dict[str, float]:
        """See `listen`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{seconds}\n")
        self._process.stdin.flush()
        heard: dict[str, float] = json.loads(self._process.stdout.readline())
        return heard

    def __enter__(self) -> Audience:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _fault: BaseException | None, _trace: TracebackType | None) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
