"""Whether the server works, and how busy it is."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from server import VERSION
from server.services import Server

router = APIRouter(tags=["health"])


class Device(BaseModel):
    """A device and its slots."""

    name: str = Field(examples=["cpu"])
    slots: int = Field(examples=[2])
    busy: int = Field(examples=[0])


class Health(BaseModel):
    """Version, devices and queue."""

    status: Literal["ok"]
    version: str = Field(examples=[VERSION])
    devices: list[Device]
    queued: int
    running: int


@router.get("/health")
def get_health(server: Server) -> Health:
    """Version, devices with their slots, and how many jobs wait and run. Needs no token."""
    devices, queued, running = server.jobs.health()
    named = [Device(name=name, slots=slots, busy=busy) for name, slots, busy in devices]
    return Health(status="ok", version=VERSION, devices=named, queued=queued, running=running)
