"""Examples of the OpenAPI document; a test sends each of them."""

from __future__ import annotations

from typing import Any

SPIRAL: dict[str, Any] = {
    "version": 1,
    "dataset": {"op": "spiral", "samples": 500, "noise": 0.1, "validation": 0.5},
    "network": [
        {"id": "h1", "layer": {"op": "dense", "units": 8}},
        {"id": "a1", "layer": {"op": "tanh"}},
        {"id": "out", "layer": {"op": "output"}},
    ],
    "training": {"optimizer": {"op": "adam", "lr": 0.03}, "batch_size": 10, "epochs": 200, "seed": 0},
}

UNSOUND: dict[str, Any] = {
    "dataset": {"op": "circle"},
    "network": [{"id": "c1", "layer": {"op": "conv2d"}}, {"id": "out", "layer": {"op": "output"}}],
}

COMMANDS: dict[str, Any] = {
    "pause": {"value": {"op": "pause"}},
    "resume": {"value": {"op": "resume"}},
    "step": {"value": {"op": "step", "unit": "epoch", "count": 1}},
    "retune": {"value": {"op": "retune", "lr": 0.01}},
    "pace": {"value": {"op": "pace", "steps_per_second": 50}},
    "stop": {"value": {"op": "stop"}},
}
