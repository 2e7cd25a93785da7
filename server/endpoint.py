"""The Hugging Face hub over HTTP: bounded answers, redirects that lead to no private place, errors in words."""

from __future__ import annotations

import ipaddress
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urljoin, urlsplit

from server.fetch import FetchError

if TYPE_CHECKING:
    from httpx2 import Client, Response

PUBLIC = "https://huggingface.co"
SECONDS_OF_SILENCE = 30.0
SECONDS_TO_CONNECT = 6.0
"""Seconds in which somebody must answer: without a network a person shall not wait longer for a sentence that says so."""
MOST_REDIRECTS = 5
MOST_LISTING = 32 * 2**20
"""Bytes of what the hub says of a dataset, the names of all its files included."""
MOST_FOOTER = 8 * 2**20
"""Bytes of the description at the end of a parquet file."""
FIRST_LOOK = 64 * 1024
"""Bytes at the end of a file in which that description stands, most of the time."""


class Endpoint:
    """The hub that HF_ENDPOINT names, or the public one. One line at a time; close it after use by `with`."""

    def __init__(self) -> None:
        import httpx2
        from huggingface_hub import get_token

        # Read here, because the library looks only once.
        self.address = os.environ.get("HF_ENDPOINT", PUBLIC).rstrip("/")
        token = get_token()
        self._secret = {"authorization": f"Bearer {token}"} if token else {}
        self._client: Client = httpx2.Client(follow_redirects=False, timeout=httpx2.Timeout(SECONDS_OF_SILENCE, connect=SECONDS_TO_CONNECT))

    def __enter__(self) -> Endpoint:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def listing(self, name: str, revision: str | None = None) -> dict[str, Any]:
        """What the hub says of a dataset: commit, licence, files with their bytes and SHA-256. Raises FetchError."""
        path = f"/api/datasets/{quote(name)}" + (f"/revision/{quote(revision, safe='')}" if revision else "")
        with self._get(f"{self.address}{path}?blobs=true", name) as response:
            body = _bounded(response.iter_bytes(), MOST_LISTING)
        if body is None:
            raise FetchError(f"The dataset {name} has so many files that it cannot be looked at here.", "hub_too_large")
        try:
            said = json.loads(body)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            raise FetchError(f"{self.address} does not answer as the Hugging Face hub does. See what HF_ENDPOINT is set to.", "hub_fault")
        return said

    def footer(self, name: str, revision: str, path: str, size: int) -> bytes:
        """The description at the end of a parquet file, with its last eight bytes, read without the rest. Raises FetchError."""
        tail = self._tail(name, revision, path, min(size, FIRST_LOOK))
        wanted = int.from_bytes(tail[-8:-4], "little") + 8
        if tail[-4:] != b"PAR1" or not 8 < wanted <= min(size, MOST_FOOTER):
            raise FetchError(f"The file {path} of {name} is no parquet file that can be read here.", "hub_unreadable")
        if wanted > len(tail):
            tail = self._tail(name, revision, path, wanted)
        return tail[-wanted:]

    def _tail(self, name: str, revision: str, path: str, count: int) -> bytes:
        with self._get(self._file(name, revision, path), name, {"range": f"bytes=-{count}"}) as response:
            # Who knows nothing of ranges sends the whole file.
            tail = _bounded(response.iter_bytes(), MOST_FOOTER)
        if tail is None or len(tail) < count:
            raise FetchError(f"The hub does not send the end of {path} alone, so the columns of {name} cannot be looked at.", "hub_fault")
        return tail[-count:]

    @contextmanager
    def file(self, name: str, revision: str, path: str) -> Iterator[Iterator[bytes]]:
        """The bytes of a file. Raises FetchError."""
        with self._get(self._file(name, revision, path), name) as response:
            yield response.iter_bytes()

    def _file(self, name: str, revision: str, path: str) -> str:
        return f"{self.address}/datasets/{quote(name)}/resolve/{quote(revision, safe='')}/{quote(path)}"

    @contextmanager
    def _get(self, address: str, name: str, headers: dict[str, str] | None = None) -> Iterator[Response]:
        from httpx2 import HTTPError, InvalidURL

        try:
            for _ in range(MOST_REDIRECTS + 1):
                secret = self._secret if _origin(address) == _origin(self.address) else {}
                with self._client.stream("GET", address, headers={**(headers or {}), **secret}) as response:
                    if not response.has_redirect_location:
                        self._check(response, name)
                        yield response
                        return
                    address = self._allowed(urljoin(address, response.headers["location"]))
            raise FetchError(f"{self.address} leads from one place to the next without end.", "hub_fault")
        except (HTTPError, InvalidURL) as fault:
            raise FetchError(
                f"The hub cannot be reached or does not answer: {fault or type(fault).__name__}. See that this machine has a network, "
                "then try again.",
                "no_network",
            ) from fault

    def _allowed(self, address: str) -> str:
        """The address that a redirect names, if it is the hub's own or public. Raises FetchError."""
        if _origin(address) == _origin(self.address):
            return address
        parts = urlsplit(address)
        if parts.scheme != "https" or not parts.hostname or _is_private(parts.hostname):
            raise FetchError(
                f"The hub leads to {parts.scheme}://{parts.netloc}, which is no public address with https; it is not followed.", "hub_fault"
            )
        return address

    def _check(self, response: Response, name: str) -> None:
        status, said = response.status_code, response.headers.get("x-error-code", "")
        if status in (200, 206):
            return
        if said == "GatedRepo" or status == 403:
            raise FetchError(
                f"The dataset {name} is only for those to whom its makers have given access. Ask them on its page on the hub, then give "
                "the server a token that may read it (HF_TOKEN), and start it again.",
                "hub_gated",
            )
        if status in (401, 404):
            # Without a token the hub does not tell what is private from what is not there.
            raise FetchError(
                f"The hub has no dataset {name}, or it is private: see how it is written, owner/name. For a private one, give the server "
                "a token that may read it (HF_TOKEN).",
                "no_hub_dataset",
            )
        if status == 429:
            raise FetchError("The hub takes no more requests from here for now. Try again in some minutes.", "hub_busy")
        raise FetchError(f"The hub answered {status} when it was asked for {name}. Try again later.", "hub_fault")


def _origin(address: str) -> tuple[str, str | None, int | None]:
    try:
        parts = urlsplit(address)
        return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return "", None, None


def _is_private(host: str) -> bool:
    """Whether a name leads to a machine that is not on the public internet. One that is not known here leads nowhere."""
    try:
        found = {information[4][0] for information in socket.getaddrinfo(host, None)}
    except OSError:
        return False
    return any(not ipaddress.ip_address(str(address).partition("%")[0]).is_global for address in found)


def _bounded(chunks: Iterator[bytes], most: int) -> bytes | None:
    """All bytes; None when there are too many."""
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > most:
            return None
    return bytes(body)
