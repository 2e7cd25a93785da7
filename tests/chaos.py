"""Kills workers and servers at random moments, lets every job go on, and compares each with an undisturbed twin: `make chaos`.

What is killed and when is thrown with a seeded die: a number of events, and then a part of the time between two of them. Jobs of
several kinds take turns, among them one that is paused, stepped and retuned. Workers are taken up again by command, servers are
started again on the same data.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.exceptions import ConnectionClosed

from tests.faults.evidence import Told, dropping, kill, result_of
from tests.server.playground import FINAL, Event, Playground, soon, spiral

SLOTS = 3
PATIENCE = 60.0
WITHIN = 0.05
"""Seconds between two events of a running job."""
MOMENT = 0.02
"""Seconds between two looks at a job that nobody kills."""
Halts = tuple[tuple[int, float], ...]
HALTS: Halts = ((33, 0.004), (90, 0.02))
"""Steps at which a person holds the job on and changes its learning rate, and to what."""


def _network(experiment: dict[str, Any], *layers: dict[str, Any]) -> dict[str, Any]:
    nodes = [{"id": f"n{place}", "layer": layer} for place, layer in enumerate(layers)]
    return {**experiment, "network": [*nodes, {"id": "out", "layer": {"op": "output"}}]}


DENSE, CONVOLUTION = {"op": "dense", "units": 8}, {"op": "conv2d", "filters": 4}
KINDS: dict[str, tuple[dict[str, Any], float]] = {
    "dropout": (dropping(epochs=60), 300),
    "cnn": (
        _network(
            {"dataset": {"op": "digits"}, "training": {"epochs": 8, "batch_size": 64, "optimizer": {"op": "adamw", "lr": 0.01}}},
            CONVOLUTION, {"op": "relu"}, {"op": "max_pool2d"}, {"op": "flatten"},
        ),
        30,
    ),
    "early stopping": (
        _network(
            {
                "dataset": {"op": "diabetes"},
                "training": {"epochs": 200, "optimizer": {"op": "rmsprop", "lr": 0.003}, "loss": {"op": "huber"}, "patience": 4},
            },
            {"op": "dense", "units": 4}, {"op": "relu"},
        ),
        100,
    ),
    "batch norm": (
        _network(
            spiral(epochs=40, optimizer={"op": "sgd", "lr": 0.05, "momentum": 0.9}, schedule={"op": "one_cycle"}, clip_norm=1.0),
            DENSE, {"op": "batch_norm"}, {"op": "relu"}, {"op": "gaussian_noise"},
        ),
        200,
    ),
    "penalties": (
        _network(
            spiral(epochs=50, l1=0.001, l2=0.001, optimizer={"op": "lion", "lr": 0.003}, schedule={"op": "cosine"}),
            DENSE, {"op": "layer_norm"}, {"op": "gelu"}, {"op": "dropout", "rate": 0.1},
        ),
        250,
    ),
    "by hand": (dropping(epochs=30, seed=5), 150),
}  # fmt: skip
"""Experiments, and the steps a second at which they run so that there is time to kill them."""


@dataclass
class Chaos:
    """One run: what lives, what has been killed, what has been found."""

    server: Playground
    dice: random.Random
    twins: dict[tuple[str, Halts], Told] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    """Kind of each job."""
    halts: dict[str, Halts] = field(default_factory=dict)
    """Where each job is held and retuned."""
    alive: list[str] = field(default_factory=list)
    given: set[tuple[str, int, str, int]] = field(default_factory=set)
    """Commands that have been given."""
    kills: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def start(self, kind: str, halts: Halts, *, hurry: bool = False) -> str:
        """Start a job of a kind."""
        experiment, pace = KINDS[kind]
        held = {"paused": True} if halts else {}
        job: str = self.server.post(experiment, name=kind, steps_per_second=None if hurry else pace, **held)["id"]
        self.kinds[job], self.halts[job] = kind, halts
        return job

    def twin(self, kind: str, halts: Halts) -> Told:
        """What a job of a kind tells that nobody is in the way of."""
        if (kind, halts) not in self.twins:
            job = self.start(kind, halts, hurry=True)
            while self.server.job(job)["state"] not in FINAL:
                self.attend(job)
                time.sleep(MOMENT)
            done = self.server.job(job)
            if done["state"] != "completed":
                raise RuntimeError(f"{kind} ended as {done['state']} by itself: {done['reason']}")
            self.twins[kind, halts] = result_of(self.server, job)
        return self.twins[kind, halts]

    def attend(self, job: str) -> None:
        """Do the next thing that the job needs a person for."""
        known = self.server.job(job)
        halt = self._next_halt(job)
        if known["state"] == "interrupted":
            self.server.command(job, "resume")
        if halt and known["state"] in ("interrupted", "running") and known["step"] < halt[0]:
            # A `resume` lets it run, and it is still to be stepped.
            self.server.command(job, "pause")
        if known["state"] == "paused":
            if halt is None:
                self.server.command(job, "resume")
            elif known["step"] < halt[0]:
                self._once(known, "step", unit="batch", count=halt[0] - known["step"])
            else:
                self._once(known, "retune", lr=halt[1])

    def _next_halt(self, job: str) -> tuple[int, float] | None:
        if not self.halts[job]:
            return None
        retuned = {event["lr"] for event in self.server.events(job) if event["type"] == "retuned"}
        return next(((step, lr) for step, lr in self.halts[job] if lr not in retuned), None)

    def _once(self, known: dict[str, Any], op: str, **fields: Any) -> None:
        """Give a command that must not be given twice, unless what was told of it has been lost with a worker."""
        command = (known["id"], known["resumes"], op, known["step"] if op == "retune" else fields["count"] + known["step"])
        if command not in self.given:
            self.given.add(command)
            self.server.command(known["id"], op, **fields)

    def fill(self) -> None:
        """See that there is always one job more than there are slots."""
        for job in list(self.alive):
            self.attend(job)
            if self.server.job(job)["state"] in FINAL - {"interrupted"}:
                self.alive.remove(job)
                self.compare(job)
        while len(self.alive) < SLOTS + 1:
            kind = self.dice.choice(list(KINDS))
            self.alive.append(self.start(kind, HALTS if kind == "by hand" else ()))

    def compare(self, job: str) -> None:
        """Hold a job that has ended against its twin."""
        kind, done = self.kinds[job], self.server.job(job)
        try:
            assert done["state"] == "completed", f"it ended as {done['state']}: {done['reason']}"
            found = result_of(self.server, job)
            # A job that goes on runs until the hand is back: then it is held later than was meant, and its twin likewise.
            twin = self.twin(kind, tuple(dict(found.retunes).items()))
            for name in vars(twin):
                assert getattr(found, name) == getattr(twin, name), (
                    f"{name} differs: {_difference(getattr(found, name), getattr(twin, name))}"
                )
        except AssertionError as fault:
            self.faults.append(f"{kind} {job}, which went on {done['resumes']} times: {str(fault).splitlines()[0][:400]}")
            print(f"BROKEN: {self.faults[-1]}", flush=True)
            return
        self.verdicts[kind] += 1
        if self.server.client.delete(f"/jobs/{job}").status_code != 204:
            self.faults.append(f"{kind} {job} cannot be deleted")

    def strike(self) -> None:
        """Wait for a random moment and kill something."""
        victim = self.dice.choices(("worker", "server", "server and workers"), (10, 1, 1))[0]
        job = self.dice.choice([job for job in self.alive if self.server.job(job)["state"] != "queued"] or self.alive)
        if not self._moment(job, self.dice.choice((0, 0, 1, 2, 3, 5, 8, 12))):
            return
        if victim == "worker":
            try:
                worker = self.server.worker(job)
                os.kill(worker, signal.SIGKILL)
            except (AssertionError, ProcessLookupError):
                # It waits, or has ended: nobody is there to be killed.
                return
            self.kills["worker"] += 1
            soon(lambda: self.server.job(job)["state"] in FINAL | {"queued"}, 10)
            return
        workers = []
        if victim == "server and workers":
            for known in self.alive:
                try:
                    workers.append(self.server.worker(known))
                except AssertionError:
                    continue
        kill(self.server)
        for worker in workers:
            try:
                os.kill(worker, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.kills[victim] += 1
        self.server.start()

    def _moment(self, job: str, events: int) -> bool:
        """Wait for so many events of a job and then a part of the time to the next; False when the job has ended before."""
        last: Event | None = None
        if events:
            try:
                with self.server.socket(job, after=self.server.job(job)["last_seq"]) as viewer:
                    for _ in range(events):
                        last = viewer.heard(0.5)
                        if last is None:
                            # A job that waits or is paused says nothing.
                            break
                        if last.get("state") in FINAL:
                            return False
            except ConnectionClosed:
                return False
        time.sleep(self.dice.random() * WITHIN)
        return True

    def finish(self) -> None:
        """Let all that lives come to its end."""
        until = time.monotonic() + 3 * PATIENCE
        while self.alive:
            for job in list(self.alive):
                self.attend(job)
                if self.server.job(job)["state"] in FINAL - {"interrupted"}:
                    self.alive.remove(job)
                    self.compare(job)
            time.sleep(MOMENT)
            if time.monotonic() > until:
                self.faults += [f"{self.kinds[job]} {job} does not end: {self.server.job(job)['state']}" for job in self.alive]
                return


def _difference(found: Any, twin: Any) -> str:
    if not isinstance(found, tuple) or not isinstance(twin, tuple):
        return f"{found} instead of {twin}"
    place = next((place for place, (one, other) in enumerate(zip(found, twin, strict=False)) if one != other), min(len(found), len(twin)))
    return f"{len(found)} and {len(twin)} entries, from entry {place} on: {found[place : place + 2]} instead of {twin[place : place + 2]}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Kill until there have been enough, then say what became of it; 0 when every job was like its twin."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=20.0, help="most time to kill in")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        server = Playground(Path(folder), "--slots", str(SLOTS))
        chaos = Chaos(server, random.Random(chosen.seed))
        try:
            for kind in KINDS:
                chaos.twin(kind, HALTS if kind == "by hand" else ())
            while (count := chaos.kills.total()) < chosen.kills and time.monotonic() < begun + 60 * chosen.minutes:
                chaos.fill()
                chaos.strike()
                if chaos.kills.total() > count and chaos.kills.total() % 20 == 0:
                    print(
                        f"{chaos.kills.total()} kills, {chaos.verdicts.total()} jobs like their twins, {time.monotonic() - begun:.0f} s",
                        flush=True,
                    )
            chaos.finish()
        finally:
            server.close()
    kills, jobs = chaos.kills.total(), chaos.verdicts.total()
    print(f"{kills} kills with -9: " + ", ".join(f"{count} of a {victim}" for victim, count in chaos.kills.most_common()))
    print(
        f"{jobs} jobs like their undisturbed twins, to the last bit: "
        + ", ".join(f"{count} {kind}" for kind, count in chaos.verdicts.items())
    )
    for fault in chaos.faults:
        print(f"BROKEN: {fault}")
    held = kills >= chosen.kills and not chaos.faults
    took = f"{time.monotonic() - begun:.0f} s, seed {chosen.seed}"
    print(f"{'held' if held else 'broke'}: {kills} of {chosen.kills} kills, {len(chaos.faults)} faults, {took}")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
