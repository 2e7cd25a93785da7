"""Runs the application on a socket and says where."""

from __future__ import annotations

import signal
import socket
import sys
from types import FrameType
from typing import NoReturn

import uvicorn

from server.app import create_app
from server.settings import Settings
from server.store import Store, StoreError

SHUTDOWN_SECONDS = 3
"""Seconds that open requests and sockets have when the server ends."""
MESSAGE_BYTES = 64 * 1024
"""Longest message that a websocket client may send."""


class _Server(uvicorn.Server):
    """A server that prints its address once it answers."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            bound = sockets[0].getsockname() if sockets else ("", 0)
            host = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
            print(f"Neural Playground is ready at http://{host}:{bound[1]}/", flush=True)


def serve(settings: Settings, listener: socket.socket) -> int:
    """Serve on a bound socket until SIGTERM or SIGINT; returns the exit status."""
    try:
        Store(settings.database_url, settings.jobs_folder).close()
    except StoreError as fault:
        print(f"Neural Playground cannot start: {fault}", file=sys.stderr)
        return 1
    config = uvicorn.Config(
        create_app(settings),
        log_level="warning",
        # An access log would hold the token of the sign-in link.
        access_log=False,
        server_header=False,
        proxy_headers=False,
        # Compressing pictures that are noise to a compressor costs more than sending them.
        ws_per_message_deflate=False,
        ws_max_size=MESSAGE_BYTES,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        timeout_keep_alive=30,
    )
    server = _Server(config)
    # uvicorn shuts down at these, and then raises them again.
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, _leave)
    server.run(sockets=[listener])
    return 0 if server.started else 1


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
