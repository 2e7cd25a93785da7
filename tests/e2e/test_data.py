"""A table with gaps, a forecast and trees of expressions, trained and looked at in a real browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from models.datasets.penguins import Penguins
from models.datasets.series import Sunspots
from tests.e2e.conftest import OpenPage
from tests.e2e.test_playground import button, pixels, until, until_steps
from tests.server.playground import Playground


def preset(server: Playground, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in server.client.get("/catalogue").json()["presets"] if one["id"] == name)["experiment"]
    return found


def playing(open_page: OpenPage, server: Playground, experiment: dict[str, Any], locale: str) -> Page:
    """The page on a job that waits for its first step, then begins."""
    job = server.client.post("/jobs", json={"experiment": experiment, "paused": True}).raise_for_status().json()
    return open_page(locale, path=f"/#job={job['id']}")


@pytest.mark.skipif(not Sunspots().available(), reason="statsmodels is not installed")
@pytest.mark.parametrize(
    ("locale", "go", "names"),
    [
        ("en-US", "Go on", ("known", "truth", "as one season ago", "network")),
        ("zh-CN", "继续", ("已知", "真实值", "与上一周期相同", "网络")),
    ],
    ids=["english", "chinese"],
)
def test_a_forecast_moves_while_it_learns(open_page: OpenPage, server: Playground, locale: str, go: str, names: tuple[str, ...]) -> None:
    page = playing(open_page, server, preset(server, "sunspots"), locale)
    lines = page.get_by_role("img", name=re.compile(", ".join(names)))
    expect(lines).to_be_visible()
    drawing = lines.locator("canvas")
    before = pixels(drawing)
    button(page, go).click()
    until_steps(page, 20)
    until(page, lambda: pixels(drawing) != before)
    for name in names:
        expect(page.locator("figcaption").get_by_text(name, exact=False).first).to_be_visible()


@pytest.mark.parametrize(
    ("locale", "go", "said"),
    [("en-US", "Go on", r"the network says \d \(\d+ %\)"), ("zh-CN", "继续", r"网络认为是 \d（\d+ %）")],
    ids=["english", "chinese"],
)
def test_every_part_of_a_tree_is_judged(open_page: OpenPage, server: Playground, locale: str, go: str, said: str) -> None:
    experiment = preset(server, "list_operations")
    experiment["dataset"]["samples"] = 400
    page = playing(open_page, server, experiment, locale)
    beliefs = page.locator("svg title").filter(has_text=re.compile(said))
    until(page, lambda: beliefs.count() > 3)
    before = beliefs.all_text_contents()
    button(page, go).click()
    until_steps(page, 5)
    until(page, lambda: beliefs.all_text_contents() != before)


@pytest.mark.skipif(not Penguins().available(), reason="palmerpenguins is not installed")
def test_a_table_shows_its_words_and_gaps(open_page: OpenPage, server: Playground) -> None:
    job = server.post(preset(server, "penguins"))
    assert server.finish(job["id"])["validation"]["accuracy"] > 0.95
    page = open_page("en-US", path=f"/#job={job['id']}")
    # The network's inputs have the names of what it gets.
    expect(page.get_by_text("island: Biscoe").locator("visible=true").first).to_be_visible()
    table = page.get_by_role("main").get_by_role("table").filter(has_text="Answer")
    expect(table.get_by_role("columnheader", name="island")).to_be_visible()
    expect(table.get_by_role("cell", name=re.compile("Biscoe|Dream|Torgersen")).first).to_be_visible()
    page.get_by_text("What the network gets", exact=False).first.click()
    for step in ("Rows", "Gaps filled", "Words as columns", "Standardised"):
        expect(page.get_by_text(step, exact=True).first).to_be_visible()
