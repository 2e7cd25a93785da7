"""Presets of networks that foretell a series, tell series apart, or compute along trees; and one of a table as they are found."""

from __future__ import annotations

from models.entry import Words
from models.preset import RELU, adam, dense, preset, stack

ONE_CYCLE = {"op": "one_cycle"}

SERIES_PRESETS = (
    preset(
        "penguins",
        Words("Penguins: words and gaps in a table", "企鹅：表格里的文字和空格"),
        Words(
            "Open “What the network gets” under the data: gaps are filled, each island becomes a column, and all columns get one scale. "
            "After that a few neurons know nearly every penguin, and a plain line does as well: not every table needs depth.",
            "展开数据下面的“网络得到的是什么”：空格补上，每座岛变成一列，各列调到同一尺度。之后几个神经元就几乎不会认错，"
            "而一条直线也做得到：不是每张表都需要深的网络。",
        ),
        {"op": "penguins"},
        stack(dense(8), RELU),
        optimizer=adam(0.01),
        batch_size=16,
        epochs=40,
        steps_per_second=150.0,
    ),
    preset(
        "co2",
        Words("CO₂, the next twelve months", "二氧化碳：预测后十二个月"),
        Words(
            "The dashed line repeats last year and stays below the truth, for every year lies higher. The network learns the season and "
            "the rise. Switch “Relative to the last value” off: it then has to answer beyond all that it has seen, and fails.",
            "虚线照搬去年，总在真实值下面，因为一年比一年高。网络既学会了季节起伏，也学会了上升。"
            "把“相对最后一个值”关掉：它得回答从没见过的范围，就不行了。",
        ),
        {"op": "co2", "window": 36},
        stack({"op": "gru", "units": 24}),
        optimizer=adam(0.01),
        schedule=ONE_CYCLE,
        batch_size=32,
        epochs=40,
        steps_per_second=100.0,
        minutes=0.2,
    ),
    preset(
        "sunspots",
        Words("Sunspots, the next five years", "太阳黑子：预测后五年"),
        Words(
            "No two cycles are alike, so “as eleven years ago” is often wrong. Three centuries are few examples: train for 200 epochs "
            "and watch the network learn them by heart.",
            "没有两个周期是一样的，所以“和十一年前一样”常常不对。三百年的数据其实很少：训练 200 轮试试，看它怎样死记硬背。",
        ),
        {"op": "sunspots", "window": 22},
        stack({"op": "gru", "units": 24}),
        optimizer=adam(0.01),
        schedule=ONE_CYCLE,
        batch_size=32,
        epochs=20,
        steps_per_second=30.0,
        minutes=0.1,
    ),
    preset(
        "gun_point",
        Words("Gun or finger, by convolutions", "拔枪还是指点，用卷积分辨"),
        Words(
            "What tells the two movements apart are small dips, wherever they come. A convolution slides over time and finds them; "
            "the plain regression, which looks at each moment by itself, stays behind.",
            "区分两种动作的是一些小凹陷，出现的时刻不定。卷积沿时间滑动就能找到；逐个时刻看的普通回归比不过它。",
        ),
        {"op": "gun_point"},
        stack(
            {"op": "conv1d", "filters": 16, "kernel": 7},
            RELU,
            {"op": "pool1d"},
            {"op": "conv1d", "filters": 16, "kernel": 5},
            RELU,
            {"op": "pool1d"},
            {"op": "flatten"},
        ),
        optimizer=adam(0.003),
        batch_size=16,
        epochs=40,
        steps_per_second=60.0,
        minutes=0.1,
    ),
    preset(
        "list_operations",
        Words("Expressions, along their brackets", "算式：顺着括号算"),
        Words(
            "Watch the tree: the innermost brackets are right first, then what stands above them. "
            "The layer uses the same weights at every node, so what it has learnt there holds at any depth.",
            "看那棵树：最里层的括号最先算对，然后才轮到上面的。每个节点用的是同一组权重，在那里学会的，到哪一层都管用。",
        ),
        {"op": "list_operations"},
        stack({"op": "tree_lstm", "units": 64}),
        optimizer=adam(0.008),
        schedule=ONE_CYCLE,
        batch_size=64,
        epochs=12,
        minutes=2,
    ),
    preset(
        "list_operations_flat",
        Words("Expressions, read from left to right", "算式：从左往右读"),
        Words(
            "The same expressions as a plain row of tokens. This network has to find out by itself what the brackets mean: it learns "
            "the training set, and far less of what is new. Compare it with the tree.",
            "同样的算式，当成一串普通的词元来读。括号是什么意思，网络得自己琢磨：训练集它学得会，碰到新的算式就差远了。和树形网络比一比。",
        ),
        {"op": "list_operations"},
        stack({"op": "embedding", "features": 32}, {"op": "lstm", "units": 96}),
        optimizer=adam(0.005),
        schedule=ONE_CYCLE,
        batch_size=64,
        epochs=12,
        minutes=1,
        lesson="bad",
    ),
)
