"""The states of a job: which may follow which, and the words for how a job ended."""

from __future__ import annotations

import signal
from typing import Literal

from models.entry import Words
from models.events import Failed, State

FINAL: frozenset[State] = frozenset({"completed", "stopped", "failed", "interrupted"})
"""Nothing runs any more. Only an interrupted job may go on."""

BEFORE: dict[State, frozenset[State]] = {
    "queued": frozenset(),
    "starting": frozenset({"queued"}),
    "running": frozenset({"starting", "paused"}),
    "paused": frozenset({"starting", "running"}),
    "stopping": frozenset({"starting", "running", "paused"}),
    "completed": frozenset({"starting", "running", "paused", "stopping"}),
    "stopped": frozenset({"queued", "starting", "running", "paused", "stopping"}),
    "failed": frozenset({"queued", "starting", "running", "paused", "stopping"}),
    "interrupted": frozenset({"starting", "running", "paused", "stopping"}),
}
"""From which states a job may enter each state."""

Outcome = Literal["completed", "stopped", "failed", "interrupted"]

STOPPED_WAITING = Words("Stopped before it began.", "还没开始就停止了。")
STOPPED_HARD = Words(
    "Stopped on request. The worker did not answer and was ended, so what it had learnt since its last checkpoint is lost.",
    "按要求停止。工作进程没有回应，已被强行结束，最后一个检查点之后学到的东西丢失了。",
)
SERVER_ENDED = Words(
    "The server was shut down while this job was running. What it had learnt until its last checkpoint is kept.",
    "任务运行时服务器被关闭。最后一个检查点之前学到的东西都保留着。",
)
SERVER_DIED = Words(
    "The server ended unexpectedly while this job was running. What it had learnt until its last checkpoint is kept.",
    "任务运行时服务器意外终止。最后一个检查点之前学到的东西都保留着。",
)


def died(code: int, batch_size: int) -> Failed:
    """Words for a worker that ended without a last word; `code` is its exit code, negative for a signal."""
    if code == -signal.SIGKILL:
        hint = Words("Most often this is memory.", "多半是内存不足。")
        if batch_size > 1:
            smaller = max(1, batch_size // 4)
            hint = Words(
                f"Most often this is memory: try batch size {smaller} instead of {batch_size}, or a smaller network.",
                f"多半是内存不足：把批大小从 {batch_size} 改为 {smaller}，或者用小一点的网络。",
            )
        return Failed(code="worker_killed", message=Words("The worker was killed by signal 9.", "工作进程被信号 9 杀死。"), hint=hint)
    hint = Words(
        "Start the job again; if it ends like this again, worker.log in the job's folder says more.",
        "请重新开始任务；如果再次这样结束，任务文件夹里的 worker.log 有更多信息。",
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


def unstartable(fault: str) -> Failed:
    """Words for a worker that could not be started."""
    return Failed(
        code="not_started",
        message=Words(f"The worker could not be started: {fault}.", f"无法启动工作进程：{fault}。"),
        hint=Words("Free memory or processes on the server, then start the job again.", "请在服务器上腾出内存或进程数，然后重新开始任务。"),
    )


def unwritable(fault: str) -> Failed:
    """Words for a log or a database that does not take what a job says."""
    return Failed(
        code="storage",
        message=Words(f"What the job said could not be stored: {fault}.", f"任务的消息存不下来：{fault}。"),
        hint=Words(
            "Free space in the server's data folder, then start the job again.", "请在服务器的数据文件夹里腾出空间，然后重新开始任务。"
        ),
    )


def reason_of(failed: Failed) -> Words:
    """A failure as one text."""
    if not failed.hint:
        return failed.message
    return Words(f"{failed.message.en} {failed.hint.en}", f"{failed.message.zh}{failed.hint.zh}")
