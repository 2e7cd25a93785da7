"""What flows along a wire: the sizes of one example and the meaning of their axes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from models.entry import Words

Kind = Literal["features", "sequence", "image", "tokens"]

AXES: dict[Kind, tuple[str, ...]] = {
    "features": ("features",),
    "sequence": ("time", "features"),
    "image": ("channels", "height", "width"),
    "tokens": ("time",),
}

KIND_WORDS: dict[Kind, Words] = {
    "features": Words("a plain list of numbers", "一串数"),
    "sequence": Words("a sequence", "一个序列"),
    "image": Words("an image", "一幅图像"),
    "tokens": Words("a row of tokens", "一串词元"),
}

WANTED: dict[Kind, Words] = {
    "features": KIND_WORDS["features"],
    "sequence": Words("a sequence (time, features)", "一个序列（时间、特征）"),
    "image": Words("an image (channels, height, width)", "一幅图像（通道、高、宽）"),
    "tokens": Words("a row of tokens (time)", "一串词元（时间）"),
}
"""The kinds with their axes, for who asks for one."""


@dataclass(frozen=True)
class Brackets:
    """Which tokens make a tree of a row of them."""

    opens: tuple[int, ...]
    """Tokens that begin a subtree; each is the label of its root."""
    closes: int
    """The token that ends one."""
    nesting: int
    """How many subtrees are open at once, at most."""


@dataclass(frozen=True)
class Shape:
    """Sizes of one example, without the batch: (features,), (time, features) or (channels, height, width); for tokens (time,)."""

    sizes: tuple[int, ...]
    vocabulary: int = 0
    """How many different tokens there are, where the numbers are not measured but name something: a character, a word."""
    brackets: Brackets | None = None
    """Where the tokens tell a tree: how."""

    @property
    def kind(self) -> Kind:
        """What the axes mean; raises KeyError for more than three."""
        if self.vocabulary:
            return "tokens"
        return {1: "features", 2: "sequence", 3: "image"}[len(self.sizes)]  # type: ignore[return-value]

    @property
    def axes(self) -> tuple[str, ...]:
        """Name of each axis."""
        return AXES[self.kind]

    def __str__(self) -> str:
        return "×".join(str(size) for size in self.sizes)
