"""Presets of classic networks for images."""

from __future__ import annotations

from typing import Any

from models.entry import Words
from models.preset import FLATTEN, NORM, POOL, RELU, TANH, conv, dense, dropout, preset, stack


def residual_images() -> list[dict[str, Any]]:
    """Two residual blocks with a step down between them: what a block adds goes past it unchanged."""
    nodes: list[dict[str, Any]] = []

    def put(id: str, layer: dict[str, Any], *inputs: str) -> None:
        nodes.append({"id": id, "layer": layer, **({"inputs": list(inputs)} if inputs else {})})

    def block(number: int, filters: int, before: str) -> None:
        put(f"conv{number}a", {**conv(filters), "bias": False}, before)
        put(f"norm{number}a", NORM)
        put(f"relu{number}a", RELU)
        put(f"conv{number}b", {**conv(filters), "bias": False})
        put(f"norm{number}b", NORM)
        put(f"add{number}", {"op": "add"}, f"norm{number}b", before)
        put(f"relu{number}b", RELU)

    put("stem", {**conv(24), "bias": False})
    put("norm0", NORM)
    put("relu0", RELU)
    put("pool", POOL)
    block(1, 24, "pool")
    put("down", {**conv(48), "stride": 2, "bias": False})
    put("norm2", NORM)
    put("relu2", RELU)
    block(2, 48, "relu2")
    put("flat", FLATTEN)
    put("drop", dropout(0.4))
    put("out", {"op": "output"})
    return nodes


IMAGE_PRESETS = (
    preset(
        "lenet",
        Words("LeNet-5", "LeNet-5 卷积网络"),
        Words(
            "The network of 1998 that read cheques: two convolutions, two poolings, three dense layers. Look into its layers, and compare "
            "it with the residual network: what have twenty years added?",
            "1998 年用来读支票的网络：两层卷积、两层池化、三层全连接。看看它的每一层，再和残差网络比一比：二十年里多了些什么？",
        ),
        {"op": "fashion_mnist"},
        stack(
            conv(6, 5),
            TANH,
            {"op": "average_pool2d"},
            {**conv(16, 5), "padding": "valid"},
            TANH,
            {"op": "average_pool2d"},
            FLATTEN,
            dense(120),
            TANH,
            dense(84),
            TANH,
        ),
        optimizer={"op": "adam", "lr": 0.003},
        batch_size=128,
        epochs=8,
        schedule={"op": "one_cycle"},
        minutes=2,
    ),
    preset(
        "residual",
        Words("A small residual network", "小型残差网络"),
        Words(
            "Each block only adds something to what goes past it on a bridge, so the gradient reaches the front. "
            "Take the two bridges away and compare the jobs.",
            "每一块只在旁边桥上原样通过的东西上添一点，梯度就能传到最前面。把两座桥拆掉，比较两个任务。",
        ),
        {"op": "fashion_mnist"},
        residual_images(),
        optimizer={"op": "adamw", "lr": 0.005, "weight_decay": 0.05},
        batch_size=128,
        epochs=8,
        schedule={"op": "one_cycle"},
        minutes=8,
    ),
    preset(
        "patterns",
        Words("Colour patterns, augmented", "彩色图案与数据增强"),
        Words(
            "The picture “Augmented” shows what the network really gets: never the same image twice. "
            "Take the layer Augment away and watch the gap between the curves open.",
            "“增强后的图像”里就是网络实际收到的：从来没有两次完全一样。去掉“数据增强”这一层，看两条曲线之间怎样拉开。",
        ),
        {"op": "patterns"},
        stack(
            {"op": "augment", "shift": 4, "flip": True, "rotate": 180.0, "erase": 6},
            conv(16, 5),
            NORM,
            RELU,
            POOL,
            conv(32),
            NORM,
            RELU,
            POOL,
            conv(32),
            NORM,
            RELU,
            {"op": "global_pool2d"},
        ),
        optimizer={"op": "adamw", "lr": 0.005},
        batch_size=32,
        epochs=25,
        schedule={"op": "one_cycle"},
        minutes=1,
    ),
)
