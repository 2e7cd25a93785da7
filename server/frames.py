"""Websocket frames as a server sends them: nothing in them is of one connection, so the same bytes go to everybody."""

from __future__ import annotations

from typing import Protocol

_TEXT, _BINARY = b"\x81", b"\x82"

EXTENSION = "playground.frames"
"""Where a route finds the `Line` of its websocket in the scope's extensions."""


class Line(Protocol):
    """A websocket that takes frames as they are."""

    async def send_frames(self, *frames: bytes) -> None:
        """Send, once the other side has taken what came before; raises OSError when it has gone."""


def text(payload: bytes) -> bytes:
    """A message of text in UTF-8."""
    return _TEXT + _length(payload) + payload


def binary(payload: bytes) -> bytes:
    """A message of bytes."""
    return _BINARY + _length(payload) + payload


def _length(payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes((size,))
    return b"\x7e" + size.to_bytes(2, "big") if size < 2**16 else b"\x7f" + size.to_bytes(8, "big")
