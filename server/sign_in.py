"""Who somebody is: the token, the cookies that stand for it, the owner of jobs, and the page at which one signs in."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs

from pydantic import SecretStr
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import Scope

from models.entry import Words
from server.errors import PlaygroundError, TooMany, Unauthorised, answer
from server.notice import FRAME

OPERATOR = "local"
"""Owner of all jobs that are made without a token, or by programs that have it: whoever runs the service."""
COOKIE = "playground"
"""Proves that its browser has shown the token."""
COOKIE_DAYS = 30
OWNER_COOKIE = "playground_owner"
"""A secret of one browser, from which follows whose its jobs are."""
OWNER_COOKIE_DAYS = 400
"""As long as browsers keep any."""
GUESSES = 10
"""Wrong tokens after which an address must wait."""
FORGET_SECONDS = 60
"""How long it waits; also without a limit reached, guesses are forgotten so long after the last."""
ADDRESSES = 10_000
"""Addresses whose guesses are remembered at most: the newest."""
PAGES = ("/", "/sign-in")

ASK = Words(
    "This playground is guarded by a token: the secret that was set as <code>PLAYGROUND_TOKEN</code>. Whoever runs it can tell you.",
    "这个游乐场有令牌保护。令牌就是启动时设的 <code>PLAYGROUND_TOKEN</code>，可以向管理员要。",
)
WRONG = Words("That is not the token.", "令牌不对。")
TOO_OFTEN = Words("Too many wrong tokens came from your address. Wait a minute, then try again.", "你的地址试错次数太多，请过一分钟再试。")


@dataclass(frozen=True)
class Visitor:
    """Whoever is behind a request."""

    owner: str
    cookie: str | None = None
    """A Set-Cookie that the answer is to carry."""


class WrongToken(Unauthorised):
    """A token was sent, but not the right one."""

    code = "wrong_token"


class Door:
    """Knows the token. Without one everybody is the same owner, `local`."""

    def __init__(self, token: SecretStr | None) -> None:
        self._secret = token.get_secret_value().encode() if token else None
        self._guesses = Guesses()

    def takes_form(self, scope: Scope) -> bool:
        """Whether a request brings the form of the sign-in page, so that its body is needed here."""
        return self._secret is not None and scope["type"] == "http" and scope["method"] == "POST" and scope["path"] in PAGES

    def entry(self, scope: Scope, form: bytes | None) -> Response | None:
        """The answer to the form, to the link with the token and to the sign-in page: cookies, and the page without the token in its
        address. None for any other request. Raises WrongToken and TooMany."""
        if self._secret is None or scope["type"] != "http" or scope["path"] not in PAGES:
            return None
        known = self._has_pass(scope)
        if form is not None:
            given = _field(form.decode("latin-1"))
        elif scope["method"] == "GET" and not known:
            given = _field(scope["query_string"].decode("latin-1"))
        else:
            given = None
        if given is not None:
            self._check(given, scope)
        elif not known or scope["path"] == "/":
            return None
        # The part of an address behind # holds a person's network; a browser keeps it over this redirection.
        entry = RedirectResponse("/", 303)
        entry.headers["cache-control"] = "no-store"
        if given is not None:
            entry.headers.append("set-cookie", _cookie(COOKIE, _pass(self._secret), COOKIE_DAYS, scope))
            secret = _cookies(scope).get(OWNER_COOKIE, "")
            secret = secret if _is_owner_secret(secret) else secrets.token_urlsafe(32)
            entry.headers.append("set-cookie", _cookie(OWNER_COOKIE, secret, OWNER_COOKIE_DAYS, scope))
        return entry

    def visitor(self, scope: Scope) -> Visitor:
        """Whose request it is. Raises Unauthorised, WrongToken and TooMany."""
        if self._secret is None:
            return Visitor(OPERATOR)
        if scope["path"] == "/api/health":
            return Visitor("")
        scheme, _, bearer = Headers(scope=scope).get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            self._check(bearer.strip(), scope)
            return Visitor(OPERATOR)
        if not self._has_pass(scope):
            raise Unauthorised("A token is needed: send it as `Authorization: Bearer …`, or open /sign-in in the browser.")
        secret = _cookies(scope).get(OWNER_COOKIE, "")
        if _is_owner_secret(secret):
            return Visitor(_owner(secret))
        secret = secrets.token_urlsafe(32)
        return Visitor(_owner(secret), _cookie(OWNER_COOKIE, secret, OWNER_COOKIE_DAYS, scope))

    def refusal(self, scope: Scope, error: PlaygroundError) -> Response:
        """What somebody gets who may not come in: a page for eyes, JSON for programs."""
        headers = {"cache-control": "no-store"}
        if isinstance(error, TooMany):
            headers["retry-after"] = str(FORGET_SECONDS)
        if scope["type"] == "http" and not scope["path"].startswith("/api/") and isinstance(error, Unauthorised | TooMany):
            words = TOO_OFTEN if isinstance(error, TooMany) else WRONG if isinstance(error, WrongToken) else None
            asked_for = scope["path"] == "/sign-in" and scope["method"] in ("GET", "HEAD")
            return HTMLResponse(_page(words), 200 if asked_for else error.status, headers)
        if isinstance(error, Unauthorised):
            headers["www-authenticate"] = "Bearer"
        return answer(error, headers)

    def _check(self, given: str, scope: Scope) -> None:
        assert self._secret is not None
        guess = given.encode("utf-8", "surrogateescape")
        client = scope.get("client")
        address = _group(client[0]) if client else ""
        if self._guesses.spent(address, guess):
            raise TooMany("Too many wrong tokens came from your address; wait a minute, then try again.", code="too_many_guesses")
        if not hmac.compare_digest(guess, self._secret):
            self._guesses.note(address, guess)
            raise WrongToken("This is not the token that was set as PLAYGROUND_TOKEN.")

    def _has_pass(self, scope: Scope) -> bool:
        assert self._secret is not None
        return hmac.compare_digest(_cookies(scope).get(COOKIE, "").encode("utf-8", "replace"), _pass(self._secret).encode())


class Guesses:
    """How many wrong tokens came from each address lately. One that is sent again and again is one guess: a program that has not
    heard of a new token shuts nobody out who shares its address."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._made: OrderedDict[str, tuple[int, float, bytes]] = OrderedDict()

    def spent(self, address: str, guess: bytes) -> bool:
        """Whether an address must wait before it may try this token."""
        count, last = self._of(address)
        return count >= GUESSES and last != _digest(guess)

    def note(self, address: str, guess: bytes) -> None:
        """Count a wrong token."""
        count, last = self._of(address)
        digest = _digest(guess)
        if digest != last:
            self._made[address] = (count + 1, self._now(), digest)
            self._made.move_to_end(address)
        if len(self._made) > ADDRESSES:
            self._made.popitem(last=False)

    def _of(self, address: str) -> tuple[int, bytes]:
        count, at, last = self._made.get(address, (0, 0.0, b""))
        return (count, last) if self._now() < at + FORGET_SECONDS else (0, b"")


def _page(words: Words | None) -> str:
    told = Words("", "") if words is None else Words(f'<p role="alert"><b>{words.en}</b></p>', f"<p><b>{words.zh}</b></p>")
    # Without an action the form goes to the address at which it stands, so that what is behind # is kept.
    return f"""{FRAME}<h1 style="font-size: 1.4em">Please sign in</h1>
<p>{ASK.en}</p>
{told.en}<form method="post" style="display: flex; gap: 0.5em; margin: 1.5em 0">
<input type="password" name="token" aria-label="Token · 令牌" placeholder="Token · 令牌" autocomplete="current-password" required autofocus
style="flex: 1; min-width: 0; font: inherit; padding: 0.3em 0.6em">
<button style="font: inherit; padding: 0.3em 1em">Sign in · 登录</button>
</form>
<div lang="zh"><h1 style="font-size: 1.4em">请先登录</h1>
<p>{ASK.zh}</p>
{told.zh}</div>
"""


def _field(form: str) -> str | None:
    try:
        return parse_qs(form, keep_blank_values=True, max_num_fields=16, errors="surrogateescape").get("token", [None])[0]
    except ValueError:
        return None


def _pass(secret: bytes) -> str:
    # The cookie holds a proof of the token, not the token.
    return hmac.new(secret, b"playground cookie", hashlib.sha256).hexdigest()


def _owner(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()[:32]


def _is_owner_secret(secret: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9_-]{43}", secret) is not None


def _cookies(scope: Scope) -> dict[str, str]:
    return cookie_parser("; ".join(Headers(scope=scope).getlist("cookie")))


def _cookie(name: str, value: str, days: int, scope: Scope) -> str:
    secure = "; Secure" if scope.get("scheme") in ("https", "wss") else ""
    return f"{name}={value}; Max-Age={days * 24 * 3600}; Path=/; HttpOnly; SameSite=Strict{secure}"


def _digest(guess: bytes) -> bytes:
    return hashlib.sha256(guess).digest()


def _group(address: str) -> str:
    """The part of an address that one caller cannot change at will: an IPv6 network, an IPv4 address whole."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
