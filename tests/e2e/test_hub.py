"""Datasets of the hub on the page: looked at by name, fetched from a fake hub, trained on; and a server without a network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import OpenPage, opener
from tests.hub_examples import images, table
from tests.server.hub_endpoint import FakeDataset, FakeHub, serving
from tests.server.playground import Playground

SLOW = 60_000
TRAIN, TEST = "data/train-00000-of-00001.parquet", "data/test-00000-of-00001.parquet"
NAME, TABLE = "some/table", table()


@dataclass(frozen=True)
class Said:
    """What a person reads and presses, in one language."""

    locale: str
    tables: str
    card: str
    name: str
    look: str
    format: str
    rows: str
    licence: str
    fetch: str
    cancel: str
    target: str
    delete: str
    play: str
    result: str
    grade: str
    apart: str
    no_network: str


ENGLISH = Said(
    "en-US",
    "Tables",
    "Table of the hub",
    "Name on the hub",
    "Look",
    "Write it as owner/name",
    "120 rows",
    "Licence",
    "Fetch · 7.1 kB",
    "Cancel",
    "To be learnt",
    f"Delete {NAME} from this machine",
    "Play",
    "Result",
    "grade (3 classes · 1 missing)",
    "Without the hub only what is on this machine can be used.",
    "has a network",
)
CHINESE = Said(
    "zh-CN",
    "表格",
    "Hub 上的表格",
    "Hub 上的名字",
    "查看",
    "请写成“所有者/名字”",
    "120 行",
    "许可证",
    "下载 · 7.1 kB",
    "取消",
    "目标列",
    f"从这台机器上删掉 {NAME}",
    "开始训练",
    "结果",
    "grade (3 个类别 · 缺 1 个值)",
    "只能用这台机器上已有的数据集。",
    "连不上 Hugging Face Hub",
)
BOTH = pytest.mark.parametrize("said", [ENGLISH, CHINESE], ids=["en", "zh"])


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeHub]:
    with serving() as hub:
        hub.datasets = {NAME: FakeDataset({TRAIN: TABLE, TEST: table(60, 1)}), "some/images": FakeDataset({TRAIN: images()}, card={})}
        yield hub


@pytest.fixture(scope="module")
def server(fake: FakeHub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playground]:
    running = Playground(tmp_path_factory.mktemp("hub"), environment={"HF_ENDPOINT": fake.address})
    yield running
    running.close()


@pytest.fixture
def open_page(browser: Browser, server: Playground) -> Iterator[OpenPage]:
    yield from opener(browser, server)


def choose(page: Page, said: Said) -> None:
    """The table of the hub."""
    page.get_by_role("tab", name=said.tables, exact=True).click()
    page.get_by_role("button", name=said.card, exact=True).click()


def look(page: Page, said: Said, name: str) -> None:
    """Ask the hub what it has of that name."""
    page.get_by_role("textbox", name=said.name).fill(name)
    page.get_by_role("button", name=said.look, exact=True).click()


@BOTH
def test_a_table_is_looked_at_fetched_and_learnt(open_page: OpenPage, server: Playground, fake: FakeHub, said: Said) -> None:
    page = open_page(said.locale)
    fake.visits.clear()
    choose(page, said)
    box = page.get_by_role("textbox", name=said.name)
    box.fill("table")
    box.blur()
    expect(page.get_by_text(said.format)).to_be_visible()
    expect(page.get_by_role("button", name=said.look, exact=True)).to_be_disabled()
    assert fake.visits == []

    # Size and licence are told before anything is fetched.
    look(page, said, NAME)
    card = page.get_by_role("group", name=NAME)
    expect(card).to_contain_text(said.licence)
    expect(card).to_contain_text("mit")
    expect(card).to_contain_text(said.rows)
    expect(card).to_contain_text("7.1 kB")
    card.locator("summary").click()
    expect(card.locator("li.unusable").filter(has_text="parts")).to_be_visible()
    assert server.client.get("/hub/fetched").json() == {"fetched": []}

    # A download shows how far it is, and can be cancelled.
    fake.hold.clear()
    fetch = card.get_by_role("button", name=said.fetch)
    fetch.click()
    progress = page.get_by_role("progressbar", name=NAME)
    expect(progress).to_have_js_property("max", len(TABLE))
    expect(progress).to_have_js_property("value", len(TABLE) // 2)
    page.get_by_role("button", name=said.cancel, exact=True).click()
    expect(progress).to_be_hidden()
    fake.hold.set()
    fetch.click()

    # It is chosen, with columns as most people would choose them.
    target = page.get_by_label(said.target, exact=True)
    expect(target.locator("option:checked")).to_contain_text("sold", timeout=SLOW)
    width = page.get_by_role("checkbox", name="width")
    expect(width).to_be_checked()
    expect(page.get_by_role("checkbox", name="parts")).to_be_disabled()
    target.select_option(label=said.grade)
    expect(page.get_by_role("checkbox", name="grade")).not_to_be_checked()
    width.uncheck()
    page.get_by_role("button", name=re.compile(f"^{said.play}")).first.click()
    page.wait_for_url(re.compile("job="), timeout=SLOW)
    found = re.search("job=([0-9a-f]{12})", page.url)
    assert found is not None
    job = server.finish(found[1])
    assert job["state"] == "completed"
    dataset = job["experiment"]["dataset"]
    assert (dataset["repository"], dataset["splits"], dataset["target"]) == (NAME, ["train"], "grade")
    assert dataset["inputs"] == ["height", "colour", "price", "stars", "still"]
    accuracy = job["validation"]["accuracy"]
    assert accuracy > 0.6
    expect(page.get_by_role("region", name=said.result, exact=True)).to_contain_text(f"{accuracy * 100:.1f} %", timeout=SLOW)

    page.get_by_role("button", name=said.delete, exact=True).click()
    expect(page.get_by_role("button", name=said.delete, exact=True)).to_be_hidden()
    assert server.client.get("/hub/fetched").json() == {"fetched": []}


def test_images_become_images_and_an_unknown_licence_is_told(open_page: OpenPage, server: Playground) -> None:
    """What was found from the tables' shelf cannot be a table: it is used as what it is."""
    page = open_page("en-US")
    choose(page, ENGLISH)
    look(page, ENGLISH, "some/images")
    card = page.get_by_role("group", name="some/images")
    expect(card).to_contain_text("not stated")
    expect(card).to_contain_text("Can be used as: Images of the hub")
    card.get_by_role("button", name=re.compile("^Fetch")).click()
    expect(page.get_by_role("button", name="Images of the hub", exact=True)).to_have_attribute("aria-pressed", "true", timeout=SLOW)
    expect(page.get_by_label("To be learnt", exact=True).locator("option:checked")).to_contain_text("label")
    expect(page.get_by_role("region", name="Data", exact=True)).to_contain_text(re.compile(r"\d+ \+ \d+ validation"), timeout=SLOW)
    # What an experiment names and is not here is said, and is one press away.
    page.get_by_role("button", name="Delete some/images from this machine").click()
    expect(page.get_by_text("which this experiment uses, is not on this machine")).to_be_visible()
    expect(page.get_by_role("textbox", name="Name on the hub")).to_have_value("some/images")


@BOTH
def test_without_a_network_there_is_a_clear_sentence(browser: Browser, tmp_path: Path, said: Said) -> None:
    apart = Playground(tmp_path, environment={"HF_ENDPOINT": "http://127.0.0.1:9"})
    page = browser.new_context(locale=said.locale, viewport={"width": 1280, "height": 800}).new_page()
    try:
        page.goto(f"http://{apart.address}/")
        choose(page, said)
        look(page, said, NAME)
        alert = page.get_by_role("alert").filter(has_text=said.no_network)
        expect(alert).to_have_count(1, timeout=SLOW)
        expect(alert).to_contain_text(said.apart)
        # It can be tried again when there is one.
        expect(page.get_by_role("button", name=said.look, exact=True)).to_be_enabled()
        expect(page.get_by_role("progressbar")).to_have_count(0)
    finally:
        page.context.close()
        apart.close()
