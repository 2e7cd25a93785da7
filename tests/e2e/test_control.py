"""Learning by reward, seen in a real browser: the pole on its cart moves, the returns rise, and the policy can be looked at."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenPage
from tests.e2e.test_playground import button, pixels, steps, until


def returned(page: Page) -> float:
    """The return at its best, as the scores say."""
    found = re.search(r"100 episodes\s*(?:Return\s*)?(-?[\d.]+)", page.get_by_role("region", name="Result").inner_text())
    return float(found[1]) if found else 0.0


def test_a_pole_learns_to_stand(open_page: OpenPage) -> None:
    page = open_page(path="/#preset=cart_pole")
    world = page.get_by_role("img", name=re.compile("A pole on a cart"))
    expect(world).to_be_visible()
    before = pixels(world.locator("canvas"))
    until(page, lambda: pixels(world.locator("canvas")) != before)
    button(page, "Play").click()
    until(page, lambda: steps(page) >= 5, seconds=60)
    until(page, lambda: returned(page) > 30, seconds=60)
    expect(page.locator(".plot canvas").first).to_be_visible()

    # At rest, a moment can be gone to.
    button(page, "Stop the episode").click()
    moment = page.get_by_role("slider", name="Moment of the episode")
    moment.fill("3")
    expect(world).to_have_accessible_name(re.compile("step 3 of .*return 3"))
    page.get_by_role("tab", name="Policy").click()
    expect(page.get_by_role("img", name=re.compile("Policy"))).to_be_visible()


def test_a_walk_over_a_grid_is_seen_on_its_way(open_page: OpenPage) -> None:
    page = open_page(path="/#preset=grid_world")
    world = page.get_by_role("img", name=re.compile("A walk over a grid"))
    expect(world).to_be_visible()
    seen: set[str] = set()

    def on_its_way() -> bool:
        # Its beginning and its end alone would be two pictures, however often it is played.
        seen.add(pixels(world.locator("canvas")))
        return len(seen) > 5

    until(page, on_its_way)


def test_a_walk_over_a_grid_respects_reduced_motion(open_page: OpenPage) -> None:
    page = open_page("zh-CN", path="/#preset=grid_world", reduced_motion="reduce")
    world = page.get_by_role("img", name=re.compile("在格子里行走"))
    expect(world).to_be_visible()
    expect(button(page, "播放这一局")).to_be_visible()
    button(page, "开始训练").click()
    until(page, lambda: steps(page) >= 60, seconds=60)
    # The newest episode stands at its end, without moving there.
    expect(world).to_have_accessible_name(re.compile("走到终点|掉进陷阱|时间到了"))


def test_a_world_that_is_chosen_can_be_played(open_page: OpenPage) -> None:
    """From points and answers to a world and rewards, with nothing to be mended."""
    page = open_page()
    page.get_by_role("tab", name="Control").click()
    page.get_by_role("button", name=re.compile("Pole on a cart")).last.click()
    expect(page.get_by_role("img", name=re.compile("A pole on a cart"))).to_be_visible()
    button(page, "Play").click()
    until(page, lambda: steps(page) >= 1, seconds=60)
