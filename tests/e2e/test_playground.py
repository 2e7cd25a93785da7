"""What a person does with the page, done in a real browser, in both languages."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import OpenPage
from tests.server.playground import Playground


@dataclass(frozen=True)
class Words:
    """The names by which a person, or a screen reader, knows the parts of the page."""

    locale: str
    play: str
    pause: str
    resume: str
    batch: str
    undo: str
    draw: str
    add_after_data: str
    search: str
    dropout: str
    layers: str
    clear: str


ENGLISH = Words(
    locale="en-US",
    play="Play",
    pause="Pause",
    resume="Go on",
    batch="One batch",
    undo="Undo",
    draw="Draw",
    add_after_data="Add a layer after Data",
    search="dropout",
    dropout="Dropout",
    layers="Layers",
    clear="Clear",
)
CHINESE = Words(
    locale="zh-CN",
    play="开始训练",
    pause="暂停",
    resume="继续",
    batch="走一批",
    undo="撤销",
    draw="手绘",
    add_after_data="在“数据”后面加一层",
    search="随机失活",
    dropout="随机失活",
    layers="层",
    clear="清空",
)
LANGUAGES = pytest.mark.parametrize("words", [ENGLISH, CHINESE], ids=["english", "chinese"])


def button(page: Page, name: str) -> Locator:
    """The first button whose name begins so."""
    return page.get_by_role("button", name=re.compile(f"^{re.escape(name)}")).first


def steps(page: Page) -> int:
    """Steps done, as the counter says."""
    found = re.search(r"([\d,]+)\s*(?:steps|步)", page.get_by_role("banner").inner_text())
    return int(found[1].replace(",", "")) if found else 0


def pixels(canvas: Locator) -> str:
    """What a canvas shows."""
    return str(canvas.evaluate("canvas => canvas.toDataURL()"))


def until(page: Page, happened: Callable[[], bool], seconds: float = 30) -> None:
    """Look again and again; the page's policy forbids the evaluation by which Playwright itself would wait for a function."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        page.wait_for_timeout(50)


def until_steps(page: Page, more_than: int) -> None:
    """Wait until the counter has passed a number of steps."""
    until(page, lambda: steps(page) > more_than)


@LANGUAGES
def test_a_learner_builds_plays_pauses_and_steps(open_page: OpenPage, words: Words) -> None:
    page = open_page(words.locale)
    surface = page.get_by_role("main").locator("figure canvas").first
    expect(surface).to_be_visible()
    columns = page.get_by_role("list", name=words.layers).get_by_role("listitem")
    expect(columns).to_have_count(4)

    # A layer more, and one edit back.
    button(page, words.add_after_data).click()
    page.keyboard.type(words.search)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=re.compile(words.dropout)).first).to_be_visible()
    button(page, words.undo).click()
    expect(page.get_by_role("list", name=words.layers).get_by_role("button", name=re.compile(words.dropout))).to_have_count(0)
    button(page, words.add_after_data).click()
    page.keyboard.type("tanh")
    page.keyboard.press("Enter")

    # Play: the surface moves and the curves grow.
    before = pixels(surface)
    button(page, words.play).click()
    until_steps(page, 100)
    until(page, lambda: pixels(surface) != before)
    expect(page.locator(".plot canvas").first).to_be_visible()

    # Pause, and one batch.
    button(page, words.pause).click()
    expect(button(page, words.resume)).to_be_visible()
    paused = steps(page)
    button(page, words.batch).click()
    until_steps(page, paused)
    assert steps(page) == paused + 1
    button(page, words.resume).click()
    until_steps(page, paused + 50)


@LANGUAGES
def test_a_reload_in_mid_run_shows_the_same_job(open_page: OpenPage, server: Playground, words: Words) -> None:
    page = open_page(words.locale)
    button(page, words.play).click()
    until_steps(page, 200)
    jobs = server.client.get("/jobs").json()["jobs"]
    page.reload()
    until_steps(page, 200)
    assert server.client.get("/jobs").json()["jobs"][0]["id"] == jobs[0]["id"]
    expect(page.locator(".plot canvas").first).to_be_visible()
    expect(button(page, words.pause)).to_be_visible()


@LANGUAGES
def test_a_drawn_digit_is_read(open_page: OpenPage, server: Playground, words: Words) -> None:
    """The preset for digits is trained over REST; the page opens its job, and what is drawn is read."""
    preset = next(preset for preset in server.client.get("/catalogue").json()["presets"] if preset["id"] == "digits")
    job = server.post({**preset["experiment"], "training": {**preset["experiment"]["training"], "epochs": 8}})
    assert server.finish(job["id"])["validation"]["accuracy"] > 0.95
    page = open_page(words.locale, path=f"/#job={job['id']}")
    page.get_by_role("tab", name=words.draw, exact=True).click()
    pad = page.locator(".pad .paper")
    box = pad.bounding_box()
    assert box is not None

    def stroke(*points: tuple[float, float]) -> None:
        (x, y), *others = [(box["x"] + box["width"] * px, box["y"] + box["height"] * py) for px, py in points]
        page.mouse.move(x, y)
        page.mouse.down()
        for x, y in others:
            page.mouse.move(x, y, steps=5)
        page.mouse.up()

    circle = [(0.5 + 0.18 * math.sin(turn * math.tau / 24), 0.5 - 0.32 * math.cos(turn * math.tau / 24)) for turn in range(26)]
    stroke(*circle)
    expect(page.locator(".answer")).to_contain_text(re.compile(r"^\s*0\s"))
    page.get_by_role("button", name=words.clear, exact=True).click()
    # The data's sevens have a bar.
    stroke((0.35, 0.2), (0.65, 0.2), (0.5, 0.45), (0.45, 0.85))
    stroke((0.38, 0.52), (0.64, 0.52))
    expect(page.locator(".answer")).to_contain_text(re.compile(r"^\s*7\s"))


@LANGUAGES
def test_looking_back_shows_the_network_as_it_was(open_page: OpenPage, server: Playground, words: Words) -> None:
    preset = next(preset for preset in server.client.get("/catalogue").json()["presets"] if preset["id"] == "spiral")
    job = server.post({**preset["experiment"], "training": {**preset["experiment"]["training"], "epochs": 60}})
    server.finish(job["id"])
    page = open_page(words.locale, path=f"/#job={job['id']}")
    surface, moment = page.get_by_role("main").locator("figure canvas").first, page.get_by_role("slider").last
    expect(moment).to_be_visible()
    until(page, lambda: page.locator(".plot canvas").count() > 0)
    # All pictures of the last checkpoint are here.
    page.wait_for_load_state("networkidle")
    now = pixels(surface)
    moment.focus()
    page.keyboard.press("Home")
    until(page, lambda: pixels(surface) != now)
    page.keyboard.press("End")
    until(page, lambda: pixels(surface) == now)
