"""The servers that suffer faults, and the table of what held."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.faults.rows import ROWS
from tests.server.playground import Playground, spiral

WORST = ("held", "needs a GPU", "broke")
Outcome = dict[tuple[int, str], tuple[str, str, float]]
OUTCOMES = pytest.StashKey[Outcome]()


def pytest_configure(config: pytest.Config) -> None:
    """The marks of this folder."""
    config.addinivalue_line("markers", "fault(row): really does what stands in that row of the table of faults")
    config.addinivalue_line("markers", "gpu: needs a GPU")
    config.stash[OUTCOMES] = {}


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs a GPU where there is none; the table says so."""
    if item.get_closest_marker("gpu"):
        import torch

        if not torch.cuda.is_available():
            pytest.skip("needs a GPU")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note what became of each test that stands for a row."""
    report = yield
    outcomes = item.config.stash[OUTCOMES]
    for mark in item.iter_markers("fault"):
        assert isinstance(item, pytest.Function)
        key = (mark.args[0], item.function.__name__)
        told = (item.function.__doc__ or item.function.__name__).partition("\n")[0]
        _, verdict, seconds = outcomes.get(key, (told, WORST[0], 0.0))
        now = {"passed": "held", "skipped": "needs a GPU", "failed": "broke"}[report.outcome]
        outcomes[key] = (told, max(verdict, now, key=WORST.index), seconds + report.duration)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table."""
    outcomes = config.stash[OUTCOMES]
    if not outcomes:
        return
    terminalreporter.section("faults")
    shown = 0
    for (row, _name), (told, verdict, seconds) in sorted(outcomes.items()):
        head = f"{row:>2}  {ROWS[row]}" if row != shown else ""
        shown = row
        terminalreporter.line(f"{head:<42}{verdict:<12}{seconds:6.1f} s  {told}", red=verdict == "broke")
    verdicts = [
        max((outcome[1] for key, outcome in outcomes.items() if key[0] == row), key=WORST.index) for row in {key[0] for key in outcomes}
    ]
    counts = ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in WORST)
    terminalreporter.line(f"{len(verdicts)} of {len(ROWS)} rows: {counts}")


@pytest.fixture(scope="session")
def _shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playground]:
    temporary = tmp_path_factory.mktemp("temporary")
    server = Playground(tmp_path_factory.mktemp("data"), "--slots", "3", environment={"TMPDIR": str(temporary)})
    server.temporary = temporary
    # What it loads behind its start is no harm that a test has done.
    server.finish(server.post(spiral(epochs=1))["id"])
    yield server
    server.close()


@pytest.fixture
def playground(_shared: Playground) -> Iterator[Playground]:
    """A server with three slots that nobody kills, with no job running before and after."""
    yield _shared
    _shared.stop_all()


@pytest.fixture(scope="session")
def _mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playground]:
    server = Playground(tmp_path_factory.mktemp("mortal"), "--slots", "3")
    yield server
    server.close()


@pytest.fixture
def mortal(_mortal: Playground) -> Iterator[Playground]:
    """A server with three slots that may be killed."""
    if _mortal.process.poll() is not None:
        _mortal.start()
    yield _mortal
    if _mortal.process.poll() is None:
        _mortal.stop_all()


@pytest.fixture(scope="session")
def _sickly(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playground]:
    path = os.pathsep.join(filter(None, (str(Path(__file__).parent / "sick"), os.environ.get("PYTHONPATH"))))
    server = Playground(tmp_path_factory.mktemp("sickly"), "--slots", "2", environment={"PYTHONPATH": path})
    yield server
    server.close()


@pytest.fixture
def sickly(_sickly: Playground) -> Iterator[Playground]:
    """A server with two slots, whose workers fall ill when a file in their job's folder says so: see sick/sitecustomize.py."""
    yield _sickly
    _sickly.stop_all()
