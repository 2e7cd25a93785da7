"""The forkserver's own loop: gives each request a process of its own, and tells how it ends. One process is forked ahead, so that the
next request need not wait for that.

`python -m server.forks FD` runs it in a fresh interpreter.
"""

from __future__ import annotations

import os
import pickle
import selectors
import signal
import socket
import struct
import sys
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import NoReturn

# Before numpy is imported: its own threads would be lost in a fork.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Before torch loads OpenMP: a thread that waits for another shall sleep. By default it spins, and where a neighbour has taken the
# other's core both stand still: a step on two threads then takes 14 times the processor time of one on one thread, asleep 2 times.
os.environ.setdefault("GOMP_SPINCOUNT", "0")

NUMBER = struct.Struct("<q")
"""What is told of a process over its own pipe: first its id, or minus the system's error; in the end its exit code."""
LENGTH = struct.Struct("<I")
"""What stands before a request."""
MOST_FILES = 4096
"""Above every open file that the forkserver has."""
QUIET_SECONDS = 0.2
"""Seconds without a request after which a process is forked ahead: while one begins its work the next would hold it up."""


def serve(line: socket.socket) -> NoReturn:
    """Warm up, then fork until the line closes. A request is a pickled function with its arguments, and comes with two open files: the
    connection that the process gets, and the pipe over which its id and its end are told."""
    # What ends the server, from a terminal or a supervisor, is not meant for this process: it ends when the line closes.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with open(os.devnull) as nothing:
        os.dup2(nothing.fileno(), 0)
    from server.warm import warm_up

    # It may take a second, in which requests wait.
    warm_up()
    # A pipe that becomes readable when a process has ended.
    news, bell = os.pipe()
    os.set_blocking(news, False)
    os.set_blocking(bell, False)
    signal.set_wakeup_fd(bell)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    pipes: dict[int, int] = {}
    spare = _fork_ahead()
    with selectors.DefaultSelector() as waiting:
        waiting.register(line, selectors.EVENT_READ)
        waiting.register(news, selectors.EVENT_READ)
        while True:
            heard = waiting.select(None if spare else QUIET_SECONDS)
            if not heard:
                spare = _fork_ahead()
            for key, _events in heard:
                if key.fileobj is line:
                    with _received(line) as request:
                        process = (spare.take(request) if spare else 0) or _fork(request)
                        spare = None
                        _say(request.pipe, process)
                        if process > 0:
                            pipes[process] = os.dup(request.pipe)
                else:
                    os.read(news, 4096)
                    _tell_ends(pipes)


@dataclass(frozen=True)
class Request:
    """A pickled function with its arguments, the connection that its process gets, and the pipe over which is told of that process."""

    text: bytes
    connection: int
    pipe: int

    def __enter__(self) -> Request:
        return self

    def __exit__(self, *_fault: object) -> None:
        os.close(self.connection)
        os.close(self.pipe)


class Spare:
    """A process that has been forked ahead and waits for its request."""

    def __init__(self, process: int, line: socket.socket) -> None:
        self._process, self._line = process, line

    def take(self, request: Request) -> int:
        """Hand the request over; the process's id, or 0 when it has ended meanwhile."""
        with self._line as line:
            try:
                socket.send_fds(line, [LENGTH.pack(len(request.text))], [request.connection, request.pipe])
                line.sendall(request.text)
            except OSError:
                return 0
        return self._process


def _received(line: socket.socket) -> Request:
    """The next request; ends this process when there will be none."""
    head, files, _flags, _address = socket.recv_fds(line, LENGTH.size, 2)
    if len(head) < LENGTH.size or len(files) < 2:
        # The server has gone; what it has started ends by itself.
        os._exit(0)
    (length,) = LENGTH.unpack(head)
    text = bytearray()
    while len(text) < length:
        if not (part := line.recv(length - len(text))):
            os._exit(0)
        text += part
    return Request(bytes(text), *files)


def _fork(request: Request) -> int:
    """A process for the request; minus the system's error when there can be none."""
    try:
        process = os.fork()
    except OSError as fault:
        return -(fault.errno or 1)
    if process == 0:
        _leave_the_forkserver(request.connection)
        _become(request.text, request.connection)
    return process


def _fork_ahead() -> Spare | None:
    ours, theirs = socket.socketpair()
    try:
        process = os.fork()
    except OSError:
        # The next request says so, or has more luck.
        ours.close()
        theirs.close()
        return None
    if process == 0:
        _leave_the_forkserver(theirs.fileno())
        _rehearse()
        request = _received(theirs)
        theirs.close()
        os.close(request.pipe)
        _become(request.text, request.connection)
    theirs.close()
    return Spare(process, ours)


def _rehearse() -> None:
    # The first write to each page that a forked process shares with the forkserver copies it; better now than when somebody waits.
    from server.warm import rehearse

    rehearse(1)


def _leave_the_forkserver(kept: int) -> None:
    """In a forked process: nothing of the forkserver's stays open here but one file and what this process prints to."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.closerange(3, kept)
    os.closerange(kept + 1, MOST_FILES)


def _become(request: bytes, connection: int) -> NoReturn:
    """In a forked process: do what was asked, and end."""
    code = 1
    try:
        target, arguments = pickle.loads(request)
        target(Connection(connection), *arguments)
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _tell_ends(pipes: dict[int, int]) -> None:
    while pipes:
        try:
            process, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not process:
            return
        if pipe := pipes.pop(process, None):
            _say(pipe, os.waitstatus_to_exitcode(status))
            os.close(pipe)


def _say(pipe: int, number: int) -> None:
    try:
        os.write(pipe, NUMBER.pack(number))
    except BrokenPipeError:
        # The server has gone, and the line will say so.
        return


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
