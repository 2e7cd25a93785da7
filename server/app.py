"""The application: routes, guard, page, and the parts that live as long as the server."""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response
from sqlalchemy.exc import DBAPIError
from starlette.routing import compile_path

from models.catalogue import catalogue
from models.experiment import Experiment
from models.network import check
from server import VERSION, api
from server.api.examples import SPIRAL
from server.bell import Bell
from server.errors import NotFound, Unavailable, answer, install
from server.executors.local import LocalExecutor
from server.guard import Guard
from server.hub import Hub
from server.hub_datasets import HubDatasets
from server.jobs import Jobs
from server.page import Page
from server.pool import InferencePool
from server.schema import document
from server.services import Services
from server.settings import Settings
from server.store import Store

logger = logging.getLogger("playground")

THREADS = 64
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]


def create_app(settings: Settings) -> FastAPI:
    """The service with these settings. Nothing is opened or started before it is served."""

    page = Page(settings.page)

    def prepare() -> None:
        page.read()
        catalogue()
        # The first trace of a network takes half a second.
        check(Experiment.model_validate(SPIRAL))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        # Sockets wait in these threads for the log's file and for inference; the usual handful would let one hold up another.
        loop.set_default_executor(ThreadPoolExecutor(THREADS, "socket"))
        store = Store(settings.database_url, settings.jobs_folder)
        inference = InferencePool(settings.question_seconds, settings.question_memory)
        devices = {"cpu": settings.slots, **dict.fromkeys(await asyncio.to_thread(inference.cards), 1)}
        jobs = Jobs(settings, store, LocalExecutor(), lambda: Bell(loop), devices)
        await asyncio.to_thread(jobs.recover)
        # What has been loaded stays until the end; no collection shall look through all of it again.
        gc.freeze()
        hub_datasets = HubDatasets(settings.datasets_folder / "hub", settings.max_dataset * 2**20)
        app.state.services = Services(settings, jobs, inference, Hub(settings.datasets_folder), hub_datasets)
        # Whoever comes first would wait for these; the start itself shall not. Python ends only behind it: PyTorch does not bear that its
        # thread is stopped.
        threading.Thread(target=prepare, name="prepare").start()
        try:
            yield
        finally:
            await asyncio.to_thread(jobs.close)
            inference.close()
            store.close()

    app = FastAPI(
        title="Neural Playground",
        version=VERSION,
        summary="Assemble neural networks and watch real PyTorch learn",
        lifespan=lifespan,
        # Their pages load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    install(app)

    @app.exception_handler(DBAPIError)
    async def unstored(_request: Request, fault: DBAPIError) -> Response:
        logger.warning("the database refused: %s", fault.orig)
        return answer(
            Unavailable(
                f"The server's database cannot be used now: {fault.orig}. Free space if its disk is full; else try again.",
                code="storage",
            )
        )

    app.include_router(api.router)

    @app.api_route("/api/{path:path}", methods=METHODS, include_in_schema=False)
    def nothing(path: str) -> None:
        for template, operations in app.openapi()["paths"].items():
            if compile_path(template)[0].match(f"/api/{path}"):
                raise HTTPException(405, headers={"Allow": ", ".join(sorted(method.upper() for method in operations))})
        raise NotFound(f"There is nothing at /api/{path[:200]}; /openapi.json lists what there is.")

    @app.api_route("/{path:path}", methods=["GET", "HEAD"], include_in_schema=False)
    def serve_page(request: Request) -> Response:
        return page.respond(request)

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
    app.add_middleware(Guard, settings=settings)
    return app
