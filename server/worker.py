"""The child process of one job: experiment in, `train`, bytes out."""

from __future__ import annotations

import os
import signal
import threading
import time
import traceback
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Empty, SimpleQueue

import torch
from pydantic import TypeAdapter

from models.checkpoint import Snapshot, write
from models.commands import Command, Stop
from models.datasets.files import Missing
from models.entry import Words
from models.events import Checkpointed, Event, Failed, Finished, Frame
from models.experiment import Experiment
from models.train import Options, train
from server.artifacts import checkpoint_path, output_path, thin_checkpoints
from server.wire import Assignment, pack

COMMANDS: TypeAdapter[Command] = TypeAdapter(Command)
LAST_WORDS_SECONDS = 10.0
"""Seconds that a worker has for its last checkpoint when the server has gone."""


def main(connection: Connection, assignment: Assignment) -> None:
    """Carry the assignment out and say over the connection what happens. Returns when training is over."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _write_output_to(output_path(assignment.folder))
    _offer_to_the_memory_killer()
    torch.set_num_threads(assignment.threads)
    post = Post(connection)
    experiment = Experiment.model_validate_json(assignment.experiment)
    options = Options(
        device=assignment.device,
        threads=assignment.threads,
        paused=assignment.paused,
        steps_per_second=assignment.steps_per_second,
    )
    try:
        for item in train(experiment, post.next, options):
            if isinstance(item, Snapshot):
                write(item, checkpoint_path(assignment.folder, item.step))
                thin_checkpoints(assignment.folder)
                post.send(Checkpointed(step=item.step, epoch=item.epoch))
            elif not (isinstance(item, Finished) and post.server_gone):
                # A run that ends only because the server goes is not finished.
                post.send(item)
    except Exception as fault:
        traceback.print_exc()
        post.send(failure(fault, experiment))


class Post:
    """The worker's end of the connection. Commands are read by a thread of their own, so that asking for one costs nothing
    and the end of the server is noticed even while a step hangs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._commands: SimpleQueue[Command] = SimpleQueue()
        self.server_gone = False
        threading.Thread(target=self._read, daemon=True).start()

    def next(self, seconds: float | None) -> Command | None:
        """The next command; waits at most so many seconds, None for ever."""
        try:
            return self._commands.get_nowait() if seconds == 0 else self._commands.get(timeout=seconds)
        except Empty:
            return None

    def send(self, item: Event | Frame) -> None:
        """Say something, unless nobody listens any more."""
        try:
            self._connection.send_bytes(pack(item))
        except OSError:
            # The reading thread has seen the same, and the run is on its way to a last checkpoint.
            return

    def _read(self) -> None:
        while True:
            try:
                message = self._connection.recv_bytes()
            except (EOFError, OSError):
                break
            self._commands.put(COMMANDS.validate_json(message))
        self.server_gone = True
        self._commands.put(Stop())
        time.sleep(LAST_WORDS_SECONDS)
        os._exit(1)


def failure(fault: Exception, experiment: Experiment) -> Failed:
    """An exception in plain words."""
    text = str(fault)
    if isinstance(fault, MemoryError | torch.OutOfMemoryError) or "can't allocate memory" in text:
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
    if isinstance(fault, OSError) and fault.errno is not None:
        return Failed(
            code="storage",
            message=Words(f"A file could not be read or written: {fault.strerror}.", f"读写文件失败：{fault.strerror}。"),
            hint=Words(
                "See that the server's disk has space and its files are in place, then start the job again.",
                "请检查服务器的磁盘空间和文件，然后重新开始任务。",
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


def _offer_to_the_memory_killer() -> None:
    # When the machine runs out of memory, Linux shall end a worker, not the server. Elsewhere there is no such file.
    score = Path("/proc/self/oom_score_adj")
    if score.exists():
        score.write_text("500")
