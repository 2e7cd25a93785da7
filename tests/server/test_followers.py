"""What viewers follow, by itself: frames as they travel, batches of them, and the bell that wakes everybody."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
from websockets.frames import Frame as Parsed
from websockets.frames import Opcode
from websockets.streams import StreamReader

from models.commands import Watch
from models.events import Frame
from models.views.layers import Activations
from models.views.plane import Neurons, Surface
from server.artifacts import log_path
from server.bell import Bell
from server.feed import BATCH, MOST_WATCHED, PLACES, Feed
from server.frames import binary, text
from server.log import TAIL

T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """What it gives, from a loop in a thread of its own: where a browser has been driven before, this thread has one already."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


class Silent(Bell):
    """A bell that counts its rings and wakes nobody."""

    def __init__(self) -> None:
        self.rings = 0

    def ring(self) -> None:
        self.rings += 1


@pytest.fixture
def feed(tmp_path: Path) -> Feed:
    return Feed(tmp_path, Silent(), final=False)


def parsed(frames: bytes) -> list[Parsed]:
    """Websocket frames, read by a library that knows nothing of ours."""
    reader = StreamReader()
    reader.feed_data(frames)
    reader.feed_eof()
    found: list[Parsed] = []
    while reader.buffer:
        reading = Parsed.parse(reader.read_exact, mask=False)
        with pytest.raises(StopIteration) as done:
            next(reading)
        found.append(done.value.value)
    return found


def events_in(frames: bytes) -> list[int]:
    """The numbers of the events in text frames."""
    found = parsed(frames)
    assert all(frame.opcode is Opcode.TEXT and frame.fin for frame in found)
    return [json.loads(bytes(frame.data))["seq"] for frame in found]


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535, 65536, 70000])
def test_a_frame_of_any_length_is_what_every_client_reads(size: int) -> None:
    payload = bytes(range(256)) * (size // 256 + 1)
    one, other = parsed(text(b"x" * size) + binary(payload[:size]))
    assert (one.opcode, one.fin, bytes(one.data)) == (Opcode.TEXT, True, b"x" * size)
    assert (other.opcode, other.fin, bytes(other.data)) == (Opcode.BINARY, True, payload[:size])


def test_who_is_at_the_same_place_gets_the_same_bytes(feed: Feed) -> None:
    for _ in range(5):
        feed.log.append(b'{"a":1}')
    first = feed.batch(2)
    assert first is not None
    assert events_in(first[0]) == [3, 4, 5]
    assert first[1] == 5
    assert feed.batch(2) is first
    assert feed.batch(5) == (b"", 5)
    feed.log.append(b'{"a":1}')
    later = feed.batch(2)
    assert later is not None
    assert events_in(later[0]) == [3, 4, 5, 6]


def test_only_a_few_places_are_kept_encoded(feed: Feed) -> None:
    for _ in range(3 * PLACES):
        feed.log.append(b'{"a":1}')
    batches = [feed.batch(place) for place in range(3 * PLACES)]
    assert all(batch and events_in(batch[0])[0] == place + 1 for place, batch in enumerate(batches))
    assert len(feed._batches) <= PLACES


def test_old_events_are_read_and_much_comes_in_parts(feed: Feed) -> None:
    long = b'{"text":"' + b"x" * (BATCH // 4) + b'"}'
    for _ in range(TAIL + 8):
        feed.log.append(long if len(long) < 2 * BATCH and feed.log.last_seq < 8 else b'{"a":1}')
    assert feed.batch(0) is None
    held: list[int] = []
    parts = 0
    while len(held) < feed.log.last_seq:
        frames, last = feed.batch(len(held)) or feed.read(len(held))
        assert len(frames) < 2 * BATCH
        held += events_in(frames)
        assert held[-1] == last
        parts += 1
    assert held == list(range(1, feed.log.last_seq + 1))
    assert parts > 2


def test_a_worker_draws_what_somebody_looks_at_and_stops_when_nobody_does(feed: Feed) -> None:
    asked: list[Watch] = []
    feed.ask = asked.append
    surface, neurons = Surface(), Neurons()
    feed.watch(1, [surface, neurons])
    feed.watch(2, [surface])
    assert [set(watch.views) for watch in asked] == [{surface, neurons}]
    key = surface.model_dump_json()
    feed.show(Frame(key, 1, b"one"))
    feed.show(Frame(key, 2, b"two"))
    assert feed.frames == {key: binary(b"two")}
    feed.watch(1, [])
    assert asked[-1].views == (surface,)
    feed.watch(2, [])
    assert asked[-1].views == ()  # type: ignore[comparison-overlap] # it was another before
    assert feed.frames == {}
    # Drawn before the worker heard of it.
    rings = feed.bell.rings  # type: ignore[attr-defined]
    feed.show(Frame(key, 3, b"three"))
    assert feed.frames == {}
    assert feed.bell.rings == rings  # type: ignore[attr-defined]


def test_a_worker_draws_only_so_many_pictures(feed: Feed) -> None:
    asked: list[Watch] = []
    feed.ask = asked.append
    for viewer in range(3):
        feed.watch(viewer, [Activations(example=20 * viewer + example) for example in range(20)])
    assert len(asked[-1].views) == MOST_WATCHED
    feed.tell_again()
    assert asked[-1].views == asked[-2].views
    assert log_path(feed.folder).exists()


async def woken(bell: Bell, times: int) -> list[float]:
    """When somebody who waits is woken, by the loop's clock."""
    moments: list[float] = []
    for _ in range(times):
        await bell.next.wait()
        moments.append(time.monotonic())
    return moments


def test_many_rings_are_one_and_none_is_missed() -> None:
    async def follow() -> None:
        bell = Bell(asyncio.get_running_loop())
        # Taken before one looks for news: a ring in between is heard.
        news = bell.next
        for _ in range(100):
            bell.ring()
        await asyncio.wait_for(news.wait(), 5)
        assert bell.next is not news
        assert not bell.next.is_set()

    run(follow())


def test_it_is_heard_from_another_thread_by_everybody() -> None:
    async def follow() -> None:
        bell = Bell(asyncio.get_running_loop())
        everybody = [asyncio.create_task(woken(bell, 1)) for _ in range(50)]
        await asyncio.sleep(0)
        ringing = threading.Thread(target=bell.ring)
        ringing.start()
        await asyncio.wait_for(asyncio.gather(*everybody), 5)
        ringing.join()

    run(follow())


def test_it_rests_for_as_long_as_those_took_whom_it_woke() -> None:
    work = 0.05

    def compute() -> None:
        until = time.thread_time() + work
        while time.thread_time() < until:
            pass

    async def follow() -> tuple[float, float]:
        bell = Bell(asyncio.get_running_loop())
        bell.ring()
        await bell.next.wait()
        compute()
        worked = time.monotonic()
        bell.ring()
        await bell.next.wait()
        tired = time.monotonic() - worked
        # Nobody does anything any more: it is awake at once.
        waits: list[float] = []
        for _ in range(5):
            begun = time.monotonic()
            bell.ring()
            await bell.next.wait()
            waits.append(time.monotonic() - begun)
        return tired, min(waits)

    tired, awake = run(follow())
    assert tired >= 0.9 * work
    assert awake < tired
