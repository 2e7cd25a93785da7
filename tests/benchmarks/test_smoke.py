"""The benchmarks run: the cheap ones for a moment, without looking at their figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks import table
from tests.benchmarks.__main__ import main
from tests.benchmarks.pairing import Row, interleave, ratios


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_cheap_benchmarks_run(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["--quick", "--only", "streaming", "small", "start", "crowd", "pictures", "history", "page"])
    said = capsys.readouterr()
    assert status == 0, said.out + said.err


def test_contestants_take_turns_and_each_begins_once() -> None:
    order: list[str] = []

    def turn(name: str, rate: float) -> float:
        order.append(name)
        return rate

    rates = interleave({"one": lambda: turn("one", 6), "two": lambda: turn("two", 3)}, 2)
    assert order == ["one", "two", "two", "one"]
    assert ratios(rates["one"], rates["two"]) == [2, 2]


def test_a_row_says_by_how_much_it_misses() -> None:
    assert Row("fast", [1.0, 2.0, 3.0], least=2).verdict == "met"
    assert Row("fast", [0.5, 1.0, 3.0], least=2).verdict == "missed by 50 %"
    assert Row("slow", [1.0], least=2, why="of this").verdict == "missed by 50 %: of this"
    assert Row("fast", [2.0], least=2, why="of this").verdict == "met"
    assert Row("soon", [30.0, 60.0, 90.0], "ms", most=50).verdict == "missed by 20 %"
    assert Row("far", not_run="there is none").verdict == "not run: there is none"


def test_the_table_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"above\n{table.BEGIN}\nold\n{table.END}\nbelow\n")
    table.into_readme(table.markdown([Row("fast", [1.0, 2.0, 3.0], least=2, note="a note")], "a machine"), readme)
    written = readme.read_text()
    assert "| fast<br><sub>a note</sub> | 2.00× | 1.00 – 3.00 | ≥ 2.00× | met |" in written
    assert "old" not in written
    assert written.startswith("above\n")
    assert written.endswith("below\n")
