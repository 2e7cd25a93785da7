"""The end of every network: the numbers that are the answer."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

from torch import nn

from models.entry import Call, Words, call
from models.layers.layer import GROUPS, Block, Misfit, Role
from models.shape import Shape
from models.task import NextToken, Reconstruction, Task


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

    def head(self, shape: Shape, task: Task) -> Call:
        """nn.Linear to the task's outputs, behind nn.Flatten when more than a plain list arrives. Raises Misfit."""
        if isinstance(task, NextToken):
            return _each_step(shape, task)
        if isinstance(task, Reconstruction):
            return given_back(shape, task.sizes)
        linear = call(nn.Linear, math.prod(shape.sizes), task.outputs)
        return linear if shape.kind == "features" else call(nn.Sequential, call(nn.Flatten), linear)


def _each_step(shape: Shape, task: NextToken) -> Call:
    """Scores of all tokens at each time step."""
    if shape.kind != "sequence":
        raise Misfit(
            Words(
                "The next token is asked for at each time step, so a sequence (time, features) has to arrive here.",
                "每个时刻都要预测下一个词元，所以这里要收到一个序列（时间、特征）。",
            ),
            Words("Let the layer before give all time steps, and put no Flatten here.", "让前一层给出所有时刻，这里也不要“展平”。"),
        )
    return call(nn.Linear, shape.sizes[-1], task.outputs)


def given_back(shape: Shape, sizes: tuple[int, ...]) -> Call:
    """An example of these sizes; what has them already stays as it is, what has its height and width is mixed pixel by pixel."""
    if shape.sizes == sizes:
        return call(nn.Identity)
    if shape.kind == "image" and shape.sizes[1:] == sizes[1:]:
        return call(nn.Conv2d, shape.sizes[0], sizes[0], 1)
    if shape.kind == "sequence" and shape.sizes[:1] == sizes[:1]:
        return call(nn.Linear, shape.sizes[-1], sizes[-1])
    parts = [call(nn.Flatten)] if shape.kind != "features" else []
    parts.append(call(nn.Linear, math.prod(shape.sizes), math.prod(sizes)))
    if len(sizes) > 1:
        parts.append(call(nn.Unflatten, 1, sizes))
    return parts[0] if len(parts) == 1 else call(nn.Sequential, *parts)
