"""JSON as callers write it: one kind of number, so that 3.0 is the whole number 3."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

MOST_EXACT = 2**53
"""Up to here a JSON number is the same whole number in every language."""


def read(text: str | bytes) -> Any:
    """The document that JSON text holds. Raises ValueError, and RecursionError when it is too deep."""
    return json.loads(text, parse_float=_number)


def _number(text: str) -> float:
    number = float(text)
    return int(number) if number.is_integer() and abs(number) <= MOST_EXACT else number


class _Document(Request):
    async def json(self) -> Any:
        return read(await self.body())


class DocumentRoute(APIRoute):
    """A route that takes a document: its fields are strict, and a Python program writes 3.0 where it means 3."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's own, with the body read by `read`."""
        handle = super().get_route_handler()

        async def handle_document(request: Request) -> Response:
            return await handle(_Document(request.scope, request.receive))

        return handle_document
