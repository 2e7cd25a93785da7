"""Augmentation: every image a little different each time that the network learns from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from models import modules
from models.entry import Call, Label, Words, call
from models.layers.layer import GROUPS, Layer, Role
from models.shape import Kind, Shape


class Augment(Layer):
    """Shifts, turns, mirrors and covers images at random while training.

    A garment is the same garment a little further left. A network that never sees quite the same picture twice cannot learn
    pictures by heart; it has to find what stays. Put it right behind the data, and look at the picture “Augmented”. Choose only
    what leaves the answer as it is: a mirrored shoe is a shoe, a mirrored digit is none.

    After training the images pass as they are. For noise, add Gaussian noise behind it.
    """

    op: Literal["augment"] = "augment"
    shift: int = Field(2, ge=0, le=32)
    """Most pixels by which an image is shifted in each direction."""
    flip: bool = False
    """Whether half of the images are mirrored left to right."""
    rotate: float = Field(0.0, ge=0, le=180)
    """Most degrees by which an image is turned, either way."""
    erase: int = Field(0, ge=0, le=64)
    """Side of a square, somewhere in the image, that is covered; 0 covers nothing."""

    title: ClassVar[Words] = Words("Augment", "数据增强")
    role: ClassVar[Role] = "regularise"
    group: ClassVar[Words] = GROUPS["regularise"]
    accepts: ClassVar[tuple[Kind, ...]] = ("image",)
    chinese: ClassVar[str] = (
        "训练时把图像随机平移、旋转、翻转、遮掉一块。\n\n"
        "衣服往左挪一点还是那件衣服。网络每次看到的都不完全一样，就没法死记，只能去找不变的东西。"
        "把它放在数据后面第一个，再看看“增强后的图像”。只选不会改变答案的变化：鞋翻转了还是鞋，数字翻转了就不是那个数字了。\n\n"
        "训练完，图像原样通过。想加噪声，就在后面加一层“高斯噪声”。"
    )
    labels: ClassVar[Mapping[str, Label]] = {
        "shift": Label("Shift", "平移", "图像朝每个方向最多挪几个像素。"),
        "flip": Label("Mirror", "左右翻转", "要不要把一半图像左右翻转。"),
        "rotate": Label("Turn", "旋转", "图像最多转多少度，两个方向都算。"),
        "erase": Label("Cover", "遮挡", "随机遮掉一个正方形，边长几个像素；0 表示不遮。"),
    }

    def call(self, shape: Shape) -> Call:
        """modules.Augment."""
        return call(modules.Augment, shift=self.shift, flip=self.flip, rotate=self.rotate, erase=self.erase)
