"""Where a network that makes examples hands them to its judge."""

from __future__ import annotations

from typing import ClassVar, Literal

from models.entry import Call, Words
from models.layers.layer import GROUPS, Block, Role
from models.layers.output import given_back
from models.shape import Shape


class Example(Block):
    """What the layers before it have made, in the shape of one example of the dataset.

    It sizes itself to the data, so there is nothing to set. For training with a judge it divides the network in two: before it
    stands the generator, which makes examples out of noise; behind it the judge, who gets now a made example and now a real one
    and has to say which is which.
    """

    op: Literal["example"] = "example"

    title: ClassVar[Words] = Words("Made example", "生成的样本")
    role: ClassVar[Role] = "output"
    group: ClassVar[Words] = GROUPS["output"]
    chinese: ClassVar[str] = (
        "前面各层造出来的东西，形状和数据集的一个样本相同。\n\n"
        "大小随数据自动确定，没有什么要设置。用“对抗”方式训练时，它把网络分成两半："
        "前面是生成器，从噪声里造样本；后面是判别器，一会儿收到造的，一会儿收到真的，要分清哪个是哪个。"
    )

    def made(self, shape: Shape, sizes: tuple[int, ...]) -> Call:
        """What gives an example of these sizes."""
        return given_back(shape, sizes)
