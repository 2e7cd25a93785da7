"""The child process that answers questions about a network: what it predicts, what a view of it shows, what a dataset looks like.

One question at a time: JSON in; out comes a JSON header and as many parts of bytes as it announces.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import traceback
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import torch
from pydantic import TypeAdapter
from safetensors.torch import save

from models.baselines import baseline
from models.checkpoint import Snapshot, read
from models.datasets.catalogue import Dataset
from models.datasets.files import Missing, Unreadable
from models.draw import draw, key_of
from models.experiment import Experiment
from models.export import Unexportable, pytorch_script
from models.learner import weights_of
from models.network import Unsound
from models.pictures import encode
from models.predict import predict
from models.preview import preview
from models.question import Question, Unfit
from models.views.catalogue import View
from models.views.view import Unseen

DATASET: TypeAdapter[Dataset] = TypeAdapter(Dataset)
VIEWS: TypeAdapter[tuple[View, ...]] = TypeAdapter(tuple[View, ...])


def main(connection: Connection, memory: int) -> None:
    """Answer until the connection closes; `memory` in MiB is the most that may be allocated."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_DATA, (memory * 2**20, memory * 2**20))
    torch.set_num_threads(1)
    while True:
        try:
            question = json.loads(connection.recv_bytes())
        except (EOFError, OSError):
            return
        header, parts = _answer(question)
        connection.send_bytes(json.dumps({**header, "parts": len(parts)}).encode())
        for part in parts:
            connection.send_bytes(part)


def _answer(question: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    try:
        return {}, ANSWERS[question["op"]](question)
    except Missing as fault:
        return {"fault": "missing_data", "message": str(fault)}, []
    except Unfit as fault:
        return {"fault": "invalid", "code": fault.code, "message": str(fault)}, []
    except (Unseen, Unsound, Unexportable, Unreadable) as fault:
        return {"fault": "invalid", "message": str(fault)}, []
    except FileNotFoundError:
        return {"fault": "gone", "message": "the checkpoint is no longer there"}, []
    except (MemoryError, RuntimeError) as fault:
        if isinstance(fault, RuntimeError) and "can't allocate memory" not in str(fault):
            return _unexpected(fault)
        return {
            "fault": "memory",
            "message": "it needs more memory than a question may take; ask for less at once or use a smaller network",
        }, []
    except Exception as fault:
        return _unexpected(fault)


def _unexpected(fault: Exception) -> tuple[dict[str, Any], list[bytes]]:
    report = "".join(traceback.format_exception(fault))
    return {"fault": "unexpected", "message": f"{type(fault).__name__}: {fault}", "report": report}, []


def _snapshot(question: Mapping[str, Any]) -> Snapshot | None:
    return read(Path(question["checkpoint"])) if question["checkpoint"] else None


def _draw(question: Mapping[str, Any]) -> list[bytes]:
    """Binary frames, one a view."""
    experiment, views, snapshot = (
        Experiment.model_validate(question["experiment"]),
        VIEWS.validate_python(question["views"]),
        _snapshot(question),
    )
    step = snapshot.step if snapshot else 0
    pictures = draw(experiment, snapshot, views)
    return [encode(key_of(view), step, picture) for view, picture in zip(views, pictures, strict=True)]


def _drawn(question: Mapping[str, Any]) -> list[bytes]:
    """The same as JSON."""
    experiment, views, snapshot = (
        Experiment.model_validate(question["experiment"]),
        VIEWS.validate_python(question["views"]),
        _snapshot(question),
    )
    step = snapshot.step if snapshot else 0
    pictures = draw(experiment, snapshot, views)
    return [
        b'{"key":%s,"step":%d,"picture":%s}' % (json.dumps(key_of(view)).encode(), step, picture.model_dump_json().encode())
        for view, picture in zip(views, pictures, strict=True)
    ]


def _predict(question: Mapping[str, Any]) -> list[bytes]:
    snapshot = _snapshot(question)
    assert snapshot is not None
    answers = predict(Experiment.model_validate(question["experiment"]), snapshot, Question.model_validate(question["question"]))
    return [b'{"step":%d,' % snapshot.step + answers.model_dump_json().encode()[1:]]


def _preview(question: Mapping[str, Any]) -> list[bytes]:
    return [preview(DATASET.validate_python(question["dataset"])).model_dump_json().encode()]


def _baseline(question: Mapping[str, Any]) -> list[bytes]:
    found = baseline(Experiment.model_validate(question["experiment"]))
    return [b'{"baseline":%s}' % (found.model_dump_json().encode() if found else b"null")]


def _weights(question: Mapping[str, Any]) -> list[bytes]:
    """The weights alone, without optimizer and random states, as safetensors."""
    snapshot = _snapshot(question)
    assert snapshot is not None
    return [save({name: value.contiguous() for name, value in weights_of(snapshot).items()})]


def _script(question: Mapping[str, Any]) -> list[bytes]:
    retunes = {int(step): lr for step, lr in question["retunes"].items()}
    script = pytorch_script(Experiment.model_validate(question["experiment"]), question["threads"], retunes, question["device"])
    return [script.encode()]


def knows_cards() -> bool:
    """Whether this PyTorch can compute on graphics cards at all. Which there are is asked in a process of its own: once CUDA has looked,
    a process cannot be forked any more."""
    return torch.version.cuda is not None or torch.version.hip is not None


def _cards(_question: Mapping[str, Any]) -> list[bytes]:
    return [json.dumps([f"cuda:{index}" for index in range(torch.cuda.device_count())]).encode()]


ANSWERS: Mapping[str, Callable[[Mapping[str, Any]], list[bytes]]] = {
    "draw": _draw,
    "drawn": _drawn,
    "predict": _predict,
    "preview": _preview,
    "baseline": _baseline,
    "weights": _weights,
    "script": _script,
    "cards": _cards,
}
