"""Who may come in: hosts, origins, tokens."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from server.settings import Settings
from server.sign_in import ADDRESSES, FORGET_SECONDS, GUESSES, Guesses
from tests.server.conftest import TOKEN
from tests.server.playground import REPOSITORY, Playground, soon, spiral


def called_from(address: str) -> dict[str, str]:
    """What a proxy on this machine says of a caller from afar."""
    return {"X-Forwarded-For": address}


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
    assert stranger.get("/api/jobs").headers["www-authenticate"] == "Bearer"
    assert stranger.get("/?token=wrong-horse-battery").status_code == 401
    assert stranger.get("/api/jobs", headers={"Authorization": "Bearer wrong"}).status_code == 401
    for cookie in (TOKEN, "", "é", "0" * 64):
        assert stranger.get("/api/jobs", headers={b"Cookie": f"playground={cookie}".encode()}).status_code == 401
    # An attacker's name that points here is still a foreign name; an address that is written out cannot be one.
    assert stranger.get("/api/health", headers={"Host": "evil.example"}).status_code == 403

    assert stranger.get("/api/jobs", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    entry = stranger.get(f"/?token={TOKEN}")
    assert (entry.status_code, entry.headers["location"]) == (303, "/")
    assert stranger.get("/api/jobs").status_code == 200
    assert stranger.get("/?token=wrong-horse-battery").status_code in (200, 503)
    for page in (entry, stranger.get("/"), stranger.get("/openapi.json")):
        assert TOKEN not in page.text + str(page.headers)

    job = strict.post(spiral(epochs=1), shared=True)["id"]
    events = f"ws://{strict.address}/api/jobs/{job}/events"
    with pytest.raises(InvalidStatus) as refused:
        connect(events)
    assert refused.value.response.status_code == 401
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in stranger.cookies.jar)
    for headers in ({"Authorization": f"Bearer {TOKEN}"}, {"Cookie": cookies}):
        with connect(events, additional_headers=headers) as connection:
            assert connection.recv(10)
    stranger.close()


def test_the_sign_in_page(strict: Playground) -> None:
    with httpx.Client(base_url=f"http://{strict.address}", headers=called_from("203.0.113.1")) as stranger:
        for path, status in (("/sign-in", 200), ("/", 401), ("/jobs/0123456789ab", 401), ("/assets/app.js", 401)):
            page = stranger.get(path)
            assert page.status_code == status
            assert '<form method="post"' in page.text
            assert "<script" not in page.text
            assert "请先登录" in page.text
            assert page.headers["cache-control"] == "no-store"
        wrong = stranger.post("/sign-in", data={"token": "<b>wrong</b>"})
        assert (wrong.status_code, "not the token" in wrong.text, "set-cookie" in wrong.headers) == (401, True, False)
        assert "<b>wrong" not in wrong.text
        for body in (b"", b"token", b"token=", b"\xff=\xfe", b"&" * 1000, b"x" * 2**20):
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            assert stranger.post("/sign-in", content=body, headers=form).status_code == 401
        foreign = stranger.post("/sign-in", data={"token": TOKEN}, headers={"Origin": "http://evil.example"})
        assert foreign.status_code == 403

        for path in ("/", "/sign-in"):
            entry = stranger.post(path, data={"token": TOKEN}, headers={"Origin": f"http://{strict.address}"})
            assert (entry.status_code, entry.headers["location"]) == (303, "/")
            kept = entry.headers.get_list("set-cookie")
            assert [cookie.split("=")[0] for cookie in kept] == ["playground", "playground_owner"]
            assert all("; HttpOnly; SameSite=Strict" in cookie and "Secure" not in cookie for cookie in kept)
            assert TOKEN not in str(kept)
        assert stranger.get("/api/jobs").status_code == 200
        assert (stranger.get("/sign-in").status_code, stranger.get("/sign-in").headers["location"]) == (303, "/")


def test_behind_a_proxy_with_tls_cookies_are_secure(strict: Playground) -> None:
    headers = {**called_from("203.0.113.2"), "X-Forwarded-Proto": "https", "Origin": f"https://{strict.address}"}
    entry = httpx.post(f"http://{strict.address}/sign-in", data={"token": TOKEN}, headers=headers)
    assert entry.status_code == 303
    assert all(cookie.endswith("; Secure") for cookie in entry.headers.get_list("set-cookie"))


def test_guesses_are_limited_for_each_address(strict: Playground) -> None:
    def with_form(address: str, token: str) -> int:
        return httpx.post(f"http://{strict.address}/sign-in", data={"token": token}, headers=called_from(address)).status_code

    def with_header(address: str, token: str) -> int:
        headers = {**called_from(address), "Authorization": f"Bearer {token}"}
        return httpx.get(f"http://{strict.address}/api/jobs", headers=headers).status_code

    # A program that has not heard of a new token is no guesser.
    assert {with_header("203.0.113.3", "the-token-of-yesterday") for _ in range(30)} == {401}
    assert with_form("203.0.113.3", TOKEN) == 303
    for address, same in (("203.0.113.4", "203.0.113.4"), ("2001:db8::1", "2001:db8::2")):
        guesses = [guess(address, f"{guess.__name__} {n}") for n in range(6) for guess in (with_form, with_header)]
        assert guesses == [401] * 10 + [429] * 2
        # Nor does the right one open now, or it could be found by trying.
        assert with_form(same, TOKEN) == with_header(same, TOKEN) == 429
    headers = {**called_from("203.0.113.4"), "Authorization": f"Bearer {TOKEN}"}
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://{strict.address}/api/jobs/0123456789ab/events", additional_headers=headers)
    assert refused.value.response.status_code == 429
    assert refused.value.response.headers["retry-after"] == "60"
    assert with_form("203.0.113.5", TOKEN) == 303


def test_guesses_are_forgotten_and_cost_little() -> None:
    clock = [0.0]
    guesses = Guesses(lambda: clock[0])
    for n in range(GUESSES):
        assert not guesses.spent("here", b"")
        guesses.note("here", b"%d" % n)
    assert guesses.spent("here", b"")
    clock[0] = FORGET_SECONDS - 0.1
    assert guesses.spent("here", b"")
    clock[0] = FORGET_SECONDS
    for n in range(GUESSES):
        assert not guesses.spent("here", b"")
        guesses.note("here", b"%d" % n)
    for n in range(ADDRESSES):
        guesses.note(f"address {n}", b"x")
    assert not guesses.spent("here", b"")
    assert len(guesses._made) == ADDRESSES


def test_no_secret_comes_into_the_log(strict: Playground) -> None:
    with httpx.Client(base_url=f"http://{strict.address}", headers=called_from("203.0.113.6")) as browser:
        browser.get(f"/?token={TOKEN}")
        owner, proof = browser.cookies["playground_owner"], browser.cookies["playground"]
        job = browser.post("/api/jobs", json={"experiment": spiral(epochs=1)}).json()["id"]
        cookies = f"playground={proof}; playground_owner={owner}"
        with connect(f"ws://{strict.address}/api/jobs/{job}/events?token={TOKEN}", additional_headers={"Cookie": cookies}) as events:
            while '"state":"completed"' not in str(events.recv(10)):
                pass
        # An error that the server does not expect, and requests that are none.
        with sqlite3.connect(strict.data / "playground.sqlite") as database:
            database.execute("UPDATE jobs SET experiment = 'nonsense' WHERE id = ?", (job,))
        database.close()
        answer = browser.get(f"/api/jobs/{job}?token={TOKEN}", headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 404
        answers: list[httpx.Response] = []

        def fails() -> bool:
            answers.append(browser.get(f"/api/jobs/{job}?token={TOKEN}", headers={"Connection": "close"}))
            return answers[-1].status_code == 500

        assert soon(fails)
        assert TOKEN not in answers[-1].text
        assert browser.delete(f"/api/jobs/{job}").status_code == 204
        host, port = strict.address.split(":")
        for begin in (f"GET /?token={TOKEN} HTTP/9", f"NONSENSE {TOKEN}", f"GET / HTTP/1.1\r\nAuthorization Bearer {TOKEN}"):
            with socket.create_connection((host, int(port))) as bare:
                bare.sendall(begin.encode() + b"\r\n\r\n")
                said = bare.recv(65536).decode()
                assert " 400 " in said
                assert TOKEN not in said
    # What it says stands in the pipe when it answers.
    strict.client.get("/health")
    assert any("Traceback" in line for line in strict.said)
    for secret in (TOKEN, owner, proof):
        assert not any(secret in line for line in strict.said)
        assert not any(secret in file.read_text(errors="replace") for file in strict.data.rglob("*.log"))


def test_a_token_is_made_once_and_shown_once(tmp_path: Path) -> None:
    data = tmp_path / "new"
    server = Playground(data, "--host", "0.0.0.0", environment={"PLAYGROUND_TOKEN": "generate"})
    token = (data / "token").read_text().strip()
    assert len(token) >= 32
    assert (data / "token").stat().st_mode & 0o777 == 0o600
    assert server.client.get("/jobs").status_code == 401
    assert server.client.get("/jobs", headers={"Authorization": "Bearer generate"}).status_code == 401
    server.end()
    (link,) = [line for line in server.said if token in line]
    assert f"{server.address.split(':')[1]}/?token={token} " in link
    server.start()
    assert server.client.get("/jobs", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert (data / "token").read_text().strip() == token
    server.close()
    assert not any(token in line for line in server.said)
    (data / "token").write_text("")
    with pytest.raises(AssertionError, match="holds no token; delete it"):
        server.start()


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
    for name in Settings.model_fields:
        assert f"PLAYGROUND_{name.upper()}" in ended.stdout
