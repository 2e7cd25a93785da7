"""Recursive layers: they compute along the brackets of a tree, from the leaves to the root."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from models import tree_modules
from models.entry import Call, Label, Words, call
from models.layers.layer import Layer, Misfit, Role
from models.shape import Kind, Shape


class Recursion(Layer):
    """A layer that makes one state out of two, again and again, as the brackets say."""

    units: int = Field(32, ge=1, le=512)
    """How many numbers stand for a subtree."""

    role: ClassVar[Role] = "weights"
    group: ClassVar[Words] = Words("Recurrence", "循环层")
    accepts: ClassVar[tuple[Kind, ...]] = ("tokens",)
    labels: ClassVar[Mapping[str, Label]] = {"units": Label("Units", "神经元数", "用多少个数表示一棵子树。")}
    states: ClassVar[int]
    """How many numbers a state has for each unit."""
    cell: ClassVar[type]

    def call(self, shape: Shape) -> Call:
        """(time,) with brackets -> (units,)."""
        if shape.brackets is None:
            raise Misfit(
                Words(
                    "A recursive layer computes along the brackets of an expression; these tokens have none.",
                    "递归层顺着算式的括号计算，而这些词元没有括号。",
                ),
                Words("Put an Embedding here and a recurrent layer behind it.", "换成“词嵌入”，后面接一个循环层。"),
            )
        brackets = shape.brackets
        return call(
            tree_modules.ShiftReduce,
            call(self.cell, self.units),
            vocabulary=shape.vocabulary,
            size=self.states * self.units,
            units=self.units,
            opens=brackets.opens,
            closes=brackets.closes,
            nesting=brackets.nesting,
        )


class TreeLSTM(Recursion):
    """Computes along a tree, from the leaves to the root; gates decide what is kept of each branch.

    The same weights are used at every node, so a subtree is understood in the same way wherever it stands. A node takes its children in one
    by one, from the left; each step keeps of the node's memory and of the child's as much as its gates let through.

    Source: Tai, Socher and Manning, “Improved semantic representations from tree-structured LSTM networks”, 2015.
    """

    op: Literal["tree_lstm"] = "tree_lstm"

    title: ClassVar[Words] = Words("Tree-LSTM", "树形 LSTM")
    chinese: ClassVar[str] = (
        "顺着树从叶到根计算，由门决定每个分支的内容保留多少。\n\n"
        "每个节点用的都是同一组权重，所以一棵子树无论在哪里，理解的方式都一样。节点从左到右逐个接收子节点，"
        "每一步由门决定，节点自己的记忆和子节点的记忆各留多少。\n\n"
        "出处：Tai、Socher 和 Manning，“Improved semantic representations from tree-structured LSTM networks”，2015。"
    )
    states: ClassVar[int] = 2
    cell: ClassVar[type] = tree_modules.TreeLSTMCell


class TreeRNN(Recursion):
    """Computes along a tree, from the leaves to the root: at each node tanh of a weighted sum of what the node has and of its next child.

    The simplest recursive network. With every node the gradient passes one more tanh, so deep trees are hard for it: set a tree-LSTM beside
    it and compare.

    Source: Socher et al., “Parsing natural scenes and natural language with recursive neural networks”, 2011.
    """

    op: Literal["tree_rnn"] = "tree_rnn"

    title: ClassVar[Words] = Words("Simple recursive layer", "简单递归层")
    chinese: ClassVar[str] = (
        "顺着树从叶到根计算：在每个节点，把节点已有的内容和下一个子节点各乘权重加起来，再取 tanh。\n\n"
        "这是最简单的递归网络。每经过一个节点，梯度就要多穿过一个 tanh，所以树深了它就吃力：换成树形 LSTM 比比看。\n\n"
        "出处：Socher 等，“Parsing natural scenes and natural language with recursive neural networks”，2011。"
    )
    states: ClassVar[int] = 1
    cell: ClassVar[type] = tree_modules.TreeRNNCell
