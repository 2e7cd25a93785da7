"""The REST and websocket surface, one file a resource."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from server.api import catalogue, datasets, events, export, health, hub, jobs, networks, predict, views
from server.errors import ErrorBody

EVERYWHERE: dict[int | str, dict[str, Any]] = {
    400: {"model": ErrorBody, "description": "The body cannot be read as JSON"},
    401: {"model": ErrorBody, "description": "A token is needed"},
    403: {"model": ErrorBody, "description": "Foreign Host or Origin"},
    413: {"model": ErrorBody, "description": "The body is too large"},
    422: {"model": ErrorBody, "description": "What was sent has faults; the details say where"},
    503: {"model": ErrorBody, "description": "Not possible now, or not on this machine"},
}

router = APIRouter(prefix="/api", responses=EVERYWHERE)
for resource in (health, catalogue, datasets, hub, networks, jobs, events, views, predict, export):
    router.include_router(resource.router)
