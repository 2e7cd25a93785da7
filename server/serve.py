"""Runs the application on a socket and says where."""

from __future__ import annotations

import resource
import signal
import socket
import sys
from types import FrameType
from typing import NoReturn

import uvicorn

from server.app import create_app
from server.connection import Config
from server.lease import Lease
from server.settings import Settings
from server.store import Store, StoreError


class _Server(uvicorn.Server):
    """A server that prints its address once it answers, and the token if it has just been made."""

    def __init__(self, config: uvicorn.Config, new_token: str | None) -> None:
        super().__init__(config)
        self._new_token = new_token

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            bound = sockets[0].getsockname() if sockets else ("", 0)
            host = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
            address = f"http://{host}:{bound[1]}/"
            print(f"Neural Playground is ready at {address}", flush=True)
            if self._new_token:
                print(f"Open it the first time as {address}?token={self._new_token} (shown only now; kept in the file token)", flush=True)


def serve(settings: Settings, listener: socket.socket, new_token: str | None = None) -> int:
    """Serve on a bound socket until SIGTERM or SIGINT; returns the exit status. A token that has just been made is shown."""
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
        lease = Lease(settings.data / "server.lock")
        if not lease.take():
            raise StoreError(
                f"Process {lease.holder} serves the folder {settings.data} already. Stop it first, or give another by PLAYGROUND_DATA."
            )
        Store(settings.database_url, settings.jobs_folder).close()
    except (OSError, StoreError) as fault:
        print(f"Neural Playground cannot start: {fault}", file=sys.stderr)
        return 1
    _open_many_files()
    server = _Server(Config(create_app(settings), settings), new_token)
    # uvicorn shuts down at these, and then raises them again.
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, _leave)
    server.run(sockets=[listener])
    return 0 if server.started else 1


def _open_many_files() -> None:
    """Each viewer is an open file; the usual 1,024 are soon used up."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # macOS says that there is no limit, and then takes no more than this.
    wanted = 10_240 if hard == resource.RLIM_INFINITY else hard
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
