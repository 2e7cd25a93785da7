"""Agreements between files that no compiler sees: who imports whom in the page, and which versions are pinned."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "frontend" / "src"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
IMPORT = re.compile(r"""^\s*(?:import|export)\s(?P<clause>[^;"']*?)["'](?P<target>\.[^"']+)["']""", re.MULTILINE)

VOCABULARY = "api/types.ts"
"""The types of what goes over the wire: anybody may speak of them."""

FORBIDDEN = {
    "api": {"state", "editor", "forms", "pages", "pictures", "ui"},
    "state": {"editor", "forms", "pages", "pictures", "ui"},
    "forms": {"api", "state", "editor", "pages"},
    "pictures": {"api", "state", "editor", "forms", "pages"},
    "ui": {"api", "state", "editor", "forms", "pages", "pictures"},
}
"""For each folder of the page, those it may not import."""


def sources() -> list[Path]:
    """Every source file of the page that ships."""
    return sorted(path for path in PAGE.rglob("*") if path.suffix in {".ts", ".svelte"} and not path.name.endswith(".test.ts"))


def imports(path: Path) -> Iterator[tuple[Path, bool]]:
    """The files that a source file imports, and whether only for their types, which are gone once it is built."""
    for found in IMPORT.finditer(path.read_text()):
        yield (path.parent / found["target"]).resolve(), found["clause"].startswith("type ")


@pytest.mark.parametrize("folder", FORBIDDEN)
def test_page_imports_point_down(folder: str) -> None:
    wrong = [
        f"{path.relative_to(PAGE)} imports {target.relative_to(PAGE)}"
        for path in sources()
        if path.is_relative_to(PAGE / folder)
        for target, _ in imports(path)
        if target.relative_to(PAGE).parts[0] in FORBIDDEN[folder] and target != PAGE / VOCABULARY
    ]
    assert not wrong


def test_page_imports_without_circles() -> None:
    graph = {path: [target for target, types_only in imports(path) if not types_only and target != path] for path in sources()}
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def test_page_imports_are_found() -> None:
    targets = {target for path in sources() for target, _ in imports(path)}
    assert targets
    assert not [target for target in targets if not target.exists()]


def test_every_dependency_is_pinned() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [Requirement(line) for line in lines if not line.startswith("#")]
    versions = {canonicalize_name(pin.name): next(iter(pin.specifier)).version for pin in pins}
    assert all(str(pin.specifier).startswith("==") for pin in pins)

    extras = PROJECT["project"]["optional-dependencies"].values()
    wanted = [*PROJECT["build-system"]["requires"], *PROJECT["project"]["dependencies"], *(line for extra in extras for line in extra)]
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(versions[canonicalize_name(requirement.name)]), requirement


def test_page_and_service_are_of_one_version() -> None:
    assert json.loads((ROOT / "frontend" / "package.json").read_text())["version"] == PROJECT["project"]["version"]


def test_every_refusal_has_chinese_words() -> None:
    """The server refuses in English, with a code; the page has a sentence for each code, or for its status what kind of refusal it is."""
    table = (PAGE / "words" / "refusals.ts").read_text()
    sentences = set(re.findall(r"^  ([a-z_]+): \"", table, re.MULTILINE))
    kinds = set(re.findall(r"^  (\d{3}): \"", table, re.MULTILINE))
    # What a job ended with comes in both languages from the server itself.
    modules = [path for path in (ROOT / "server").rglob("*.py") if path.name not in {"states.py", "worker.py"}]
    text = "\n".join(path.read_text() for path in modules)
    general = re.findall(r"^    status, code = (\d+), \"([a-z_]+)\"", text, re.MULTILINE)
    assert general
    assert not [code for status, code in general if status not in kinds and code not in sentences]
    special = set(re.findall(r"\bcode ?= ?\"([a-z_]+[a-z])\"", text))
    assert not special - sentences - {code for _, code in general}
    hearing = "\n".join((ROOT / "models" / part).read_text() for part in ("question.py", "datasets/sound.py"))
    assert set(re.findall(r"\bsound_[a-z]+\b", hearing)) == {code for code in sentences if code.startswith("sound_")}
