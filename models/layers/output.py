"""The end of every network: the numbers that are the answer."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

from torch import nn

from models.entry import Call, Words, call
from models.layers.layer import GROUPS, Block, Role
from models.shape import Shape
from models.task import Classification, Regression


class Output(Block):
    """Gives the answer: a score for each class, or the numbers that are to be estimated.

    It is a dense layer that sizes itself to the dataset, so there is nothing to set; images and sequences are laid out flat
    first. For two classes it gives one score, the log-odds of the second; for more, one a class. The loss turns scores into
    probabilities, which is why no activation belongs here.
    """

    op: Literal["output"] = "output"

    title: ClassVar[Words] = Words("Output", "输出层")
    role: ClassVar[Role] = "output"
    group: ClassVar[Words] = GROUPS["output"]
    chinese: ClassVar[str] = (
        "给出答案：每个类别一个分数，或者要估计的那些数。\n\n"
        "它就是一个全连接层，大小随数据集自动确定，没有什么要设置；图像和序列会先摊平。"
        "两个类别时只给一个分数，即第二类的对数几率；更多类别时每类一个。"
        "分数由损失函数换算成概率，所以这里不必再加激活函数。"
    )

    def head(self, shape: Shape, task: Classification | Regression) -> Call:
        """nn.Linear to the task's outputs, behind nn.Flatten when more than a plain list arrives."""
        linear = call(nn.Linear, math.prod(shape.sizes), task.outputs)
        return linear if shape.kind == "features" else call(nn.Sequential, call(nn.Flatten), linear)
