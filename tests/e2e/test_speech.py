"""Speech in a real browser: a word said into a fake microphone, a sound file, and the sentences for what cannot be heard."""

from __future__ import annotations

import re
import subprocess
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, Playwright, expect

from models.datasets.speech import Commands
from tests.browser import launch
from tests.e2e.conftest import OpenPage, opener
from tests.e2e.test_playground import pixels, until
from tests.server.playground import Playground
from tests.sounds import wav

pytestmark = pytest.mark.skipif(not Commands().available(), reason="espeak-ng is not installed")
"""`make test` installs espeak-ng on Debian and Ubuntu."""

EXPERIMENT = {
    "dataset": {"op": "commands", "voices": 24, "times": 1, "words": 3},
    "network": [
        {"id": "sounds", "layer": {"op": "conv1d", "filters": 16, "kernel": 5}},
        {"id": "relu", "layer": {"op": "relu"}},
        {"id": "order", "layer": {"op": "gru", "units": 16}},
        {"id": "out", "layer": {"op": "output"}},
    ],
    "training": {"optimizer": {"op": "adam", "lr": 0.01}, "batch_size": 8, "epochs": 20},
}
"""Three words in few voices: enough to tell 你好 from the other two."""


def spoken(folder: Path) -> Path:
    """你好 as a person would say it into a microphone: with silence before and behind."""
    path = folder / "hello.wav"
    subprocess.run(["espeak-ng", "-v", "cmn-latn-pinyin+m3", "-s", "165", "-w", str(path), "ni3 hao3"], check=True, timeout=30)
    with wave.open(str(path)) as file:
        rate, samples = file.getframerate(), np.frombuffer(file.readframes(file.getnframes()), "<i2") / 2**15
    silence = np.zeros(rate // 2)
    path.write_bytes(wav(np.concatenate([silence, samples, silence]), rate))
    return path


@pytest.fixture(scope="module")
def word(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return spoken(tmp_path_factory.mktemp("sound"))


@pytest.fixture(scope="module")
def job(server: Playground) -> str:
    """A job that has learnt three words."""
    posted: dict[str, Any] = server.post(EXPERIMENT)
    assert server.finish(posted["id"])["validation"]["accuracy"] > 0.8
    return str(posted["id"])


@pytest.fixture
def listening_page(playwright: Playwright, server: Playground, word: Path) -> Iterator[OpenPage]:
    """A browser whose microphone plays the word over and over, and which asks nobody whether it may listen."""
    browser = launch(
        playwright,
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={word}",
        "--autoplay-policy=no-user-gesture-required",
    )
    try:
        yield from opener(browser, server)
    finally:
        browser.close()


def answered(page: Page) -> None:
    """The answer, its probabilities, and what was heard are there."""
    expect(page.locator(".answer strong")).to_contain_text("你好", timeout=30_000)
    assert page.locator(".bars li").count() == 3
    heard = page.get_by_role("group", name=re.compile("What the network heard|网络听到的"))
    expect(heard.locator("canvas")).to_have_count(2)
    for canvas in heard.locator("canvas").all():
        # A sheet of one colour takes a few hundred letters.
        until(page, lambda canvas=canvas: len(pixels(canvas)) > 2000)  # type: ignore[misc]


@pytest.mark.parametrize(("locale", "tab", "say"), [("en-US", "Say", "Say a word"), ("zh-CN", "说话", "说一个词")])
def test_a_word_said_into_the_microphone_is_understood(listening_page: OpenPage, job: str, locale: str, tab: str, say: str) -> None:
    page = listening_page(locale, path=f"/#job={job}")
    page.get_by_role("tab", name=tab, exact=True).click()
    page.get_by_role("button", name=say, exact=True).click()
    meter = page.get_by_role("meter")
    loudest = 0
    for _ in range(60):
        loudest = max(loudest, int(meter.get_attribute("aria-valuenow") or 0))
        page.wait_for_timeout(30)
    assert loudest > 50
    answered(page)
    # And once more.
    page.get_by_role("button", name=re.compile("^(Say it again|再说一遍)$")).click()
    expect(page.get_by_role("button", name=re.compile("^(Say it again|再说一遍)$"))).to_be_enabled(timeout=15_000)
    answered(page)


def test_without_a_microphone_a_sound_file_will_do(open_page: OpenPage, job: str, word: Path) -> None:
    page = open_page(path=f"/#job={job}")
    page.get_by_role("tab", name="Say", exact=True).click()
    page.get_by_role("button", name="Say a word", exact=True).click()
    expect(page.locator(".fault")).to_contain_text(re.compile("no microphone|may not use"))
    file = page.locator("input[type=file]")
    file.set_input_files({"name": "silence.wav", "mimeType": "audio/wav", "buffer": wav(np.zeros(8000), 8000)})
    expect(page.locator(".fault")).to_contain_text("Nothing was to be heard")
    file.set_input_files({"name": "click.wav", "mimeType": "audio/wav", "buffer": wav(np.full(400, 0.5), 8000)})
    expect(page.locator(".fault")).to_contain_text("too short")
    file.set_input_files({"name": "text.wav", "mimeType": "audio/wav", "buffer": b"no sound at all"})
    expect(page.locator(".fault")).to_contain_text("holds no sound")
    file.set_input_files(str(word))
    answered(page)
    expect(page.locator(".fault")).to_have_count(0)


def test_a_digit_seen_and_heard_has_two_inputs_in_the_diagram(open_page: OpenPage, server: Playground) -> None:
    preset = next(preset for preset in server.client.get("/catalogue").json()["presets"] if preset["id"] == "seen_and_heard")
    experiment = preset["experiment"]
    posted = server.post(
        {**experiment, "dataset": {**experiment["dataset"], "pairs": 1000}, "training": {**experiment["training"], "epochs": 3}}
    )
    server.finish(posted["id"])
    page = open_page(path=f"/#job={posted['id']}")
    columns = page.get_by_role("list", name="Layers").get_by_role("listitem")
    expect(columns.filter(has_text="Seen")).to_have_count(1)
    expect(columns.filter(has_text="Heard")).to_have_count(1)
    page.get_by_role("tab", name="Each input away", exact=True).click()
    bars = page.get_by_role("main").locator(".bars li")
    expect(bars).to_have_count(3)
    expect(bars.first).to_contain_text("all inputs")
