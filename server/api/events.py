"""A job's events: as a list, and as a websocket that goes on."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, ValidationError

from models.draw import key_of
from models.entry import Spec
from models.events import AnyEvent, Frame
from models.views.catalogue import View
from server.api.checkpoint import ask
from server.api.parameters import NO_JOB, JobId
from server.errors import Invalid, PlaygroundError, answer
from server.feed import MOST_WATCHED, Feed
from server.services import Server, Services

router = APIRouter(tags=["events"])

LINGER_SECONDS = 60.0
"""Seconds that the socket of a job that has ended stays open without a message from the viewer."""
SEND_SECONDS = 30.0
"""Seconds after which a viewer that takes nothing is let go; with `after` it can come back and misses nothing."""

After = Annotated[int, Query(ge=0, le=2**53, description="Number of the last event that the caller has; 0 for all")]
_viewers = itertools.count(1)


class EventList(BaseModel):
    """Events in order, and the number of the newest."""

    events: list[AnyEvent]
    last_seq: int


class WatchMessage(Spec):
    """What a viewer sends over the socket: the live pictures that it wants to see from now on."""

    watch: tuple[View, ...]


@router.get("/jobs/{job_id}/events", responses={200: {"model": EventList}, **NO_JOB})
def list_events(server: Server, job_id: JobId, after: After = 0) -> Response:
    """All events behind number `after`. The same path as a websocket goes on with those that follow.

    **Websocket** `GET /api/jobs/{job_id}/events?after=N`: a text frame for each event (the JSON that this list holds), a binary
    frame for each live picture: u32 length of the header, little-endian; header as JSON
    `{"type": "picture", "key", "step", "picture"}`; then the picture's bytes. Of a picture only the newest is sent.
    The viewer may send `{"watch": [view, …]}` at any time to choose its pictures.
    When the job has ended, the socket has sent all its events and answers each `watch` once from the last checkpoint; it closes
    with code 1000 after 60 seconds without a message. Other codes: 1007 a message that is not JSON or breaks the rules, 1008 too
    many pictures, 1009 a message that is too long, 1011 the pictures cannot be drawn, 1012 the server restarts, 1013 the viewer
    takes nothing for 30 seconds.
    """
    log = server.jobs.feed(job_id).log
    lines = log.rest(after)
    body = '{"events":[' + ",".join(lines) + f'],"last_seq":{after + len(lines) if lines else log.last_seq}}}'
    return Response(body.encode(), media_type="application/json")


@router.websocket("/jobs/{job_id}/events")
async def follow_events(websocket: WebSocket, server: Server, job_id: JobId, after: After = 0) -> None:
    """See `list_events`."""
    try:
        feed = await asyncio.to_thread(server.jobs.feed, job_id)
    except PlaygroundError as error:
        await websocket.send_denial_response(answer(error))
        return
    await websocket.accept()
    viewer = _Viewer(websocket, feed, server, job_id, after)
    try:
        await viewer.follow()
    finally:
        await asyncio.to_thread(feed.watch, viewer.number, ())


class _Viewer:
    """One socket: its place in the log, and what it looks at."""

    def __init__(self, websocket: WebSocket, feed: Feed, services: Services, job_id: str, after: int) -> None:
        self.number = next(_viewers)
        self._websocket = websocket
        self._feed = feed
        self._services = services
        self._job_id = job_id
        self._after = after
        self._views: dict[str, View] = {}
        self._shown: dict[str, Frame] = {}
        self._asked = asyncio.Event()
        self._heard_at = asyncio.get_running_loop().time()

    async def follow(self) -> None:
        """Send until one side has had enough."""
        listening = asyncio.create_task(self._listen())
        sending = asyncio.create_task(self._send())
        try:
            await asyncio.wait((listening, sending), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (listening, sending):
                task.cancel()
            results = await asyncio.gather(listening, sending, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception) and not isinstance(result, WebSocketDisconnect):
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
                reason = f'send {{"watch": [view, …]}} as text: {place["msg"]}'
                await self._websocket.close(1007, _fitting(reason))
                return
            if len(wanted.watch) > MOST_WATCHED:
                await self._websocket.close(1008, f"at most {MOST_WATCHED} pictures can be watched")
                return
            self._views = {key_of(view): view for view in wanted.watch}
            self._shown = {key: frame for key, frame in self._shown.items() if key in self._views}
            self._heard_at = asyncio.get_running_loop().time()
            self._asked.set()
            # The worker may be slow to take the message.
            await asyncio.to_thread(self._feed.watch, self.number, wanted.watch)

    async def _send(self) -> None:
        while True:
            news = self._feed.bell.next
            # In this order: once it is final, nothing comes behind what is read next.
            final = self._feed.final
            sent = await self._send_events()
            if final and not sent:
                break
            sent += await self._send_frames()
            if not sent:
                await news.wait()
        await self._answer_at_leisure()

    async def _send_events(self) -> int:
        lines = self._feed.log.recent(self._after)
        if lines is None:
            lines = await asyncio.to_thread(self._feed.log.read, self._after)
        for line in lines:
            await self._timely({"type": "websocket.send", "text": line})
            self._after += 1
        return len(lines)

    async def _send_frames(self) -> int:
        news = [frame for key in self._views if (frame := self._feed.frames.get(key)) and self._shown.get(key) is not frame]
        for frame in news:
            await self._timely({"type": "websocket.send", "bytes": frame.payload})
            self._shown[frame.key] = frame
        return len(news)

    async def _answer_at_leisure(self) -> None:
        """The job has ended: answer each choice of pictures from the last checkpoint, until nobody asks any more."""
        self._asked.set()
        while True:
            patience = self._heard_at + LINGER_SECONDS - asyncio.get_running_loop().time()
            try:
                async with asyncio.timeout(patience):
                    await self._asked.wait()
            except TimeoutError:
                await self._websocket.close(1000, "the job has ended")
                return
            self._asked.clear()
            try:
                frames = await self._last_pictures(list(self._views.values()))
            except PlaygroundError as error:
                await self._websocket.close(1011, _fitting(error.message))
                return
            for frame in frames:
                await self._timely({"type": "websocket.send", "bytes": frame})

    async def _last_pictures(self, views: Sequence[View]) -> list[bytes]:
        frames: list[bytes] = []
        for view in views:
            question = {"op": "draw", "views": [view.model_dump(mode="json")]}
            try:
                frames += await asyncio.to_thread(ask, self._services, self._job_id, None, question, untrained=True)
            except Invalid:
                # A picture that this experiment does not have stays away, as it does while the job runs.
                continue
        return frames

    async def _timely(self, message: dict[str, Any]) -> None:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._websocket.send(message)
        except TimeoutError:
            await self._websocket.close(1013, "too slow; come back with ?after=")
            raise WebSocketDisconnect(1013) from None


def _fitting(reason: str) -> str:
    # A close frame has room for 123 bytes.
    return reason.encode()[:120].decode(errors="ignore")
