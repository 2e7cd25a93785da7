"""A job's events: as a list, and as a websocket that goes on."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Query, Response, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, Field, ValidationError
from uvicorn.protocols.utils import ClientDisconnected

from models.draw import key_of
from models.entry import Spec
from models.events import AnyEvent
from models.views.catalogue import View
from server.api.checkpoint import ask
from server.api.parameters import NO_JOB, JobId, Readable, readable
from server.errors import Invalid, PlaygroundError, TooMany, answer
from server.feed import MOST_WATCHED, Feed
from server.frames import EXTENSION, Line
from server.services import Owner, Server, Services
from server.store import Job

router = APIRouter(tags=["events"])

LINGER_SECONDS = 60.0
"""Seconds that the socket stays open when the job has ended and the viewer sends no message."""

After = Annotated[int, Query(ge=0, le=2**53, description="Number of the last event that the caller has; 0 for all")]
_viewers = itertools.count(1)


class EventList(BaseModel):
    """Events in order, and the number of the newest."""

    events: list[AnyEvent]
    last_seq: int


class WatchMessage(Spec):
    """What a viewer sends over the socket: the live pictures that it wants to see from now on."""

    watch: tuple[View, ...] = Field(strict=False)


@router.get("/jobs/{job_id}/events", responses={200: {"model": EventList}, **NO_JOB})
def list_events(server: Server, job: Readable, after: After = 0) -> Response:
    """All events behind number `after`. The same path as a websocket goes on with those that follow.

    **Websocket** `GET /api/jobs/{job_id}/events?after=N`: a text frame for each event (the JSON that this list holds), a binary
    frame for each live picture: u32 length of the header, little-endian; header as JSON
    `{"type": "picture", "key", "step", "picture"}`; then the picture's bytes. Of a picture only the newest is sent.
    The viewer may send `{"watch": [view, …]}` at any time to choose its pictures.
    When the job has ended, the socket has sent all its events and answers each `watch` once from the last checkpoint; when the job
    is resumed, it goes on; it closes with code 1000 after 60 seconds without a message. Other codes: 1007 a message that is not
    JSON or breaks the rules, 1008 too many pictures or messages, 1009 a message that is too long, 1011 the pictures cannot be
    drawn, 1012 the server restarts, 1013 the viewer takes nothing for 30 seconds, or does not answer a ping: with `after` it can
    come back and misses nothing. A socket that may not be opened is answered with an HTTP status, as GET would be, or 429 when the
    owner has too many.
    """
    log = server.jobs.feed(job.id).log
    lines = log.rest(after)
    return _listed(lines, after + len(lines) if lines else log.last_seq)


@router.get("/jobs/{job_id}/course", responses={200: {"model": EventList}, **NO_JOB})
def get_course(server: Server, job: Readable) -> Response:
    """All that the job has said so far, in short, and quickly also after millions of steps: to follow it from there, go on with the
    events behind `last_seq`.

    The newest progress event tells of all progress, in at most 2048 entries with the mean, the least and the greatest loss of their
    steps, so that no spike is lost; of checkpoints there is the newest; all other events are as they were said.
    """
    events, last = server.jobs.feed(job.id).course.events()
    return _listed(events, last)


def _listed(events: Sequence[bytes], last: int) -> Response:
    return Response(b'{"events":[' + b",".join(events) + b'],"last_seq":%d}' % last, media_type="application/json")


@router.websocket("/jobs/{job_id}/events")
async def follow_events(websocket: WebSocket, server: Server, owner: Owner, job_id: JobId, after: After = 0) -> None:
    """See `list_events`."""
    server.sockets[owner] += 1
    try:
        try:
            most = server.settings.max_sockets
            if server.sockets[owner] > most:
                raise TooMany(f"You have {most} websockets open, which is the most that this server takes of one owner; close some first.")
            job = await asyncio.to_thread(readable, server, owner, job_id)
            feed = await asyncio.to_thread(server.jobs.feed, job_id)
        except PlaygroundError as error:
            await websocket.send_denial_response(answer(error))
            return
        await websocket.accept()
        viewer = _Viewer(websocket, feed, server, job, after)
        try:
            await viewer.follow()
        finally:
            await asyncio.to_thread(feed.watch, viewer.number, ())
    finally:
        server.sockets[owner] -= 1
        if not server.sockets[owner]:
            del server.sockets[owner]


class _Close(Exception):
    """The socket is to be closed from here."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        # A close frame has room for 123 bytes.
        self.reason = reason.encode()[:120].decode(errors="ignore")


class _Viewer:
    """One socket: its place in the log, and what it looks at."""

    def __init__(self, websocket: WebSocket, feed: Feed, services: Services, job: Job, after: int) -> None:
        self.number = next(_viewers)
        self._websocket = websocket
        self._line: Line = websocket.scope["extensions"][EXTENSION]
        self._feed = feed
        self._services = services
        self._job = job
        self._after = after
        self._views: dict[str, View] = {}
        self._shown: dict[str, bytes] = {}
        self._asked = asyncio.Event()
        self._busy_at = _now()

    async def follow(self) -> None:
        """Send until one side has had enough."""
        tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._send())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, _Close):
                with suppress(WebSocketDisconnect):
                    await self._websocket.close(result.code, result.reason)
            elif isinstance(result, Exception) and not isinstance(result, WebSocketDisconnect | ClientDisconnected):
                raise result

    async def _listen(self) -> None:
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text")
            try:
                wanted = WatchMessage.model_validate_json(text if text is not None else b"")
            except ValidationError as fault:
                place = fault.errors(include_url=False, include_input=False)[0]
                raise _Close(1007, f'send {{"watch": [view, …]}} as text: {place["msg"]}') from None
            if len(wanted.watch) > MOST_WATCHED:
                raise _Close(1008, f"at most {MOST_WATCHED} pictures can be watched")
            self._views = {key_of(view): view for view in wanted.watch}
            self._shown = {key: frame for key, frame in self._shown.items() if key in self._views}
            self._busy_at = _now()
            self._asked.set()
            # The worker may be slow to take the message.
            await asyncio.to_thread(self._feed.watch, self.number, wanted.watch)

    async def _send(self) -> None:
        while True:
            news = self._feed.bell.next
            # In this order: once it is final, nothing comes behind what is read next.
            final = self._feed.final
            await self._send_events()
            if final:
                await self._linger(news)
                continue
            if self._views:
                await self._send_frames()
            # What was live is asked of the last checkpoint when the job ends.
            self._asked.set()
            self._busy_at = _now()
            await news.wait()

    async def _linger(self, news: asyncio.Event) -> None:
        """The job has ended: answer a choice of pictures from the last checkpoint, or hear that the job goes on."""
        waits = [asyncio.create_task(event.wait()) for event in (self._asked, news)]
        try:
            patience = max(0.0, self._busy_at + LINGER_SECONDS - _now())
            heard, _ = await asyncio.wait(waits, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if not heard:
            raise _Close(1000, "the job has ended")
        if self._asked.is_set() and self._feed.final:
            self._asked.clear()
            await self._send_last_pictures(list(self._views.values()))

    async def _send_events(self) -> None:
        """All that there is, as much at once as the viewer is behind."""
        feed = self._feed
        while self._after < feed.log.last_seq:
            batch = feed.batch(self._after)
            frames, last = await asyncio.to_thread(feed.read, self._after) if batch is None else batch
            await self._line.send_frames(frames)
            self._after = last

    async def _send_frames(self) -> None:
        news = {key: frame for key in self._views if (frame := self._feed.frames.get(key)) and self._shown.get(key) is not frame}
        if news:
            await self._line.send_frames(*news.values())
            self._shown.update(news)

    async def _send_last_pictures(self, views: Sequence[View]) -> None:
        for view in views:
            question = {"op": "draw", "views": [view.model_dump(mode="json")]}
            try:
                frames = await asyncio.to_thread(ask, self._services, self._job, None, question, untrained=True)
            except Invalid:
                # A picture that this experiment does not have stays away, as it does while the job runs.
                continue
            except PlaygroundError as error:
                raise _Close(1011, error.message) from None
            for frame in frames:
                await self._websocket.send_bytes(frame)


def _now() -> float:
    return asyncio.get_running_loop().time()
