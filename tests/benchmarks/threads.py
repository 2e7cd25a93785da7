"""Large jobs side by side, on one thread or all cores, waiting asleep or spinning: `python -m tests.benchmarks.threads [--quick]`."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

CHILD = """
import sys, time
import torch
from models.data import load
from models.learner import Learner
from tests.benchmarks.step import conv, dense, experiment, FLATTEN, POOL, RELU

torch.set_num_threads(int(sys.argv[1]))
network = (conv(6), RELU, POOL, conv(16), RELU, POOL, FLATTEN, dense(120), RELU, dense(84), RELU)
chosen = experiment({"op": "fashion_mnist", "samples": 6000}, *network, batch_size=64, epochs=100_000)
learner = Learner(chosen, load(chosen.dataset), "cpu")
for _ in range(40):
    learner.step()
print("ready", flush=True)
until = time.time() + float(sys.stdin.readline())
steps = 0
while time.time() < until:
    learner.step()
    steps += 1
print(steps, flush=True)
"""
"""One job without a server: a network of LeNet's size, batch 64."""

BUSY = "while True: pass"


def total(jobs: int, threads: int, spins: str | None, busy: bool, seconds: float) -> float:
    """Steps a second of all jobs together, beside a neighbour that keeps a core busy or alone."""
    environment = {name: value for name, value in os.environ.items() if name != "GOMP_SPINCOUNT"}
    if spins is not None:
        environment["GOMP_SPINCOUNT"] = spins
    command = [sys.executable, "-c", CHILD, str(threads)]
    children = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) for _ in range(jobs)]
    neighbours = [subprocess.Popen([sys.executable, "-c", BUSY], text=True)] if busy else []
    try:
        pipes = [(child.stdin, child.stdout) for child in children if child.stdin and child.stdout]
        for _, answers in pipes:
            assert answers.readline().strip() == "ready"
        for questions, _ in pipes:
            questions.write(f"{seconds}\n")
            questions.flush()
        begun = time.perf_counter()
        steps = sum(int(answers.readline()) for _, answers in pipes)
        return steps / (time.perf_counter() - begun)
    finally:
        for child in children + neighbours:
            child.kill()
            child.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one second a figure instead of four")
    seconds = 1.0 if parser.parse_args().quick else 4.0
    kinds = [(1, None), *[(CORES, spins) for spins in (None, "0", "1000", "10000", "100000")]]
    print(f"steps a second in all{'1 job':>15}{'and a busy core':>16}{'2 jobs':>9}{'4 jobs':>9}{'8 jobs':>9}")
    for threads, spins in kinds:
        figures = [total(1, threads, spins, busy, seconds) for busy in (False, True)]
        figures += [total(jobs, threads, spins, False, seconds) for jobs in (2, 4, 8)]
        name = f"{threads} thread{'s' * (threads > 1)}, spins {spins or 'by default'}"
        print(f"{name:28}{figures[0]:8.1f}{figures[1]:16.1f}" + "".join(f"{figure:9.1f}" for figure in figures[2:]), flush=True)


if __name__ == "__main__":
    main()
