"""The child process of one job: experiment in, `train`, bytes out."""

from __future__ import annotations

import os
import resource
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Empty, SimpleQueue
from types import FrameType

import torch
from pydantic import TypeAdapter

from models.checkpoint import Snapshot, read, write
from models.commands import Command, Stop
from models.datasets.files import Missing, Unreadable
from models.entry import Words
from models.events import Checkpointed, Event, Failed, Finished, Frame
from models.experiment import Experiment
from models.network import know
from models.past import past_of
from models.train import Options, train
from server.allocator import keep_freed_memory
from server.artifacts import checkpoint_path, drop_checkpoints, lease_path, log_path, output_path, thin_checkpoints
from server.lease import Lease
from server.log import events_in
from server.wire import Assignment, pack, sign_of_life

COMMANDS: TypeAdapter[Command] = TypeAdapter(Command)
LAST_WORDS_SECONDS = 10.0
"""Seconds that a worker has for its last checkpoint when the server has gone."""
BEAT_SECONDS = 1.0
"""Seconds between two signs of life."""
WANT_OF_MEMORY = ("can't allocate memory", "can't start new thread", "could not create a primitive\n")
"""What libraries say that have found too little memory and have no error of their own for it. The last is oneDNN's, which has settled on a
way to compute a convolution and finds no room for its code; of what it cannot compute it says "could not create a primitive descriptor"."""


def main(connection: Connection, assignment: Assignment) -> None:
    """Carry the assignment out and say over the connection what happens. Returns when training is over, for now or for good.

    A job that has been run before goes on: from the newest checkpoint up to which its log is complete.
    """
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _write_output_to(output_path(assignment.folder))
    _offer_to_the_memory_killer()
    _bound_memory(assignment.memory_bytes)
    keep_freed_memory()
    torch.set_num_threads(assignment.threads)
    post = Post(connection)
    signal.signal(signal.SIGTERM, post.leave)
    experiment = Experiment.model_validate_json(assignment.experiment)
    know(experiment, assignment.plan)
    try:
        # A worker of a server that was killed may still be busy with its last words.
        lease = Lease(lease_path(assignment.folder))
        lease.take_over(LAST_WORDS_SECONDS)
        for item in train(experiment, post.next, _options(assignment)):
            if isinstance(item, Snapshot):
                write(item, checkpoint_path(assignment.folder, item.step))
                thin_checkpoints(assignment.folder, assignment.checkpoint_bytes)
                post.send(Checkpointed(step=item.step, epoch=item.epoch))
            elif not (isinstance(item, Finished) and post.leaving and item.outcome == "stopped"):
                # A run that ends only because the server goes, or the system wants it to, is not finished.
                post.send(item)
    except Exception as fault:
        traceback.print_exc()
        post.send(failure(fault, experiment))
    if post.told_to_leave:
        # To be seen to end by what ended it.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTERM)


def _options(assignment: Assignment) -> Options:
    folder = assignment.folder
    past = past_of(events_in(log_path(folder)))
    resume = _newest(checkpoint_path(folder, step) for step in sorted(past.checkpoints, reverse=True))
    # What lies behind has never been told of: it is done again, and told.
    drop_checkpoints(folder, after=resume.step if resume else -1)
    return Options(
        device=assignment.device,
        threads=assignment.threads,
        paused=assignment.paused,
        steps_per_second=assignment.steps_per_second,
        resume=resume,
        past=past,
    )


def _newest(paths: Iterable[Path]) -> Snapshot | None:
    """The first of these checkpoints that is there and whole."""
    for path in paths:
        with suppress(FileNotFoundError):
            try:
                return read(path)
            except FileNotFoundError:
                raise
            except Exception as fault:
                # The disk has lost a part of it; an older one will do, for what is computed from there is the same.
                print(f"{path.name} cannot be read: {fault}", file=sys.stderr, flush=True)
    return None


class Post:
    """The worker's end of the connection. Commands are read by a thread of their own, so that asking for one costs nothing
    and the end of the server is noticed even while a step hangs; another gives signs of life."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._commands: SimpleQueue[Command] = SimpleQueue()
        self._sending = threading.Lock()
        self._server_gone = threading.Event()
        self.told_to_leave = False
        """Whether the system has asked this process to end."""
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._beat, daemon=True).start()

    @property
    def leaving(self) -> bool:
        """Whether this process ends although nobody has asked the job to."""
        return self.told_to_leave or self._server_gone.is_set()

    def leave(self, _number: int, _frame: FrameType | None) -> None:
        """Take SIGTERM: write a last checkpoint and end."""
        self.told_to_leave = True
        self._commands.put(Stop())

    def next(self, seconds: float | None) -> Command | None:
        """The next command; waits at most so many seconds, None for ever."""
        try:
            return self._commands.get_nowait() if seconds == 0 else self._commands.get(timeout=seconds)
        except Empty:
            return None

    def send(self, item: Event | Frame) -> None:
        """Say something, unless nobody listens any more."""
        self._send(pack(item))

    def _send(self, message: bytes) -> None:
        # The reading thread sees when nobody listens, and the run is then on its way to a last checkpoint.
        with self._sending, suppress(OSError):
            self._connection.send_bytes(message)

    def _beat(self) -> None:
        while not self._server_gone.wait(BEAT_SECONDS):
            self._send(sign_of_life())

    def _read(self) -> None:
        while True:
            try:
                message = self._connection.recv_bytes()
            except (EOFError, OSError):
                break
            self._commands.put(COMMANDS.validate_json(message))
        self._server_gone.set()
        self._commands.put(Stop())
        time.sleep(LAST_WORDS_SECONDS)
        os._exit(1)


def failure(fault: Exception, experiment: Experiment) -> Failed:
    """An exception in plain words."""
    text = str(fault)
    if isinstance(fault, MemoryError | torch.OutOfMemoryError) or any(words in f"{text}\n" for words in WANT_OF_MEMORY):
        batch = experiment.training.batch_size
        smaller = max(1, batch // 4)
        return Failed(
            code="out_of_memory",
            message=Words(f"There is not enough memory for this job: {_first_line(text)}", f"内存不够运行这个任务：{_first_line(text)}"),
            hint=Words(
                f"Try batch size {smaller} instead of {batch}, or a smaller network.",
                f"把批大小从 {batch} 改为 {smaller}，或者用小一点的网络。",
            ),
        )
    if isinstance(fault, Missing):
        return Failed(code="missing_data", message=Words(text, f"这台机器上没有数据集 {fault.op} 的文件；怎样取得，见英文说明：{text}"))
    if isinstance(fault, Unreadable):
        return Failed(code="unreadable_data", message=Words(text, fault.zh))
    if isinstance(fault, OSError) and fault.errno is not None:
        return Failed(
            code="storage",
            message=Words(f"A file could not be read or written: {fault.strerror}.", f"读写文件失败：{fault.strerror}。"),
            hint=Words(
                "See that the server's disk has space and its files are in place, then let the job go on.",
                "请检查服务器的磁盘空间和文件，然后让任务继续。",
            ),
        )
    kind = type(fault).__name__
    return Failed(
        code="unexpected",
        message=Words(
            f"Training met an error that was not expected: {kind}: {_first_line(text)}",
            f"训练遇到了意料之外的错误：{kind}：{_first_line(text)}",
        ),
        hint=Words("The full report is in worker.log in the job's folder.", "完整的报告在任务文件夹的 worker.log 里。"),
    )


def _first_line(text: str) -> str:
    return (text.strip().splitlines() or ["-"])[0][:300]


def _write_output_to(path: Path) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)


def _bound_memory(most: int) -> None:
    # So that want of memory is an error with words. Only Linux counts what this bounds: what is allocated, not what is mapped. The
    # forkserver's pages, which all workers share, come on top; twice, because the estimate by which jobs are admitted is a rough one.
    if sys.platform == "linux":
        shared = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_DATA, (shared + 2 * most, shared + 2 * most))


def _offer_to_the_memory_killer() -> None:
    # When the machine runs out of memory, Linux shall end a worker, not the server. Elsewhere there is no such file.
    score = Path("/proc/self/oom_score_adj")
    if score.exists():
        score.write_text("500")
