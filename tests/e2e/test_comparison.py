"""The same network trained in two ways, set beside each other in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import OpenPage
from tests.e2e.test_data import playing, preset
from tests.e2e.test_playground import button, until_steps
from tests.server.playground import Playground


@pytest.mark.parametrize(
    ("locale", "go", "jobs", "comparison", "method", "ways"),
    [
        ("en-US", "Go on", "Jobs", "Comparison on the validation set", "Method", ("Layer by layer", "From answers")),
        ("zh-CN", "继续", "任务", "在验证集上比较", "学习方式", ("逐层训练", "有监督")),
    ],
    ids=["english", "chinese"],
)
def test_layer_by_layer_stands_beside_end_to_end(
    open_page: OpenPage, server: Playground, locale: str, go: str, jobs: str, comparison: str, method: str, ways: tuple[str, str]
) -> None:
    whole, layerwise = preset(server, "spiral"), preset(server, "layer_by_layer")
    assert whole["network"] == layerwise["network"]
    for experiment in (whole, layerwise):
        experiment["training"]["epochs"] = 15
    server.finish(server.post(whole)["id"])
    page = playing(open_page, server, layerwise, locale)
    button(page, go).click()
    until_steps(page, 300)
    expect(page.locator(".plot canvas").first).to_be_visible()
    button(page, jobs).click()
    drawer = page.get_by_role("complementary", name=jobs)
    for place in (0, 1):
        drawer.get_by_role("checkbox").nth(place).check()
    beside = drawer.get_by_role("region", name=comparison)
    expect(beside.locator(".plot canvas").first).to_be_visible()
    row = beside.get_by_role("row").filter(has=page.get_by_role("rowheader", name=re.compile(f"^{method}$")))
    expect(row.get_by_role("cell")).to_have_text(ways)
