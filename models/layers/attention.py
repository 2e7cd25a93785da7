"""Layers in which the time steps of a sequence look at one another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field
from torch import nn

from models import sequence_modules
from models.entry import Call, Label, Words, call
from models.layers.layer import Layer, Misfit, Role
from models.layers.reshape import largest_divisor
from models.shape import Kind, Shape

HEADS_LABEL = Label("Heads", "头数", "同时有几个注意力，各看各的；每个时刻的特征平分给它们，所以特征数要能被它整除。")
CAUSAL_LABEL = Label("Only backwards", "只看过去", "每个时刻是否只能看自己和更早的时刻，像写作文时还不知道后文一样。")


class Attentive(Layer):
    """A layer of the family of attention, on sequences."""

    role: ClassVar[Role] = "weights"
    group: ClassVar[Words] = Words("Attention", "注意力")
    accepts: ClassVar[tuple[Kind, ...]] = ("sequence",)


class PatchEmbedding(Attentive):
    """Cuts an image into square patches and makes each a list of numbers: a sequence of patches, row by row.

    Attention works on sequences; so a network of transformer blocks can look at an image as if its patches were words. One dense
    layer is used for all patches. It does not tell where a patch was: put a positional encoding behind it.

    Source: Dosovitskiy et al., “An image is worth 16x16 words”, 2020.
    """

    op: Literal["patch_embedding"] = "patch_embedding"
    size: int = Field(4, ge=1, le=64)
    """Width and height of a patch in pixels; what is left over at the border is dropped."""
    features: int = Field(32, ge=1, le=2048)
    """How many numbers each patch becomes."""

    title: ClassVar[Words] = Words("Patch embedding", "图块嵌入")
    accepts: ClassVar[tuple[Kind, ...]] = ("image",)
    chinese: ClassVar[str] = (
        "把图像切成方块，每块变成一串数，得到一个图块序列，一行一行地排。\n\n"
        "注意力层只收序列；这样一来，由 Transformer 块组成的网络就能像读词一样读图块。"
        "所有图块用的是同一个全连接层。它不说图块原来在哪儿，所以后面要接一层“位置编码”。\n\n"
        "出处：Dosovitskiy 等，“An image is worth 16x16 words”，2020。"
    )
    labels: ClassVar[Mapping[str, Label]] = {
        "size": Label("Patch size", "图块大小", "图块的边长，以像素计；边上不够一块的部分舍去。"),
        "features": Label("Numbers a patch", "每块几个数", "每个图块变成多少个数。"),
    }

    def call(self, shape: Shape) -> Call:
        """(channels, height, width) -> (patches, features); raises Misfit when the image is smaller than a patch."""
        channels, *sides = shape.sizes
        if self.size > min(sides):
            raise Misfit(
                Words(
                    f"A patch of {self.size}×{self.size} does not fit into an image of {sides[0]}×{sides[1]}.",
                    f"{self.size}×{self.size} 的图块放不进 {sides[0]}×{sides[1]} 的图像。",
                ),
                Words(f"Choose patches of {min(sides)} or less.", f"把图块大小改为 {min(sides)} 或更小。"),
                change=("size", min(sides)),
            )
        cut = call(nn.Conv2d, channels, self.features, self.size, stride=self.size)
        return call(nn.Sequential, cut, call(nn.Flatten, 2), call(sequence_modules.Swap))


class PositionalEncoding(Attentive):
    """Adds to each time step numbers that tell its place in the sequence.

    Attention sees its inputs as a set: if they were shuffled, the answers would be the same ones, shuffled. With their places added,
    order counts. Learnt places start small and adapt to the data; sines of ever slower waves need no learning.

    Source: Vaswani et al., “Attention is all you need”, 2017.
    """

    op: Literal["positional_encoding"] = "positional_encoding"
    mode: Literal["learned", "sinusoidal"] = "learned"
    """Whether the numbers of a place are weights that are learnt, or fixed sines and cosines."""

    title: ClassVar[Words] = Words("Positional encoding", "位置编码")
    chinese: ClassVar[str] = (
        "给每个时刻加上一些数，说明它排在序列的什么位置。\n\n"
        "在注意力看来，输入只是一堆东西：打乱顺序，结果也只是跟着打乱。加上位置，先后才有意义。"
        "可学习的位置一开始很小，慢慢适应数据；由越来越慢的正弦波组成的位置则不用学。\n\n"
        "出处：Vaswani 等，“Attention is all you need”，2017。"
    )
    labels: ClassVar[Mapping[str, Label]] = {"mode": Label("Kind", "种类", "位置的数是学出来的权重，还是固定的正弦和余弦。")}
    options: ClassVar[Mapping[str, Mapping[str, Words]]] = {
        "mode": {"learned": Words("Learnt", "可学习"), "sinusoidal": Words("Sines and cosines", "正弦和余弦")}
    }

    def call(self, shape: Shape) -> Call:
        """The shape stays."""
        module = sequence_modules.LearnedPositions if self.mode == "learned" else sequence_modules.SinusoidalPositions
        return call(module, *shape.sizes)


class SelfAttention(Attentive):
    """Lets each time step gather what it needs from all the others, near or far.

    Each step asks a question, offers a key and holds a value, all three by weights that are learnt. Where a question meets a key
    that fits, the value counts for more. So two steps a hundred places apart meet in a single layer, while a recurrent layer would
    have to carry the one all the way to the other. Several heads can ask for different things at once.

    Source: Vaswani et al., “Attention is all you need”, 2017.
    """

    op: Literal["self_attention"] = "self_attention"
    heads: int = Field(2, ge=1, le=64)
    """How many questions are asked at once. The features of a step are shared out to them, so their number must divide the features."""
    causal: bool = False
    """Whether a step may look only at itself and at earlier ones, as a writer who does not know yet what comes."""

    title: ClassVar[Words] = Words("Self-attention", "自注意力")
    chinese: ClassVar[str] = (
        "让每个时刻从其他所有时刻那里取来自己需要的东西，不管远近。\n\n"
        "每个时刻提一个问题，亮一把钥匙，带一份内容，三样都由学到的权重算出。问题和哪把钥匙对得上，那份内容就占得多。"
        "相隔一百步的两个时刻，一层就能碰面，而循环层得把前一个一路带到后一个。几个头可以同时问不同的事。\n\n"
        "出处：Vaswani 等，“Attention is all you need”，2017。"
    )
    labels: ClassVar[Mapping[str, Label]] = {"heads": HEADS_LABEL, "causal": CAUSAL_LABEL}

    def call(self, shape: Shape) -> Call:
        """The shape stays; raises Misfit unless the heads divide the features."""
        _require_heads(self.heads, shape)
        return call(sequence_modules.SelfAttention, shape.sizes[-1], self.heads, **({"causal": True} if self.causal else {}))


class TransformerBlock(Attentive):
    """Self-attention, then two dense layers at each time step, each with a bridge past it: the brick of today's large networks.

    Attention moves information between the steps, the dense layers work on it at each step. What comes in is normalised
    before each of the two and their result is added to it, so that many blocks can be stacked and still be trained.

    Source: Vaswani et al., “Attention is all you need”, 2017; normalising first: Xiong et al., 2020.
    """

    op: Literal["transformer_block"] = "transformer_block"
    heads: int = Field(2, ge=1, le=64)
    """How many questions are asked at once. The features of a step are shared out to them, so their number must divide the features."""
    hidden: int = Field(64, ge=1, le=4096)
    """Units of the first of the two dense layers; often two to four times the features."""
    dropout: float = Field(0.0, ge=0, lt=1)
    """Share of what is added that is switched off while training."""
    causal: bool = False
    """Whether a step may look only at itself and at earlier ones, as a writer who does not know yet what comes."""

    title: ClassVar[Words] = Words("Transformer block", "Transformer 块")
    chinese: ClassVar[str] = (
        "先做自注意力，再在每个时刻过两个全连接层，两部分旁边都架了桥：今天的大网络就是用这种砖砌成的。\n\n"
        "注意力在时刻之间搬运信息，全连接层在每个时刻加工信息。两部分都先把输入归一化，再把结果加回到输入上，"
        "所以叠很多块也还训练得动。\n\n"
        "出处：Vaswani 等，“Attention is all you need”，2017；先归一化：Xiong 等，2020。"
    )
    labels: ClassVar[Mapping[str, Label]] = {
        "heads": HEADS_LABEL,
        "hidden": Label("Hidden units", "隐藏神经元数", "两个全连接层中第一个的神经元数；常取特征数的两到四倍。"),
        "dropout": Label("Dropout", "随机失活", "训练时，加回去的结果有多大比例被关掉。"),
        "causal": CAUSAL_LABEL,
    }

    def call(self, shape: Shape) -> Call:
        """The shape stays; raises Misfit unless the heads divide the features."""
        _require_heads(self.heads, shape)
        keywords: dict[str, Any] = {"dropout": self.dropout} if self.dropout else {}
        if self.causal:
            keywords["causal"] = True
        return call(sequence_modules.TransformerBlock, shape.sizes[-1], self.heads, self.hidden, **keywords)


class AttentionPool(Attentive):
    """Sums a sequence up as one list of numbers: an average of all time steps in which the important ones count for more.

    How important a step is, the layer learns: it gives each a score, and the scores become shares that add up to 1. The plain
    mean would count silence as much as the word.

    Source: Bahdanau et al., “Neural machine translation by jointly learning to align and translate”, 2014.
    """

    op: Literal["attention_pool"] = "attention_pool"

    title: ClassVar[Words] = Words("Attention pooling", "注意力池化")
    chinese: ClassVar[str] = (
        "把整个序列概括成一串数：对所有时刻求平均，重要的时刻占得多。\n\n"
        "哪个时刻重要是学出来的：先给每个时刻打分，分数再换成加起来等于 1 的份额。普通的平均会把静音和词语看得一样重。\n\n"
        "出处：Bahdanau 等，“Neural machine translation by jointly learning to align and translate”，2014。"
    )

    def call(self, shape: Shape) -> Call:
        """(time, features) -> (features,)."""
        return call(sequence_modules.AttentionPool, shape.sizes[-1])


def _require_heads(heads: int, shape: Shape) -> None:
    features = shape.sizes[-1]
    if features % heads:
        nearest = largest_divisor(features, min(heads, features))
        raise Misfit(
            Words(
                f"{features} features cannot be shared out evenly to {heads} heads.",
                f"{features} 个特征没法平分给 {heads} 个头。",
            ),
            Words(
                f"Choose {nearest} {'head' if nearest == 1 else 'heads'}, or give the layer before it another size.",
                f"改为 {nearest} 个头，或者改变前一层的大小。",
            ),
            change=("heads", nearest),
        )
