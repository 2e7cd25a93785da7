"""The exported script, run on its own, prints the job's losses digit for digit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from models.events import Evaluated, Retuned
from models.export import Unexportable, pytorch_script
from models.train import Options, train
from tests.models.experiments import ALL, TINY

pytestmark = pytest.mark.slow


def printed(script: str, folder: Path) -> list[str]:
    """Lines that the script prints, run where none of this project's files can be imported."""
    path = folder / "script.py"
    path.write_text(script)
    done = subprocess.run([sys.executable, "-I", path.name], cwd=folder, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def expected(events: list[object]) -> list[str]:
    """The lines that the evaluations of a run ask for."""
    return [
        f"step {event.step} training {event.training.loss!r} validation {event.validation.loss!r}"
        for event in events
        if isinstance(event, Evaluated)
    ]


WRITTEN = {name: chosen for name, chosen in ALL.items() if chosen.training.method.written()}
"""Those whose way of learning a script can follow."""


def test_what_no_script_follows_is_refused_in_words() -> None:
    assert set(ALL) - set(WRITTEN) == {"adversarial", "layerwise", "reinforce", "actor_critic", "dqn"}
    for name in set(ALL) - set(WRITTEN):
        with pytest.raises(Unexportable, match="take the weights"):
            pytorch_script(ALL[name])


@pytest.mark.parametrize("name", WRITTEN)
def test_the_script_prints_the_job(name: str, tmp_path: Path) -> None:
    import torch

    torch.set_num_threads(1)
    said: list[object] = list(train(ALL[name], lambda _seconds: None))
    assert printed(pytorch_script(ALL[name]), tmp_path) == expected(said)


def test_the_script_knows_a_changed_learning_rate(tmp_path: Path) -> None:
    from models.commands import Command, Resume, Retune, Step

    script: list[Command] = [Step(count=2), Retune(lr=0.5), Resume()]
    said: list[object] = list(train(TINY, lambda seconds: script.pop(0) if seconds is None else None, Options(paused=True)))
    retunes = {event.step: event.lr for event in said if isinstance(event, Retuned)}
    assert retunes == {2: 0.5}
    assert printed(pytorch_script(TINY, retunes=retunes), tmp_path) == expected(said)


def test_the_script_names_nothing_of_this_project() -> None:
    for chosen in WRITTEN.values():
        script = pytorch_script(chosen)
        assert "import models" not in script
        assert "from models" not in script
