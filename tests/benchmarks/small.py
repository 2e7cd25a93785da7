"""A small network against a scalar engine in JavaScript and against PyTorch as in a textbook: epochs a second."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack

from tests.benchmarks import tasks
from tests.benchmarks.contestant import Contestant, python
from tests.benchmarks.pairing import Budget, Row, interleave, per_second, ratios

OURS = "2-8-8-1 on the spiral, batch 10, 200 epochs with both losses each: "
JAVASCRIPT, TEXTBOOK = OURS + "to a scalar JavaScript engine", OURS + "to plain eager PyTorch"

WHY = (
    "a step is 17 operations of 1 to 2 µs, of which a tenth is arithmetic; "
    "JavaScript compiles its loops over a hundred links to machine code"
)


def rows(budget: Budget) -> Iterator[Row]:
    """Two rows."""
    commands: dict[str, tuple[str, ...]] = {
        "ours": (python(), "-m", "tests.benchmarks.ours", "trainings", json.dumps(tasks.spiral(epochs=200)), "1")
    }
    if node := shutil.which("node"):
        commands["javascript"] = (node, "tests/benchmarks/scalar_engine.mjs")
    else:
        yield Row(JAVASCRIPT, least=1, not_run="there is no Node here")
    commands["textbook"] = (python(peer=True), "-m", "tests.benchmarks.peers.plain_torch", "epochs", "spiral", ".", "1", "cpu", "0")
    with ExitStack() as stack:
        contestants = {name: stack.enter_context(Contestant(*command)) for name, command in commands.items()}
        seconds = budget.pick(1.5, 0.3)
        rates = interleave(
            {name: lambda contestant=contestant: contestant.run(seconds) for name, contestant in contestants.items()},  # type: ignore[misc]
            budget.count(9, 3),
        )
    ours = rates["ours"]
    note = f"epochs: {per_second(ours)} to "
    if "javascript" in rates:
        yield Row(JAVASCRIPT, ratios(ours, rates["javascript"]), least=1, note=note + per_second(rates["javascript"]), why=WHY)
    yield Row(TEXTBOOK, ratios(ours, rates["textbook"]), least=3, note=note + per_second(rates["textbook"]))
