"""A hub on loopback that tells the truth, or lies, or stalls: what the real one answers of its datasets, as far as anybody asks."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
CONVERTED = "89abcdef0123456789abcdef0123456789abcdef"


@dataclass
class FakeDataset:
    """A dataset of the fake hub."""

    files: dict[str, bytes] = field(default_factory=dict)
    sent: dict[str, bytes] = field(default_factory=dict)
    """What is sent instead of a file."""
    converted: dict[str, bytes] = field(default_factory=dict)
    """What the hub has made of it, at refs/convert/parquet."""
    card: dict[str, Any] = field(default_factory=lambda: {"license": "mit"})
    gated: str | bool = False
    claimed: dict[str, int] = field(default_factory=dict)
    """Bytes that a file is said to have."""


class FakeHub(ThreadingHTTPServer):
    """Answers like the hub."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.datasets: dict[str, FakeDataset] = {}
        self.redirects: dict[str, str] = {}
        """Where to lead on to, by path."""
        self.visits: list[str] = []
        self.secrets: list[str | None] = []
        """What each request had as its authorization."""
        self.hold = threading.Event()
        """While it is not set, only the first half of each file is sent."""
        self.hold.set()
        self.status: int | None = None
        """What to answer instead of anything else."""

    @property
    def address(self) -> str:
        """By which HF_ENDPOINT names it."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class Answer(BaseHTTPRequestHandler):
    """One request to the fake hub."""

    server: FakeHub

    def do_GET(self) -> None:
        """A listing or a file."""
        path = unquote(urlsplit(self.path).path)
        self.server.visits.append(path)
        self.server.secrets.append(self.headers.get("authorization"))
        if self.server.status:
            self.answer(self.server.status, b"{}")
        elif target := self.server.redirects.get(path):
            self.answer(302, b"", {"location": target})
        elif found := re.fullmatch(r"/api/datasets/([^/]+/[^/]+?)(?:/revision/(.+))?", path):
            self.listing(found[1], found[2])
        elif found := re.fullmatch(r"/datasets/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            self.file(found[1], found[2], found[3])
        else:
            self.answer(404, b"")

    do_HEAD = do_GET  # noqa: N815

    def listing(self, name: str, revision: str | None) -> None:
        """What the hub says of a dataset."""
        dataset = self.server.datasets.get(name)
        converted = revision in (CONVERTED, "refs/convert/parquet")
        if dataset is None or (converted and not dataset.converted) or (revision and not converted and revision not in (COMMIT, "main")):
            self.answer(404, b"{}", {"x-error-code": "RevisionNotFound" if dataset else "RepoNotFound"})
            return
        siblings = []
        for path, content in (dataset.converted if converted else dataset.files).items():
            size = dataset.claimed.get(path, len(content))
            lfs = {"sha256": hashlib.sha256(content).hexdigest(), "size": size, "pointerSize": 1}
            siblings.append({"rfilename": path, "size": size, "lfs": lfs})
        siblings.append({"rfilename": "README.md", "size": 3, "blobId": "1"})
        said = {"id": name, "sha": CONVERTED if converted else COMMIT, "siblings": siblings, "gated": dataset.gated, "private": False}
        self.answer(200, json.dumps(said if converted else {**said, "cardData": dataset.card}).encode())

    def file(self, name: str, revision: str, path: str) -> None:
        """A file, or a part of it."""
        dataset = self.server.datasets.get(name)
        files = {} if dataset is None else dataset.converted if revision == CONVERTED else dataset.files
        if dataset is None or path not in files:
            self.answer(404, b"", {"x-error-code": "EntryNotFound"})
            return
        if dataset.gated:
            self.answer(403, b"", {"x-error-code": "GatedRepo"})
            return
        content = dataset.sent.get(path, files[path])
        headers = {"etag": f'"{hashlib.sha256(files[path]).hexdigest()}"', "x-repo-commit": revision, "accept-ranges": "bytes"}
        if found := re.fullmatch(r"bytes=-(\d+)", self.headers.get("range", "")):
            tail = content[-int(found[1]) :]
            self.answer(206, tail, {**headers, "content-range": f"bytes {len(content) - len(tail)}-{len(content) - 1}/{len(content)}"})
        else:
            self.answer(200, content, headers)

    def answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        """Send it, files in two halves."""
        self.send_response(status)
        for name, value in {"content-length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        try:
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            if status == 200 and "/resolve/" in self.path:
                self.server.hold.wait(20)
            self.wfile.write(body[len(body) // 2 :])
        except OSError:
            # Nobody waits any more.
            self.close_connection = True

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[FakeHub]:
    """A fake hub for as long as it is entered."""
    fake = FakeHub()
    thread = threading.Thread(target=fake.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield fake
    finally:
        fake.hold.set()
        fake.shutdown()
        thread.join()
        fake.server_close()
