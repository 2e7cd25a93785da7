"""Presets of networks that read and write."""

from __future__ import annotations

from typing import Any

from models.entry import Words
from models.preset import RELU, adam, dropout, preset, stack

ONE_CYCLE = {"op": "one_cycle"}


def _embedding(features: int) -> dict[str, Any]:
    return {"op": "embedding", "features": features}


def _block(causal: bool = False) -> dict[str, Any]:
    return {"op": "transformer_block", "heads": 4, "hidden": 128, "dropout": 0.1, "causal": causal}


def _beside_neighbours() -> list[dict[str, Any]]:
    """Every token by itself and, by a convolution that filters each feature alone, beside its neighbours; then the mean of the text."""
    return [
        {"id": "embedding1", "layer": _embedding(96)},
        {"id": "dropout1", "layer": dropout(0.3)},
        {"id": "conv1d1", "layer": {"op": "conv1d", "filters": 96, "kernel": 5, "groups": 96}},
        {"id": "relu1", "layer": RELU},
        {"id": "add1", "layer": {"op": "add"}, "inputs": ["embedding1", "relu1"]},
        {"id": "time_pool1", "layer": {"op": "time_pool"}},
        {"id": "dropout2", "layer": dropout(0.5)},
        {"id": "out", "layer": {"op": "output"}},
    ]


TEXT_PRESETS = (
    preset(
        "headlines",
        Words("Headlines: words and their order", "新闻标题：词和语序"),
        Words(
            "The dashed line is a bag of words, which forgets the order: it has to guess where a headline speaks of two fields. "
            "The recurrent network reads to the end and passes it. Look under “What mattered”: taking “not” out turns the answer round.",
            "虚线是不管语序的词袋模型，标题里同时提到两个领域时它只能猜。循环网络从头读到尾，很快越过它。"
            "看看“看重什么”：拿掉“不是”，答案就反过来了。",
        ),
        {"op": "headlines"},
        stack(_embedding(12), {"op": "gru", "units": 48}),
        optimizer={"op": "adamw", "lr": 0.01, "weight_decay": 0.3},
        batch_size=32,
        epochs=8,
        steps_per_second=60.0,
        minutes=0.2,
    ),
    preset(
        "headlines_transformer",
        Words("Transformer on headlines", "Transformer 读标题"),
        Words(
            "Every word asks all the others. At first it does no better than the bag of words, then it finds out what the order is for. "
            "Take the positional encoding away, and it never will.",
            "每个词都去问其他所有的词。起初它并不比词袋模型强，后来才发现语序有什么用。去掉位置编码，它就永远发现不了。",
        ),
        {"op": "headlines", "samples": 8000},
        stack(
            _embedding(48),
            {"op": "positional_encoding", "mode": "sinusoidal"},
            *[_block()] * 2,
            {"op": "layer_norm"},
            {"op": "time_pool"},
        ),
        optimizer={"op": "adamw", "lr": 0.004},
        schedule=ONE_CYCLE,
        batch_size=50,
        epochs=8,
        minutes=0.5,
    ),
    preset(
        "thucnews",
        Words("THUCNews: politics or entertainment", "THUCNews：政治还是娱乐"),
        Words(
            "Real headlines, as characters with the pairs between them. The map shows which have found together: surnames of politicians "
            "here, words of film and music there.",
            "真实的新闻标题，单字和相邻两字一起读。词图上，意思相近的自己聚到了一起：这边是政治，那边是影视和音乐。",
        ),
        {"op": "thucnews", "unit": "characters_and_bigrams", "length": 48, "vocabulary": 6000},
        _beside_neighbours(),
        optimizer=adam(0.01),
        schedule=ONE_CYCLE,
        batch_size=32,
        epochs=12,
        minutes=0.2,
    ),
    preset(
        "thucnews_ten",
        Words("THUCNews: all ten classes", "THUCNews：全部十类"),
        Words(
            "Characters and pairs, each by itself and beside its neighbours, then averaged: on so few headlines nothing larger does "
            "better. The confusion matrix shows what is hard: finance, stocks and property speak of the same things.",
            "单字和相邻两字，先单看，再连着左右看，最后取平均：标题这么少，再大的网络也好不了。"
            "看混淆矩阵，难在哪里一目了然：财经、股票、房产说的是同样的事。",
        ),
        {"op": "thucnews", "classes": "ten", "unit": "characters_and_bigrams", "length": 48, "vocabulary": 20_000, "validation": 0.1},
        _beside_neighbours(),
        optimizer=adam(0.01),
        schedule=ONE_CYCLE,
        batch_size=64,
        epochs=8,
        minutes=0.6,
    ),
    preset(
        "writing",
        Words("Writing headlines", "写标题"),
        Words(
            "Watch it write: first babble, then words, then whole headlines that nobody has made up before. Turn the temperature and see.",
            "看它写：先是胡言乱语，再有词，最后写出整条没人编过的标题。调一调温度看看。",
        ),
        {"op": "writing", "texts": "chinese_headlines"},
        stack(_embedding(32), {"op": "gru", "units": 96, "give": "all"}),
        optimizer=adam(0.005),
        batch_size=32,
        epochs=12,
        minutes=0.4,
    ),
    preset(
        "poems",
        Words("A hundred Tang poems by heart", "背唐诗一百首"),
        Words(
            "So few poems are soon known by heart: two characters in three on the training set. In poems that it has not read it finds "
            "the punctuation, nine marks in ten, and hardly a character: one in five of those occurs in no other poem. "
            "What it writes is pieced together from real verses.",
            "诗这么少，很快就背下来了：训练集上三个字能对两个。没读过的诗，标点十有九对，字却几乎全错：其中五分之一的字在别的诗里根本没出现过。"
            "它写的东西，是用真的诗句拼起来的。",
        ),
        {"op": "writing"},
        stack(_embedding(64), dropout(0.3), {"op": "gru", "units": 128, "give": "all"}, dropout(0.5)),
        optimizer=adam(0.005),
        schedule=ONE_CYCLE,
        batch_size=16,
        epochs=20,
        minutes=0.2,
        lesson="bad",
    ),
)
"""In the order of the page's list."""
