"""Small experiments that several tests train."""

from __future__ import annotations

from typing import Any

from models.datasets.speech import Commands
from models.experiment import Experiment


def layers(*stack: dict[str, Any]) -> list[dict[str, Any]]:
    """A plain stack of nodes with an output at its end."""
    return [{"id": f"n{place}", "layer": layer} for place, layer in enumerate(stack)] + [{"id": "out", "layer": {"op": "output"}}]


def experiment(dataset: dict[str, Any], *stack: dict[str, Any], **training: Any) -> Experiment:
    """An experiment from plain dictionaries, three epochs unless said otherwise."""
    return Experiment.model_validate({"dataset": dataset, "network": layers(*stack), "training": {"epochs": 3, **training}})


SPIRAL = {"op": "spiral", "samples": 120}
TINY = experiment(SPIRAL, {"op": "dense", "units": 4}, {"op": "tanh"}, optimizer={"op": "adam", "lr": 0.03})
DROPPING = experiment(
    SPIRAL,
    {"op": "dense", "units": 8},
    {"op": "batch_norm"},
    {"op": "relu"},
    {"op": "dropout", "rate": 0.3},
    {"op": "gaussian_noise"},
    optimizer={"op": "sgd", "lr": 0.05, "momentum": 0.9},
    schedule={"op": "cosine"},
    clip_norm=1.0,
    l1=0.001,
    l2=0.001,
)
DIGITS = experiment(
    {"op": "digits"},
    {"op": "conv2d", "filters": 4},
    {"op": "relu"},
    {"op": "max_pool2d"},
    {"op": "flatten"},
    optimizer={"op": "adamw", "lr": 0.01},
    batch_size=64,
)
DIABETES = experiment(
    {"op": "diabetes"},
    {"op": "dense", "units": 4},
    {"op": "relu"},
    optimizer={"op": "rmsprop", "lr": 0.003},
    loss={"op": "huber"},
    patience=2,
)
IRIS = experiment(
    {"op": "iris"},
    {"op": "dense"},
    {"op": "relu"},
    optimizer={"op": "lion", "lr": 0.003},
    loss={"op": "label_smoothing"},
    schedule={"op": "one_cycle"},
)
RECURRENT = experiment(
    {"op": "digits"},
    {"op": "rows_as_time"},
    {"op": "lstm", "units": 4, "both_directions": True, "give": "all"},
    {"op": "conv1d", "filters": 6, "kernel": 4, "padding": "causal"},
    {"op": "gru", "units": 5, "layers": 2},
    batch_size=200,
)
ATTENTIVE = experiment(
    {"op": "digits"},
    {"op": "conv2d", "filters": 4, "groups": 1, "dilation": 2},
    {"op": "squeeze_excitation"},
    {"op": "patch_embedding", "size": 2, "features": 8},
    {"op": "positional_encoding", "mode": "sinusoidal"},
    {"op": "transformer_block", "hidden": 16, "dropout": 0.1, "causal": True},
    {"op": "attention_pool"},
    optimizer={"op": "adamw", "lr": 0.003},
    batch_size=200,
)
SPEAKING = experiment(
    {"op": "commands", "voices": 8, "times": 1, "words": 3},
    {"op": "conv1d", "filters": 4, "kernel": 5},
    {"op": "layer_norm"},
    {"op": "relu"},
    {"op": "gru", "units": 4},
    batch_size=8,
)
"""Needs espeak-ng."""
RECORDED = experiment({"op": "spoken_digits"}, {"op": "conv1d", "filters": 4, "stride": 4}, {"op": "flatten"}, batch_size=200)
PAIRED = Experiment.model_validate(
    {
        "dataset": {"op": "seen_and_heard", "pairs": 400},
        "network": [
            {"id": "look", "layer": {"op": "conv2d", "filters": 3}, "inputs": ["seen"]},
            {"id": "flat", "layer": {"op": "flatten"}},
            {"id": "listen", "layer": {"op": "gru", "units": 4}, "inputs": ["heard"]},
            {"id": "both", "layer": {"op": "concatenate"}, "inputs": ["flat", "listen"]},
            {"id": "out", "layer": {"op": "output"}},
        ],
        "training": {"epochs": 2, "batch_size": 50},
    }
)
DENOISING = experiment(
    {"op": "digits"},
    {"op": "conv2d", "filters": 4},
    {"op": "relu"},
    {"op": "flatten"},
    {"op": "dense", "units": 6},
    {"op": "tanh"},
    method={"op": "reconstruct", "disturbance": 0.5},
    loss={"op": "mae"},
    batch_size=100,
)
VARIATIONAL = experiment(
    {"op": "wine"},
    {"op": "dense", "units": 6},
    {"op": "tanh"},
    {"op": "sampling", "weight": 0.01},
    {"op": "dense", "units": 6},
    {"op": "tanh"},
    method={"op": "reconstruct"},
    l2=0.001,
    clip_norm=1.0,
)
ADVERSARIAL = experiment(
    {"op": "ring", "samples": 160},
    {"op": "dense", "units": 8},
    {"op": "batch_norm"},
    {"op": "relu"},
    {"op": "example"},
    {"op": "dense", "units": 8},
    {"op": "leaky_relu"},
    {"op": "dropout", "rate": 0.1},
    method={"op": "adversarial", "noise": 3, "judge_steps": 2},
    l2=0.001,
    clip_norm=5.0,
)
LAYERWISE = experiment(
    {"op": "digits"},
    {"op": "conv2d", "filters": 3},
    {"op": "batch_norm"},
    {"op": "relu"},
    {"op": "flatten"},
    {"op": "dense", "units": 6},
    {"op": "dropout", "rate": 0.2},
    method={"op": "layer_by_layer"},
    batch_size=100,
    l2=0.001,
    clip_norm=1.0,
    epochs=4,
)
PENGUINS = experiment({"op": "penguins"}, {"op": "dense", "units": 4}, {"op": "relu"}, batch_size=20)
SUNSPOTS = experiment({"op": "sunspots"}, {"op": "gru", "units": 6}, optimizer={"op": "adam", "lr": 0.01}, batch_size=32)
RISING = experiment({"op": "co2"}, {"op": "conv1d", "filters": 4}, {"op": "rnn", "units": 6}, loss={"op": "mae"}, batch_size=50)
GUN = experiment({"op": "gun_point"}, {"op": "conv1d", "filters": 4}, {"op": "relu"}, {"op": "time_pool"}, batch_size=32)
TREES = experiment({"op": "list_operations", "samples": 300}, {"op": "tree_lstm", "units": 5}, batch_size=40)
FLAT = experiment({"op": "list_operations", "samples": 300}, {"op": "embedding", "features": 4}, {"op": "gru", "units": 5}, batch_size=100)
HEADLINES = experiment(
    {"op": "headlines", "samples": 300, "length": 16},
    {"op": "embedding", "features": 6},
    {"op": "dropout", "rate": 0.2},
    {"op": "conv1d", "filters": 8},
    {"op": "relu"},
    {"op": "time_pool", "mode": "max"},
    optimizer={"op": "adamw", "lr": 0.01},
    batch_size=32,
)
WRITING = experiment(
    {"op": "writing", "length": 12},
    {"op": "embedding", "features": 6},
    {"op": "positional_encoding"},
    {"op": "transformer_block", "hidden": 12, "causal": True},
    optimizer={"op": "adam", "lr": 0.01},
    batch_size=64,
)
SHARING = Experiment.model_validate(
    {
        "dataset": {"op": "writing", "length": 12},
        "network": [
            {"id": "encoder", "layer": {"op": "embedding", "features": 6}},
            {"id": "between", "layer": {"op": "dense", "units": 6}},
            {"id": "bend", "layer": {"op": "tanh"}},
            {"id": "out", "layer": {"op": "output"}, "shares": "encoder"},
        ],
        "training": {"optimizer": {"op": "sgd", "lr": 0.1}, "epochs": 3, "batch_size": 64, "l2": 0.001},
    }
)
"""The output has the weights of the embedding."""
TWINS = Experiment.model_validate(
    {
        "dataset": SPIRAL,
        "network": [
            {"id": "turned", "layer": {"op": "dense", "units": 12}},
            {"id": "left_steps", "layer": {"op": "to_sequence", "features": 2}},
            {"id": "left", "layer": {"op": "lstm", "units": 3, "layers": 2}},
            {"id": "mirrored", "layer": {"op": "dense", "units": 12}, "inputs": ["data"]},
            {"id": "right_steps", "layer": {"op": "to_sequence", "features": 2}},
            {"id": "right", "layer": {"op": "lstm", "units": 3, "layers": 2}, "shares": "left"},
            {"id": "both", "layer": {"op": "add"}, "inputs": ["left", "right"]},
            {"id": "out", "layer": {"op": "output"}},
        ],
        "training": {"optimizer": {"op": "adam", "lr": 0.01}, "epochs": 3, "clip_norm": 1.0},
    }
)
"""Two branches are one recurrent layer."""
REINFORCE = experiment(
    {"op": "cart_pole"},
    {"op": "dense", "units": 6},
    {"op": "tanh"},
    {"op": "dropout", "rate": 0.1},
    method={"op": "reinforce", "updates": 6},
    optimizer={"op": "adam", "lr": 0.01},
    schedule={"op": "cosine"},
    batch_size=4,
    clip_norm=1.0,
    l2=0.001,
)
ACTOR_CRITIC = experiment(
    {"op": "grid_world", "map": "lake", "slip": 0.3},
    {"op": "dense", "units": 8},
    {"op": "batch_norm"},
    {"op": "relu"},
    method={"op": "actor_critic", "updates": 8, "horizon": 7},
    batch_size=5,
)
DEEP_Q = experiment(
    {"op": "cart_pole"},
    {"op": "dense", "units": 8},
    {"op": "relu"},
    method={"op": "dqn", "updates": 8, "worlds": 3, "memory": 1000, "refresh": 5},
    batch_size=16,
)
ALL = {
    "tiny": TINY,
    "dropping": DROPPING,
    "digits": DIGITS,
    "diabetes": DIABETES,
    "iris": IRIS,
    "recurrent": RECURRENT,
    "attentive": ATTENTIVE,
    **({"speaking": SPEAKING} if Commands().available() else {}),
    "recorded": RECORDED,
    "paired": PAIRED,
    "denoising": DENOISING,
    "variational": VARIATIONAL,
    "adversarial": ADVERSARIAL,
    "layerwise": LAYERWISE,
    "penguins": PENGUINS,
    "sunspots": SUNSPOTS,
    "rising": RISING,
    "gun": GUN,
    "trees": TREES,
    "flat": FLAT,
    "headlines": HEADLINES,
    "writing": WRITING,
    "sharing": SHARING,
    "twins": TWINS,
    "reinforce": REINFORCE,
    "actor_critic": ACTOR_CRITIC,
    "dqn": DEEP_Q,
}
