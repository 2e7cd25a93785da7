"""Texts on the page: train a network that reads, see what mattered, find neighbours on the map, type; and watch another write."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenPage
from tests.server.playground import Playground

SLOW = 60_000

ROWS = re.compile("^(Examples and what the network says|样本和网络的回答)$")


def wait_for_checkpoint(page: Page, server: Playground) -> None:
    """Until the job that is shown, which stands in the address, has a network that can be asked."""
    page.wait_for_url(re.compile("job="), timeout=SLOW)
    job = re.search("job=([0-9a-f]{12})", page.url)
    assert job is not None
    while not server.client.get(f"/jobs/{job[1]}/checkpoints").json()["checkpoints"]:
        page.wait_for_timeout(100)


@pytest.mark.parametrize(
    ("locale", "kind", "name", "play", "mattered", "map", "type", "label", "sentence", "answer"),
    [
        (
            "en-US",
            "Text",
            "Headlines",
            "Play",
            "What mattered",
            "Map",
            "Type",
            "Text for the network",
            "The band won the love song",
            "entertainment",
        ),
        ("zh-CN", "文字", "新闻标题", "开始训练", "看重什么", "词图", "打字", "给网络的文字", "门将期待决赛", "体育"),
    ],
)
def test_a_network_learns_to_read(
    open_page: OpenPage,
    server: Playground,
    locale: str,
    kind: str,
    name: str,
    play: str,
    mattered: str,
    map: str,
    type: str,
    label: str,
    sentence: str,
    answer: str,
) -> None:
    page = open_page(locale)
    page.get_by_role("tab", name=kind, exact=True).click()
    page.get_by_role("button", name=re.compile(name)).first.click()
    page.get_by_role("button", name=re.compile(f"^{play}")).first.click()
    rows = page.get_by_role("region", name=ROWS).locator("li")
    expect(rows.first).to_be_visible(timeout=SLOW)
    page.get_by_role("tab", name=mattered, exact=True).click()
    coloured = rows.first.locator("span[style*='background']").first
    expect(coloured).to_be_visible(timeout=SLOW)
    wait_for_checkpoint(page, server)
    page.get_by_role("tab", name=type, exact=True).click()
    page.get_by_role("textbox", name=label).fill(sentence)
    expect(page.locator("strong", has_text=answer)).to_be_visible(timeout=SLOW)
    page.get_by_role("tab", name=map, exact=True).click()
    words = page.locator("figure .plane button")
    expect(words.nth(50)).to_be_visible(timeout=SLOW)
    words.nth(7).dispatch_event("click")
    # The neighbours come with their cosines.
    expect(page.locator("figcaption small").first).to_have_text(re.compile(r"^-?[01]\.\d\d$"), timeout=SLOW)


def test_a_network_writes(open_page: OpenPage, server: Playground) -> None:
    page = open_page("en-US")
    page.get_by_role("tab", name="Text", exact=True).click()
    page.get_by_role("button", name=re.compile("Writing")).first.click()
    samples = page.get_by_role("region", name=ROWS).locator("li")
    expect(samples).to_have_count(4, timeout=SLOW)
    untrained = samples.first.inner_text()
    page.get_by_role("button", name=re.compile("^Play")).first.click()
    expect(samples.first).not_to_have_text(untrained, timeout=SLOW)
    expect(page.get_by_role("slider", name="Temperature")).to_be_visible()
    wait_for_checkpoint(page, server)
    page.get_by_role("tab", name="Type", exact=True).click()
    page.get_by_role("textbox", name="Text for the network").fill("部长")
    expect(page.get_by_role("list", name="Probability of each class").locator("li")).to_have_count(5, timeout=SLOW)
