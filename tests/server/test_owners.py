"""Whose a job is: a stranger's private job is not there, a shared one can only be looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.server.conftest import TOKEN
from tests.server.playground import Playground, spiral

READING = (
    ("GET", ""),
    ("GET", "/events"),
    ("GET", "/course"),
    ("GET", "/metrics"),
    ("GET", "/checkpoints"),
    ("GET", "/views/surface"),
    ("POST", "/predict"),
    ("GET", "/export/experiment"),
    ("GET", "/export/pytorch"),
    ("GET", "/export/weights"),
)
CHANGING = (("PATCH", ""), ("POST", "/commands"), ("DELETE", ""))
BODIES: dict[str, Any] = {"/predict": {"inputs": [[1.0, 2.0]]}, "/commands": {"op": "stop"}, "": {"name": "mine now"}}


class Browser(httpx.Client):
    """A browser of its own, signed in."""

    def __init__(self, server: Playground) -> None:
        super().__init__(base_url=f"http://{server.address}/api", timeout=30)
        self._server = server
        assert self.post(f"http://{server.address}/sign-in", data={"token": TOKEN}).status_code == 303

    @property
    def cookie_header(self) -> dict[str, str]:
        """Its cookies, for a websocket."""
        return {"Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.cookies.jar)}

    def train(self, **more: Any) -> str:
        """Start a job and follow it to its end."""
        response = self.post("/jobs", json={"experiment": spiral(epochs=1), **more})
        assert response.status_code == 201, response.text
        job = str(response.json()["id"])
        self.follow(job)
        return job

    def follow(self, job: str) -> None:
        """Follow a job to its end."""
        with connect(f"ws://{self._server.address}/api/jobs/{job}/events", additional_headers=self.cookie_header) as events:
            while '"state":"completed"' not in str(events.recv(30)):
                pass

    def ask(self, method: str, job: str, rest: str) -> httpx.Response:
        """Use one of a job's routes."""
        return self.request(method, f"/jobs/{job}{rest}", json=BODIES[rest] if method in ("POST", "PATCH") else None)


@pytest.fixture(scope="module")
def alice(strict: Playground) -> Iterator[Browser]:
    browser = Browser(strict)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def bob(strict: Playground) -> Iterator[Browser]:
    browser = Browser(strict)
    yield browser
    browser.close()


def test_a_private_job_is_to_others_as_if_it_were_not(strict: Playground, alice: Browser, bob: Browser) -> None:
    job, unknown = alice.train(), "0123456789ab"
    for stranger in (bob, strict.client):
        listed = stranger.get("/jobs?limit=500").json()["jobs"]
        assert job not in {other["id"] for other in listed}
        for method, rest in (*READING, *CHANGING):
            body = BODIES[rest] if method in ("POST", "PATCH") else None
            private = stranger.request(method, f"/jobs/{job}{rest}", json=body)
            absent = stranger.request(method, f"/jobs/{unknown}{rest}", json=body)
            assert private.status_code == absent.status_code == 404, (method, rest, private.text)
            assert private.content.replace(job.encode(), b"") == absent.content.replace(unknown.encode(), b"")
            assert private.json()["error"]["code"] == "no_job"
            assert set(private.headers) == set(absent.headers)
    answers = []
    for name in (job, unknown):
        with pytest.raises(InvalidStatus) as refused:
            connect(f"ws://{strict.address}/api/jobs/{name}/events", additional_headers=bob.cookie_header)
        assert refused.value.response.status_code == 404
        answers.append(bytes(refused.value.response.body or b"").replace(name.encode(), b""))
    assert answers[0] == answers[1]
    assert alice.get(f"/jobs/{job}").json()["mine"]


def test_a_shared_job_can_be_looked_at_and_not_changed(strict: Playground, alice: Browser, bob: Browser) -> None:
    job = alice.train(name="look", shared=True)
    bob.follow(job)
    before = bob.get(f"/jobs/{job}").json()
    assert (before["mine"], before["shared"], before["name"]) == (False, True, "look")
    assert job not in {other["id"] for other in bob.get("/jobs").json()["jobs"]}
    for method, rest in READING:
        assert bob.ask(method, job, rest).status_code == 200, (method, rest)
    for method, rest in CHANGING:
        refused = bob.ask(method, job, rest)
        assert refused.status_code == 403, (method, rest)
        assert refused.json()["error"]["code"] == "read_only"
        assert "belongs to somebody else" in refused.json()["error"]["message"]
    assert bob.get(f"/jobs/{job}").json() == before


def test_its_owner_names_shares_and_hides_a_job(strict: Playground, alice: Browser, bob: Browser) -> None:
    job = alice.train(name="first")
    assert alice.patch(f"/jobs/{job}", json={}).json()["name"] == "first"
    changed = alice.patch(f"/jobs/{job}", json={"name": "second", "shared": True}).json()
    assert (changed["name"], changed["shared"], changed["mine"]) == ("second", True, True)
    assert bob.get(f"/jobs/{job}").json()["name"] == "second"
    bob.follow(job)
    assert alice.patch(f"/jobs/{job}", json={"shared": False}).json()["name"] == "second"
    assert bob.get(f"/jobs/{job}").status_code == 404
    faults: tuple[Any, ...] = ({"name": ""}, {"name": "x" * 201}, {"shared": "yes"}, {"state": "completed"}, [])
    for fault in faults:
        assert alice.patch(f"/jobs/{job}", json=fault).status_code == 422
    assert alice.delete(f"/jobs/{job}").status_code == 204
    assert alice.get(f"/jobs/{job}").status_code == 404


def test_browsers_programs_and_their_keys_are_apart(strict: Playground, alice: Browser, bob: Browser) -> None:
    again = {"Idempotency-Key": "the same word"}
    request = {"experiment": spiral(epochs=1)}
    ids = set()
    for who in (alice, bob, strict.client):
        response = who.post("/jobs", json=request, headers=again)
        assert response.status_code == 201
        ids.add(response.json()["id"])
        who.follow(response.json()["id"]) if isinstance(who, Browser) else strict.finish(response.json()["id"])
    assert len(ids) == 3
    assert alice.post("/jobs", json=request, headers=again).status_code == 200
    for who in (alice, bob, strict.client):
        assert len(ids & {job["id"] for job in who.get("/jobs").json()["jobs"]}) == 1


def test_an_owner_outlives_a_session(strict: Playground, alice: Browser) -> None:
    job = alice.train()
    owner = alice.cookies["playground_owner"]
    alice.cookies.delete("playground")
    assert alice.get(f"/jobs/{job}").status_code == 401
    assert alice.get(f"http://{strict.address}/?token={TOKEN}").status_code == 303
    assert alice.cookies["playground_owner"] == owner
    assert alice.get(f"/jobs/{job}").status_code == 200


@pytest.mark.parametrize("secret", [None, "", "short", "é" * 43, "0" * 44])
def test_a_browser_without_a_good_owner_is_given_one(strict: Playground, alice: Browser, secret: str | None) -> None:
    cookie = f"playground={alice.cookies['playground']}" + (f"; playground_owner={secret}" if secret is not None else "")
    given = httpx.get(f"http://{strict.address}/api/jobs", headers={b"Cookie": cookie.encode()})
    assert given.json() == {"jobs": []}
    assert re.match(r"playground_owner=[\w-]{43}; Max-Age=\d+; Path=/; HttpOnly; SameSite=Strict$", given.headers["set-cookie"])


def test_without_a_token_all_jobs_are_ones_own(playground: Playground) -> None:
    job = playground.post(spiral(epochs=1))["id"]
    described = playground.job(job)
    assert described["mine"]
    assert not described["shared"]
    assert "set-cookie" not in playground.client.get("/jobs").headers
    playground.finish(job)
