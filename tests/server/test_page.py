"""The page as files: caching, compression, and no way out of its folder."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest
from fastapi import FastAPI, Request, Response
from starlette.testclient import TestClient

from server.errors import install
from server.page import Page


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    """A built page."""
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html>first")
    (folder / "assets" / "app-1a2b.js").write_text("console.log(1)" * 100)
    (folder / "icon.svg").write_text("<svg/>")
    (tmp_path / "secret.txt").write_text("secret")
    return folder


def client_of(folder: Path) -> TestClient:
    app = FastAPI()
    install(app)
    page = Page(folder)

    @app.get("/{path:path}")
    def serve(request: Request) -> Response:
        return page.respond(request)

    return TestClient(app)


def test_assets_last_and_the_index_is_asked_for_again(dist: Path) -> None:
    with client_of(dist) as client:
        index = client.get("/")
        assert (index.text, index.headers["cache-control"]) == ("<!doctype html>first", "no-cache")
        assert client.get("/", headers={"If-None-Match": index.headers["etag"]}).status_code == 304
        script = client.get("/assets/app-1a2b.js")
        assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert script.headers["content-type"].startswith("text/javascript")
        assert script.headers["content-encoding"] == "gzip"
        assert gzip.decompress(gzip.compress(script.content)) == (dist / "assets" / "app-1a2b.js").read_bytes()
        assert "content-encoding" not in client.get("/assets/app-1a2b.js", headers={"Accept-Encoding": "identity"}).headers
        assert client.get("/icon.svg").headers["content-type"] == "image/svg+xml"


def test_paths_of_the_page_itself_give_the_index(dist: Path) -> None:
    with client_of(dist) as client:
        assert client.get("/jobs/0123456789ab").text == "<!doctype html>first"
        assert client.get("/assets/gone-3c4d.js").status_code == 404
        assert client.get("/favicon.ico").json()["error"]["code"] == "not_found"
        for path in ("/..%2fsecret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt", "//etc/passwd", "/assets/%00"):
            assert "secret" not in client.get(path).text.replace("secret.txt", "")


def test_a_new_build_is_seen(dist: Path) -> None:
    with client_of(dist) as client:
        client.get("/")
        (dist / "index.html").write_text("<!doctype html>second")
        os.utime(dist / "index.html", (1, 1))
        assert client.get("/").text == "<!doctype html>second"


def test_a_page_that_is_not_built_says_how(tmp_path: Path) -> None:
    with client_of(tmp_path / "nothing") as client:
        answer = client.get("/")
        assert answer.status_code == 503
        assert "make run" in answer.text
