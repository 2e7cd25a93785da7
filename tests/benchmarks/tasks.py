"""What is trained in the benchmarks: the same networks and numbers for us and for every peer."""

from __future__ import annotations

from typing import Any

BATCH = 64
"""Images in a batch."""
SMALL_BATCH = 10
"""Points in a batch."""
GOAL = 0.88
"""Test accuracy on Fashion-MNIST to which the time is taken."""
FASHION = {"op": "fashion_mnist"}
Layers = list[dict[str, Any]]
RELU, TANH, POOL, FLATTEN = {"op": "relu"}, {"op": "tanh"}, {"op": "max_pool2d"}, {"op": "flatten"}
NETWORKS: dict[str, Layers] = {
    "cnn": [
        {"op": "conv2d", "filters": 6, "kernel": 5},
        RELU,
        POOL,
        {"op": "conv2d", "filters": 16, "kernel": 5, "padding": "valid"},
        RELU,
        POOL,
        FLATTEN,
        {"op": "dense", "units": 120},
        RELU,
        {"op": "dense", "units": 84},
        RELU,
    ],
    "mlp": [FLATTEN, {"op": "dense", "units": 128}, RELU],
}
"""LeNet as it is drawn everywhere, and a dense network of one hidden layer."""


def experiment(dataset: dict[str, Any], network: Layers, **training: Any) -> dict[str, Any]:
    """An experiment with a plain stack of layers, without end unless `epochs` says otherwise."""
    nodes = [{"id": f"n{place}", "layer": layer} for place, layer in enumerate(network)]
    return {
        "dataset": dataset,
        "network": [*nodes, {"id": "out", "layer": {"op": "output"}}],
        "training": {"epochs": 100_000, "device": "cpu", **training},
    }


def images(network: str, **training: Any) -> dict[str, Any]:
    """Fashion-MNIST with one of the networks above, Adam as in every tutorial."""
    return experiment(FASHION, NETWORKS[network], **{"batch_size": BATCH, "optimizer": {"op": "adam", "lr": 0.001}, **training})


def spiral(**training: Any) -> dict[str, Any]:
    """TensorFlow Playground's own problem: 250 points to learn from and 250 to test with, 2-8-8-1, batches of 10."""
    network: Layers = [{"op": "dense", "units": 8}, TANH, {"op": "dense", "units": 8}, TANH]
    dataset = {"op": "spiral", "samples": 500, "noise": 0.1, "validation": 0.5}
    return experiment(dataset, network, **{"batch_size": SMALL_BATCH, "optimizer": {"op": "sgd", "lr": 0.03}, **training})
