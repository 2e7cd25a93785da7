"""Takes the README's pictures on a server of its own: `make screenshots`. Pictures for a look at everything go where an argument says."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser import launch
from tests.e2e.test_playground import steps, until
from tests.server.playground import REPOSITORY, Playground

DOCS = REPOSITORY / "docs"


class Photographer:
    """Opens the page in one language and theme, and takes pictures of it."""

    def __init__(self, browser: Browser, server: Playground, folder: Path, *, chinese: bool = False, dark: bool = False) -> None:
        context = browser.new_context(
            locale="zh-CN" if chinese else "en-US",
            color_scheme="dark" if dark else "light",
            viewport={"width": 1280, "height": 800},
        )
        self.page: Page = context.new_page()
        self.address = f"http://{server.address}/"
        self.folder = folder
        self.play = re.compile("^开始训练" if chinese else "^Play")

    def open(self, preset: str) -> None:
        """Open a preset and wait until its network is drawn."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.address}#preset={preset}")
        expect(self.page.get_by_role("button", name=self.play).first).to_be_enabled()
        self.page.wait_for_load_state("networkidle")

    def train(self, until_step: int) -> None:
        """Press Play and wait for a step."""
        self.page.get_by_role("button", name=self.play).first.click()
        until(self.page, lambda: steps(self.page) >= until_step, seconds=600)

    def take(self, name: str) -> None:
        """Save what is seen now."""
        self.page.mouse.move(640, 70)
        self.page.wait_for_timeout(400)  # for pictures under way to be drawn
        self.page.screenshot(path=self.folder / f"{name}.png")


def main(folder: Path) -> None:
    """The three pictures of the README; elsewhere than in docs/, further ones in both languages and themes."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        server, browser = Playground(Path(data)), launch(playwright)
        try:
            readme(browser, server, folder)
            if folder != DOCS:
                everything(browser, server, folder)
        finally:
            browser.close()
            server.close()


def readme(browser: Browser, server: Playground, folder: Path) -> None:
    """At rest, while training on the spiral, and on Fashion-MNIST."""
    photographer = Photographer(browser, server, folder)
    photographer.open("spiral")
    photographer.take("rest")
    photographer.train(6000)
    photographer.take("training-spiral")
    server.stop_all()
    photographer.open("fashion")
    photographer.train(600)
    photographer.take("training-fashion")
    server.stop_all()


def everything(browser: Browser, server: Playground, folder: Path) -> None:
    """Every preset while it trains, in turn English and light, Chinese and dark."""
    presets = [preset["id"] for preset in server.client.get("/catalogue").json()["presets"]]
    for place, preset in enumerate(presets):
        if preset.startswith("fashion"):
            continue
        for chinese in (False, True):
            photographer = Photographer(browser, server, folder, chinese=chinese, dark=chinese != bool(place % 2))
            photographer.open(preset)
            photographer.train(10 if preset == "diverging" else 120)
            photographer.take(f"{preset}-{'zh' if chinese else 'en'}")
            server.stop_all()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS)
