"""Who comes in, by which name, to what, and how slowly: rows 9, 13, 18, 19 and 24."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.server.playground import REPOSITORY, Playground, spiral

FOREIGN = [
    {"Host": "evil.example"},
    {"Host": "127.0.0.1.evil.example"},
    {"Host": "169.254.169.254"},
    {"Host": "localhost@evil.example"},
    {"Host": ""},
    {"Origin": "http://evil.example"},
    {"Origin": "https://localhost"},
    {"Origin": "http://localhost:1"},
    {"Origin": "null"},
    {"Origin": "file://"},
    {"Origin": ""},
]


@pytest.mark.fault(9)
@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_foreign_hosts_and_origins_are_refused(playground: Playground, headers: dict[str, str]) -> None:
    """11 foreign names and pages, each on GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS and as a websocket"""
    job = playground.post(spiral(), paused=True)["id"]
    known = playground.client.get("/jobs?limit=500").json()
    for method, path in (
        ("GET", "/health"),
        ("GET", f"/jobs/{job}"),
        ("HEAD", "/health"),
        ("GET", "/../"),
        ("GET", "/../openapi.json"),
        ("POST", "/jobs"),
        ("POST", f"/jobs/{job}/commands"),
        ("PUT", f"/jobs/{job}"),
        ("PATCH", f"/jobs/{job}"),
        ("DELETE", f"/jobs/{job}"),
        ("OPTIONS", "/jobs"),
    ):
        body = {"experiment": spiral()} if path == "/jobs" else {"op": "stop"}
        response = playground.client.request(method, path, headers=headers, json=body if method == "POST" else None)
        assert response.status_code == 403, (method, path, response.text)
        assert "access-control-allow-origin" not in response.headers
    host, port = playground.address.split(":")
    name = headers.get("Host", playground.address)
    lines = [f"GET /api/jobs/{job}/events HTTP/1.1", f"Host: {name}", "Upgrade: websocket", "Connection: Upgrade"]
    lines += ["Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Version: 13"]
    lines += [f"Origin: {headers['Origin']}"] if "Origin" in headers else []
    with socket.create_connection((host, int(port)), 10) as line:
        line.sendall("\r\n".join([*lines, "", ""]).encode())
        assert line.recv(100).startswith(b"HTTP/1.1 403")
    assert playground.client.get("/jobs?limit=500").json()["jobs"][0]["id"] == known["jobs"][0]["id"]
    assert playground.job(job)["state"] in ("queued", "starting", "paused")


ODD = [
    "..%2f..%2f..%2fetc%2fpasswd",
    "..",
    "%2e%2e",
    "%252e%252e%252fetc",
    "0123456789ab;x=1",
    "0123456789ab%23",
    "0123456789ab%00",
    "%00",
    "C:%5CWindows%5Cwin.ini",
    "C:\\Windows",
    "%5c%5cserver%5cshare",
    "0123456789AB",
    "0123456789ab%0a",
    "0123456789ab%20",
    "%ff%fe",
    "%c0%ae%c0%ae",
    "%f0%9f%92%a5",
    "*",
    "$(id)",
    "'%20or%201=1--",
    "x" * 2000,
]


def _operations(server: Playground) -> Iterator[tuple[str, str]]:
    document = httpx.get(f"http://{server.address}/openapi.json").json()
    for path, operations in document["paths"].items():
        if "{" in path:
            yield from ((method.upper(), path) for method in operations)


@pytest.mark.fault(13)
@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_odd_ids_and_paths_lead_nowhere(playground: Playground, odd: str) -> None:
    """21 odd ids (..%2f, %252e, ;, #, NUL, C:\\, …) in every place of every route, as a websocket and as a file of the page"""
    operations = list(_operations(playground))
    assert len(operations) >= 12
    host, port = playground.address.split(":")
    line = http.client.HTTPConnection(host, int(port), timeout=20)
    body = json.dumps({"op": "stop"})
    for method, template in operations:
        names = re.findall(r"\{(\w+)\}", template)
        for name in names:
            known = {other: "0123456789ab" if other == "job_id" else "surface" for other in names} | {name: odd}
            path = re.sub(r"\{(\w+)\}", lambda place, known=known: known[place[1]], template)  # type: ignore[misc]
            line.request(method, path, body if method in ("POST", "PATCH", "PUT") else None, {"content-type": "application/json"})
            response = line.getresponse()
            text = response.read()
            # A dotted path may be that of another resource, which does not take this method, or that of the page.
            assert response.status in (404, 405, 422), (method, path, response.status, text[:300])
            assert b"root:" not in text
            assert json.loads(text)["error"]["message"] if method != "HEAD" else True
    line.request("GET", f"/{odd}")
    response = line.getresponse()
    text = response.read()
    assert response.status in (200, 404, 503)
    assert b"root:" not in text
    assert response.status != 200 or b"<html" in text
    line.request("GET", f"/assets/{odd}")
    response = line.getresponse()
    assert response.status in (404, 503)
    response.read()
    line.close()
    lines = [f"GET /api/jobs/{odd}/events HTTP/1.1", f"Host: {playground.address}", "Upgrade: websocket", "Connection: Upgrade"]
    lines += ["Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Version: 13", "", ""]
    with socket.create_connection((host, int(port)), 10) as raw:
        raw.sendall("\r\n".join(lines).encode())
        assert re.match(rb"HTTP/1.1 (403|404|422) ", raw.recv(100))


def _browser(server: Playground, token: str) -> httpx.Client:
    """Somebody's browser that has signed in by the link."""
    client = httpx.Client(base_url=f"http://{server.address}/api", timeout=30)
    entry = client.get(f"http://{server.address}/", params={"token": token})
    assert entry.status_code == 303
    return client


def _cookie(client: httpx.Client) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies.jar)}


TOKEN = "correct-horse-battery"


@pytest.mark.fault(18)
def test_another_persons_private_job_is_not_there(tmp_path: Path) -> None:
    """Two browsers and a bearer: read, stopped, exported, subscribed to, renamed and deleted each other's jobs; then shared one"""
    server = Playground(tmp_path, "--host", "0.0.0.0", "--slots", "2", token=TOKEN)
    try:
        anna, ben = _browser(server, TOKEN), _browser(server, TOKEN)
        made = anna.post("/jobs", json={"experiment": spiral(), "name": "anna's"})
        assert made.status_code == 201
        job = made.json()["id"]
        assert made.json()["mine"] is True
        events = f"ws://{server.address}/api/jobs/{job}/events"
        with connect(events, additional_headers=_cookie(anna)) as own:
            while json.loads(own.recv(20))["type"] != "checkpointed":
                continue
        requests: list[tuple[str, str, Any]] = [
            ("GET", "", None),
            ("DELETE", "", None),
            ("PATCH", "", {"name": "mine now", "shared": True}),
            ("POST", "/commands", {"op": "stop"}),
            ("POST", "/predict", {"inputs": [[1, 2]]}),
            *(("GET", f"/{part}", None) for part in ("events", "metrics", "checkpoints", "views/surface")),
            *(("GET", f"/export/{part}", None) for part in ("experiment", "pytorch", "weights")),
        ]
        for stranger in (ben, server.client):
            for method, rest, body in requests:
                there = stranger.request(method, f"/jobs/{job}{rest}", json=body)
                nowhere = stranger.request(method, f"/jobs/0123456789ab{rest}", json=body)
                assert there.status_code == 404, (method, rest, there.text)
                assert there.text == nowhere.text.replace("0123456789ab", job), "it tells that there is something"
            with pytest.raises(InvalidStatus) as refused:
                connect(events, additional_headers=_cookie(ben) if stranger is ben else {"Authorization": f"Bearer {TOKEN}"})
            assert refused.value.response.status_code == 404
            assert job not in stranger.get("/jobs?limit=500").text
            assert "anna" not in stranger.get("/health").text
        assert anna.get(f"/jobs/{job}").json()["state"] == "running"
        assert anna.get(f"/jobs/{job}").json()["name"] == "anna's"

        assert anna.patch(f"/jobs/{job}", json={"shared": True}).json()["shared"] is True
        for method, rest, body in requests:
            answer = ben.request(method, f"/jobs/{job}{rest}", json=body)
            reads = method == "GET" or rest == "/predict"
            assert answer.status_code == (200 if reads else 403), (method, rest, answer.text)
        assert ben.get(f"/jobs/{job}").json()["mine"] is False
        with connect(events, additional_headers=_cookie(ben)) as shared:
            assert json.loads(shared.recv(20))["seq"] == 1
        assert anna.patch(f"/jobs/{job}", json={"shared": False}).status_code == 200
        assert ben.get(f"/jobs/{job}").status_code == 404
        assert anna.post(f"/jobs/{job}/commands", json={"op": "stop"}).status_code == 202
        anna.close()
        ben.close()
    finally:
        server.close()


@pytest.mark.fault(19)
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
@pytest.mark.parametrize("token", [None, "", "short"])
def test_without_a_token_it_does_not_open_to_all(host: str, token: str | None, tmp_path: Path) -> None:
    """Started on 4 hosts that are not this machine's own, with no, an empty and a short token"""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PLAYGROUND_")}
    if token is not None:
        environment["PLAYGROUND_TOKEN"] = token
    ended = subprocess.run(
        [sys.executable, "-m", "server", "--host", host, "--port", "0", "--data", str(tmp_path / "data")],
        cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert ended.returncode == 2, ended.stderr
    assert "PLAYGROUND_TOKEN" in ended.stderr or "8 characters" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not token or token not in ended.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.fault(19)
def test_a_token_that_it_makes_itself_is_told_once_and_nowhere_else(tmp_path: Path) -> None:
    """PLAYGROUND_TOKEN=generate on 0.0.0.0, started twice; looked for the token in every answer, every log and every file"""
    data = tmp_path / "data"
    server = Playground(data, "--host", "0.0.0.0", environment={"PLAYGROUND_TOKEN": "generate"})
    try:
        secret = data / "token"
        token = secret.read_text().strip()
        assert len(token) >= 16
        assert secret.stat().st_mode & 0o777 == 0o600
        stranger = httpx.Client(base_url=f"http://{server.address}")
        for guess in ("generate", "x", "playground", "admin", "password", token[:-1], token.upper() + "x"):
            assert stranger.get("/api/jobs", headers={"Authorization": f"Bearer {guess}"}).status_code == 401
            assert stranger.get("/", params={"token": guess}).status_code == 401
        assert stranger.get("/api/jobs", headers={"Authorization": f"Bearer {token}"}).status_code == 200
        entry = stranger.get("/", params={"token": token})
        assert entry.status_code == 303
        pages = [entry, *(stranger.get(path) for path in ("/", "/sign-in", "/openapi.json", "/api/health", "/api/jobs", "/api/catalogue"))]
        anonymous = httpx.Client(base_url=f"http://{server.address}")
        pages += [anonymous.get(path) for path in ("/", "/sign-in", "/openapi.json", "/api/jobs", "/api/health")]
        job = stranger.post("/api/jobs", json={"experiment": spiral(epochs=2)}).json()["id"]
        for path in ("", "/events", "/export/experiment", "/export/pytorch"):
            pages.append(stranger.get(f"/api/jobs/{job}{path}"))
        for page in pages:
            assert token not in page.text, page.url
            assert token not in str(page.headers), page.url
        stranger.close()
        anonymous.close()
        server.end()
        assert sum(line.count(token) for line in server.said) == 1, "told once, in the link"
        server.start()
        assert secret.read_text().strip() == token
        assert httpx.get(f"http://{server.address}/api/jobs", headers={"Authorization": f"Bearer {token}"}).status_code == 200
        server.end()
        assert not any(token in line for line in server.said)
        files = [path for path in data.rglob("*") if path.is_file() and path != secret]
        assert files
        assert not [path for path in files if token.encode() in path.read_bytes()]
    finally:
        server.close()


def _raw(server: Playground, request: bytes) -> bytes:
    """The first line of the answer to some bytes; nothing when the server just closes."""
    host, port = server.address.split(":")
    with socket.create_connection((host, int(port)), 20) as line:
        # It may have heard enough before the end.
        with suppress(ConnectionError):
            line.sendall(request)
        try:
            return line.recv(2000).partition(b"\r\n")[0]
        except ConnectionError:
            return b""


@pytest.mark.fault(24)
def test_100_000_parts_cost_nothing(playground: Playground) -> None:
    """10^5 ranges in a header, 10^5 headers, 10^5 multipart parts, whole and up to the limit of a body"""
    job = playground.post(spiral(epochs=1))["id"]
    playground.finish(job)
    before, begun = playground.memory, time.monotonic()
    for path in ("/", f"/api/jobs/{job}/export/weights", f"/api/jobs/{job}/events"):
        for count in (3_000, 100_000):
            ranges = ",".join(f"{place}-{place}" for place in range(count))
            head = _raw(playground, f"GET {path} HTTP/1.1\r\nHost: {playground.address}\r\nRange: bytes={ranges}\r\n\r\n".encode())
            assert not head.startswith(b"HTTP/1.1 5") or head.startswith(b"HTTP/1.1 503"), head
            assert not head.startswith(b"HTTP/1.1 206"), "it cuts an answer into parts"
    headers = "".join(f"X-{number}: 1\r\n" for number in range(100_000))
    head = _raw(playground, f"GET /api/health HTTP/1.1\r\nHost: {playground.address}\r\n{headers}\r\n".encode())
    assert not head.startswith(b"HTTP/1.1 5")
    for count in (10_000, 100_000):
        parts = (
            b"".join(b'--x\r\nContent-Disposition: form-data; name="f%d"; filename="f"\r\n\r\n1\r\n' % number for number in range(count))
            + b"--x--"
        )
        for path in ("/jobs", "/networks/check", f"/jobs/{job}/predict", f"/jobs/{job}/commands"):
            response = _posted(playground, path, parts)
            assert response in (400, 413, 415, 422), response
    assert time.monotonic() - begun < 20
    assert playground.memory < before + 60 * 2**20
    assert playground.client.get("/health").status_code == 200


def _posted(server: Playground, path: str, body: bytes) -> int:
    head = f"POST /api{path} HTTP/1.1\r\nHost: {server.address}\r\nContent-Length: {len(body)}"
    return int(_raw(server, f"{head}\r\nContent-Type: multipart/form-data; boundary=x\r\n\r\n".encode() + body).split()[1])
