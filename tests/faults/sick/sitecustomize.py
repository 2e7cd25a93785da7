"""Makes workers fall ill: a thread in each waits for a file in the job's folder that is named after an illness.

Python imports a module of this name by itself at its start when it lies on PYTHONPATH; it is here for tests alone.
"""

import ctypes
import gc
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

MOMENT = 0.01


def fall_ill() -> None:
    """Wait to be the worker of a job, and then for an illness."""
    while os.path.basename(output := os.readlink("/proc/self/fd/1")) != "worker.log":
        time.sleep(MOMENT)
    folder = Path(output).parent
    while True:
        for name, illness in ILLNESSES.items():
            if (folder / name).exists():
                (folder / name).rename(folder / f"{name}.had")
                illness(folder)
        time.sleep(MOMENT)


def hang(folder: Path) -> None:
    """Ignore TERM, start a process that does so too, and let nothing else in this process run any more."""
    ctypes.CDLL(None).signal(signal.SIGTERM, signal.SIG_IGN)
    child = subprocess.Popen(["sh", "-c", "trap '' TERM; while :; do sleep 1; done"])
    (folder / "child").write_text(str(child.pid))
    # Unlike CDLL this keeps the interpreter's lock, as a step does that hangs inside a library.
    ctypes.PyDLL(None).sleep(1000)


class Stuck:
    """An output whose disk does not answer any more."""

    def write(self, text: str) -> int:
        """Take it."""
        return len(text)

    def flush(self) -> None:
        """Wait for ever."""
        threading.Event().wait()


def linger(_folder: Path) -> None:
    """Keep the process from ending: the last thing that it does is to flush its output."""
    sys.stdout = Stuck()


def confess(folder: Path) -> None:
    """Write down the experiment that this worker has been given."""
    (assignment,) = (known for known in gc.get_objects() if type(known).__name__ == "Assignment")
    partial = folder / "confessed.part"
    partial.write_text(assignment.experiment)
    partial.rename(folder / "confessed")


ILLNESSES = {"hang": hang, "linger": linger, "confess": confess}

os.register_at_fork(after_in_child=lambda: threading.Thread(target=fall_ill, daemon=True).start())
