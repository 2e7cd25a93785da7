"""Stands before everything else: who may come in, from which page, under which name, and with how large a body."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.errors import Forbidden, PlaygroundError, TooLarge, Unauthorised, answer
from server.notice import FRAME
from server.settings import LOOPBACK_NAMES, Settings, is_loopback

COOKIE = "playground"
BODY_SECONDS = 30.0
"""Seconds in which a body must have arrived."""

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
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), payment=(), usb=()",
}

SIGN_IN = f"""{FRAME}<h1 style="font-size: 1.4em">Please sign in</h1>
<p>This playground is guarded by a token. Open it as <code>/?token=…</code> with the token that was set as
<code>PLAYGROUND_TOKEN</code>, or ask whoever runs it for the link.</p>
<h1 style="font-size: 1.4em" lang="zh">请先登录</h1>
<p lang="zh">这个游乐场有令牌保护。请用 <code>/?token=…</code> 打开，令牌就是启动时设的 <code>PLAYGROUND_TOKEN</code>；
也可以向管理员要链接。</p>
"""


class Guard:
    """ASGI middleware. Refuses foreign hosts and origins (403), visitors without the token (401) and bodies beyond the limit
    (413), and puts security headers on every answer. Bodies are read whole before the application sees the request, so a
    slow one holds nothing up."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._max_body = settings.max_body
        self._secret = settings.token.get_secret_value().encode() if settings.token else None
        self._names = LOOPBACK_NAMES | settings.further_names | {settings.host.lower()}
        # Somebody else's name cannot be made to point at an address that is written out, so with a token these are safe.
        self._addresses = not is_loopback(settings.host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request or a websocket through, or answer it here."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        guarded = _with_security_headers(send)
        try:
            self._check_place(headers)
            entry = self._sign_in(scope)
            if entry is None:
                self._check_token(scope, headers)
            if scope["type"] == "http":
                receive = await self._whole_body(headers, receive)
        except PlaygroundError as error:
            page = isinstance(error, Unauthorised) and scope["type"] == "http" and not scope["path"].startswith("/api/")
            refusal = HTMLResponse(SIGN_IN, 401) if page else answer(error)
            await _refuse(refusal, scope, receive, guarded)
            return
        if entry is not None:
            await entry(scope, receive, guarded)
            return
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

    def _sign_in(self, scope: Scope) -> Response | None:
        """The answer to the link with the token: a cookie, and the page without the token in its address."""
        if self._secret is None or scope["type"] != "http" or scope["path"] != "/" or scope["method"] != "GET":
            return None
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [])
        if not given or not _same(given[0], self._secret):
            return None
        entry = RedirectResponse("/", 303)
        secure = scope.get("scheme") == "https"
        entry.set_cookie(COOKIE, _pass(self._secret), max_age=30 * 24 * 3600, httponly=True, samesite="strict", secure=secure)
        return entry

    def _check_token(self, scope: Scope, headers: Headers) -> None:
        if self._secret is None or scope["path"] == "/api/health":
            return
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and _same(bearer.strip(), self._secret):
            return
        if any(hmac.compare_digest(value.encode(), _pass(self._secret).encode()) for value in _cookies(headers)):
            return
        raise Unauthorised("A token is needed: send it as `Authorization: Bearer …`, or open /?token=… in the browser.")

    async def _whole_body(self, headers: Headers, receive: Receive) -> Receive:
        announced = headers.get("content-length")
        if announced is None and "transfer-encoding" not in headers:
            return receive
        if announced is not None and (not announced.isdigit() or int(announced) > self._max_body):
            raise self._too_large()
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(BODY_SECONDS):
                while True:
                    message = await receive()
                    if message["type"] != "http.request":
                        return _replay([message], receive)
                    parts.append(message.get("body", b""))
                    size += len(parts[-1])
                    if size > self._max_body:
                        raise self._too_large()
                    if not message.get("more_body"):
                        break
        except TimeoutError:
            raise TooSlowBody(f"The body did not arrive within {BODY_SECONDS:g} seconds.") from None
        return _replay([{"type": "http.request", "body": b"".join(parts), "more_body": False}], receive)

    def _too_large(self) -> TooLarge:
        return TooLarge(
            f"The body is larger than {self._max_body:,} bytes, which is the most that this server takes (PLAYGROUND_MAX_BODY)."
        )


class TooSlowBody(PlaygroundError):
    """The body of a request takes too long to arrive."""

    status, code = 408, "too_slow"


def _pass(secret: bytes) -> str:
    # The cookie holds a proof of the token, not the token.
    return hmac.new(secret, b"playground cookie", hashlib.sha256).hexdigest()


def _same(given: str, secret: bytes) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), secret)


def _cookies(headers: Headers) -> Iterable[str]:
    try:
        cookies = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return
    if COOKIE in cookies:
        yield cookies[COOKIE].value


def _replay(messages: list[Message], receive: Receive) -> Receive:
    async def replayed() -> Message:
        return messages.pop(0) if messages else await receive()

    return replayed


def _with_security_headers(send: Send) -> Send:
    pairs = [(name.encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]

    async def guarded(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            message = {**message, "headers": [*message.get("headers", []), *pairs]}
        await send(message)

    return guarded


async def _refuse(refusal: Response, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008})
        return
    await refusal(scope, receive, send)
