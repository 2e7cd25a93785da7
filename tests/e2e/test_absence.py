"""The server or a worker is killed while somebody watches: the page says what it knows, and the curves go on to their end."""

from __future__ import annotations

import os
import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import OpenPage
from tests.e2e.test_playground import CHINESE, ENGLISH, button, until_steps
from tests.server.playground import Playground, spiral

PATIENCE = 60_000
"""Milliseconds in which a job of a few seconds must have ended."""
EPOCHS, STEPS = 60, 1500


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Playground]:
    """A server that may be killed and that comes back at the same address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = Playground(tmp_path, "--port", str(port))
    yield running
    running.close()


def watched(server: Playground, page: Page) -> str:
    """A job of some seconds that the page shows while it trains."""
    job_id: str = server.post(spiral(epochs=EPOCHS), steps_per_second=200)["id"]
    page.goto(f"http://{server.address}/#job={job_id}")
    until_steps(page, 200)
    page.evaluate("window.untouched = true")
    return job_id


def assert_whole(server: Playground, page: Page, job_id: str, table: str) -> None:
    """The page was never loaded again, and its curve has every evaluation of the log, once."""
    assert page.evaluate("window.untouched")
    page.get_by_role("button", name=table, exact=True).click()
    shown = [int(cell) for cell in page.locator("table tbody td:nth-child(2)").all_inner_texts()]
    events = server.events(job_id)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert shown == [event["step"] for event in events if event["type"] == "evaluated"]
    assert shown[-1] == STEPS


def test_the_server_is_killed_and_the_curves_go_on(browser: Browser, mortal: Playground) -> None:
    page = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 800}).new_page()
    job_id = watched(mortal, page)
    mortal.end(signal.SIGKILL)
    away = page.get_by_role("alert").filter(has_text="The server has been away since")
    expect(away).to_contain_text(re.compile(r"since \d\d:\d\d:\d\d\. Training goes on by itself when it is back"))
    expect(page.get_by_role("banner")).to_contain_text(re.compile(r"Training, as of \d\d:\d\d:\d\d"))
    expect(button(page, ENGLISH.pause)).to_be_disabled()
    mortal.start()
    expect(away).to_be_hidden(timeout=PATIENCE)
    expect(page.get_by_role("region", name="Findings")).to_contain_text("Completed.", timeout=PATIENCE)
    assert mortal.job(job_id)["resumes"] == 1
    assert_whole(mortal, page, job_id, "Show as table")
    page.context.close()


def test_a_worker_is_killed_and_told_to_go_on(open_page: OpenPage, server: Playground) -> None:
    page = open_page(CHINESE.locale)
    job_id = watched(server, page)
    os.kill(server.worker(job_id), signal.SIGKILL)
    findings = page.get_by_role("region", name="发现")
    expect(findings).to_contain_text(re.compile("已中断。.*被信号 9 杀死"), timeout=PATIENCE)
    expect(page.get_by_role("banner")).to_contain_text("已中断")
    findings.get_by_role("button", name=CHINESE.resume, exact=True).click()
    expect(findings).to_contain_text("已完成。", timeout=PATIENCE)
    assert_whole(server, page, job_id, "看表格")
