"""What a job knows at a step, and the one file in which it lies: tensors as safetensors, never pickled."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor


@dataclass(frozen=True)
class Snapshot:
    """Weights, optimizer and random states (`tensors`) and plain numbers (JSON) after `step` steps."""

    step: int
    epoch: float
    tensors: Mapping[str, Tensor]
    numbers: Mapping[str, Any]


def write(snapshot: Snapshot, path: Path) -> None:
    """Write the snapshot so that the file is either whole or not there: temporary file, fsync, rename."""
    head = {"step": snapshot.step, "epoch": snapshot.epoch, "numbers": snapshot.numbers}
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    tensors, known = {}, set()
    for name, value in snapshot.tensors.items():
        whole = value.detach().cpu().contiguous()
        # Weights that layers share have a name in each of them; the format does not take the same memory twice.
        tensors[name] = whole.clone() if whole.data_ptr() in known else whole
        known.add(whole.data_ptr())
    try:
        save_file(tensors, temporary, metadata={"snapshot": json.dumps(head)})
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def read(path: Path) -> Snapshot:
    """Read a snapshot that `write` wrote."""
    with safe_open(path, framework="pt") as file:
        head = json.loads(file.metadata()["snapshot"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (safe_open is no mapping)
    return Snapshot(head["step"], head["epoch"], tensors, head["numbers"])


def flatten(state: Mapping[int, Mapping[str, Any]], prefix: str, tensors: dict[str, Tensor]) -> dict[str, Any]:
    """Put an optimizer's tensors into `tensors` and return the rest of its state, with null where a tensor was."""
    rest: dict[str, Any] = {}
    for index, entries in state.items():
        rest[str(index)] = {name: None if torch.is_tensor(value) else value for name, value in entries.items()}
        tensors.update({f"{prefix}.{index}.{name}": value for name, value in entries.items() if torch.is_tensor(value)})
    return rest


def unflatten(rest: Mapping[str, Mapping[str, Any]], prefix: str, tensors: Mapping[str, Tensor]) -> dict[int, dict[str, Any]]:
    """The optimizer's state that `flatten` took apart."""
    return {
        int(index): {name: tensors.get(f"{prefix}.{index}.{name}", value) for name, value in entries.items()}
        for index, entries in rest.items()
    }
