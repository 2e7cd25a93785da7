"""What the server and a worker tell each other."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path

from models.events import Event, Frame
from models.network import Plan


@dataclass(frozen=True)
class Assignment:
    """All that a worker is told."""

    job: str
    experiment: str
    """JSON text."""
    plan: Plan
    """What the server has found out about its network."""
    folder: Path
    device: str
    threads: int
    paused: bool
    steps_per_second: float | None
    checkpoint_bytes: int
    """Most bytes of checkpoints that are kept, beyond the newest."""
    memory_bytes: int
    """Most memory that the worker may allocate."""


@dataclass(frozen=True)
class Said:
    """An event from a worker: JSON without number and time, and what the server must know of it without parsing it."""

    type: str
    step: int | None
    body: bytes


Message = Said | Frame

ALIVE = "alive"
"""Type of what a worker says, beside its events, to be known to live: it is in no log."""


def pack(item: Event | Frame) -> bytes:
    """An event or a picture as one message: u32 length of the header, header (JSON), body."""
    if isinstance(item, Frame):
        head, body = {"key": item.key, "step": item.step}, item.payload
    else:
        step = getattr(item, "step", None)
        head = {"type": getattr(item, "type"), "step": step[-1] if isinstance(step, tuple) else step}  # noqa: B009 (every event has one)
        body = item.model_dump_json().encode()
    header = json.dumps(head).encode()
    return struct.pack("<I", len(header)) + header + body


def sign_of_life() -> bytes:
    """The message by which a worker says no more than that it lives."""
    header = json.dumps({"type": ALIVE, "step": None}).encode()
    return struct.pack("<I", len(header)) + header


def unpack(message: bytes) -> Message:
    """The message that `pack` or `sign_of_life` made."""
    (length,) = struct.unpack_from("<I", message)
    head = json.loads(message[4 : 4 + length])
    body = message[4 + length :]
    return Frame(head["key"], head["step"], body) if "key" in head else Said(head["type"], head["step"], body)
