"""The server's limits: what goes beyond one is refused at its place, with words that say what would fit, and at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from models.experiment import Experiment
from models.memory import needed
from server.checks import sound
from server.errors import Invalid
from server.settings import Settings
from tests.models.experiments import layers
from tests.server.playground import Playground, resident, spiral
from tests.server.test_refusals import refused

MIB = 2**20
FLATTEN = {"op": "flatten"}
SMALL = (
    *("--slots", "1", "--max-nodes", "5", "--max-epochs", "1000", "--max-parameters", "10000000"),
    *("--max-memory", "64", "--max-queued", "4", "--max-queued-each", "2"),
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playground]:
    """A server that takes little of anything."""
    server = Playground(tmp_path_factory.mktemp("small"), *SMALL)
    yield server
    server.close()


def images(*stack: dict[str, Any], **training: Any) -> dict[str, Any]:
    return {"dataset": {"op": "mnist"}, "network": layers(*stack), "training": {"epochs": 1, **training}}


def conv(filters: int, kernel: int = 3) -> dict[str, Any]:
    return {"op": "conv2d", "filters": filters, "kernel": kernel}


def dense(units: int) -> dict[str, Any]:
    return {"op": "dense", "units": units}


@pytest.mark.parametrize(
    ("experiment", "path", "words"),
    [
        (images(*[FLATTEN] * 5), ["network"], ["6 nodes", "takes 5"]),
        (spiral(epochs=1001), ["training", "epochs"], ["1,001 epochs", "1,000"]),
        (images(FLATTEN, dense(4096), dense(4096)), ["network", 2], ["20,037,642 parameters", "10,000,000", "largest layer"]),
        (images(FLATTEN, dense(4096)), ["network", 1], ["64 MiB", "what the optimizer remembers", "layer n1 smaller, it has 3,215,360"]),
        (images(conv(64), FLATTEN), ["network", 0], ["64 MiB", "what the layers give", "layer n0 smaller, it has 50,176 numbers"]),
        (images(conv(4), FLATTEN, batch_size=4096), ["training", "batch_size"], ["64 MiB", "choose a batch size of"]),
    ],
    ids=["nodes", "epochs", "parameters", "weights", "layers", "batch"],
)
def test_what_goes_beyond_a_limit_is_refused_at_its_place(
    small: Playground, experiment: dict[str, Any], path: list[str | int], words: list[str]
) -> None:
    for route, body in (
        ("/jobs", {"experiment": experiment}),
        ("/networks/draw", {"experiment": experiment, "views": [{"op": "weights"}]}),
    ):
        error = refused(small.client.post(route, json=body))
        assert error["code"] == "beyond_limits"
        place = error["details"][0]
        assert place["path"] == ["experiment", *path]
        assert all(word in place["message"] for word in words), place["message"]


def test_what_fits_just_so_trains(small: Playground) -> None:
    """The limit is on what a job adds, not on the pages that all workers share."""
    job = small.post({**images(FLATTEN), "dataset": {"op": "mnist", "noise": 0.5}})
    assert 32 * MIB < job["memory"] <= 64 * MIB
    done = small.finish(job["id"])
    assert done["state"] == "completed", done["reason"]


def test_the_proposed_batch_size_fits_and_twice_as_much_does_not(small: Playground) -> None:
    experiment = images(conv(4), FLATTEN, batch_size=4096)
    message = refused(small.client.post("/jobs", json={"experiment": experiment}))["message"]
    proposed = int(message.partition("batch size of ")[2].split()[0])
    document = Experiment.model_validate(experiment)
    assert needed(document, proposed).total <= 64 * MIB < needed(document, 2 * proposed).total
    experiment["training"]["batch_size"] = proposed
    small.post(experiment, paused=True)
    small.stop_all()


def test_an_owner_may_have_only_so_many_jobs_in_line(small: Playground) -> None:
    for _ in range(3):
        small.post(spiral(epochs=1000), steps_per_second=1)
    error = refused(small.client.post("/jobs", json={"experiment": spiral(epochs=1000)}), 503)
    assert error["code"] == "queue_full_for_you"
    assert "2 jobs of yours" in error["message"]
    small.stop_all()


@pytest.mark.parametrize(
    "experiment",
    [
        images(FLATTEN, dense(10**9)),
        images(*[{"op": "tanh"}] * 10_000),
        images(*[conv(1024, 11)] * 190, FLATTEN, batch_size=4096),
        images(*[conv(16, 5)] * 190, FLATTEN, batch_size=4096),
    ],
    ids=["wide", "deep", "heavy", "large inside"],
)
def test_an_absurd_network_is_refused_at_once_and_takes_no_memory(playground: Playground, experiment: dict[str, Any]) -> None:
    # torch reads in what it needs for shapes when it is asked the first time.
    playground.client.post("/networks/check", json=images(conv(1), FLATTEN))
    before = resident(playground.process.pid)
    refused(playground.client.post("/jobs", json={"experiment": experiment}))
    assert resident(playground.process.pid) - before < 64 * MIB


def test_an_absurd_network_is_refused_within_a_second() -> None:
    """Of computing, also on a busy machine; alone it is a third of that."""
    settings = Settings(max_memory=2048)
    for stack in ([conv(1024, 11)] * 190, [conv(16, 5)] * 190, [conv(4), {"op": "batch_norm"}, {"op": "mish"}] * 60):
        for seed in range(2):
            experiment = Experiment.model_validate(images(*stack, FLATTEN, batch_size=4096, seed=seed))
            began = time.process_time()
            with pytest.raises(Invalid):
                sound(experiment, settings)
            spent = time.process_time() - began
        # The first time torch reads in what it needs for shapes.
        assert spent < 1
