"""The table of all benchmarks: on the screen, and as Markdown with the machine it was measured on."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import torch

from server.settings import cores
from tests.benchmarks.pairing import Row

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- made by `make bench` -->", "<!-- end of what `make bench` made -->"
WIDTH = 110


def number(value: float, unit: str) -> str:
    """A figure in as many digits as mean something."""
    digits = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    return f"{value:,.{digits}f}{'' if unit == '×' else ' '}{unit}"


def columns(row: Row) -> tuple[str, str, str, str, str]:
    """What, figure, spread, target, verdict."""
    low, high = row.spread if row.values else (0.0, 0.0)
    target = "" if row.least is None and row.most is None else "≥ " if row.least is not None else "≤ "
    bound = row.least if row.least is not None else row.most
    return (
        row.what,
        number(row.median, row.unit) if row.values else "",
        f"{number(low, '')}- {number(high, '')}".replace(" ", "").replace("-", " – ") if len(row.values) > 1 else "",
        f"{target}{number(bound, row.unit)}" if bound is not None else "",
        row.verdict,
    )


def line(row: Row) -> str:
    """A row on the screen, its note below."""
    what, figure, spread, target, verdict = columns(row)
    text = f"{what:<{WIDTH}} {figure:>11} {spread:>17} {target:>10}  {verdict}"
    return f"{text}\n    {row.note}" if row.note else text


def head() -> str:
    """The first line on the screen."""
    return f"{'what':<{WIDTH}} {'median':>11} {'middle 80 %':>17} {'target':>10}"


def machine(load: float) -> str:
    """Where it was measured, and how busy that was before."""
    model = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text()) if Path("/proc/cpuinfo").exists() else None
    accelerator = torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU"
    return (
        f"{cores()} cores ({model[1].strip() if model else platform.processor() or platform.machine()}), {accelerator}, "
        f"{platform.system()}, PyTorch {torch.__version__}, Python {platform.python_version()}, "
        f"{datetime.now(UTC):%Y-%m-%d}; load before the first row {load:.1f}"
    )


def load() -> float:
    """Processes that wanted to run in the last minute."""
    return os.getloadavg()[0]


def markdown(rows: Sequence[Row], described: str) -> str:
    """The table for a reader of the README."""
    lines = [f"Measured on {described}.", "", "| what | median | middle 80 % | target | |", "|---|---|---|---|---|"]
    for row in rows:
        what, figure, spread, target, verdict = columns(row)
        lines.append(f"| {what}{f'<br><sub>{row.note}</sub>' if row.note else ''} | {figure} | {spread} | {target} | {verdict} |")
    return "\n".join(lines)


def into_readme(table: str, readme: Path = README) -> None:
    """Put the table between its two marks, in place of the one that is there."""
    before, begin, rest = readme.read_text().partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{readme} has no place for the table: put the lines {BEGIN!r} and {END!r} into it")
    readme.write_text(f"{before}{begin}\n{table}\n{end}{after}")
