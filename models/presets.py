"""Complete experiments to begin with: some go well, some go wrong so that one can see why."""

from __future__ import annotations

from typing import Any

from models.entry import Words
from models.preset import FLATTEN, NORM, POOL, RELU, SIGMOID, TANH
from models.preset import adam as _adam
from models.preset import conv as _conv
from models.preset import dense as _dense
from models.preset import dropout as _dropout
from models.preset import preset as _preset
from models.preset import stack as _network
from models.presets_control import CONTROL_PRESETS
from models.presets_images import IMAGE_PRESETS
from models.presets_series import SERIES_PRESETS
from models.presets_speech import SPEECH_PRESETS
from models.presets_text import TEXT_PRESETS
from models.presets_unlabelled import UNLABELLED_PRESETS


def _residual(blocks: int) -> list[dict[str, Any]]:
    """Dense blocks, each with a bridge past it."""
    nodes: list[dict[str, Any]] = [{"id": "first", "layer": _dense(8)}, {"id": "sigmoid0", "layer": SIGMOID}]
    for block in range(1, blocks + 1):
        before = nodes[-1]["id"]
        nodes += [
            {"id": f"dense{block}", "layer": _dense(8)},
            {"id": f"sigmoid{block}", "layer": SIGMOID},
            {"id": f"add{block}", "layer": {"op": "add"}, "inputs": [f"sigmoid{block}", before]},
        ]
    return [*nodes, {"id": "out", "layer": {"op": "output"}}]


PRESETS = (
    # points
    _preset(
        "spiral",
        Words("Spiral", "螺旋"),
        Words(
            "Hover the neurons: the first layer only draws straight borders, the second bends them, and together they wind.",
            "把鼠标移到神经元上：第一层只会画直线，第二层把它们弯起来，合在一起就绕成了螺旋。",
        ),
        {"op": "spiral", "samples": 500, "noise": 0.1},
        _network(_dense(8), TANH, _dense(8), TANH),
        optimizer=_adam(0.03),
        epochs=300,
        weights_seed=3,
        steps_per_second=500.0,
    ),
    _preset(
        "layer_by_layer",
        Words("Spiral, layer by layer", "螺旋，逐层训练"),
        Words(
            "The spiral's network, one layer at a time: each learns under an output of its own, then stays as it is, and the curve falls "
            "back as the next one begins. Train the spiral from end to end as well, and mark both under Jobs.",
            "还是螺旋那个网络，一层一层地训练：每层接上自己的输出学一段，学完就不再变，轮到下一层时曲线会先掉下来。"
            "把“螺旋”也端到端训练一遍，在“任务”里勾上两个，比一比。",
        ),
        {"op": "spiral", "samples": 500, "noise": 0.1},
        _network(_dense(8), TANH, _dense(8), TANH),
        method={"op": "layer_by_layer"},
        optimizer=_adam(0.03),
        epochs=300,
        weights_seed=3,
        steps_per_second=500.0,
    ),
    _preset(
        "one_neuron",
        Words("A single neuron", "一个神经元"),
        Words(
            "One neuron draws one straight border. For two clouds that is enough; turn the noise up and see what it can no longer do.",
            "一个神经元只画一条直线。分开两团点足够了；把噪声调大，看看它从哪里开始力不从心。",
        ),
        {"op": "gaussians", "samples": 300},
        _network(),
        optimizer={"op": "sgd", "lr": 0.1},
        epochs=100,
        steps_per_second=300.0,
    ),
    _preset(
        "xor_alone",
        Words("Exclusive or, no hidden layer", "异或，没有隐藏层"),
        Words(
            "The loss stays where it began: no straight border parts a chessboard. Add a hidden layer with the + and play again.",
            "损失一直降不下来：没有一条直线能分开棋盘格。用 + 加一个隐藏层再试。",
        ),
        {"op": "exclusive_or", "samples": 400},
        _network(),
        optimizer=_adam(0.03),
        epochs=100,
        steps_per_second=400.0,
        lesson="bad",
    ),
    _preset(
        "circle",
        Words("Circle, four neurons", "圆环，四个神经元"),
        Words(
            "Hover the four neurons: each draws one straight border, and the output adds them up to a fence round the disc.",
            "把鼠标移到四个神经元上：每个只画一条直线，输出把它们合起来，围住中间的圆。",
        ),
        {"op": "circle", "samples": 400},
        _network(_dense(4), TANH),
        optimizer=_adam(0.03),
        epochs=100,
        steps_per_second=400.0,
    ),
    _preset(
        "circle_squares",
        Words("Circle, with squares as inputs", "圆环，输入加上平方"),
        Words(
            "With x₁² and x₂² as inputs a network without any hidden layer draws a circle: good features can replace layers.",
            "有了 x₁² 和 x₂²，没有隐藏层的网络也能画出圆：好的特征顶得上几层网络。",
        ),
        {"op": "circle", "samples": 400, "features": ["x1", "x2", "x1_squared", "x2_squared"]},
        _network(),
        optimizer=_adam(0.05),
        epochs=80,
        steps_per_second=400.0,
    ),
    _preset(
        "overfitting",
        Words("Overfitting", "过拟合"),
        Words(
            "Few points, much noise, a large network: training improves to the end while validation gets worse. "
            "The shaded gap is what was learnt by heart.",
            "点少、噪声大、网络大：训练集一路变好，验证集却越来越差。两条曲线之间的阴影，就是死记硬背的部分。",
        ),
        {"op": "moons", "samples": 80, "noise": 0.35},
        _network(_dense(32), TANH, _dense(32), TANH),
        optimizer=_adam(0.01),
        epochs=600,
        steps_per_second=120.0,
        lesson="bad",
    ),
    _preset(
        "regularised",
        Words("Overfitting, tamed", "管住过拟合"),
        Words(
            "The same points and the same network, with a penalty on large weights: the border stays smooth and the gap closes.",
            "同样的点，同样的网络，只是惩罚过大的权重：边界变得平滑，差距缩小了。",
        ),
        {"op": "moons", "samples": 80, "noise": 0.35},
        _network(_dense(32), TANH, _dense(32), TANH),
        optimizer=_adam(0.01),
        l2=0.01,
        epochs=600,
        steps_per_second=120.0,
    ),
    _preset(
        "diverging",
        Words("Learning rate far too high", "学习率太高"),
        Words(
            "Each step overshoots further than the last, until the loss is no longer a number. The finding below proposes a remedy.",
            "每一步都比上一步冲得更过头，直到损失不再是一个数。看下面的诊断怎么建议。",
        ),
        {"op": "multi_gaussian", "samples": 400},
        _network(_dense(16), RELU, _dense(16), RELU),
        optimizer={"op": "sgd", "lr": 2.0, "momentum": 0.9},
        epochs=100,
        steps_per_second=30.0,
        lesson="bad",
    ),
    _preset(
        "dead_units",
        Words("Dead neurons", "死掉的神经元"),
        Words(
            "The first steps are so long that they push many ReLUs below zero for every point. "
            "Such a unit answers 0 everywhere, gets no gradient, and never comes back.",
            "头几步迈得太大，许多 ReLU 对所有的点都被推到零以下：处处输出 0，拿不到梯度，再也活不过来。",
        ),
        {"op": "moons", "samples": 400},
        _network(_dense(12), RELU, _dense(8), RELU),
        optimizer=_adam(1.0),
        epochs=60,
        steps_per_second=200.0,
        lesson="bad",
    ),
    _preset(
        "vanishing",
        Words("Deep sigmoids: the vanishing gradient", "很深的 sigmoid：梯度消失"),
        Words(
            "Five layers of sigmoids learn nothing: each layer shrinks the gradient, so hardly any of it reaches the front.",
            "五层 sigmoid 什么也学不会：梯度每过一层就缩小一截，传到最前面几乎没有了。",
        ),
        {"op": "circle", "samples": 400},
        _network(*[layer for _ in range(5) for layer in (_dense(8), SIGMOID)]),
        optimizer={"op": "sgd", "lr": 0.3},
        epochs=100,
        steps_per_second=400.0,
        lesson="bad",
    ),
    _preset(
        "bridges",
        Words("Bridges past the layers", "给深网络架桥"),
        Words(
            "The same sigmoids, with a bridge past each: the gradient takes the bridges, and the deep network learns.",
            "还是那些 sigmoid，每层旁边架一座桥：梯度从桥上走，深网络就学得动了。",
        ),
        {"op": "circle", "samples": 400},
        _residual(4),
        optimizer={"op": "sgd", "lr": 0.3},
        epochs=100,
        steps_per_second=400.0,
    ),
    _preset(
        "hills",
        Words("Hills: estimating a value", "山丘：估计数值"),
        Words(
            "Regression: the colour is the estimated height. Hover the units of the second layer to see which hill each of them holds.",
            "回归问题：颜色就是估计的高度。把鼠标移到第二层的神经元上，看看各自撑起了哪座小丘。",
        ),
        {"op": "multi_gaussian", "samples": 800, "noise": 0.0},
        _network(_dense(16), TANH, _dense(12), TANH),
        optimizer=_adam(0.01),
        epochs=200,
        steps_per_second=1200.0,
    ),
    # tables
    _preset(
        "iris",
        Words("Iris", "鸢尾花"),
        Words(
            "One species is told apart at once, the other two overlap: the confusion matrix shows which flowers are mistaken for which.",
            "有一种马上就能认出来，另外两种有重叠：看混淆矩阵里谁被认成了谁。",
        ),
        {"op": "iris"},
        _network(_dense(8), RELU),
        optimizer=_adam(0.01),
        epochs=60,
        steps_per_second=300.0,
    ),
    _preset(
        "diabetes",
        Words("Diabetes: numbers from measurements", "糖尿病：从指标估计病情"),
        Words(
            "The points gather along the diagonal but stay wide of it: ten measurements explain about half, and no network can do more.",
            "点大致沿对角线排开，但离得不近：十项指标只能解释一半左右，再好的网络也没办法。",
        ),
        {"op": "diabetes"},
        _network(_dense(16), RELU),
        optimizer={"op": "adamw", "lr": 0.003, "weight_decay": 0.1},
        batch_size=32,
        epochs=60,
        l2=0.01,
        steps_per_second=150.0,
    ),
    # images
    _preset(
        "digits",
        Words("Digits 8×8", "数字 8×8"),
        Words(
            "Draw a digit while it trains and watch the answer settle. Which digits are mistaken for which at the end?",
            "一边训练一边画个数字，看答案怎样稳定下来。最后还有哪些数字会被认错？",
        ),
        {"op": "digits"},
        _network(_conv(16), NORM, RELU, _conv(32), NORM, RELU, POOL, FLATTEN, _dropout(0.3)),
        optimizer=_adam(0.003),
        batch_size=32,
        epochs=20,
        schedule={"op": "cosine"},
        minutes=0.3,
    ),
    _preset(
        "mnist",
        Words("Handwritten digits", "手写数字"),
        Words(
            "Look into the layers: the first convolution finds edges, the second puts them together to strokes and bends.",
            "看看每一层：第一个卷积层找边缘，第二个把边缘拼成笔画和弯钩。",
        ),
        {"op": "mnist"},
        _network(_conv(8, 5), RELU, POOL, _conv(16, 5), RELU, POOL, FLATTEN, _dropout(0.3)),
        optimizer=_adam(0.002),
        batch_size=50,
        epochs=15,
        schedule={"op": "cosine"},
        minutes=0.5,
    ),
    _preset(
        "rows",
        Words("Handwritten digits, row by row", "手写数字，一行一行读"),
        Words(
            "A recurrent layer never sees the whole picture: it reads 28 rows from the top and must remember. "
            "Put a simple RNN in its place and compare the two jobs.",
            "循环层从来看不到整幅图：它从上往下读 28 行，只能靠记。换成简单循环层，把两个任务放在一起比一比。",
        ),
        {"op": "mnist"},
        _network({"op": "rows_as_time"}, {"op": "gru", "units": 64}),
        optimizer=_adam(0.005),
        batch_size=50,
        epochs=12,
        schedule={"op": "one_cycle"},
        minutes=0.3,
    ),
    _preset(
        "vision_transformer",
        Words("Vision transformer", "视觉 Transformer"),
        Words(
            "The image becomes sixteen patches that ask one another for what they need. With so few examples it learns them by heart "
            "and stays behind the convolutions, which know from the start that neighbours belong together. "
            "What happens without the positional encoding?",
            "图像切成十六块，各块互相打听自己需要的东西。样本这么少，它会死记硬背，"
            "比不过卷积网络，因为卷积一开始就知道相邻的像素有关系。去掉位置编码，结果会怎样？",
        ),
        {"op": "mnist"},
        _network(
            {"op": "patch_embedding", "size": 7, "features": 64},
            {"op": "positional_encoding"},
            *[{"op": "transformer_block", "heads": 4, "hidden": 128, "dropout": 0.1}] * 2,
            {"op": "layer_norm"},
            {"op": "time_pool"},
        ),
        optimizer={"op": "adamw", "lr": 0.004},
        batch_size=50,
        epochs=20,
        schedule={"op": "one_cycle"},
        minutes=1,
    ),
    _preset(
        "fashion",
        Words("Fashion-MNIST, convolutions", "Fashion-MNIST，卷积网络"),
        Words(
            "Nine in ten right in a quarter of a minute. See which garments are mistaken: "
            "shirts for T-shirts and coats, hardly ever a shoe for a bag.",
            "十几秒就能认对九成。看看哪些会认错：衬衫常被当成 T 恤和外套，鞋却几乎不会被当成包。",
        ),
        {"op": "fashion_mnist"},
        _network({**_conv(12, 5), "stride": 2}, RELU, {**_conv(32), "stride": 2}, RELU, FLATTEN, _dense(64), RELU),
        optimizer={"op": "adamw", "lr": 0.01},
        batch_size=192,
        epochs=3,
        schedule={"op": "one_cycle", "peak_at": 0.1},
        minutes=0.3,
    ),
    _preset(
        "fashion_dense",
        Words("Fashion-MNIST without convolutions", "Fashion-MNIST，不用卷积"),
        Words(
            "A dense network sees the pixels as a plain list: with as many weights it still stays behind the convolutions. "
            "Compare the two jobs.",
            "全连接网络把像素当成一串数，权重一样多，还是比不过卷积网络。把两个任务放在一起比一比。",
        ),
        {"op": "fashion_mnist"},
        _network(FLATTEN, _dense(128), RELU),
        optimizer=_adam(0.001),
        batch_size=128,
        epochs=6,
        minutes=1,
        lesson="bad",
    ),
    *IMAGE_PRESETS,
    *UNLABELLED_PRESETS,
    *SPEECH_PRESETS,
    *TEXT_PRESETS,
    # tables, series, trees
    *SERIES_PRESETS,
    # by reward
    *CONTROL_PRESETS,
)
"""In the order of the page's list; the first is where a new visitor begins."""
