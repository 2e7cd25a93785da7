"""Lets jobs come and go and viewers connect, watch and cut for a while, and looks whether the server grows: `make soak`.

Every few seconds it looks at the memory of the server, its forkserver and its inference processes. At the beginning and at the end,
when all is quiet, it counts processes, threads, open files and sockets.
"""

from __future__ import annotations

import argparse
import os
import random
import socket
import struct
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.chaos import KINDS
from tests.server.playground import FINAL, Playground, children, resident, soon

SLOTS = 2
VIEWERS = 4
KEPT = 12
"""Jobs that stay in the list; older ones are deleted."""
VIEWS = ({"op": "surface"}, {"op": "neurons"}, {"op": "confusion"}, {"op": "weights", "node": "n0"}, {"op": "fit"})
LARGEST_GROWTH = 0.10
LAZY = {"threads": 16}
"""Of what there may be a little more in the end: the pools make a thread when all that they have are busy, and keep it."""
SETTLING = 60.0
"""Seconds of each quiet time in which what was open has to close."""


@dataclass(frozen=True)
class Sample:
    """The server at a moment: bytes, and numbers of things."""

    memory: int
    """Of the server, its forkserver and its inference processes; workers come and go."""
    server: int
    """Of the server alone."""
    processes: int
    threads: int
    files: int
    sockets: int


def sample(server: Playground) -> Sample:
    """Look at the server."""
    main = server.process.pid
    forkservers = children(main)
    # The first two children of the forkserver answer questions; the others are workers.
    inference = [child for parent in forkservers for child in sorted(children(parent))[:2]]
    # Connections to the database are kept in a pool of its own, which has a limit.
    links = [link for path in Path(f"/proc/{main}/fd").iterdir() if "playground.sqlite" not in (link := _link(path))]
    return Sample(
        memory=sum(resident(process) for process in (main, *forkservers, *inference)),
        server=resident(main),
        processes=len(server.processes),
        threads=len(list(Path(f"/proc/{main}/task").iterdir())),
        files=len(links),
        sockets=sum(link.startswith("socket:") for link in links),
    )


def _link(path: Path) -> str:
    try:
        return os.readlink(path)
    except FileNotFoundError:
        return ""


class Crowd:
    """People who use the server until they are told to go home."""

    def __init__(self, server: Playground, seed: int) -> None:
        self._server = server
        self._over = threading.Event()
        self.done: Counter[str] = Counter()
        self.faults: list[str] = []
        work: list[Callable[[random.Random], None]] = [self._start_jobs, *[self._watch] * VIEWERS, self._ask]
        self._threads = [threading.Thread(target=self._keep, args=(do, random.Random(seed + n))) for n, do in enumerate(work)]

    def come(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def go_home(self) -> None:
        """Leave, with every job stopped."""
        self._over.set()
        for thread in self._threads:
            thread.join()
        self._server.stop_all()

    def _keep(self, do: Callable[[random.Random], None], dice: random.Random) -> None:
        while not self._over.is_set():
            try:
                do(dice)
            except (ConnectionClosed, InvalidHandshake, TimeoutError, EOFError):
                # The job was deleted, or has said its last word.
                continue
            except Exception as fault:
                self.faults.append(f"{type(fault).__name__}: {fault}")
                self._over.wait(1)

    def _jobs(self) -> list[dict[str, str]]:
        jobs: list[dict[str, str]] = self._server.client.get("/jobs?limit=500").json()["jobs"]
        return jobs

    def _any(self, dice: random.Random) -> str:
        soon(lambda: bool(self._jobs()))
        return dice.choice(self._jobs())["id"]

    def _start_jobs(self, dice: random.Random) -> None:
        experiment, pace = KINDS[dice.choice(list(KINDS))]
        job = self._server.post(experiment, paused=dice.random() < 0.2, steps_per_second=2 * pace)["id"]
        self.done["jobs"] += 1
        ends = dice.choice(("by itself", "by itself", "stop", "resume"))
        self._over.wait(dice.random())
        if ends == "stop":
            self._server.command(job, "stop")
        else:
            self._server.command(job, "resume")
        soon(lambda: self._over.is_set() or sum(known["state"] not in FINAL for known in self._jobs()) <= SLOTS, 60)
        ended = [known["id"] for known in self._jobs() if known["state"] in FINAL]
        for old in ended[KEPT:]:
            self._server.client.delete(f"/jobs/{old}")

    def _watch(self, dice: random.Random) -> None:
        job = self._any(dice)
        with self._server.socket(job, after=dice.choice((0, 0, 50))) as viewer:
            viewer.watch(*dice.sample(VIEWS, dice.randint(1, len(VIEWS))))
            for _ in range(dice.randint(1, 120)):
                viewer.next(2)
                if self._over.is_set():
                    break
            self.done["messages"] += len(viewer.events)
            self.done["pictures"] += len(viewer.pictures)
            if dice.random() < 0.5:
                line = viewer.connection.socket
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                line.close()
                self.done["cut"] += 1
        self.done["viewers"] += 1

    def _ask(self, dice: random.Random) -> None:
        job = self._any(dice)
        path = dice.choice(("", "/events", "/course", "/metrics", "/checkpoints", "/views/surface", "/export/pytorch", "/export/weights"))
        self._server.client.get(f"/jobs/{job}{path}")
        self._server.client.post(f"/jobs/{job}/predict", json={"inputs": [[dice.random(), dice.random()]]})
        experiment = {**KINDS["dropout"][0], "dataset": {"op": "spiral", "samples": dice.randint(50, 500)}}
        self._server.client.post("/networks/check", json=experiment)
        self._server.client.post("/networks/draw", json={"experiment": experiment, "views": [{"op": "surface"}, {"op": "neurons"}]})
        self._server.client.get(f"/datasets/{dice.choice(('spiral', 'moons', 'iris', 'digits'))}/preview")
        self.done["questions"] += 5
        self._over.wait(0.2 * dice.random())


def quiet(server: Playground, at_most: Sample | None = None) -> Sample:
    """The server with nobody there: as soon as it holds no more than `at_most`, or else after a while."""
    with httpx.Client(base_url=server.client.base_url) as client:
        soon(lambda: bool(client.get("/health").json()["running"] == 0), SETTLING)
    server.client.close()
    server.client = httpx.Client(base_url=f"http://{server.address}/api", timeout=30)

    def settled() -> bool:
        now = sample(server)
        return at_most is None or all(getattr(now, name) <= getattr(at_most, name) for name in ("processes", "files", "sockets"))

    soon(settled, SETTLING)
    return sample(server)


def main(arguments: Sequence[str] | None = None) -> int:
    """Soak, print a table, and say whether something has leaked; 0 when nothing has."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--every", type=float, default=10.0, help="seconds between two looks")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    samples: list[Sample] = []
    with tempfile.TemporaryDirectory() as folder:
        server = Playground(Path(folder), "--slots", str(SLOTS))
        try:
            # Everything has happened once before the first count: threads, caches and pools are there.
            warm = Crowd(server, chosen.seed + 1000)
            warm.come()
            time.sleep(min(60.0, 12 * chosen.minutes))
            warm.go_home()
            before = quiet(server)
            crowd = Crowd(server, chosen.seed)
            crowd.come()
            begun = time.monotonic()
            print(f"{'minute':>6} {'memory':>8} {'server':>8} {'processes':>9} {'threads':>8} {'files':>6} {'sockets':>8}")
            while time.monotonic() < begun + 60 * chosen.minutes:
                time.sleep(min(chosen.every, max(0.0, begun + 60 * chosen.minutes - time.monotonic())))
                samples.append(sample(server))
                _show(f"{(time.monotonic() - begun) / 60:.1f}", samples[-1])
            crowd.go_home()
            after = quiet(server, before)
            _show("before", before)
            _show("after", after)
        finally:
            server.close()
    print(", ".join(f"{count} {what}" for what, count in sorted(crowd.done.items())))
    faults = [*dict.fromkeys(crowd.faults + warm.faults), *_judged(samples, before, after)]
    for fault in faults:
        print(f"BROKEN: {fault}")
    print("held" if not faults else "broke")
    return 1 if faults else 0


def _show(name: str, seen: Sample) -> None:
    print(
        f"{name:>6} {seen.memory / 2**20:>8.1f} {seen.server / 2**20:>8.1f}"
        f" {seen.processes:>9} {seen.threads:>8} {seen.files:>6} {seen.sockets:>8}",
        flush=True,
    )


def _judged(samples: Sequence[Sample], before: Sample, after: Sample) -> list[str]:
    third = max(1, len(samples) // 3)
    found = []
    for name in ("memory", "server"):
        first, last = (median(getattr(seen, name) for seen in part) for part in (samples[:third], samples[-third:]))
        print(f"{name}: {first / 2**20:.1f} MiB in the first third, {last / 2**20:.1f} in the last ({100 * (last / first - 1):+.1f} %)")
        if last > first * (1 + LARGEST_GROWTH):
            found.append(f"{name} has grown by more than {100 * LARGEST_GROWTH:.0f} %")
    for name in ("processes", "threads", "files", "sockets"):
        if getattr(after, name) > getattr(before, name) + LAZY.get(name, 0):
            found.append(f"{getattr(after, name)} {name} when all is quiet again, {getattr(before, name)} before")
    return found


if __name__ == "__main__":
    sys.exit(main())
