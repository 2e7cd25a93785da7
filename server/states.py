"""The states of a job: which may follow which, and the words for how a job ended."""

from __future__ import annotations

import signal
from typing import Literal

from models.entry import Words
from models.events import Failed, State

FINAL: frozenset[State] = frozenset({"completed", "stopped", "failed", "interrupted"})
"""Nothing runs any more. Only an interrupted job may go on."""

BEFORE: dict[State, frozenset[State]] = {
    "queued": frozenset({"interrupted", "paused"}),
    "starting": frozenset({"queued"}),
    "running": frozenset({"starting", "paused"}),
    "paused": frozenset({"starting", "running"}),
    "stopping": frozenset({"queued", "starting", "running", "paused"}),
    "completed": frozenset({"starting", "running", "paused", "stopping"}),
    "stopped": frozenset({"queued", "starting", "running", "paused", "stopping"}),
    "failed": frozenset({"queued", "starting", "running", "paused", "stopping"}),
    "interrupted": frozenset({"queued", "starting", "running", "paused", "stopping"}),
}
"""From which states a job may enter each state."""

Outcome = Literal["completed", "stopped", "failed", "interrupted"]

STOPPED_WAITING = Words("Stopped before it began.", "还没开始就停止了。")
STOPPED_HARD = Words(
    "Stopped on request. The worker did not answer and was ended, so what it had learnt since its last checkpoint is lost.",
    "按要求停止。工作进程没有回应，已被强行结束，最后一个检查点之后学到的东西丢失了。",
)
STOPPED_WITH_SERVER = Words(
    "Stopped on request; the server ended before the worker could write a last checkpoint.",
    "按要求停止；工作进程还没写完最后一个检查点，服务器就结束了。",
)
SERVER_ENDED = Words(
    "The server was shut down while this job was running. It goes on from here when the server is started again.",
    "任务运行时服务器被关闭。服务器再次启动后，任务会从这里继续。",
)
SERVER_DIED = Words(
    "The server ended unexpectedly while this job was running. Nothing that it had told is lost.",
    "任务运行时服务器意外终止。已经显示过的内容一点也没有丢。",
)
WAITS_FOR_CORES = Words(
    "While it was paused others got its place; it goes on as soon as one is free.",
    "暂停期间位置让给了别人，一有空位就继续。",
)
GOES_ON = Words("It goes on from its last checkpoint.", "从最后一个检查点继续。")
NO_PROGRESS = Words(
    "The server has ended several times while this job ran, each time before it came any further, so it is not tried again by itself. "
    "If the job needs too much memory, start it anew with a smaller batch or network.",
    "任务运行时服务器已经多次终止，每次任务都没有前进一步，所以不再自动重试。如果是任务占用内存太多，请改用更小的批或更小的网络重新开始。",
)


def overtime(hours: float) -> Words:
    """Words for a job that has had its time."""
    return Words(
        f"Stopped after {hours:g} hours of running, which is the most that this server gives to one job.",
        f"已经运行 {hours:g} 小时，达到本服务器给一个任务的上限，于是停止。",
    )


PASSING: frozenset[str] = frozenset({"worker_killed", "worker_died", "worker_silent", "not_started", "storage"})
"""Codes of failures that lie in the circumstances, not in the experiment: the job can go on."""


def outcome_of(failed: Failed) -> Outcome:
    """Whether what failed can go on, or would fail again."""
    return "interrupted" if failed.code in PASSING else "failed"


def died(code: int, batch_size: int) -> Failed:
    """Words for a worker that ended without a last word; `code` is its exit code, negative for a signal."""
    if code == -signal.SIGKILL:
        smaller = max(1, batch_size // 4)
        batch = Words(f"batch size {smaller} instead of {batch_size}, or ", f"把批大小从 {batch_size} 改为 {smaller}，或者")
        en, zh = (batch.en, batch.zh) if batch_size > 1 else ("", "")
        hint = Words(
            f"The job can go on from its last checkpoint. Most often this is memory: if it happens again, try {en}a smaller network.",
            f"任务可以从最后一个检查点继续。多半是内存不足：如果再次发生，就{zh}用小一点的网络。",
        )
        return Failed(code="worker_killed", message=Words("The worker was killed by signal 9.", "工作进程被信号 9 杀死。"), hint=hint)
    hint = Words(
        "Let the job go on; if it ends like this again, worker.log in the job's folder says more.",
        "可以让任务继续；如果再次这样结束，任务文件夹里的 worker.log 有更多信息。",
    )
    if code < 0:
        name = signal.Signals(-code).name if -code in {item.value for item in signal.Signals} else str(-code)
        return Failed(
            code="worker_killed",
            message=Words(f"The worker was ended by signal {-code} ({name}).", f"工作进程被信号 {-code}（{name}）终止。"),
            hint=hint,
        )
    return Failed(
        code="worker_died",
        message=Words(f"The worker ended without a result (exit code {code}).", f"工作进程没有给出结果就结束了（退出码 {code}）。"),
        hint=hint,
    )


def silent(seconds: float) -> Failed:
    """Words for a worker that has not been heard of."""
    return Failed(
        code="worker_silent",
        message=Words(
            f"The worker had not been heard of for {seconds:g} seconds and was ended.", f"工作进程 {seconds:g} 秒没有任何消息，已被结束。"
        ),
        hint=Words("The job can go on from its last checkpoint.", "任务可以从最后一个检查点继续。"),
    )


def unstartable(fault: str) -> Failed:
    """Words for a worker that could not be started."""
    return Failed(
        code="not_started",
        message=Words(f"The worker could not be started: {fault}.", f"无法启动工作进程：{fault}。"),
        hint=Words("Free memory or processes on the server, then let the job go on.", "请在服务器上腾出内存或进程数，然后让任务继续。"),
    )


def unwritable(fault: str) -> Failed:
    """Words for a log or a database that does not take what a job says."""
    return Failed(
        code="storage",
        message=Words(f"What the job said could not be stored: {fault}.", f"任务的消息存不下来：{fault}。"),
        hint=Words("Free space in the server's data folder, then let the job go on.", "请在服务器的数据文件夹里腾出空间，然后让任务继续。"),
    )


def reason_of(failed: Failed) -> Words:
    """A failure as one text."""
    if not failed.hint:
        return failed.message
    return Words(f"{failed.message.en} {failed.hint.en}", f"{failed.message.zh}{failed.hint.zh}")
