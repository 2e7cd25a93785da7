"""Files that are weapons, sent to every route that takes a body, in every wrapping; and addresses to fetch from: rows 10, 11, 12 and 14."""

from __future__ import annotations

import base64
import binascii
import io
import os
import pickle
import re
import stat
import struct
import tempfile
import threading
import time
import zipfile
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import torch

from tests.server.playground import REPOSITORY, Playground, soon, spiral

CANARY = Path(tempfile.gettempdir()) / f"canary-of-{os.getpid()}"


class Canary:
    """Leaves a file when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {CANARY}",)


def pickles() -> dict[str, bytes]:
    """Files that run a command when they are unpickled."""
    model, array = io.BytesIO(), io.BytesIO()
    torch.save({"weights": Canary()}, model)
    np.save(array, np.array([Canary()], dtype=object), allow_pickle=True)
    zipped = io.BytesIO()
    np.savez(zipped, inputs=np.array([Canary()], dtype=object))
    return {
        "model.pt": model.getvalue(),
        "model.pkl": pickle.dumps(Canary()),
        "points.npy": array.getvalue(),
        "points.npz": zipped.getvalue(),
    }


def archives() -> dict[str, bytes]:
    """Archives that would write where they should not."""
    wanted = {
        "dots.zip": [("../../outside.txt", 0)],
        "backslashes.zip": [("..\\..\\outside.txt", 0)],
        "absolute.zip": [(f"{tempfile.gettempdir()}/outside.txt", 0)],
        "drive.zip": [("C:\\outside.txt", 0)],
        "link.zip": [("link", stat.S_IFLNK | 0o777), ("link/outside.txt", 0)],
        "device.zip": [("CON", 0), ("aux.txt", 0), ("dev", stat.S_IFCHR | 0o600)],
        "case.zip": [("Readme", 0), ("README", 0)],
        "nul.zip": [("a\x00b", 0)],
    }
    made = {}
    for name, entries in wanted.items():
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for path, mode in entries:
                entry = zipfile.ZipInfo(path)
                entry.external_attr = mode << 16
                archive.writestr(entry, "/etc" if stat.S_ISLNK(mode) else "outside")
        made[name] = file.getvalue()
    return made


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", binascii.crc32(kind + data))


@cache
def bombs() -> dict[str, bytes]:
    """Small files that are large inside."""
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("zeros", "w") as inside:
        for _ in range(200):
            inside.write(bytes(2**20))
    pressed = zlib.compressobj(1)
    rows = b"".join(pressed.compress(bytes(1 + 6250) * 100) for _ in range(500)) + pressed.flush()
    picture = (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", struct.pack(">IIBBBBB", 50_000, 50_000, 1, 0, 0, 0, 0))
        + _chunk(b"IDAT", rows)
        + _chunk(b"IEND", b"")
    )
    # One entry, a million promised in the end of the directory.
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as archive:
        for number in range(5_000):
            archive.writestr(f"{number}", b"")
    return {
        "bomb.zip": bomb.getvalue(),
        "picture.png": picture,
        "entries.zip": many.getvalue(),
        "wide.csv": b",".join([b"1"] * 450_000) + b"\n",
        "gzip.json.gz": zlib.compress(bytes(100 * 2**20), 9),
        "shape.npy": b"\x93NUMPY\x01\x00v\x00"
        + b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000, 1000000000), }".ljust(117)
        + b"\n",
    }


def routes(server: Playground) -> Iterator[tuple[str, str]]:
    """Method and path of everything that takes a body."""
    document = httpx.get(f"http://{server.address}/openapi.json").json()
    for template, operations in document["paths"].items():
        for method, operation in operations.items():
            if "requestBody" in operation:
                yield method.upper(), re.sub(r"\{(\w+)\}", "JOB", template).removeprefix("/api")


def wrapped(name: str, data: bytes) -> Iterator[dict[str, Any]]:
    """A file as a request may carry it: raw, under several names of types, as a form's file, and as text in JSON."""
    for kind in ("application/octet-stream", "application/zip", "application/json", "image/png", "text/csv", "application/x-pickle"):
        yield {"content": data, "headers": {"content-type": kind}}
    yield {"content": data, "headers": {"content-type": "application/json", "content-encoding": "gzip"}}
    yield {"files": {"file": (name, data)}}
    yield {"files": {"file": (f"../../{name}", data)}, "data": {"path": "/etc/passwd"}}
    text = base64.b64encode(data).decode()
    address = f"data:application/octet-stream;base64,{text}"
    yield {"json": text}
    yield {"json": {"file": text, "name": name}}
    yield {"json": {"experiment": {**spiral(epochs=1), "dataset": {"op": "upload", "file": text}}, "views": [{"op": "surface"}]}}
    yield {"json": {"experiment": {**spiral(epochs=1), "dataset": {"op": "painted", "points": text}}, "views": [{"op": "surface"}]}}
    yield {"json": {"experiment": {**spiral(epochs=1), "weights": address}, "views": [{"op": "surface"}]}}
    yield {"json": {"inputs": text}}
    yield {"json": {"inputs": [[text]]}}
    yield {"json": {"drawing": address}}
    yield {"json": {"op": "retune", "lr": text}}
    yield {"json": {"op": "load", "file": text}}


def files(*folders: Path) -> set[Path]:
    """Every file and folder in some folders."""
    return {path for folder in folders for path in folder.rglob("*")}


def warm(server: Playground, job: str) -> None:
    """Let both processes that answer questions begin, and the one that is forked ahead for the next job, and ask each kind of question:
    the first takes memory that stays."""
    picture = {"experiment": spiral(epochs=1), "views": [{"op": "surface"}]}
    with ThreadPoolExecutor(8) as threads:

        def at_once(method: str, path: str, body: object) -> None:
            list(threads.map(lambda _: server.client.request(method, path, json=body), range(8)))

        def both() -> bool:
            at_once("POST", "/networks/draw", picture)
            return server.forked == (2, 1)

        assert soon(both)
        for method, path in routes(server):
            at_once(method, path.replace("JOB", job), {"inputs": [[1, 2]]})


@contextmanager
def unharmed(server: Playground) -> Iterator[str]:
    """A finished job to send things to; afterwards nothing has been run, nothing is left anywhere and memory is as before."""
    job = server.post(spiral(epochs=1))["id"]
    server.finish(job)
    assert server.temporary is not None
    warm(server, job)
    places = (server.data / "jobs", server.data / "datasets", server.temporary, REPOSITORY / "server", REPOSITORY / "models")
    bytecode = {path for path in files(*places) if "__pycache__" in path.parts}
    before, jobs, memory = files(*places) - bytecode, server.client.get("/jobs?limit=500").text, server.memory
    yield job
    assert not CANARY.exists(), "it was unpickled"
    assert not list(Path(tempfile.gettempdir()).glob("outside*"))
    assert {path for path in files(*places) if "__pycache__" not in path.parts} == before
    assert server.client.get("/jobs?limit=500").text == jobs
    assert server.memory < memory + 50 * 2**20
    assert server.client.get("/health").status_code == 200


def send(server: Playground, job: str, name: str, data: bytes) -> int:
    """Send a file in every wrapping to every route; returns how often it was refused."""
    count = 0
    for method, path in routes(server):
        for request in wrapped(name, data):
            begun = time.monotonic()
            answer = server.client.request(method, path.replace("JOB", job), **request)
            assert 400 <= answer.status_code < 500, (method, path, name, answer.status_code, answer.text[:300])
            assert answer.json()["error"]["message"]
            assert len(answer.content) < 20_000, "it repeats what was sent"
            assert time.monotonic() - begun < 5
            count += 1
    assert count >= 60
    return count


@pytest.mark.fault(10)
@pytest.mark.parametrize("name", ["model.pt", "model.pkl", "points.npy", "points.npz"])
def test_what_is_pickled_is_refused_and_never_run(playground: Playground, name: str) -> None:
    """.pt, .pkl, object .npy and .npz with a canary inside, in 19 wrappings to every route that takes a body"""
    with unharmed(playground) as job:
        send(playground, job, name, pickles()[name])
    # The canary would have sung.
    pickle.loads(pickles()["model.pkl"])
    assert soon(CANARY.exists)
    CANARY.unlink()


@pytest.mark.fault(11)
@pytest.mark.parametrize("name", archives())
def test_archives_that_break_out_are_refused(playground: Playground, name: str) -> None:
    """Zips with ../, \\, absolute paths, a drive, a symlink, devices, names that differ by case, NUL: to every route"""
    with unharmed(playground) as job:
        send(playground, job, name, archives()[name])


@pytest.mark.fault(12)
@pytest.mark.parametrize("name", ["bomb.zip", "picture.png", "entries.zip", "wide.csv", "gzip.json.gz", "shape.npy"])
def test_bombs_are_refused_early(playground: Playground, name: str) -> None:
    """200 MB in a zip, a PNG of 50,000×50,000, 5,000 entries, 450,000 columns, 100 MB as JSON.gz, a .npy of 10^18: to every route"""
    data = bombs()[name]
    with unharmed(playground) as job:
        send(playground, job, name, data)


@pytest.mark.fault(12)
def test_what_is_beyond_the_limit_is_refused_before_it_is_sent(playground: Playground) -> None:
    """Announced 10^6 columns, 10^6 entries and 1 TB: answered before the body came; sent numbers without end in chunks"""
    with unharmed(playground) as job:
        import socket

        host, port = playground.address.split(":")
        for method, path in routes(playground):
            for size in (2 * 10**6, 10**8, 10**12):
                with socket.create_connection((host, int(port)), 10) as line:
                    head = f"{method} /api{path.replace('JOB', job)} HTTP/1.1\r\nHost: {playground.address}\r\n"
                    line.sendall(f"{head}Content-Type: application/json\r\nContent-Length: {size}\r\n\r\n".encode())
                    assert line.recv(100).startswith(b"HTTP/1.1 413")
            numbers = (b"1," * 32_768 for _ in range(1_000))
            try:
                answer = playground.client.request(
                    method, path.replace("JOB", job), content=numbers, headers={"content-type": "application/json"}
                )
                assert answer.status_code == 413
            except httpx.TransportError:
                # It closed the line while we were still sending.
                pass
        for wide in (
            {"inputs": [[1] * 250_000]},
            {"inputs": [[1]] * 100_000},
            {"drawing": [[0] * 500] * 500},
            {"drawing": [[0]] * 200_000},
        ):
            answer = playground.client.post(f"/jobs/{job}/predict", json=wide)
            assert answer.status_code == 422, answer.text[:300]


class Bait(BaseHTTPRequestHandler):
    """A service on this machine that no request from outside may reach through the server."""

    visits: list[str]

    def do_GET(self) -> None:
        """Note the visit, and lead on to a metadata service."""
        type(self).visits.append(self.path)
        self.send_response(302)
        self.send_header("location", "http://169.254.169.254/latest/meta-data/")
        self.end_headers()

    do_POST = do_HEAD = do_GET  # noqa: N815

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.mark.fault(14)
def test_nothing_is_fetched_by_address(playground: Playground) -> None:
    """Named datasets by the address of a service on this machine and of metadata services, in every route; counted the visits"""
    Bait.visits = []
    bait = ThreadingHTTPServer(("127.0.0.1", 0), Bait)
    serving = threading.Thread(target=bait.serve_forever)
    serving.start()
    port = bait.server_port
    addresses = [f"http://{host}:{port}/data.csv" for host in ("127.0.0.1", "localhost", "0x7f000001", "[::ffff:127.0.0.1]")]
    addresses += ["http://169.254.169.254/latest/meta-data/", "http://metadata.google.internal/", "file:///etc/passwd"]
    addresses += [f"hf://../../127.0.0.1:{port}", f"//127.0.0.1:{port}/d", "../../etc/passwd"]
    try:
        with unharmed(playground) as job:
            for address in addresses:
                for dataset in (
                    {"op": address},
                    {"op": "url", "url": address},
                    {"op": "spiral", "url": address},
                    {"op": "hub", "name": address},
                    {"op": "painted", "points": address},
                    address,
                ):
                    experiment = {**spiral(epochs=1), "dataset": dataset}
                    for path, body in (
                        ("/jobs", {"experiment": experiment}),
                        ("/networks/check", experiment),
                        ("/networks/draw", {"experiment": experiment, "views": [{"op": "surface"}]}),
                        (f"/jobs/{job}/predict", {"inputs": address}),
                    ):
                        answer = playground.client.post(path, json=body)
                        assert answer.status_code == 422, answer.text
                for name in (address.replace("..", "%2e%2e"), address.replace("/", "%2f").replace(":", "%3a")):
                    for method, path in (
                        ("POST", f"/datasets/{name}/fetch"),
                        ("GET", f"/datasets/{name}"),
                        ("GET", f"/datasets/{name}/preview"),
                    ):
                        answer = playground.client.request(method, path)
                        assert answer.status_code in (404, 405, 422), answer.text
                        assert "root:" not in answer.text
                for op in ("spiral", "fashion_mnist", "iris"):
                    answer = playground.client.get(f"/datasets/{op}/preview", params={"url": address})
                    assert answer.status_code == 422, answer.text
                    answer = playground.client.post(f"/datasets/{op}/fetch", params={"url": address}, json={"url": address})
                    assert answer.status_code in (202, 409, 422) if op == "fashion_mnist" else 409
        assert Bait.visits == []
    finally:
        bait.shutdown()
        serving.join()
        bait.server_close()
