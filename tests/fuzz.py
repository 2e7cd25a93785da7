"""Throws odd requests and messages at a server of its own and prints what it answered: `make fuzz`, or with --cases and --seed."""

from __future__ import annotations

import argparse
import json
import logging
import os
import re
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zlib import crc32

import httpx
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.core.transport import Response
from schemathesis.engine import Status, events, from_schema
from schemathesis.generation.case import Case
from schemathesis.generation.meta import TestPhase
from schemathesis.hooks import HookContext, unregister
from schemathesis.openapi.checks import RejectedPositiveData
from websockets.exceptions import ConnectionClosed, InvalidStatus

from models.datasets.catalogue import DATASETS
from models.views.catalogue import VIEWS
from server.connection import MESSAGE_BYTES
from server.pool import PROCESSES
from tests.server.playground import FINAL, PATIENCE, Playground, gone, soon, spiral

TOKEN = "correct-horse-battery"
ARGUMENTS = ("--slots", "2", "--max-queued", "50", "--question-seconds", "5")
LONGEST = 15.0
"""Seconds in which every request is answered, also one that asks for too much."""
MOST_GROWTH = 1_000_000_000
"""Bytes by which all processes of the server together may have grown at the end."""

LATER = PROCESSES + 1
"""Processes that begin with the first questions and stay: those that answer, and one that waits for its job."""
ALIVE = 4
"""Jobs that the fuzzer started and that may go on; older ones are stopped, so that they do not take the machine from it."""
SOCKET = "WS   /api/jobs/{job_id}/events"
NOBODY = "0123456789ab"
"""An id that no job has."""
REFUSED = {403, 404, 422}
THEIR_FAULT = {1007, 1008, 1009}
"""Codes with which a socket closes because of what the viewer has sent."""

FREE = ("/views/{op}", "/preview")
"""Ends of the paths whose query has the fields of an entry, of which OpenAPI cannot say which go with which."""
FIELDS = sorted({name for entry in (*VIEWS, *DATASETS) for name in entry.model_fields} - {"op"} | {"at", "nothing"})

SCHEMA_WORDS = re.compile(r"is missing|is not a field|there is no |needs a field|must be |must have |\w+ should ")
"""How a refusal begins when the schema already forbids it. All else is meaning: a node used twice, a picture this data does not have."""


@dataclass
class Row:
    """What became of the cases of one operation."""

    cases: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    failures: dict[tuple[str, str], str] = field(default_factory=dict)
    """By what failed and what was said: how to do it again."""


Table = defaultdict[str, Row]


class Cleaner:
    """Stops all but the newest jobs, for as long as it is entered."""

    def __init__(self, playground: Playground) -> None:
        self._client = httpx.Client(base_url=playground.client.base_url, headers=playground.client.headers, timeout=PATIENCE)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._clean)

    def __enter__(self) -> Cleaner:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()
        self._client.close()

    def _clean(self) -> None:
        while not self._end.wait(0.2):
            jobs = self._client.get("/jobs?limit=100").json()["jobs"]
            for job in [job for job in jobs if job["state"] not in FINAL][ALIVE:]:
                self._client.post(f"/jobs/{job['id']}/commands", json={"op": "stop"})


def refused_for_its_meaning(path: str, failure: Failure, response: Response) -> bool:
    """Whether a document that fits the schema was refused for what no schema can say."""
    if not isinstance(failure, RejectedPositiveData) or response.status_code != 422:
        return False
    error = json.loads(response.content)["error"]
    return path.endswith(FREE) or not any(SCHEMA_WORDS.match(place["message"]) for place in error.get("details", []))


def configuration(cases: int, number: int, phases: set[str]) -> SchemathesisConfig:
    """All checks there are; documented answers of a busy server are no failures."""
    return SchemathesisConfig.from_dict(
        {
            "seed": number,
            "continue-on-failure": True,
            "request-timeout": PATIENCE,
            "cache": {"enabled": False},
            "auth": {"openapi": {"token": {"bearer": TOKEN}}},
            "generation": {"max-examples": cases, "database": "none", "with-security-parameters": False},
            "phases": {phase: {"enabled": phase in phases} for phase in ("examples", "coverage", "fuzzing", "stateful")},
            "checks": {
                "max_response_time": LONGEST,
                "not_a_server_error": {"expected-statuses": ["2xx", "3xx", "4xx", "503", "504"]},
                # Whatever else is wrong with a body that is too large, that comes first.
                "negative_data_rejection": {"expected-statuses": ["4xx", "503", "504"]},
            },
        }
    )


class Aim:
    """Makes requests hit: one job that has ended answers questions, a fresh one takes commands; most keys are left out."""

    def __init__(self, playground: Playground) -> None:
        self._playground = playground
        self._count = 0
        # What an earlier round has left would be in line before it.
        playground.stop_all()
        self._ended = playground.post(spiral(epochs=1))["id"]
        playground.finish(self._ended)
        self._taking = self._ended

    def aim(self, case: Case[Any]) -> None:
        """Change a case that would miss. What a scenario has made before, and what is wrong on purpose, stays."""
        if case.meta is None or case.meta.phase.name not in (TestPhase.FUZZING, TestPhase.COVERAGE):
            return
        self._count += 1
        key = case.headers.get("idempotency-key") if case.headers else None
        if key and len(key) <= 200 and self._count % 8:
            del case.headers["idempotency-key"]
        if case.method != "DELETE" and re.fullmatch("[0-9a-f]{12}", str(case.path_parameters.get("job_id"))):
            changing = case.method == "PATCH" or case.operation.path.endswith("/commands")
            case.path_parameters["job_id"] = self._fresh() if changing else self._ended

    def _fresh(self) -> str:
        if self._taking == self._ended or self._count % 10 == 0:
            self._taking = self._playground.post(spiral(), steps_per_second=20)["id"]
        return str(self._taking)


def requests(playground: Playground, table: Table, cases: int, number: int, phases: set[str]) -> None:
    """Send about `cases` requests to every operation of the OpenAPI document, and count."""
    address = f"http://{playground.address}"
    document = playground.client.get(f"{address}/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document, config=configuration(cases, number, phases))
    schema.config.update(base_url=address)

    aim = Aim(playground)

    @schemathesis.hook
    def before_call(_context: HookContext, case: Case[Any], _kwargs: dict[str, Any]) -> None:
        aim.aim(case)

    @schema.hooks.hook
    def map_query(context: HookContext, query: dict[str, Any] | None) -> dict[str, Any] | None:
        assert context.operation is not None
        if not query or not context.operation.path.endswith(FREE):
            return query
        return {FIELDS[crc32(name.encode()) % len(FIELDS)]: value for name, value in query.items()}

    @schema.hooks.hook
    def filter_failure(context: HookContext, failure: Failure, _case: Case[Any], response: Response) -> bool:
        assert context.operation is not None
        return not refused_for_its_meaning(context.operation.path, failure, response)

    try:
        for event in from_schema(schema).execute():
            if isinstance(event, events.ScenarioFinished):
                _count(table, event)
            elif isinstance(event, events.NonFatalError):
                table[event.label].failures["error", str(event.value)] = ""
            elif isinstance(event, events.FatalError):
                raise event.exception
    finally:
        # This hook alone cannot be the schema's own.
        unregister(before_call)


def _count(table: Table, event: events.ScenarioFinished) -> None:
    recorder = event.recorder
    for case, node in recorder.cases.items():
        row = table[node.value.operation.label]
        row.cases += 1
        if (interaction := recorder.interactions.get(case)) and interaction.response is not None:
            row.answers[interaction.response.status_code] += 1
        for check in recorder.checks.get(case, []):
            if check.status is not Status.SUCCESS and (info := check.failure_info):
                row.failures.setdefault((info.failure.title, info.failure.message.partition("\n")[0]), info.code_sample)


ODD: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(["h1", "a1", "out", "data"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=6,
)
VIEW: st.SearchStrategy[Any] = st.sampled_from(VIEWS).flatmap(
    lambda view: st.fixed_dictionaries(
        {"op": st.just(view.model_fields["op"].default)},
        optional={name: ODD for name in view.model_fields if name != "op"},
    )
)
MESSAGE: st.SearchStrategy[str | bytes] = st.one_of(
    st.lists(VIEW, max_size=40).map(lambda views: json.dumps({"watch": views})),
    st.lists(VIEW | ODD, max_size=3).map(lambda views: json.dumps({"watch": views})),
    ODD.map(json.dumps),
    st.text(max_size=200),
    st.binary(max_size=200),
    st.sampled_from(["[" * (MESSAGE_BYTES - 1), "[" * (MESSAGE_BYTES + 1), "[" * 2**20]),
)


def messages(playground: Playground, table: Table, cases: int, number: int) -> None:
    """Send odd messages over sockets of a running job and of one that has ended, each socket closed by a last message without sense."""
    running = playground.post(spiral(), steps_per_second=20)["id"]
    ended = playground.post(spiral(epochs=1))["id"]
    playground.finish(ended)
    row = table[SOCKET]

    @seed(number)
    @settings(max_examples=cases, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(
        job=st.sampled_from([running, ended, running, ended, NOBODY]),
        after=st.sampled_from([0, 0, 0, 5, 2**53, -1]),
        sent=st.lists(MESSAGE, max_size=4),
    )
    def converse(job: str, after: int, sent: list[str | bytes]) -> None:
        row.cases += 1
        code, reason = _conversation(playground, job, after, [*sent, "no sense"])
        row.answers[code] += 1
        refused = job == NOBODY or after < 0
        # Who goes on sending too much is cut off, often before the close arrives.
        cut = {1006} if any(len(message) > MESSAGE_BYTES // 2 for message in sent) else set()
        if code not in (REFUSED if refused else THEIR_FAULT | cut):
            row.failures.setdefault((f"closed with {code}", reason), f"{job=} {after=} {sent=}"[:2000])

    converse()
    playground.command(running, "stop")


def _conversation(playground: Playground, job: str, after: int, sent: list[str | bytes]) -> tuple[int, str]:
    """The code and the reason with which the server ends a conversation."""
    try:
        with playground.socket(job, after) as viewer:
            try:
                for message in sent:
                    viewer.connection.send(message)
                while True:
                    viewer.connection.recv(PATIENCE)
            except ConnectionClosed as closed:
                return (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, "cut off")
            except TimeoutError:
                return 0, "not closed"
    except InvalidStatus as refusal:
        return refusal.response.status_code, ""


@dataclass
class Aftermath:
    """How the server stands when all is over; `faults` is empty when it stands well."""

    memory: tuple[int, int]
    """Bytes of all its processes, before and after."""
    processes: tuple[int, int]
    seconds: float
    faults: list[str]


def fuzz(folder: Path, cases: int, number: int, phases: set[str], *, least: int = 0) -> tuple[Table, Aftermath]:
    """Five times `cases` sockets, `cases` requests to every operation, again until there were `least` in all, and a look at the server."""
    table: Table = defaultdict(Row)
    begun = time.monotonic()
    # Nothing shall be fetched from elsewhere because of a fuzzer.
    playground = Playground(folder, *ARGUMENTS, token=TOKEN, environment={"HF_ENDPOINT": "http://127.0.0.1:9"})
    try:
        playground.finish(playground.post(spiral(epochs=1))["id"])
        before = playground.memory, len(playground.processes)
        with Cleaner(playground):
            messages(playground, table, 5 * cases, number)
            rounds = 0
            while rounds == 0 or sum(row.cases for row in table.values()) < least:
                requests(playground, table, cases, number + rounds, phases if rounds == 0 else phases - {"examples", "coverage"})
                rounds += 1
        return table, _aftermath(playground, before, begun)
    finally:
        playground.close()


def _aftermath(playground: Playground, before: tuple[int, int], begun: float) -> Aftermath:
    faults: list[str] = []
    playground.stop_all()
    health = playground.client.get("/health")
    if health.status_code != 200 or (health.json()["running"], health.json()["queued"]) != (0, 0):
        faults.append(f"health: {health.status_code} {health.text}")
    if not soon(lambda: len(playground.processes) <= before[1] + LATER):
        faults.append(f"processes left: {before[1]} before, {len(playground.processes)} after")
    after = playground.memory, len(playground.processes)
    if after[0] - before[0] > MOST_GROWTH:
        faults.append(f"memory has grown by {after[0] - before[0]:,} bytes")
    left = playground.processes
    playground.close()
    faults += [f"process {process} outlives the server" for process in left if not gone(process)]
    log = "".join(playground.said)
    for found in Counter(re.findall(r"^Traceback.*?^(?=\S)[^\n]*", log, re.DOTALL | re.MULTILINE)):
        faults.append("the server's log has a traceback:\n" + found[-1500:])
    return Aftermath((before[0], after[0]), (before[1], after[1]), time.monotonic() - begun, faults)


def report(table: Table, aftermath: Aftermath) -> str:
    """Everything as text, failures with what does them again."""
    lines = [f"{'operation':<50} {'cases':>6} {'failed':>6}  answers"]
    for operation, row in sorted(table.items()):
        answers = "  ".join(f"{status}×{count}" for status, count in sorted(row.answers.items()))
        lines.append(f"{operation:<50} {row.cases:>6} {len(row.failures):>6}  {answers}")
    cases, failed = sum(row.cases for row in table.values()), sum(len(row.failures) for row in table.values())
    lines.append(f"{'all':<50} {cases:>6} {failed:>6}  in {aftermath.seconds:.0f} s")
    for operation, row in sorted(table.items()):
        for (what, said), again in row.failures.items():
            lines.append(f"\n{operation}: {what}\n{said}\n{again[:2000]}")
    megabytes = [size // 10**6 for size in aftermath.memory]
    lines.append(f"\nmemory {megabytes[0]} → {megabytes[1]} MB, processes {aftermath.processes[0]} → {aftermath.processes[1]}")
    return "\n".join([*lines, *aftermath.faults])


def main() -> int:
    """Print the table; the exit status says whether anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000, help="requests in all, at least")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4)), help="the same seed sends the same")
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    # The library reports every cut line as an error of its own.
    logging.getLogger("websockets").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        table, aftermath = fuzz(Path(folder), 100, given.seed, {"examples", "coverage", "fuzzing", "stateful"}, least=given.cases)
    print(report(table, aftermath))
    return bool(aftermath.faults or any(row.failures for row in table.values()))


if __name__ == "__main__":
    sys.exit(main())
