"""Tables, colour images, a forecast and trees of expressions, trained and looked at in a real browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

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


@pytest.mark.parametrize(
    ("locale", "play", "tab", "layer", "cover"),
    [("en-US", "Play", "Augmented", "augment", "Cover"), ("zh-CN", "开始训练", "增强后的图像", "数据增强", "遮挡")],
    ids=["english", "chinese"],
)
def test_colour_images_are_shown_as_they_are_augmented(
    open_page: OpenPage, locale: str, play: str, tab: str, layer: str, cover: str
) -> None:
    page = open_page(locale, path="/#preset=patterns")
    page.get_by_role("tab", name=tab, exact=True).click()
    images = page.get_by_role("img", name=re.compile("^(40 images in rows|按行排列的 40 张图像)$")).locator("canvas")
    expect(images).to_have_count(40)
    until(page, lambda: coloured(images.first))
    # Below the images as they are stand versions of them, which follow the layer's settings at once.
    version = images.nth(8)
    before = pixels(version)
    assert before != pixels(images.first)
    page.get_by_role("list", name=re.compile("^(Layers|层)$")).get_by_role("button", name=re.compile(layer, re.IGNORECASE)).first.click()
    page.get_by_role("slider", name=cover).fill("24")
    until(page, lambda: pixels(version) != before)
    button(page, play).click()
    until_steps(page, 2)
    expect(images).to_have_count(40)
    assert coloured(images.first)


def coloured(canvas: Locator) -> bool:
    """Whether a canvas shows any colour but greys."""
    return bool(
        canvas.evaluate(
            "canvas => { const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });"
            " copy.drawImage(canvas, 0, 0); const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);"
            " for (let at = 0; at < data.length; at += 4) if (data[at] !== data[at + 1] || data[at] !== data[at + 2]) return true;"
            " return false; }"
        )
    )


@pytest.mark.parametrize(
    ("locale", "go", "simple"),
    [("en-US", "Go on", "Logistic regression"), ("zh-CN", "继续", "逻辑回归")],
    ids=["english", "chinese"],
)
def test_a_table_has_a_simple_method_beside_it(open_page: OpenPage, server: Playground, locale: str, go: str, simple: str) -> None:
    experiment = preset(server, "iris")
    # So long that it still trains when a slow machine looks: a job that has ended counts epochs, not steps.
    experiment["training"]["epochs"] = 10_000
    page = playing(open_page, server, experiment, locale)
    reached = server.client.post("/networks/baseline", json=experiment).json()["baseline"]["metrics"]["accuracy"]
    scores = page.get_by_role("region", name=re.compile("^(Result|结果)$")).locator("dl > div")
    beside = scores.filter(has_text=simple)
    expect(beside).to_contain_text(f"{100 * reached:.1f}")
    button(page, go).click()
    until_steps(page, 100)
    expect(scores.first.locator("dd")).to_contain_text("%")
    expect(beside).to_contain_text(f"{100 * reached:.1f}")
