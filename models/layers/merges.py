"""Blocks that make one out of several inputs, for skips and branches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from models import modules
from models.entry import Call, Words, call
from models.layers.layer import GROUPS, Merge, Misfit, Role
from models.shape import Shape


class Add(Merge):
    """Adds up its inputs, number by number.

    With a path around some layers this makes a skip: those layers only have to learn what to change. Gradients flow through
    the sum undiminished, which is what made networks of a hundred layers trainable.
    """

    op: Literal["add"] = "add"

    title: ClassVar[Words] = Words("Add", "相加")
    role: ClassVar[Role] = "merge"
    group: ClassVar[Words] = GROUPS["merge"]
    chinese: ClassVar[str] = (
        "把几个输入按位置一个个加起来。\n\n"
        "绕过几层再加回来，就成了跳跃连接：被绕过的层只需要学会改动什么。"
        "梯度可以原样穿过加号，上百层的网络正是因此才训练得动。"
    )

    def merge(self, shapes: Sequence[Shape]) -> Call:
        """The sum; raises Misfit unless all shapes are equal."""
        if len(set(shapes)) > 1:
            en, zh = _listed(shapes)
            raise Misfit(
                Words(f"Only inputs of the same shape can be added; these are {en}.", f"只有形状相同的输入才能相加，现在是 {zh}。"),
                Words(
                    "Give both paths the same number of units or filters, or use Concatenate.",
                    "让各条路给出同样多的神经元或滤波器，或者改用“拼接”。",
                ),
            )
        return call(modules.Add)


class Concatenate(Merge):
    """Puts its inputs side by side into one longer list; images are stacked as further channels.

    Nothing is mixed or lost: the next layer sees all of it and learns what to use. With a path around some layers it keeps
    the original input at hand.
    """

    op: Literal["concatenate"] = "concatenate"

    title: ClassVar[Words] = Words("Concatenate", "拼接")
    role: ClassVar[Role] = "merge"
    group: ClassVar[Words] = GROUPS["merge"]
    chinese: ClassVar[str] = (
        "把几个输入接成更长的一串；图像则叠成更多的通道。\n\n"
        "什么都没有混在一起，也没有丢掉：后面的层全看得到，自己学会用哪些。绕过几层再拼上，就能把原来的输入留在手边。"
    )

    def merge(self, shapes: Sequence[Shape]) -> Call:
        """The inputs along their features or channels; raises Misfit unless they are of one kind and equal in every other size."""
        first = shapes[0]
        if any(shape.kind != first.kind for shape in shapes):
            en, zh = _listed(shapes)
            raise Misfit(
                Words(
                    f"Images, sequences and plain lists cannot be joined; these are {en}.", f"图像、序列和一串数不能拼在一起，现在是 {zh}。"
                ),
                Words("Put a Flatten layer into the path that is not a plain list.", "在不是一串数的那条路上加一层“展平”。"),
            )
        if first.kind == "image" and any(shape.sizes[1:] != first.sizes[1:] for shape in shapes):
            en, zh = _listed(shapes)
            raise Misfit(
                Words(
                    f"Images must have the same height and width to be joined; these are {en}.",
                    f"图像的高和宽要相同才能拼接，现在是 {zh}。",
                ),
                Words("Shrink the larger image with pooling of the same size as on the other path.", "用同样大小的池化把较大的图像缩小。"),
            )
        if first.kind == "sequence" and any(shape.sizes[0] != first.sizes[0] for shape in shapes):
            en, zh = _listed(shapes)
            raise Misfit(
                Words(f"Sequences must be equally long to be joined; these are {en}.", f"序列要一样长才能拼接，现在是 {zh}。"),
                Words("Take both paths from layers that keep the length.", "让各条路都保持序列的长度。"),
            )
        return call(modules.Concatenate, 2 if first.kind == "sequence" else 1)


def _listed(shapes: Sequence[Shape]) -> tuple[str, str]:
    *others, last = [str(shape) for shape in shapes]
    return f"{', '.join(others)} and {last}", f"{'、'.join(others)} 和 {last}"
