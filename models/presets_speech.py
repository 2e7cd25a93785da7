"""Presets of networks that listen, alone or with eyes open."""

from __future__ import annotations

from typing import Any

from models.entry import Words
from models.preset import FLATTEN, NORM, POOL, RELU, conv, dropout, preset, stack

ADAMW = {"op": "adamw", "lr": 0.004}
ONE_CYCLE = {"op": "one_cycle"}
LAYER_NORM, POOL1D = {"op": "layer_norm"}, {"op": "pool1d"}


def _conv1d(filters: int, kernel: int = 5) -> dict[str, Any]:
    return {"op": "conv1d", "filters": filters, "kernel": kernel}


def both() -> list[dict[str, Any]]:
    """An eye and an ear, and one layer that decides."""
    return [
        {"id": "look", "layer": conv(16), "inputs": ["seen"]},
        {"id": "norm", "layer": NORM},
        {"id": "relu1", "layer": RELU},
        {"id": "pool", "layer": POOL},
        {"id": "flat", "layer": FLATTEN},
        {"id": "listen", "layer": _conv1d(32), "inputs": ["heard"]},
        {"id": "relu2", "layer": RELU},
        {"id": "remember", "layer": {"op": "gru", "units": 32}},
        {"id": "both", "layer": {"op": "concatenate"}, "inputs": ["flat", "remember"]},
        {"id": "drop", "layer": dropout(0.3)},
        {"id": "out", "layer": {"op": "output"}},
    ]


SPEECH_PRESETS = (
    preset(
        "commands",
        Words("Commands, in voices never heard", "口令：没听过的嗓音"),
        Words(
            "Convolutions find sounds, the recurrent layer their order. Under “Say”, say a word yourself: these voices are synthetic, "
            "so yours is the real test. Turn Voices down to 12 and see the network learn voices instead of words.",
            "卷积找出一个个音，循环层记住先后。点“说话”自己说一个：训练用的嗓音都是合成的，你的声音才是真正的考验。"
            "把嗓音数调到 12，看网络怎样只记住了嗓音。",
        ),
        {"op": "commands", "voices": 72, "times": 3},
        stack(
            {"op": "gaussian_noise", "deviation": 0.5},
            _conv1d(32),
            LAYER_NORM,
            RELU,
            POOL1D,
            _conv1d(64),
            LAYER_NORM,
            RELU,
            POOL1D,
            dropout(0.3),
            {"op": "gru", "units": 64},
            dropout(0.5),
        ),
        optimizer={**ADAMW, "weight_decay": 0.1},
        batch_size=32,
        epochs=20,
        schedule=ONE_CYCLE,
        seed=2,
        minutes=0.7,
    ),
    preset(
        "spoken_digits",
        Words("Spoken digits, real voices", "口说数字：真人录音"),
        Words(
            "Two convolutions along time are enough for ten words. Look at the surest mistakes: which digits sound alike?",
            "十个词，沿时间做两层卷积就够了。看看错得最有把握的那些：哪些数字听起来相像？",
        ),
        {"op": "spoken_digits"},
        stack(_conv1d(32), LAYER_NORM, RELU, POOL1D, _conv1d(64), LAYER_NORM, RELU, POOL1D, FLATTEN, dropout(0.4)),
        optimizer={"op": "adamw", "lr": 0.003},
        batch_size=64,
        epochs=15,
        schedule=ONE_CYCLE,
        minutes=0.2,
    ),
    preset(
        "seen_and_heard",
        Words("A digit seen and heard", "看见又听见的数字"),
        Words(
            "An eye and an ear for one answer. “Each input away” shows how much each carries: together they are right far more often "
            "than either alone. Turn the noise up and see which of them suffers more.",
            "一只眼加一只耳，给出一个答案。“遮住一个输入”显示各自出了多少力：合起来比哪个单独都准得多。把噪声调大，看哪一边先撑不住。",
        ),
        {"op": "seen_and_heard"},
        both(),
        optimizer=ADAMW,
        batch_size=64,
        epochs=10,
        schedule=ONE_CYCLE,
        minutes=0.2,
    ),
)
