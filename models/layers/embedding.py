"""Where names become numbers: a list of numbers for every token, learnt with the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field
from torch import nn

from models.entry import Call, Label, Words, call
from models.layers.layer import GROUPS, Layer, Role
from models.shape import Kind, Shape


class Embedding(Layer):
    """Gives every token, a character or a word, a list of numbers of its own, and learns them.

    Tokens that play the same part end up near each other: the network finds out by itself that two words mean almost the same
    (Bengio et al., 2003). The empty token that fills up short texts stays all zero.
    """

    op: Literal["embedding"] = "embedding"
    features: int = Field(32, ge=1, le=1024)
    """How many numbers stand for a token."""

    title: ClassVar[Words] = Words("Embedding", "词嵌入")
    role: ClassVar[Role] = "weights"
    group: ClassVar[Words] = GROUPS["weights"]
    accepts: ClassVar[tuple[Kind, ...]] = ("tokens",)
    chinese: ClassVar[str] = (
        "给每个词元（字或词）一串属于它自己的数，并在训练中学出这些数。\n\n"
        "作用相近的词元会靠到一起：没人告诉网络，它也能发现两个词意思差不多（Bengio 等，2003）。用来补齐短文本的空词元始终是零。"
    )
    labels: ClassVar[Mapping[str, Label]] = {"features": Label("Features", "特征数", "用多少个数表示一个词元。")}

    def call(self, shape: Shape) -> Call:
        """nn.Embedding, (time,) -> (time, features)."""
        return call(nn.Embedding, shape.vocabulary, self.features, padding_idx=0)
