"""The page in a real Chromium, on the cores that also train: frames a second by the browser's own count, first paint, layout, weight."""

from __future__ import annotations

import gzip
import re
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Error, Page, sync_playwright

from models.checkpoint import Snapshot, read, write
from models.events import Checkpointed
from server.artifacts import checkpoint_path, checkpoints_in, log_path
from server.log import now
from tests.benchmarks import tasks
from tests.benchmarks.contestant import REPOSITORY
from tests.benchmarks.history import lengthen
from tests.benchmarks.pairing import Budget, Row
from tests.browser import launch
from tests.server.playground import Playground

SCREEN = {"width": 1280, "height": 800}
EPOCH = 25
"""Steps in an epoch of the small network."""
FRAMES = 59.5
"""Frames a second of a screen that shows 60, less what the browser's clock rounds away."""
WATCH = """
window.seen = {frames: [], shifts: [], drawn: 0};
const frame = (now) => { seen.frames.push(now); requestAnimationFrame(frame); };
requestAnimationFrame(frame);
new PerformanceObserver((list) => { for (const entry of list.getEntries()) seen.shifts.push([entry.startTime, entry.value]); })
  .observe({type: "layout-shift", buffered: true});
const put = CanvasRenderingContext2D.prototype.putImageData;
CanvasRenderingContext2D.prototype.putImageData = function (...values) { seen.drawn += 1; return put.apply(this, values); };
"""
"""Runs in the page before its own scripts: times of its frames, shifts of its layout, and pictures put on canvases."""
TAKEN = "() => { const taken = {...seen, frames: seen.frames.slice()}; seen.frames = seen.frames.slice(-1); seen.drawn = 0; return taken; }"
OPENED = """
async ([hash, epochs]) => {
  const begun = performance.now();
  location.hash = hash;
  const label = () => document.querySelector(".curves [role=img]")?.getAttribute("aria-label") ?? "";
  while (!(label().match(/[0-9]+/g) ?? []).some((number) => Number(number) >= epochs)) await new Promise(requestAnimationFrame);
  return performance.now() - begun;
}
"""
"""Milliseconds from a link in the address to a curve that has come so many epochs far."""


def rows(budget: Budget) -> Iterator[Row]:
    """Rows of frames, paint, layout, weight, and of a long history."""
    try:
        with sync_playwright() as playwright:
            browser = launch(playwright)
            try:
                with tempfile.TemporaryDirectory() as folder:
                    server = Playground(Path(folder))
                    try:
                        yield from visits(server, browser, budget)
                        yield from long_history(server, browser, budget)
                    finally:
                        server.close()
            finally:
                browser.close()
    except Error as fault:
        yield Row("The page in Chromium", not_run=str(fault).splitlines()[0])
    dist = REPOSITORY / "frontend/dist"
    opens_with = {dist / path for path in re.findall(r'(?:src|href)="/([^"]+\.js)"', (dist / "index.html").read_text())}
    rest = weight(set(dist.rglob("*.js")) - opens_with)
    note = f"{rest:.0f} KiB more belong to what few experiments show, and travel when it is first shown"
    yield Row("JavaScript with which the page opens, gzipped", [weight(opens_with)], "KiB", most=120, note=note)


def weight(scripts: set[Path]) -> float:
    """KiB of scripts as they travel."""
    return sum(len(gzip.compress(script.read_bytes(), 9)) for script in scripts) / 1024


def opened(server: Playground, browser: Browser, place: str = "") -> Page:
    """The page in a fresh profile."""
    page = browser.new_context(viewport=SCREEN, locale="en-US").new_page()  # type: ignore[arg-type]
    page.add_init_script(WATCH)
    page.goto(f"http://{server.address}/{place}")
    page.wait_for_selector("figure canvas")
    return page


def visits(server: Playground, browser: Browser, budget: Budget) -> Iterator[Row]:
    """Several visitors, one after the other: each opens the page, presses Play and watches."""
    paints: list[float] = []
    shifts: list[float] = []
    rates: list[float] = []
    slow: list[float] = []
    drawn: list[float] = []
    for _ in range(budget.count(5, 1)):
        page = opened(server, browser)
        play = page.get_by_role("button", name="Play").first
        page.wait_for_function("button => !button.disabled", arg=play.element_handle())
        paints.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
        play.click()
        page.wait_for_selector(".curves canvas")
        page.evaluate(TAKEN)
        seconds = budget.pick(10, 2)
        page.wait_for_timeout(1000 * seconds)
        seen = page.evaluate(TAKEN)
        lasted = frame_times(seen)
        rates.append(1000 / middle(lasted))
        slow.append(lasted[int(0.95 * len(lasted))])
        drawn.append(seen["drawn"] / seconds)
        shifts.append(sum(value for _moment, value in seen["shifts"]))
        page.context.close()
        server.stop_all()
    what = "The page while its network trains, all its pictures live: "
    note = f"{middle(drawn):.0f} pictures a second were drawn"
    yield Row(f"{what}frames a second", rates, "/s", least=FRAMES, note=note)
    yield Row(f"{what}95 in 100 frames within", slow, "ms")
    yield Row("From the address to the first contentful paint of the page", paints, "ms", most=500)
    yield Row("Layout that shifts while the page loads and in the first ten seconds of training", shifts, "", most=0)


def frame_times(seen: dict[str, Any]) -> list[float]:
    """Milliseconds from each frame to the next, in order of size."""
    frames = seen["frames"]
    return sorted(later - earlier for earlier, later in pairwise(frames))


def middle(values: list[float]) -> float:
    """The median."""
    return sorted(values)[len(values) // 2]


def long_history(server: Playground, browser: Browser, budget: Budget) -> Iterator[Row]:
    """A job with a million steps behind it that goes on: how soon its curve is there, and the frames while points arrive."""
    steps = int(budget.pick(1_000_000, 100_000))
    job = server.post(tasks.spiral())["id"]
    with server.socket(job) as viewer:
        viewer.until_steps(1)
        server.command(job, "pause")
        viewer.until_state("paused")
    server.end()
    grow(server.data / "jobs" / job, steps)
    server.start()
    server.command(job, "resume")
    with server.socket(job, after=server.job(job)["last_seq"]) as viewer:
        viewer.until_steps(1)
    waits: list[float] = []
    rates: list[float] = []
    slow: list[float] = []
    for _ in range(budget.count(5, 1)):
        page = opened(server, browser)
        waits.append(page.evaluate(OPENED, [f"job={job}", steps // EPOCH]))
        page.evaluate(TAKEN)
        page.wait_for_timeout(1000 * budget.pick(4, 1))
        lasted = frame_times(page.evaluate(TAKEN))
        rates.append(1000 / middle(lasted))
        slow.append(lasted[int(0.95 * len(lasted))])
        page.context.close()
    server.stop_all()
    what = f"The page on a job with {steps:,} steps behind it: "
    first = f"the first time {waits[0]:.0f} ms, for which the server reads the whole log"
    yield Row(f"{what}from its link to its curve", waits, "ms", most=500, note=first)
    note = f"the job goes on, at full speed; 95 in 100 frames within {middle(slow):.1f} ms"
    yield Row(f"{what}frames a second while points arrive", rates, "/s", least=FRAMES, note=note)


def grow(folder: Path, steps: int) -> None:
    """Give a job that has stopped a longer past: its log tells of so many steps, and its checkpoint says that it is there."""
    lengthen(log_path(folder), steps)
    (_step, path) = checkpoints_in(folder)[-1]
    first = read(path)
    grown = Snapshot(steps, steps / EPOCH, first.tensors, first.numbers)
    write(grown, checkpoint_path(folder, steps))
    with log_path(folder).open("a") as file:
        seq = log_path(folder).read_bytes().count(b"\n") + 1
        said = Checkpointed(step=steps, epoch=grown.epoch).model_dump_json()
        file.write(f'{{"seq":{seq},"at":"{now()}",{said[1:]}\n')
