"""The server's end of each connection: uvicorn's protocols, with an end to their patience.

Everything that a caller can make the server hold for it is bounded here: the head of a request in size and time, requests sent ahead of
their answers, messages over a websocket, and what is written to somebody who does not read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request
from websockets.protocol import State

from server.errors import body_of
from server.frames import EXTENSION
from server.guard import SECURITY_HEADERS
from server.settings import Settings

SHUTDOWN_SECONDS = 3
"""Seconds that open requests and sockets have when the server ends."""
KEEP_ALIVE_SECONDS = 30
"""Seconds that a connection stays open between two requests."""
MESSAGE_BYTES = 64 * 1024
"""Longest message that a websocket client may send."""
HEAD_BYTES = 32 * 1024
"""Longest head of a request: its first line and headers."""
SOCKET_LINES, SOCKET_LINE_BYTES = 100, 8000
"""Most headers of a request for a websocket, and the longest of them: no more fits into the library that reads them."""
AHEAD = 32
"""Most requests that may be sent ahead of their answers."""
LEAST_BYTES = 16 * 1024
"""What a reader must take at least while it is waited for, unless it takes all."""
BURST_SECONDS = 3
"""Messages of so many seconds may come at once."""


class Config(uvicorn.Config):
    """How uvicorn is to serve, and what the connections below need to know."""

    def __init__(self, app: Any, settings: Settings) -> None:
        super().__init__(
            app,
            http=Http,
            ws=Socket,
            log_level="warning",
            # An access log would hold the token of the sign-in link.
            access_log=False,
            server_header=False,
            proxy_headers=True,
            forwarded_allow_ips=settings.proxies,
            # Compressing pictures that are noise to a compressor costs more than sending them.
            ws_per_message_deflate=False,
            ws_max_size=MESSAGE_BYTES,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
        )
        self.patience = settings.patience
        self.max_messages = settings.max_messages


class Reader:
    """Watches that the other side takes what is written to it, and gives it up otherwise."""

    def __init__(self, transport: asyncio.Transport, patience: float, give_up: Callable[[], None]) -> None:
        self._transport = transport
        self._patience = patience
        self._give_up = give_up
        self._left = 0
        self._timer: asyncio.TimerHandle | None = None
        # Writing is paused whenever something is left: so there is no remainder, however small, that nobody watches.
        transport.set_write_buffer_limits(high=0)

    def wait(self) -> None:
        """Something is left to be taken."""
        if self._timer is None:
            self._left = self._transport.get_write_buffer_size()
            self._timer = asyncio.get_running_loop().call_later(self._patience, self._look)

    def rest(self) -> None:
        """All has been taken, or the connection is gone."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        slow = self._transport.get_write_buffer_size() > self._left - LEAST_BYTES
        self.wait()
        if slow:
            self._give_up()


class Http(HttpToolsProtocol):
    """A connection that sends requests."""

    config: Config

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._reader = Reader(transport, self.config.patience, transport.abort)
        self._head_bytes = 0
        self._in_body = False
        self._deadline: asyncio.TimerHandle | None = None
        self._answering: RequestResponseCycle | None = None
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go."""
        self._arrived()
        self._reader.rest()
        if self._answering is not None:
            # uvicorn tells the newest request only, which is another one when requests run ahead.
            self._answering.disconnected = True
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The other side does not take what is written."""
        super().pause_writing()
        self._reader.wait()

    def resume_writing(self) -> None:
        """It has taken all."""
        super().resume_writing()
        self._reader.rest()

    def data_received(self, data: bytes) -> None:
        """Read on, within the limits of a head."""
        if not self._in_body:
            self._expect()
            self._head_bytes += len(data)
        super().data_received(data)
        if self._deadline is not None and not self._in_body and self._head_bytes > HEAD_BYTES and not self.transport.is_closing():
            self._refuse_head()

    def on_headers_complete(self) -> None:
        """The head is here; begin to answer."""
        self._arrived()
        self._in_body = True
        names = {name for name, _value in self.headers}
        lines = [len(self.url), *(len(name) + len(value) for name, value in self.headers)]
        socket = self.parser.should_upgrade() and self._should_upgrade()
        if sum(lines) > HEAD_BYTES or (socket and (len(lines) > SOCKET_LINES or max(lines) > SOCKET_LINE_BYTES)):
            self._refuse_head()
        elif socket and not names.isdisjoint((b"content-length", b"transfer-encoding")):
            self._refuse(400, "bad_request", "A request for a websocket has no body.")
        else:
            super().on_headers_complete()
            if len(self.pipeline) > AHEAD:
                self.transport.abort()
            return
        # The parser goes no further.
        raise ValueError

    def on_message_complete(self) -> None:
        """The request is here."""
        self._arrived()
        self._in_body = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The answer is written. When it came before the end of the request, what is left of that is not waited for without end."""
        super().on_response_complete()
        if self._in_body:
            self._expect()

    def handle_websocket_upgrade(self) -> None:
        """Become a websocket."""
        self._reader.rest()
        if self.flow.write_paused or (self.cycle is not None and not self.cycle.response_complete):
            # It has not taken the answers before.
            self.transport.abort()
        else:
            super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request, unless it has been refused already."""
        if not self.transport.is_closing():
            self._refuse(400, "bad_request", "This is not an HTTP request that the server understands.")

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def _expect(self) -> None:
        if self._deadline is None:
            self._head_bytes = 0
            self._deadline = self.loop.call_later(self.config.patience, self.transport.close)

    def _arrived(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse_head(self) -> None:
        self._refuse(431, "head_too_large", f"The address and the headers are longer than this server takes ({HEAD_BYTES:,} bytes in all).")

    def _refuse(self, status: int, code: str, message: str) -> None:
        self.transport.write(_raw(status, code, message))
        self.transport.close()


class Socket(WebSocketsSansIOProtocol):
    """A connection that has become a websocket."""

    config: Config

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection over."""
        super().connection_made(transport)
        self._reader = Reader(self.transport, self.config.patience, self._let_go)
        self._allowance = float(BURST_SECONDS * self.config.max_messages)
        self._counted = self.loop.time()
        self._ended = False

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go."""
        self._reader.rest()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The other side does not take what is written."""
        super().pause_writing()
        self._reader.wait()

    def resume_writing(self) -> None:
        """It has taken all."""
        super().resume_writing()
        self._reader.rest()

    def handle_connect(self, event: Request) -> None:
        """Offer the application to send frames as they are."""
        super().handle_connect(event)
        if self.response.status_code == 101:
            cast(dict[str, Any], self.scope["extensions"])[EXTENSION] = self

    async def send_frames(self, *frames: bytes) -> None:
        """Send what is encoded already: what thousands are told need not be encoded, wrapped and copied for each of them."""
        if not self.writable.is_set():
            await self.writable.wait()
        if self._ended or self.disconnected or self.conn.state is not State.OPEN:
            raise ClientDisconnected
        self.transport.writelines(frames)

    async def send(self, message: Any) -> None:
        """Send for the application, unless the socket has been closed from here."""
        await self.writable.wait()
        if self._ended:
            raise ClientDisconnected
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body"):
            # Refused in words is answered, too; uvicorn would log it as an error.
            self.handshake_complete = True

    def handle_text(self, event: Frame) -> None:
        """Count a message."""
        if self._may_come():
            super().handle_text(event)

    def handle_bytes(self, event: Frame) -> None:
        """Count a message."""
        if self._may_come():
            super().handle_bytes(event)

    def handle_cont(self, event: Frame) -> None:
        """Count a part of a message."""
        if self._may_come():
            super().handle_cont(event)

    def handle_ping(self) -> None:
        """Count a ping: each is answered."""
        if self._may_come():
            super().handle_ping()

    def handle_parser_exception(self) -> None:
        """Close when what comes is no websocket; uvicorn does not expect that of the first request."""
        self._ended = True
        if self.conn.close_sent is not None:
            super().handle_parser_exception()
            return
        self.close_sent = self.handshake_complete = True
        self.transport.write(_raw(400, "bad_request", "This is not a request for a websocket that the server understands."))
        self.transport.close()

    def keepalive_timeout(self) -> None:
        """The viewer does not answer a ping: it takes nothing."""
        self.pong_timer = None
        self.pending_ping_payload = None
        self._let_go()

    def _may_come(self) -> bool:
        now = self.loop.time()
        rate = self.config.max_messages
        self._allowance = min(BURST_SECONDS * rate, self._allowance + (now - self._counted) * rate) - 1
        self._counted = now
        if self._allowance >= 0:
            return True
        if not self.close_sent:
            self._end(1008, f"at most {rate} messages a second")
            # The library would go on answering pings while it waits for the end.
            self.transport.pause_reading()
        return False

    def _let_go(self) -> None:
        if self.close_sent or not self.handshake_complete:
            self.transport.abort()
        else:
            # It may wake up and read this; if it does not, the line is cut next time.
            self._end(1013, "too slow; come back with ?after=")

    def _end(self, code: int, reason: str) -> None:
        if self.transport.is_closing() or self.conn.state is not State.OPEN:
            return
        self._ended = self.close_sent = True
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(self.close_timeout, self.transport.close)


def _raw(status: int, code: str, message: str) -> bytes:
    body = body_of(code, message)
    headers = {**SECURITY_HEADERS, "content-type": "application/json", "content-length": str(len(body)), "connection": "close"}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    reason = {400: "Bad Request", 431: "Request Header Fields Too Large"}[status]
    return f"HTTP/1.1 {status} {reason}\r\n{lines}\r\n".encode() + body
