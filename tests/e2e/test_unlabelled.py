"""Learning without labels, seen in a real browser: an autoencoder whose map one moves in, and a generator against its judge."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from models.presets import PRESETS
from tests.e2e.conftest import OpenPage
from tests.e2e.test_playground import ENGLISH, button, pixels, until, until_steps
from tests.server.playground import Playground


def path_of(server: Playground, preset: str, **training: object) -> str:
    """The address of a job that has been trained as in a preset, or shorter."""
    experiment = next(known.experiment for known in PRESETS if known.id == preset).model_dump(mode="json")
    experiment["training"].update(training)
    job = server.client.post("/jobs", json={"experiment": experiment}).raise_for_status().json()
    return f"/#job={job['id']}"


def test_an_autoencoder_shows_what_it_gives_back_and_its_map_decodes(open_page: OpenPage, server: Playground) -> None:
    page = open_page(path=path_of(server, "variational", epochs=4))
    until_steps(page, 20)
    expect(page.get_by_role("tab", name="Given back")).to_be_visible()
    expect(page.get_by_role("img", name="20 images in rows").locator("canvas")).to_have_count(20)
    expect(page.get_by_role("tab", name="R²")).to_be_visible()

    page.get_by_role("tab", name="Codes").click()
    plane = page.get_by_role("application", name=re.compile("Map to move in"))
    plane.hover(position={"x": 40, "y": 40})
    decoded = page.get_by_role("img", name="Decoded here").locator("canvas")
    expect(decoded).to_be_visible()
    before = pixels(decoded)
    plane.hover(position={"x": 200, "y": 180})
    until(page, lambda: pixels(decoded) != before)
    clusters = page.get_by_role("button", name=re.compile("k-means"))
    expect(clusters).to_be_visible()
    clusters.click()
    expect(clusters).to_have_attribute("aria-pressed", "true")

    page.get_by_role("tab", name="Decoded").click()
    expect(page.get_by_role("img", name="144 images in rows").locator("canvas")).to_have_count(144)


def test_a_generator_learns_against_its_judge(open_page: OpenPage, server: Playground) -> None:
    page = open_page(path=path_of(server, "gan_ring", epochs=30))
    until_steps(page, 100)
    points = page.get_by_role("img", name=re.compile("Map of 600 places"))
    expect(points).to_be_visible()
    for tab in ("Judge", "Generator", "Coverage"):
        page.get_by_role("tab", name=tab).click()
    expect(page.get_by_role("definition").first).to_have_text(re.compile(r"Coverage.*judge\s.*generator"))
    page.get_by_role("tab", name="Plane").click()
    expect(page.get_by_role("main").locator("figure canvas").first).to_be_visible()


def test_the_method_is_chosen_in_the_form(open_page: OpenPage) -> None:
    page = open_page(ENGLISH.locale)
    page.get_by_role("combobox", name="Method").select_option(label="By giving back")
    expect(page.get_by_role("tab", name="Given back")).to_be_visible()
    button(page, ENGLISH.play).click()
    until_steps(page, 10)
    expect(page.get_by_role("img", name=re.compile("Map of"))).to_be_visible()
