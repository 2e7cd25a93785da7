"""Stands before everything else: who may come in, from which page, under which name, and with how large a body."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.errors import Forbidden, PlaygroundError, TooLarge
from server.settings import LOOPBACK_NAMES, Settings, is_loopback
from server.sign_in import Door

SECURITY_HEADERS = {
    # Scripts only from files of this server. Styles also inline: Svelte sets style attributes (style:left={…}) when it makes
    # elements, and an inline style can neither run code nor, with these rules, load anything from elsewhere.
    "content-security-policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "connect-src 'self'",
            "worker-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    ),
    "x-content-type-options": "nosniff",
    # With no-referrer a browser would send the sign-in form as coming from nowhere (Origin: null).
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), payment=(), usb=()",
}


class Guard:
    """ASGI middleware. Refuses foreign hosts and origins (403), visitors without the token (401) and bodies beyond the limit
    (413), says whose request it is, and puts security headers on every answer. Bodies are read whole before the application
    sees the request, so a slow one holds nothing up."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._door = Door(settings.token)
        self._max_body = settings.max_body
        self._patience = settings.patience
        self._names = LOOPBACK_NAMES | settings.further_names | {settings.host.lower()}
        # Somebody else's name cannot be made to point at an address that is written out, so with a token these are safe.
        self._addresses = not is_loopback(settings.host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request or a websocket through, or answer it here."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        guarded = _with_headers(send, SECURITY_HEADERS.items())
        try:
            self._check_place(headers)
            form = await self._body(headers, receive) if self._door.takes_form(scope) else None
            reply = self._door.entry(scope, form)
            if reply is None:
                visitor = self._door.visitor(scope)
                if scope["type"] == "http" and (body := await self._body(headers, receive)) is not None:
                    receive = _replay(body, receive)
        except PlaygroundError as error:
            reply = self._door.refusal(scope, error)
        if reply is not None:
            await _refuse(reply, scope, receive, guarded)
            return
        scope.setdefault("state", {})["owner"] = visitor.owner
        if visitor.cookie:
            guarded = _with_headers(guarded, [("set-cookie", visitor.cookie)])
        await self._app(scope, receive, guarded)

    def _check_place(self, headers: Headers) -> None:
        host = headers.get("host", "")
        if len(headers.getlist("host")) != 1 or not self._is_ours(host):
            raise Forbidden(
                "This server is not called so. Open it by the address that it printed, or add the name to PLAYGROUND_NAMES.",
                code="foreign_host",
            )
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2].lower() != host.lower():
            raise Forbidden("Only pages of this server may use it from a browser.", code="foreign_origin")

    def _is_ours(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname
            urlsplit(f"//{host}").port  # noqa: B018 (raises when it is no number)
        except ValueError:
            return False
        if name is None or "@" in host:
            return False
        if name in self._names:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return self._addresses

    async def _body(self, headers: Headers, receive: Receive) -> bytes | None:
        """The whole body; None when there is none, or the caller has left."""
        announced = headers.get("content-length")
        if announced is None and "transfer-encoding" not in headers:
            return None
        if announced is not None and (not announced.isdigit() or int(announced) > self._max_body):
            raise self._too_large()
        body = bytearray()
        try:
            async with asyncio.timeout(self._patience):
                while True:
                    message = await receive()
                    if message["type"] != "http.request":
                        return None
                    body += message.get("body", b"")
                    if len(body) > self._max_body:
                        raise self._too_large()
                    if not message.get("more_body"):
                        return bytes(body)
        except TimeoutError:
            raise TooSlowBody(f"The body did not arrive within {self._patience:g} seconds.") from None

    def _too_large(self) -> TooLarge:
        return TooLarge(
            f"The body is larger than {self._max_body:,} bytes, which is the most that this server takes (PLAYGROUND_MAX_BODY)."
        )


class TooSlowBody(PlaygroundError):
    """The body of a request takes too long to arrive."""

    status, code = 408, "too_slow"


def _replay(body: bytes, receive: Receive) -> Receive:
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return messages.pop() if messages else await receive()

    return replayed


def _with_headers(send: Send, headers: Iterable[tuple[str, str]]) -> Send:
    pairs = [(name.encode(), value.encode()) for name, value in headers]

    async def adding(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            message = {**message, "headers": [*message.get("headers", []), *pairs]}
        await send(message)

    return adding


async def _refuse(refusal: Response, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008})
        return
    await refusal(scope, receive, send)
