"""Trains presets over REST on a server of its own and prints what each reached: `make presets`, or with names of presets."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

from tests.server.playground import Playground

MUST_REACH = {
    "spiral": 0.95,
    "layer_by_layer": 0.93,
    "digits": 0.97,
    "rows": 0.94,
    "vision_transformer": 0.93,
    "fashion": 0.90,
    "diabetes": 0.40,
    "commands": 0.95,
    "spoken_digits": 0.97,
    "seen_and_heard": 0.90,
    "list_operations": 0.90,
    "lenet": 0.89,
    "residual": 0.92,
    "denoising": 0.80,
    "variational": 0.35,
    "gan_ring": 1.0,
    "headlines": 0.95,
    "thucnews": 0.96,
    "thucnews_ten": 0.82,
    "cart_pole": 475,
    "cart_pole_critic": 475,
    "cart_pole_dqn": 475,
    "grid_world": 0.9,
}
"""Validation accuracy; R² of numbers and of what is given back; of a generator the share of the kinds that it covers; in worlds the mean
return of 100 episodes without exploring; for a forecast see `BELOW`."""

BELOW = {"co2": 0.2, "sunspots": 0.2}
"""Forecasts: the share by which the mean absolute error has to lie below that of the simple method."""

BEYOND = {"headlines_transformer": 0.02}
"""Classes: how far the accuracy has to lie above that of the simple method."""

ABOVE = {"list_operations": ("list_operations_flat", 0.1)}
"""How far the score has to lie above that of another preset."""

SILENCE = 300.0
"""Seconds that a job may be silent: before its first event it reads, or makes, its data."""


def reached(server: Playground, preset: str) -> tuple[float, float]:
    """Score at the end of a preset's training at full speed (for a forecast: by which share it beats the simple method; for
    what lies in `BEYOND`: how far it lies above it), and the seconds
    that it took."""
    experiment = next(known["experiment"] for known in server.client.get("/catalogue").json()["presets"] if known["id"] == preset)
    fetch(server, experiment["dataset"]["op"])
    begun = time.monotonic()
    job = server.client.post("/jobs", json={"experiment": experiment, "name": preset}).raise_for_status().json()
    done = server.finish(job["id"], SILENCE)
    if done["state"] != "completed":
        raise RuntimeError(f"{preset} ended as {done['state']}: {done['reason']}")
    scores = done["validation"]
    if preset in BELOW:
        simple = server.client.post("/networks/baseline", json=experiment).raise_for_status().json()
        return 1 - scores["mae"] / simple["baseline"]["metrics"]["mae"], time.monotonic() - begun
    if preset in BEYOND:
        simple = server.client.post("/networks/baseline", json=experiment).raise_for_status().json()
        return scores["accuracy"] - simple["baseline"]["metrics"]["accuracy"], time.monotonic() - begun
    score = next((scores[name] for name in ("accuracy", "r2", "coverage", "reward") if scores[name] is not None), None)
    # A diverged training has no score: its loss is not a number.
    return (float("nan") if score is None else score), time.monotonic() - begun


def fetch(server: Playground, op: str) -> None:
    """See that the data is there, and download it where it is not; raises RuntimeError when it cannot be had."""
    here = server.client.get(f"/datasets/{op}").json()
    if here["available"]:
        return
    server.client.post(f"/datasets/{op}/fetch").raise_for_status()
    while not here["available"]:
        time.sleep(0.5)
        here = server.client.get(f"/datasets/{op}").json()
        if here["error"]:
            raise RuntimeError(f"{op} cannot be fetched: {here['error']}")


def main(chosen: list[str]) -> int:
    """Print a table; the exit status says whether every target was met."""
    missed = 0
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        server = Playground(Path(folder))
        try:
            presets = server.client.get("/catalogue").json()["presets"]
            print(f"{'preset':<16} {'reached':>8} {'must':>6} {'seconds':>8}  seed")
            for preset in presets:
                name = preset["id"]
                if chosen and name not in chosen:
                    continue
                score, seconds = reached(server, name)
                found[name] = score
                target = MUST_REACH.get(name, BELOW.get(name, BEYOND.get(name)))
                missed += target is not None and not score >= target
                seeds = json.dumps(preset["experiment"]["training"]["seed"])
                shown = "diverged" if not abs(score) < 1e6 else f"{score:.4f}"
                print(f"{name:<16} {shown:>8} {'' if target is None else target:>6} {seconds:>8.1f}  {seeds}", flush=True)
            for name, (other, ahead) in ABOVE.items():
                if name in found and other in found:
                    missed += not found[name] >= found[other] + ahead
                    print(f"{name} lies {found[name] - found[other]:.4f} above {other}; it must by {ahead}")
        finally:
            server.close()
    return min(missed, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
