"""The loss curve over REST."""

from __future__ import annotations

from tests.server.playground import Playground, spiral


def test_metrics_are_thinned_honestly(playground: Playground) -> None:
    job = playground.post(spiral(epochs=10))["id"]
    done = playground.finish(job)
    progress = [event for event in playground.events(job) if event["type"] == "progress"]
    steps = [step for event in progress for step in event["step"]]
    losses = [loss for event in progress for loss in event["loss"]]
    whole = playground.client.get(f"/jobs/{job}/metrics", params={"points": 100_000}).json()
    assert whole["step"] == steps
    assert whole["loss"] == losses
    assert (whole["shown"], whole["of"]) == (len(steps), done["steps"])
    thin = playground.client.get(f"/jobs/{job}/metrics", params={"points": 20}).json()
    assert thin["shown"] == len(thin["step"]) <= 20
    assert thin["of"] == len(steps)
    assert thin["step"][0] == 1
    assert thin["step"][-1] == steps[-1]
    assert max(losses) == max(thin["high"])
    assert min(losses) == min(thin["low"])
    assert [evaluation["step"] for evaluation in whole["evaluations"]] == [
        event["step"] for event in playground.events(job) if event["type"] == "evaluated"
    ]
    assert thin["evaluations_of"] == len(whole["evaluations"]) >= len(thin["evaluations"])
