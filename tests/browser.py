"""A real Chromium for the end-to-end tests: the system's own if there is one, else the one that Playwright installed."""

from __future__ import annotations

import shutil
import sys

from playwright.sync_api import Browser, Error, Playwright, sync_playwright


def launch(playwright: Playwright, *arguments: str) -> Browser:
    """Start Chromium without a window, with more arguments if there are any; raises playwright's Error when there is none that starts."""
    return playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(arguments))


def main() -> None:
    """Say which browser the tests will use, or leave with a sentence that says what is missing."""
    with sync_playwright() as playwright:
        try:
            browser = launch(playwright)
        except Error as error:
            sys.exit(f"The end-to-end tests need Chromium, and none starts here. Install the package chromium, then try again.\n{error}")
        print("Chromium", browser.version)
        browser.close()


if __name__ == "__main__":
    main()
