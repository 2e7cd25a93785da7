"""The built page, served from memory: small, the same for everybody, and with no path that could lead anywhere else."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import threading
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from server.errors import NotFound
from server.notice import FRAME

NOT_BUILT = f"""{FRAME}<h1 style="font-size: 1.4em">The page has not been built yet</h1>
<p>The service runs, and its <a href="/openapi.json">REST surface</a> works. Run <code>make run</code> to build the page, then load it
again.</p>
<h1 style="font-size: 1.4em" lang="zh">页面还没有构建</h1>
<p lang="zh">服务已经在运行，<a href="/openapi.json">REST 接口</a>可以使用。运行 <code>make run</code> 构建页面，然后刷新。</p>
"""
COMPRESSED = (".html", ".js", ".css", ".svg", ".json", ".webmanifest", ".txt", ".map")


@dataclass(frozen=True)
class File:
    """One file of the page, ready to be sent."""

    body: bytes
    zipped: bytes | None
    media_type: str
    tag: str


class Page:
    """Files of the built page; read again when a new build has replaced index.html."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._built: float | None = None
        self._files: dict[str, File] = {}
        self._lock = threading.Lock()

    def respond(self, request: Request) -> Response:
        """The file at the request's path, and index.html for any path that the page itself may know."""
        self.read()
        path = request.url.path.lstrip("/") or "index.html"
        if "index.html" not in self._files:
            return HTMLResponse(NOT_BUILT, 503, {"cache-control": "no-store"})
        file = self._files.get(path)
        if file is None and (path.startswith("assets/") or "." in path.rsplit("/", 1)[-1]):
            raise NotFound(f"There is no file {path[:200]}.")
        # Names under assets/ carry a hash of the content, so what they name never changes.
        lasting = file is not None and path.startswith("assets/")
        return _sent(request, file or self._files["index.html"], "public, max-age=31536000, immutable" if lasting else "no-cache")

    def read(self) -> None:
        """Read the files, unless that has been done since they were built."""
        try:
            built = (self._folder / "index.html").stat().st_mtime
        except OSError:
            built = None
        with self._lock:
            if built != self._built:
                self._files = {} if built is None else _files_in(self._folder)
                self._built = built


def _files_in(folder: Path) -> dict[str, File]:
    return {path.relative_to(folder).as_posix(): _read(path) for path in folder.rglob("*") if path.is_file()}


def _read(path: Path) -> File:
    body = path.read_bytes()
    zipped = gzip.compress(body, 9, mtime=0) if path.suffix in COMPRESSED else None
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return File(body, zipped, media_type, f'"{hashlib.sha256(body).hexdigest()[:32]}"')


def _sent(request: Request, file: File, caching: str) -> Response:
    headers = {"cache-control": caching, "etag": file.tag, "vary": "accept-encoding"}
    if request.headers.get("if-none-match") == file.tag:
        return Response(None, 304, headers)
    if file.zipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(file.zipped, 200, {**headers, "content-encoding": "gzip"}, file.media_type)
    return Response(file.body, 200, headers, file.media_type)
