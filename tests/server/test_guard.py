"""Who may come in: hosts, origins, tokens."""

from __future__ import annotations

import socket
import subprocess
import sys

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.server.conftest import TOKEN
from tests.server.playground import REPOSITORY, Playground, spiral


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "localhost.evil.example:8000"},
        {"Host": "192.0.2.1"},
        {"Host": "localhost@evil.example"},
        {"Host": "localhost:port"},
        {"Host": ""},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:1"},
        {"Origin": "http://[broken"},
    ],
)
def test_foreign_hosts_and_origins_are_refused_on_every_method(playground: Playground, headers: dict[str, str]) -> None:
    job = playground.post(spiral(epochs=1))["id"]
    for method, path in (
        ("GET", "/health"),
        ("GET", f"/jobs/{job}"),
        ("POST", "/jobs"),
        ("DELETE", f"/jobs/{job}"),
        ("OPTIONS", "/jobs"),
        ("GET", "/../"),
    ):
        response = playground.client.request(method, path, headers=headers)
        assert response.status_code == 403, (method, path, response.text)
        assert response.json()["error"]["code"] in ("foreign_host", "foreign_origin")
    if "Origin" in headers:
        with pytest.raises(InvalidStatus) as refused:
            connect(f"ws://{playground.address}/api/jobs/{job}/events", additional_headers=headers)
        assert refused.value.response.status_code == 403
    assert playground.finish(job)["state"] == "completed"


def test_a_foreign_host_is_refused_on_the_websocket(playground: Playground) -> None:
    job = playground.post(spiral(epochs=1))["id"]
    host, port = playground.address.split(":")
    with socket.create_connection((host, int(port))) as line, pytest.raises(InvalidStatus) as refused:
        connect(f"ws://evil.example:{port}/api/jobs/{job}/events", sock=line)
    assert refused.value.response.status_code == 403


def test_own_pages_may_come_in(playground: Playground) -> None:
    port = playground.address.split(":")[1]
    for host in (f"localhost:{port}", f"127.0.0.1:{port}", f"[::1]:{port}"):
        assert playground.client.get("/health", headers={"Host": host, "Origin": f"http://{host}"}).status_code == 200


def test_every_answer_carries_security_headers(playground: Playground) -> None:
    for response in (
        playground.client.get("/health"),
        playground.client.get("/nothing"),
        playground.client.get("/health", headers={"Host": "evil.example"}),
    ):
        policy = response.headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert response.headers["x-content-type-options"] == "nosniff"


def test_the_token_opens_the_door_and_is_shown_nowhere(strict: Playground) -> None:
    base = f"http://{strict.address}"
    stranger = httpx.Client(base_url=base)
    assert stranger.get("/api/health").status_code == 200
    for method, path in (("GET", "/api/jobs"), ("POST", "/api/jobs"), ("GET", "/openapi.json"), ("GET", "/api/catalogue")):
        assert stranger.request(method, path).status_code == 401
    page = stranger.get("/")
    assert page.status_code == 401
    assert "PLAYGROUND_TOKEN" in page.text
    assert TOKEN not in page.text
    assert stranger.get("/?token=wrong-horse-battery").status_code == 401
    assert stranger.get("/api/jobs", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert stranger.get("/api/jobs", headers={"Cookie": f"playground={TOKEN}"}).status_code == 401
    # An attacker's name that points here is still a foreign name; an address that is written out cannot be one.
    assert stranger.get("/api/health", headers={"Host": "evil.example"}).status_code == 403

    assert stranger.get("/api/jobs", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    entry = stranger.get(f"/?token={TOKEN}")
    assert entry.status_code == 303
    assert entry.headers["location"] == "/"
    cookie = entry.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert TOKEN not in cookie
    assert stranger.get("/api/jobs").status_code == 200
    assert TOKEN not in stranger.get("/").text

    job = strict.post(spiral(epochs=1))["id"]
    events = f"ws://{strict.address}/api/jobs/{job}/events"
    with pytest.raises(InvalidStatus) as refused:
        connect(events)
    assert refused.value.response.status_code == 401
    for headers in ({"Authorization": f"Bearer {TOKEN}"}, {"Cookie": cookie.split(";")[0]}):
        with connect(events, additional_headers=headers) as connection:
            assert connection.recv(10)
    stranger.close()
    assert not any(TOKEN in line for line in strict.said)


@pytest.mark.parametrize("token", [None, "", "short"])
def test_an_open_door_without_a_lock_is_refused(token: str | None, tmp_path_factory: pytest.TempPathFactory) -> None:
    data = tmp_path_factory.mktemp("never")
    environment = {"PLAYGROUND_TOKEN": token} if token is not None else {}
    ended = subprocess.run(
        [sys.executable, "-m", "server", "--host", "0.0.0.0", "--data", str(data)],
        cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert ended.returncode == 2
    assert "PLAYGROUND_TOKEN" in ended.stderr or "8 characters" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not token or token not in ended.stderr
    assert not list(data.iterdir())


def test_help_shows_every_setting() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "server", "--help"], cwd=REPOSITORY, capture_output=True, text=True, timeout=30, check=True
    )
    for name in ("HOST", "PORT", "DATA", "SLOTS", "TOKEN", "MAX_PARAMETERS"):
        assert f"PLAYGROUND_{name}" in ended.stdout
