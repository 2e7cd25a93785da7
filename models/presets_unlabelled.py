"""Presets that learn without labels."""

from __future__ import annotations

from models.entry import Words
from models.preset import FLATTEN, NORM, RELU, adam, conv, dense, preset, stack

LEAKY, SILU = {"op": "leaky_relu"}, {"op": "silu"}

UNLABELLED_PRESETS = (
    preset(
        "denoising",
        Words("Denoising autoencoder", "去噪自编码器"),
        Words(
            "Nobody tells it what a digit is. It gets them under heavy noise and has to give back the clean ones: "
            "to do that, it must know what strokes look like.",
            "没人告诉它什么是数字。收到的数字满是噪声，要交回干净的：做得到，就说明它知道笔画该是什么样。",
        ),
        {"op": "mnist"},
        stack(
            conv(16),
            NORM,
            RELU,
            {"op": "max_pool2d"},
            conv(32),
            NORM,
            RELU,
            {"op": "max_pool2d"},
            {"op": "conv_transpose2d", "filters": 16},
            RELU,
            {"op": "conv_transpose2d", "filters": 16},
            RELU,
        ),
        method={"op": "reconstruct", "disturbance": 1.0},
        optimizer=adam(0.003),
        batch_size=50,
        epochs=10,
        schedule={"op": "one_cycle"},
        minutes=1,
    ),
    preset(
        "variational",
        Words("Variational autoencoder", "变分自编码器"),
        Words(
            "Each digit becomes two numbers, a place on a map, without any label. Move over the map: "
            "what stands there is decoded while you watch, and one digit turns into another.",
            "不用标签，每个数字变成两个数，也就是地图上的一处。在地图上移动：那一处会当场解码出来，一个数字慢慢变成另一个。",
        ),
        {"op": "mnist"},
        stack(FLATTEN, dense(256), SILU, dense(64), SILU, {"op": "sampling", "weight": 0.002}, dense(64), SILU, dense(256), SILU),
        method={"op": "reconstruct"},
        optimizer=adam(0.002),
        batch_size=50,
        epochs=60,
        schedule={"op": "one_cycle"},
        minutes=1,
    ),
    preset(
        "gan_ring",
        Words("A generator against its judge", "生成器与判别器"),
        Words(
            "“Plane” shows the judge's opinion in colours: the made points run to where it says “real”. "
            "It moves on, they follow, until all eight clouds are hit. Neither loss tells how far they are.",
            "“平面”的颜色是判别器的看法，生成的点跑向它说“真”的地方。它改主意，点就跟过去，直到八团都命中。两个损失都看不出走到了哪一步。",
        ),
        {"op": "ring", "samples": 2000, "validation": 0.3},
        stack(dense(128), RELU, dense(128), RELU, {"op": "example"}, dense(128), LEAKY, dense(128), LEAKY),
        method={"op": "adversarial", "noise": 4},
        optimizer={"op": "adam", "lr": 0.002, "beta1": 0.5},
        schedule={"op": "cosine"},
        batch_size=100,
        epochs=200,
        minutes=0.5,
        steps_per_second=150.0,
    ),
    preset(
        "gan_digits",
        Words("Made digits", "生成手写数字"),
        Words(
            "Noise becomes strokes, strokes become digits. Which digits are made often, which hardly ever? Coverage tells.",
            "噪声变成笔画，笔画变成数字。哪些数字造得多，哪些几乎不造？看覆盖率。",
        ),
        {"op": "digits"},
        stack(
            dense(128),
            NORM,
            RELU,
            dense(128),
            NORM,
            RELU,
            {"op": "example"},
            {"op": "gaussian_noise", "deviation": 0.2},
            FLATTEN,
            dense(128),
            LEAKY,
            {"op": "dropout", "rate": 0.3},
            dense(64),
            LEAKY,
        ),
        method={"op": "adversarial", "noise": 16},
        optimizer={"op": "adam", "lr": 0.001, "beta1": 0.5},
        batch_size=64,
        epochs=150,
        minutes=1,
    ),
)
