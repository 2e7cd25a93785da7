"""A real server and a real Chromium for the end-to-end tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.browser import launch
from tests.server.playground import Playground

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playground]:
    running = Playground(tmp_path_factory.mktemp("e2e"))
    yield running
    running.close()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    opened = launch(playwright)
    yield opened
    opened.close()


@pytest.fixture
def open_page(browser: Browser, server: Playground) -> Iterator[OpenPage]:
    yield from opener(browser, server)


def opener(browser: Browser, server: Playground) -> Iterator[OpenPage]:
    """Opens the playground in a fresh profile; a fault in the page's console, or a request that leaves this server, fails the test."""
    faults: list[str] = []
    pages: list[Page] = []

    def opened(locale: str = "en-US", *, path: str = "/", **context: object) -> Page:
        page = browser.new_context(locale=locale, viewport={"width": 1280, "height": 800}, **context).new_page()  # type: ignore[arg-type]
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
        page.on(
            "request", lambda request: faults.append(request.url) if server.address not in request.url and "//" in request.url else None
        )
        page.goto(f"http://{server.address}{path}")
        pages.append(page)
        return page

    yield opened
    for page in pages:
        page.context.close()
    server.stop_all()
    assert faults == []
