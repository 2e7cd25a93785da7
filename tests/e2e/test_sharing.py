"""Two people on one server: signing in, a job that is private, shared, watched, and made one's own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.test_playground import CHINESE, ENGLISH, button, until_steps
from tests.server.playground import Playground

TOKEN = "correct-horse-battery"


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Playground]:
    """A server that asks for a token."""
    running = Playground(tmp_path, token=TOKEN)
    yield running
    running.close()


def visitor(browser: Browser, server: Playground, locale: str, link: str = "/") -> Page:
    """Somebody with a browser of their own, who follows a link and is asked for the token first."""
    page = browser.new_context(locale=locale, viewport={"width": 1280, "height": 800}).new_page()
    page.goto(f"http://{server.address}{link}")
    page.get_by_label("Token").fill(TOKEN)
    page.get_by_role("button", name="Sign in").click()
    return page


def test_a_job_is_shared_watched_and_made_ones_own(browser: Browser, guarded: Playground) -> None:
    owner = visitor(browser, guarded, ENGLISH.locale)
    button(owner, ENGLISH.play).click()
    until_steps(owner, 100)
    owner.get_by_role("button", name="Share", exact=True).click()
    switch = owner.get_by_role("switch", name="Others may watch this job")
    switch.check()
    link = owner.get_by_role("textbox", name="Link to this job").input_value().removeprefix(f"http://{guarded.address}")

    # The link leads through the sign-in page to the job, which can be watched and not changed.
    guest = visitor(browser, guarded, CHINESE.locale, link)
    until_steps(guest, 100)
    expect(guest.get_by_role("note")).to_contain_text("这是别人的任务")
    expect(
        guest.get_by_role("button", name=re.compile("暂停|撤销|" + CHINESE.add_after_data)).and_(guest.locator(":enabled"))
    ).to_have_count(0)
    guest.keyboard.press("Space")
    until_steps(guest, 300)
    guest.get_by_role("button", name="自己也试一个").click()
    expect(guest.get_by_role("note")).to_have_count(0)
    button(guest, CHINESE.play).click()
    until_steps(guest, 50)
    expect(button(owner, ENGLISH.pause)).to_be_enabled()

    # Once it is private again, its link says that there is nothing, and the page is there all the same.
    switch.uncheck()
    stranger = visitor(browser, guarded, ENGLISH.locale, link)
    expect(stranger.get_by_role("status").filter(has_text="The job in this link is not here")).to_be_visible()
    expect(button(stranger, ENGLISH.play)).to_be_enabled()
    for page in (owner, guest, stranger):
        page.context.close()
