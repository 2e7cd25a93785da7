"""What the routes work with: one of each per server."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from server.hub import Hub
from server.hub_datasets import HubDatasets
from server.jobs import Jobs
from server.pool import InferencePool
from server.settings import Settings


@dataclass(frozen=True)
class Services:
    """The running server's parts."""

    settings: Settings
    jobs: Jobs
    inference: InferencePool
    hub: Hub
    hub_datasets: HubDatasets
    sockets: Counter[str] = field(default_factory=Counter)
    """Open websockets of each owner; touched on the event loop only."""


async def _services(connection: HTTPConnection) -> Services:
    services: Services = connection.app.state.services
    return services


Server = Annotated[Services, Depends(_services)]
"""Parameter of a route that works with the server's parts."""


async def _owner(connection: HTTPConnection) -> str:
    owner: str = connection.scope["state"]["owner"]
    return owner


Owner = Annotated[str, Depends(_owner)]
"""Parameter of a route that must know whose request it is; the guard has found it out."""
