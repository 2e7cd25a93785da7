"""The one process that has torch loaded and warm, from which workers and inference processes are forked in milliseconds."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from typing import Any

WARM = "server.warm"

_context = multiprocessing.get_context("forkserver")
# Process.start keeps module-wide books that are not made for several threads.
_starting = threading.Lock()


def prepare() -> None:
    """Begin to load and warm the forkserver, in the background: call it early, before anything slow is imported."""
    _context.set_forkserver_preload([WARM])
    forkserver.ensure_running()


def start(target: Callable[..., None], *arguments: Any) -> tuple[ForkServerProcess, Connection]:
    """Fork a process that calls target(connection, *arguments), and return it with the other end of the connection.

    Raises OSError when there can be no further process.
    """
    ours, theirs = _context.Pipe(duplex=True)
    process = _context.Process(target=target, args=(theirs, *arguments), daemon=True)
    try:
        with _starting:
            process.start()
    except EOFError as fault:
        raise OSError("the forkserver did not answer") from fault
    finally:
        theirs.close()
    return process, ours


def is_warm() -> bool:
    """In a forked process: whether the warm-up happened in the forkserver, which skips in silence what it cannot import."""
    warm = sys.modules.get(WARM)
    return warm is not None and getattr(warm, "WARMED_IN", None) == os.getppid()


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
