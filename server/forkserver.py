"""The server's side of the forkserver: the one process that has torch loaded and warm, from which others are forked in milliseconds."""

from __future__ import annotations

import gc
import os
import pickle
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

from server.forks import LENGTH, MOST_FILES, NUMBER, serve

_line: socket.socket | None = None
_pid = 0
# Requests of several threads must not mix on the line.
_asking = threading.Lock()


class Process:
    """A process that the forkserver has forked, until it has ended."""

    def __init__(self, pid: int, end: Connection) -> None:
        self.pid = pid
        self.sentinel = end
        """Readable once the process has ended."""
        self._code: int | None = None

    def join(self) -> int:
        """Wait for the end; the exit code, negative for a signal. When the forkserver has been killed nobody knows it: then 255."""
        if self._code is None:
            end = os.read(self.sentinel.fileno(), NUMBER.size)
            self.sentinel.close()
            self._code = NUMBER.unpack(end)[0] if len(end) == NUMBER.size else 255
        return self._code


def prepare() -> None:
    """Load torch and fork the forkserver off this process, so that the two share all of it: call it before there are threads. The
    forkserver then warms up while this process goes on."""
    global _line, _pid
    import server.inference
    import server.worker  # noqa: F401 (both for torch and all that they import)
    from models.eager import leave_the_compiler_out

    leave_the_compiler_out()
    # What is here stays: a collection that looks through it would write to its pages, and they would be shared no more. None before
    # that: it would free a megabyte, and take a tenth of a second in which somebody waits.
    gc.freeze()
    ours, theirs = socket.socketpair()
    _pid = os.fork()
    if _pid == 0:
        # No open file of the server may outlive it here.
        os.closerange(3, theirs.fileno())
        os.closerange(theirs.fileno() + 1, MOST_FILES)
        serve(theirs)
    theirs.close()
    _line = ours


def _begin_anew() -> None:
    """Start a forkserver in a fresh interpreter: this process has threads by now, and a fork of it would have their locks but not them."""
    global _line, _pid
    if _pid:
        os.waitpid(_pid, 0)
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.set_inheritable(True)
        _pid = os.posix_spawn(sys.executable, [sys.executable, "-m", "server.forks", str(theirs.fileno())], os.environ)
    _line = ours


def start(target: Callable[..., None], *arguments: Any) -> tuple[Process, Connection]:
    """Fork a process that calls target(connection, *arguments), and return it with the other end of the connection.

    Raises OSError when there can be no further process.
    """
    ours, theirs = Pipe(duplex=True)
    end, pipe = os.pipe()
    told = Connection(end, writable=False)
    try:
        with theirs:
            _ask(pickle.dumps((target, arguments)), theirs.fileno(), pipe)
    except BaseException:
        ours.close()
        told.close()
        raise
    finally:
        os.close(pipe)
    answer = os.read(end, NUMBER.size)
    (pid,) = NUMBER.unpack(answer) if len(answer) == NUMBER.size else (0,)
    if pid <= 0:
        ours.close()
        told.close()
        raise OSError(-pid, os.strerror(-pid)) if pid else OSError("the forkserver ended before it could fork")
    return Process(pid, told), ours


def _ask(request: bytes, *files: int) -> None:
    with _asking:
        try:
            _send(request, *files)
        except OSError:
            # It was killed. The next one takes seconds to load.
            _begin_anew()
            _send(request, *files)


def _send(request: bytes, *files: int) -> None:
    if _line is None:
        raise OSError("there is no forkserver yet")
    socket.send_fds(_line, [LENGTH.pack(len(request))], files)
    _line.sendall(request)


def signal_group(pid: int, number: signal.Signals) -> None:
    """Send a signal to a living process and to all that it has started."""
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        # It has not made itself the head of a group yet.
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def sweep_group(pid: int) -> None:
    """Kill what a process that has ended may have left behind in its group."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
