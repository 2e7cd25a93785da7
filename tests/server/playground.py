"""A real server in a process of its own, and a client that waits for what happens instead of for the clock."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import httpx
from websockets.sync.client import ClientConnection, connect

REPOSITORY = Path(__file__).parents[2]
PATIENCE = 30.0
"""Seconds after which something that should happen is taken not to happen."""
FINAL = {"completed", "stopped", "failed", "interrupted"}

Event = dict[str, Any]


def spiral(**training: Any) -> dict[str, Any]:
    """A small experiment; without `epochs` it runs until it is stopped."""
    return {
        "dataset": {"op": "spiral"},
        "network": [
            {"id": "h1", "layer": {"op": "dense", "units": 8}},
            {"id": "a1", "layer": {"op": "tanh"}},
            {"id": "out", "layer": {"op": "output"}},
        ],
        "training": {"epochs": 100_000, **training},
    }


def alive(process: int) -> bool:
    """Whether a process still does something; one that only waits to be buried does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def soon(happened: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Whether something comes true while one waits for it."""
    until = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > until:
            return False
        time.sleep(0.005)
    return True


def gone(process: int, seconds: float = PATIENCE) -> bool:
    """Whether a process ends while one waits for it."""
    return soon(lambda: not alive(process), seconds)


def children(process: int) -> list[int]:
    """The processes that a process has started."""
    try:
        return [int(child) for path in Path(f"/proc/{process}/task").glob("*/children") for child in path.read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def share(process: int) -> int:
    """Bytes of memory of its own that a process holds, what it shares with its kin counted in parts; 0 when it has ended.

    Files that are mapped do not count: their share depends on who else on the machine maps them.
    """
    try:
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0
    return next(int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss_Anon:"))


def resident(process: int) -> int:
    """Bytes of memory that a process holds; 0 when it has ended."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (FileNotFoundError, ProcessLookupError):
        return 0


class Playground:
    """A server on a free port with its own data folder."""

    def __init__(
        self,
        data: Path,
        *arguments: str,
        token: str | None = None,
        environment: Mapping[str, str] | None = None,
        before: Sequence[str] = (),
    ) -> None:
        """`before` is a command that runs the server, such as one that gives it a disk of its own."""
        self.data = data
        self.temporary: Path | None = None
        """Where its temporary files go, when a test has chosen that."""
        self._arguments = arguments
        self._before = before
        self._environment = {**(environment or {}), **({"PLAYGROUND_TOKEN": token} if token else {})}
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.client = httpx.Client(headers=self._headers, timeout=PATIENCE)
        self.start()

    def start(self) -> None:
        """Start it, again if it has ended, and wait until it says that it is ready."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PLAYGROUND_")}
        self.process = subprocess.Popen(
            [*self._before, sys.executable, "-m", "server", "--port", "0", "--data", str(self.data), *self._arguments],
            cwd=REPOSITORY,
            env={**environment, **self._environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdout is not None
        self.said: list[str] = []
        for line in self.process.stdout:
            self.said.append(line)
            if found := re.search(r"ready at http://(\S+)/", line):
                self.address = found[1].replace("0.0.0.0", "127.0.0.1")
                break
        else:
            self.process.wait(PATIENCE)
            self.process.stdout.close()
            raise AssertionError("".join(self.said))
        self._reading = threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True)
        self._reading.start()
        self.client.base_url = httpx.URL(f"http://{self.address}/api")

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send the server a signal and wait for its end."""
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        # A worker that hangs keeps the forkserver alive, and with it this end of the line, until the next server sees it off.
        self._reading.join(3)
        return code

    def _read(self, output: IO[str]) -> None:
        with output:
            self.said.extend(output)

    @property
    def processes(self) -> list[int]:
        """The server, its forkserver, and what that has forked: inference processes and workers."""
        found = [self.process.pid]
        for process in found:
            found += children(process)
        return found

    @property
    def memory(self) -> int:
        """Bytes that all its processes hold."""
        return sum(share(process) for process in self.processes)

    def close(self) -> None:
        """End it, if it still runs."""
        if self.process.poll() is None:
            self.end()
        self.client.close()

    def post(self, experiment: Any, **more: Any) -> dict[str, Any]:
        """Start a job."""
        response = self.client.post("/jobs", json={"experiment": experiment, **more})
        assert response.status_code == 201, response.text
        job: dict[str, Any] = response.json()
        return job

    def job(self, job_id: str) -> dict[str, Any]:
        """The job as it is now."""
        job: dict[str, Any] = self.client.get(f"/jobs/{job_id}").json()
        return job

    def command(self, job_id: str, op: str, **fields: Any) -> httpx.Response:
        """Give a command."""
        return self.client.post(f"/jobs/{job_id}/commands", json={"op": op, **fields})

    def events(self, job_id: str, after: int = 0) -> list[Event]:
        """The log as GET gives it."""
        events: list[Event] = self.client.get(f"/jobs/{job_id}/events", params={"after": after}).json()["events"]
        return events

    def log_file(self, job_id: str) -> list[Event]:
        """The log as it lies on the disk."""
        return [json.loads(line) for line in (self.data / "jobs" / job_id / "events.jsonl").read_text().split("\n")[:-1]]

    @contextmanager
    def socket(self, job_id: str, after: int = 0, **more: Any) -> Iterator[Viewer]:
        """A websocket on a job."""
        address = f"ws://{self.address}/api/jobs/{job_id}/events?after={after}"
        with connect(address, max_size=None, close_timeout=2, additional_headers=self._headers, **more) as connection:
            yield Viewer(connection)

    def finish(self, job_id: str, patience: float = PATIENCE) -> dict[str, Any]:
        """Wait for the end of a job, which may be silent for so many seconds; what was before it went on after an interruption
        does not count."""
        while (job := self.job(job_id))["state"] not in FINAL:
            with self.socket(job_id, after=job["last_seq"]) as viewer:
                viewer.patience = patience
                viewer.until_final()
        return job

    def stop_all(self) -> None:
        """End every job, so that the next has the machine to itself."""
        for job in self.client.get("/jobs?limit=500").json()["jobs"]:
            if job["state"] not in FINAL:
                self.command(job["id"], "stop")
                self.finish(job["id"])

    @property
    def workers(self) -> list[tuple[str, int]]:
        """Each worker that there is: its job, into whose folder it writes, and its process id."""
        jobs, found = (self.data / "jobs").resolve(), []
        # Also those that have outlived their server.
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                output = Path(os.readlink(process / "fd" / "1"))
                if output.name == "worker.log" and output.parent.parent == jobs:
                    found.append((output.parent.name, int(process.name)))
        return found

    @property
    def forked(self) -> tuple[int, int]:
        """How many processes answer questions, and how many are forked ahead and wait: these lead no session of their own yet, as the
        others and the workers do."""
        forks, workers = children(children(self.process.pid)[0]), {process for _job, process in self.workers}
        waiting = [process for process in forks if alive(process) and os.getsid(process) != process]
        return len(set(forks) - workers) - len(waiting), len(waiting)

    def worker(self, job_id: str) -> int:
        """Process id of the job's worker."""
        for job, process in self.workers:
            if job == job_id:
                return process
        raise AssertionError(f"job {job_id} has no worker")


class Viewer:
    """One websocket: events and pictures as they come."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.patience = PATIENCE
        self.events: list[Event] = []
        self.pictures: list[tuple[dict[str, Any], bytes]] = []

    def watch(self, *views: dict[str, Any]) -> None:
        """Choose pictures."""
        self.connection.send(json.dumps({"watch": views}))

    def next(self, seconds: float = PATIENCE) -> None:
        """Take the next message in."""
        message = self.connection.recv(seconds)
        if isinstance(message, str):
            self.events.append(json.loads(message))
        else:
            length = int.from_bytes(message[:4], "little")
            self.pictures.append((json.loads(message[4 : 4 + length]), message[4 + length :]))

    def heard(self, seconds: float) -> Event | None:
        """The next event, if there is one in so many seconds."""
        known = len(self.events)
        until = time.monotonic() + seconds
        while len(self.events) == known:
            try:
                self.next(max(0.0, until - time.monotonic()))
            except TimeoutError:
                return None
        return self.events[-1]

    def until(self, happened: Callable[[Event], bool]) -> Event:
        """The next event that fits, of those that have not been taken in yet."""
        while True:
            known = len(self.events)
            self.next(self.patience)
            if len(self.events) > known and happened(self.events[-1]):
                return self.events[-1]

    def until_type(self, kind: str) -> Event:
        """The next event of that type."""
        return self.until(lambda event: event["type"] == kind)

    def until_state(self, *states: str) -> Event:
        """The next entry into one of these states."""
        return self.until(lambda event: event["type"] == "state" and event["state"] in states)

    def until_final(self) -> Event:
        """The job's last event."""
        return self.until_state(*FINAL)

    def until_steps(self, count: int) -> list[int]:
        """All steps of the progress events from now until there are so many."""
        steps: list[int] = []
        while len(steps) < count:
            steps += self.until_type("progress")["step"]
        return steps

    def until_picture(self, op: str) -> tuple[dict[str, Any], bytes]:
        """The next picture that a view of that name has drawn."""
        while True:
            known = len(self.pictures)
            self.next()
            if len(self.pictures) > known and json.loads(self.pictures[-1][0]["key"])["op"] == op:
                return self.pictures[-1]
