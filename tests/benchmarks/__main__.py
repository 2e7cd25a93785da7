"""Runs the benchmarks and prints one table: `make bench`, or `python -m tests.benchmarks [--quick] [--only NAME …]`."""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence

from tests.benchmarks import crowd, gpu, history, images, page, pictures, several, small, start, streaming, table
from tests.benchmarks.pairing import Budget, Row

TOPICS: dict[str, Callable[[Budget], Iterator[Row]]] = {
    "streaming": streaming.rows,
    "small": small.rows,
    "images": images.rows,
    "several": several.rows,
    "start": start.rows,
    "crowd": crowd.rows,
    "pictures": pictures.rows,
    "history": history.rows,
    "page": page.rows,
    "gpu": gpu.rows,
}
"""In the order of the table."""


def rows_of(name: str, budget: Budget, faults: list[str]) -> Iterator[Row]:
    """The rows of a topic. One that breaks says so in the table and holds up no other."""
    try:
        yield from TOPICS[name](budget)
    except Exception as fault:
        traceback.print_exc()
        faults.append(name)
        yield Row(name, not_run=f"{type(fault).__name__}: {fault}".splitlines()[0])


def main(arguments: Sequence[str]) -> int:
    """Print the table; a full one also goes into the README. The exit status tells of benchmarks that broke, not of targets missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a minute, to see that everything runs: the figures mean little")
    parser.add_argument("--only", nargs="+", choices=TOPICS, default=list(TOPICS), metavar="NAME", help=", ".join(TOPICS))
    chosen = parser.parse_args(arguments)
    load, begun = table.load(), time.monotonic()
    rows: list[Row] = []
    faults: list[str] = []
    described = table.machine(load)
    print(f"{described}\n\n{table.head()}", flush=True)
    for name in TOPICS:
        for row in rows_of(name, Budget(chosen.quick), faults) if name in chosen.only else ():
            rows.append(row)
            print(table.line(row), flush=True)
    print(f"\n{(time.monotonic() - begun) / 60:.1f} minutes")
    if not chosen.quick and chosen.only == list(TOPICS):
        table.into_readme(table.markdown(rows, described))
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
