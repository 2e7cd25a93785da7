"""Layers that only change how numbers are arranged, and which of them go on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field
from torch import nn

from models import sequence_modules
from models.entry import Call, Label, Words, call
from models.layers.layer import GROUPS, Layer, Misfit, Role
from models.shape import Kind, Shape


class Arrangement(Layer):
    """A layer without weights that rearranges what it gets."""

    role: ClassVar[Role] = "shape"
    group: ClassVar[Words] = GROUPS["shape"]


class Flatten(Arrangement):
    """Lays out an image or a sequence as one plain list of numbers.

    Dense layers take plain lists, so this stands between the convolutions and them. Nothing is lost but the knowledge of
    which numbers were neighbours.
    """

    op: Literal["flatten"] = "flatten"

    title: ClassVar[Words] = Words("Flatten", "展平")
    chinese: ClassVar[str] = (
        "把图像或序列摊开成一串数。\n\n全连接层只收一串数，所以它站在卷积层和全连接层之间。数一个不少，丢掉的只是谁和谁相邻。"
    )

    def call(self, shape: Shape) -> Call:
        """nn.Flatten."""
        return call(nn.Flatten)


class RowsAsTime(Arrangement):
    """Reads an image as a sequence: each row of pixels is one time step, from the top to the bottom.

    Recurrent and attention layers work on sequences. Behind this one they see an image as somebody who reads a page line by
    line. Channels stand side by side in a row. To go column by column, put Swap axes before it.
    """

    op: Literal["rows_as_time"] = "rows_as_time"

    title: ClassVar[Words] = Words("Rows as time steps", "逐行读成序列")
    accepts: ClassVar[tuple[Kind, ...]] = ("image",)
    chinese: ClassVar[str] = (
        "把图像读成序列：每一行像素是一个时刻，从上往下读。\n\n"
        "循环层和注意力层只收序列。有了它，它们看图就像人看书，一行一行地读。有几个通道，就在同一行里并排放着。"
        "想一列一列地读，在它前面加一层“交换两轴”。"
    )

    def call(self, shape: Shape) -> Call:
        """(channels, height, width) -> (height, channels · width)."""
        return call(sequence_modules.RowsAsTime)


class ToSequence(Arrangement):
    """Cuts a plain list of numbers into time steps, so many numbers each.

    With one number a step, a recurrent layer reads a row of a table number by number. A sequence is cut anew: the same
    numbers in the same order, in shorter or longer steps.
    """

    op: Literal["to_sequence"] = "to_sequence"
    features: int = Field(1, ge=1, le=4096)
    """Numbers in each time step; it must divide how many there are."""

    title: ClassVar[Words] = Words("Cut into time steps", "切成时刻")
    accepts: ClassVar[tuple[Kind, ...]] = ("features", "sequence")
    chinese: ClassVar[str] = (
        "把一串数切成一个个时刻，每个时刻几个数。\n\n"
        "每个时刻一个数的话，循环层就把表格的一行一个数一个数地读过去。输入已经是序列时就重新切：数和顺序都不变，只是每个时刻变长或变短。"
    )
    labels: ClassVar[Mapping[str, Label]] = {"features": Label("Numbers a step", "每个时刻几个数", "一个时刻有几个数；总数要能被它整除。")}

    def call(self, shape: Shape) -> Call:
        """(numbers,) -> (numbers / features, features); raises Misfit when they do not come out even."""
        numbers = math.prod(shape.sizes)
        _require_divides(numbers, self.features, "features", Words("time steps", "时刻"))
        cut = call(nn.Unflatten, 1, (numbers // self.features, self.features))
        return cut if shape.kind == "features" else call(nn.Sequential, call(nn.Flatten), cut)


class ToImage(Arrangement):
    """Folds a plain list of numbers into an image, or takes a sequence as one: each time step is a row of pixels.

    Convolutions work on images. A list becomes an image as near to a square as its length allows; a sequence keeps its time
    as height, which is the way back from Rows as time steps. Behind dense layers it is where a network begins to paint.
    """

    op: Literal["to_image"] = "to_image"
    channels: int = Field(1, ge=1, le=1024)
    """Channels of the image; it must divide how many numbers there are (of a sequence: in each time step)."""

    title: ClassVar[Words] = Words("Fold into an image", "折成图像")
    accepts: ClassVar[tuple[Kind, ...]] = ("features", "sequence")
    chinese: ClassVar[str] = (
        "把一串数折成一幅图像；输入是序列时，每个时刻就是一行像素。\n\n"
        "卷积层只收图像。一串数会折得尽量接近正方形；序列则让时间成为高，正好是“逐行读成序列”的反方向。"
        "放在全连接层后面，网络就从这里开始“画画”。"
    )
    labels: ClassVar[Mapping[str, Label]] = {
        "channels": Label("Channels", "通道数", "图像有几个通道；数的个数（序列则是每个时刻的个数）要能被它整除。")
    }

    def call(self, shape: Shape) -> Call:
        """(numbers,) -> (channels, height, width), (time, features) -> (channels, time, features / channels); raises Misfit."""
        numbers = shape.sizes[-1]
        _require_divides(numbers, self.channels, "channels", Words("channels", "通道"))
        if shape.kind == "sequence":
            return call(sequence_modules.TimeAsRows, self.channels)
        height = largest_divisor(numbers // self.channels, math.isqrt(numbers // self.channels))
        return call(nn.Unflatten, 1, (self.channels, height, numbers // self.channels // height))


class SwapAxes(Arrangement):
    """Swaps time and features of a sequence, or height and width of an image.

    A layer that works along the one axis then works along the other: a dense layer behind it mixes time steps instead of
    features, and rows become columns.
    """

    op: Literal["swap_axes"] = "swap_axes"

    title: ClassVar[Words] = Words("Swap axes", "交换两轴")
    accepts: ClassVar[tuple[Kind, ...]] = ("sequence", "image")
    chinese: ClassVar[str] = (
        "把序列的时间和特征对调，或者把图像的高和宽对调。\n\n本来沿一个轴工作的层，这样就沿另一个轴工作：后面的全连接层混合的是各个时刻而不是特征，行变成了列。"
    )

    def call(self, shape: Shape) -> Call:
        """(time, features) -> (features, time), (channels, height, width) -> (channels, width, height)."""
        return call(sequence_modules.Swap)


class Slice(Arrangement):
    """Lets only a part go on: some of the features, of a sequence's time steps, or of an image's channels.

    With several slices of the same input a network can be made to treat its parts differently and join the answers.
    """

    op: Literal["slice"] = "slice"
    start: int = Field(0, ge=0, le=100_000)
    """How many are left out at the beginning."""
    count: int = Field(1, ge=1, le=100_000)
    """How many go on."""

    title: ClassVar[Words] = Words("Slice", "切片")
    chinese: ClassVar[str] = (
        "只让一部分通过：几个特征、序列的几个时刻，或者图像的几个通道。\n\n对同一个输入切几片，就能让网络对不同部分用不同的办法，再把答案合起来。"
    )
    labels: ClassVar[Mapping[str, Label]] = {
        "start": Label("Start", "起点", "开头略去几个。"),
        "count": Label("Count", "个数", "留下几个。"),
    }

    def call(self, shape: Shape) -> Call:
        """(size, …) -> (count, …); raises Misfit when there are not so many."""
        size = shape.sizes[0]
        if self.start + self.count > size:
            name = {"features": Words("features", "特征"), "sequence": Words("time steps", "时刻"), "image": Words("channels", "通道")}[
                shape.kind
            ]
            fits = self.start < size
            raise Misfit(
                Words(
                    f"There are only {size} {name.en}; {self.count} from place {self.start} on are more.",
                    f"{name.zh}只有 {size} 个，从第 {self.start} 个之后取 {self.count} 个不够。",
                ),
                Words("Take fewer, or start earlier.", "少取几个，或者从更前面开始。"),
                change=("count", size - self.start) if fits else ("start", 0),
            )
        return call(sequence_modules.Slice, self.start, self.start + self.count)


class Pad(Arrangement):
    """Puts zeros around an image, or before and behind a sequence.

    Layers that look at a neighbourhood then find one at the border too, and inputs can be brought to the size that another
    path of the network has.
    """

    op: Literal["pad"] = "pad"
    size: int = Field(1, ge=1, le=64)
    """Pixels at each side of the image, or time steps at each end of the sequence."""

    title: ClassVar[Words] = Words("Pad", "补零")
    accepts: ClassVar[tuple[Kind, ...]] = ("sequence", "image")
    chinese: ClassVar[str] = (
        "在图像四周，或者序列的前后，补上零。\n\n要看邻居的层，到了边缘也有邻居可看；也可以把大小补得和网络的另一条路一样。"
    )
    labels: ClassVar[Mapping[str, Label]] = {"size": Label("Size", "宽度", "图像每边补几个像素，或者序列两头各补几个时刻。")}

    def call(self, shape: Shape) -> Call:
        """nn.ZeroPad2d."""
        return call(nn.ZeroPad2d, _border(self.size, shape))


class Crop(Arrangement):
    """Cuts off the border of an image, or both ends of a sequence.

    What is known to hold nothing of interest need not be computed with.
    """

    op: Literal["crop"] = "crop"
    size: int = Field(1, ge=1, le=64)
    """Pixels at each side of the image, or time steps at each end of the sequence."""

    title: ClassVar[Words] = Words("Crop", "裁剪")
    accepts: ClassVar[tuple[Kind, ...]] = ("sequence", "image")
    chinese: ClassVar[str] = "裁掉图像的一圈边缘，或者序列的两头。\n\n明知没有内容的地方，就不必拿来计算。"
    labels: ClassVar[Mapping[str, Label]] = {"size": Label("Size", "宽度", "图像每边裁几个像素，或者序列两头各裁几个时刻。")}

    def call(self, shape: Shape) -> Call:
        """nn.ZeroPad2d by less than nothing; raises Misfit when nothing would be left."""
        smallest = shape.sizes[0] if shape.kind == "sequence" else min(shape.sizes[1:])
        if 2 * self.size >= smallest:
            raise Misfit(
                Words(
                    f"Cutting {self.size} off at both sides of {smallest} leaves nothing.",
                    f"长度只有 {smallest}，两边各裁 {self.size} 就什么也不剩了。",
                ),
                Words("Cut off less, or remove this layer.", "少裁一些，或者去掉这一层。"),
                change=("size", (smallest - 1) // 2) if smallest > 2 else None,
            )
        return call(nn.ZeroPad2d, _border(-self.size, shape))


def largest_divisor(number: int, most: int) -> int:
    """The largest number up to `most` that divides `number`."""
    return next(divisor for divisor in range(most, 0, -1) if number % divisor == 0)


def _border(size: int, shape: Shape) -> tuple[int, int, int, int]:
    """What nn.ZeroPad2d takes: left, right, above, below. A sequence looks like an image whose rows are time steps."""
    return (0, 0, size, size) if shape.kind == "sequence" else (size, size, size, size)


def _require_divides(numbers: int, parts: int, field: str, name: Words) -> None:
    if numbers % parts:
        nearest = largest_divisor(numbers, min(parts, numbers))
        raise Misfit(
            Words(
                f"{numbers} numbers cannot be shared out evenly into {name.en} with {parts} as “{field}”.",
                f"{numbers} 个数分不匀：分成{name.zh}时，{numbers} 不能被 {parts} 整除。",
            ),
            Words(f"Choose {nearest}, or give the layer before it another size.", f"改为 {nearest}，或者改变前一层的大小。"),
            change=(field, nearest),
        )
