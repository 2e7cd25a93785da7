"""Ordinary training steps against steps repeated from a recording, in turn, in one process: `python -m tests.benchmarks.step [--quick]`."""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Any

import torch

from models.data import load
from models.experiment import Experiment
from models.learner import Learner
from tests.models.experiments import experiment

SPIRAL, IRIS, DIGITS = {"op": "spiral", "samples": 500, "noise": 0.1}, {"op": "iris"}, {"op": "digits"}
TANH, RELU, POOL, FLATTEN = {"op": "tanh"}, {"op": "relu"}, {"op": "max_pool2d"}, {"op": "flatten"}


def dense(units: int) -> dict[str, Any]:
    return {"op": "dense", "units": units}


def conv(filters: int) -> dict[str, Any]:
    return {"op": "conv2d", "filters": filters}


def steps_of(dataset: dict[str, Any], *stack: dict[str, Any], op: str = "adam", batch_size: int = 10) -> Experiment:
    return experiment(dataset, *stack, optimizer={"op": op, "lr": 0.001}, batch_size=batch_size, epochs=100_000)


CASES = {
    "2-8-8-1, batch 10, sgd": steps_of(SPIRAL, dense(8), TANH, dense(8), TANH, op="sgd"),
    "2-8-8-1, batch 10, adam": steps_of(SPIRAL, dense(8), TANH, dense(8), TANH),
    "2-64-64-1, batch 50, adam": steps_of(SPIRAL, dense(64), RELU, dense(64), RELU, batch_size=50),
    "iris 4-8-3, batch 10, adam": steps_of(IRIS, dense(8), RELU),
    "digits 64-128-10, batch 32, adam": steps_of(DIGITS, FLATTEN, dense(128), RELU, batch_size=32),
    "digits, two convolutions, batch 32, adam": steps_of(DIGITS, conv(8), RELU, POOL, conv(16), RELU, FLATTEN, batch_size=32),
    "digits, the preset's network, batch 32, adam": steps_of(
        DIGITS,
        conv(16),
        {"op": "batch_norm"},
        RELU,
        conv(32),
        {"op": "batch_norm"},
        RELU,
        POOL,
        FLATTEN,
        {"op": "dropout", "rate": 0.3},
        batch_size=32,
    ),
}


def seconds(learner: Learner, steps: int) -> float:
    """Time of one step, over some: the processor's on this one thread, which neighbours on a busy machine disturb least."""
    begun, until = time.process_time(), learner.step_count + steps
    while learner.step_count < until:
        learner.steps_on(until - learner.step_count)
    return (time.process_time() - begun) / steps


def measure(name: str, chosen: Experiment, budget: float) -> str:
    """One row: runs of an ordinary and a repeating learner in turn, the order changing, for about so many seconds."""
    data = load(chosen.dataset)
    ordinary, repeating = Learner(chosen, data, "cpu", None), Learner(chosen, data, "cpu", 20)
    warm = max(60, 2 * repeating.steps_per_epoch + 30)
    seconds(ordinary, 20)
    slowest = 0.0
    for _ in range(warm):  # records a program for each size of batch
        recording = repeating.step_count >= 20
        took = seconds(repeating, 1)
        slowest = max(slowest, took) if recording else slowest
    one = seconds(ordinary, 20)
    length = max(5, int(0.02 / one))
    pairs: list[tuple[float, float]] = []
    until = time.perf_counter() + budget
    while time.perf_counter() < until or len(pairs) < 6:
        if len(pairs) % 2:
            second, first = seconds(repeating, length), seconds(ordinary, length)
        else:
            first, second = seconds(ordinary, length), seconds(repeating, length)
        pairs.append((first, second))
    ratios = sorted(first / second for first, second in pairs)
    low, high = ratios[len(ratios) // 10], ratios[-1 - len(ratios) // 10]
    eager, traced = (1e6 * statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = f"{statistics.median(ratios):.2f} ({low:.2f}-{high:.2f})"
    return f"{name:46}{eager:10.0f}{traced:10.0f}   {ratio:22}{1e3 * slowest:10.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="half a second a row instead of five")
    quick: bool = parser.parse_args().quick
    torch.set_num_threads(1)
    print(f"{'one thread':46}{'µs a step':>10}{'repeated':>10}   {'ratio (middle 80 %)':22}{'recording ms':>12}")
    for name, chosen in CASES.items():
        print(measure(name, chosen, 0.5 if quick else 5.0), flush=True)


if __name__ == "__main__":
    main()
