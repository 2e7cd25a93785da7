"""The forkserver's own loop: forks a process for each request, and tells how it ends.

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


def serve(line: socket.socket) -> NoReturn:
    """Warm up, then fork until the line closes. A request is a pickled function with its arguments, and comes with two open files: the
    connection that the process gets, and the pipe over which its id and its end are told."""
    # What ends the server, from a terminal or a supervisor, is not meant for this process: it ends when the line closes.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with open(os.devnull) as nothing:
        os.dup2(nothing.fileno(), 0)
    import server.warm  # noqa: F401 (it may take seconds, in which requests wait)

    # A pipe that becomes readable when a process has ended.
    news, bell = os.pipe()
    os.set_blocking(news, False)
    os.set_blocking(bell, False)
    signal.set_wakeup_fd(bell)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    pipes: dict[int, int] = {}
    with selectors.DefaultSelector() as waiting:
        waiting.register(line, selectors.EVENT_READ)
        waiting.register(news, selectors.EVENT_READ)
        while True:
            for key, _events in waiting.select():
                if key.fileobj is line:
                    request, connection, pipe = _receive(line)
                    _fork(request, connection, pipe, pipes)
                else:
                    os.read(news, 4096)
                    _tell_ends(pipes)


def _receive(line: socket.socket) -> tuple[bytes, int, int]:
    head, files, _flags, _address = socket.recv_fds(line, LENGTH.size, 2)
    if len(head) < LENGTH.size or len(files) < 2:
        # The server has gone; what it has started ends by itself.
        os._exit(0)
    (length,) = LENGTH.unpack(head)
    request = bytearray()
    while len(request) < length:
        if not (part := line.recv(length - len(request))):
            os._exit(0)
        request += part
    return bytes(request), files[0], files[1]


def _fork(request: bytes, connection: int, pipe: int, pipes: dict[int, int]) -> None:
    try:
        process = os.fork()
    except OSError as fault:
        _say(pipe, -(fault.errno or 1))
        os.close(connection)
        os.close(pipe)
        return
    if process == 0:
        _become(request, connection)
    os.close(connection)
    pipes[process] = pipe
    _say(pipe, process)


def _become(request: bytes, connection: int) -> NoReturn:
    """In the forked process: do what was asked, and end."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        # Nothing of the forkserver's stays open here but what this process prints to.
        os.closerange(3, connection)
        os.closerange(connection + 1, MOST_FILES)
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
