"""The base of everything that may stand in a node, and what a layer says when its input does not suit it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from models.entry import Call, Entry, Words
from models.shape import Kind, Shape

Role = Literal["weights", "activation", "shape", "regularise", "merge", "output"]

GROUPS: dict[Role, Words] = {
    "weights": Words("Weights", "权重层"),
    "activation": Words("Activation", "激活函数"),
    "shape": Words("Shape", "形状"),
    "regularise": Words("Regularisation", "正则化"),
    "merge": Words("Combine", "合并"),
    "output": Words("Answer", "输出"),
}
"""Groups of the palette, in its order."""


class Misfit(Exception):
    """What arrives does not suit the layer: what is wrong, what to do, and what mends it: the JSON of a layer to be put before it,
    or a field of its own and the value that suits."""

    def __init__(
        self, message: Words, hint: Words | None = None, insert: dict[str, Any] | None = None, change: tuple[str, Any] | None = None
    ) -> None:
        super().__init__(message.en)
        self.message = message
        self.hint = hint
        self.insert = insert
        self.change = change


class Block(Entry):
    """Whatever may stand in a node: a layer, a merge or the output."""

    role: ClassVar[Role]
    accepts: ClassVar[tuple[Kind, ...]] = ("features", "sequence", "image")
    """Kinds of input that suit it; the network checks them before it asks for the call."""
    options: ClassVar[Mapping[str, Mapping[str, Words]]] = {}
    """For each field that is a choice: what its values are called."""


class Layer(Block):
    """A block with one input."""

    @abstractmethod
    def call(self, shape: Shape) -> Call:
        """What makes the nn.Module for inputs of this shape; raises Misfit."""


class Merge(Block):
    """A block that makes one out of two or more inputs."""

    @abstractmethod
    def merge(self, shapes: Sequence[Shape]) -> Call:
        """What makes the nn.Module whose `forward` takes inputs of these shapes, one argument each; raises Misfit."""
