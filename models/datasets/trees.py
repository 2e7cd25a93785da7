"""Expressions in brackets, which are trees: what do they come to?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field
from torch import nn

from models.datasets.dataset import Dataset, Modality, Origin, Takes, dealt, split
from models.entry import Call, Label, Words, call
from models.shape import Brackets, Shape
from models.task import Classification

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]

TOKENS = ("", *"0123456789", "[MAX", "[MIN", "[MED", "[SM", "]")
"""What each id stands for; 0 is the empty token."""
DIGIT = 1
"""The id of the digit 0."""
OPERATION = 11
"""The id of the first operation."""
CLOSE = 15
"""The id of the bracket that closes."""
LONGEST = 32
"""Tokens of an expression, at most."""


def list_operations(samples: int, depth: int, arguments: int, validation: float, seed: int) -> Arrays:
    """Expressions as tokens (n, time), filled up on the left with 0, and what they come to (n,); no expression comes twice."""
    random = np.random.default_rng(seed)
    length = longest(depth, arguments)
    found: dict[tuple[int, ...], int] = {}
    while len(found) < samples:
        tokens, value = expression(int(random.integers(1, depth + 1)), arguments, random)
        if len(tokens) <= length:
            found[tuple(tokens)] = value
    rows = np.zeros((samples, length), dtype=np.int64)
    for row, made in zip(rows, found, strict=True):
        row[length - len(made) :] = made
    return split(rows, np.array(list(found.values()), dtype=np.int64), validation, seed)


def longest(depth: int, arguments: int) -> int:
    """Tokens of the longest expression that is made."""
    leaves: int = arguments**depth
    return min(LONGEST, 2 * (leaves - 1) // (arguments - 1) + leaves)


def expression(depth: int, arguments: int, random: np.random.Generator) -> tuple[list[int], int]:
    """One of exactly this depth, made by chance, and what it comes to: an operation of two or more arguments, each a digit or an
    expression."""
    operation, count = int(random.integers(4)), int(random.integers(2, arguments + 1))
    deepest = int(random.integers(count))
    tokens, values = [OPERATION + operation], []
    for place in range(count):
        below = depth - 1 if place == deepest else int(random.integers(depth)) if random.random() < 0.2 else 0
        if below:
            inner, value = expression(below, arguments, random)
        else:
            value = int(random.integers(10))
            inner = [DIGIT + value]
        tokens += inner
        values.append(value)
    return [*tokens, CLOSE], outcome(operation, values)


def outcome(operation: int, values: Sequence[int]) -> int:
    """What an operation gives: the largest, the smallest, the median (rounded down), or the last digit of the sum."""
    ordered = sorted(values)
    middle = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) // 2
    return (ordered[-1], ordered[0], middle, sum(ordered) % 10)[operation]


@dataclass(frozen=True)
class Part:
    """A part of an expression: a digit, or an operation with all that it works on."""

    tokens: tuple[int, ...]
    parent: int | None
    """Place of the operation that it belongs to, in the list of all parts."""
    value: int


def parsed(tokens: Sequence[int]) -> list[Part]:
    """All parts of an expression, each operation before what it works on, from left to right."""
    begins: list[int] = []
    parents: list[int | None] = []
    ends: list[int] = []
    values: list[list[int]] = []
    within: list[int] = []  # the operations that are open
    for place, token in enumerate(tokens):
        if token == CLOSE:
            done = within.pop()
            ends[done] = place + 1
            given = outcome(tokens[begins[done]] - OPERATION, values[done])
            values[done] = [given]
            if within:
                values[within[-1]].append(given)
            continue
        begins.append(place)
        ends.append(place + 1)
        parents.append(within[-1] if within else None)
        if token >= OPERATION:
            within.append(len(begins) - 1)
            values.append([])
        else:
            values.append([token - DIGIT])
            if parents[-1] is not None:
                values[within[-1]].append(token - DIGIT)
    return [
        Part(tuple(tokens[begin:end]), parent, value[0]) for begin, end, parent, value in zip(begins, ends, parents, values, strict=True)
    ]


class ListOperations(Dataset):
    """Expressions such as [MAX 2 9 [MIN 4 7]], whose value from 0 to 9 has to be found.

    MAX and MIN are the largest and the smallest, MED the median, rounded down, and SM the last digit of the sum. Who reads along from left
    to right has to keep every open bracket in mind; a recursive layer computes along the brackets, from the inside out.

    Made after Nangia and Bowman, “ListOps”, 2018.
    """

    op: Literal["list_operations"] = "list_operations"
    samples: int = Field(8000, ge=200, le=20_000)
    """Number of expressions."""
    depth: int = Field(4, ge=2, le=4)
    """How many brackets are open at once, at most."""
    arguments: int = Field(2, ge=2, le=5)
    """How many numbers an operation takes, at most; two at least."""
    validation: float = Field(0.2, ge=0.1, le=0.9)
    """Share of the expressions that the network is only tested on and never learns from."""

    title: ClassVar[Words] = Words("List operations", "列表运算")
    modality: ClassVar[Modality] = "tree"
    takes: ClassVar[Takes] = "text"
    number_bytes: ClassVar[int] = 8
    group: ClassVar[Words] = Words("Classes", "分类")
    source: ClassVar[Origin] = Origin(name=Words("generated here", "在此生成"), licence="Apache-2.0", synthetic=True)
    chinese: ClassVar[str] = """像 [MAX 2 9 [MIN 4 7]] 这样的算式，要求出它的值，0 到 9。

    MAX、MIN 取最大、最小，MED 取中位数（向下取整），SM 是和的个位数。从左往右读，就得把没合上的括号都记着；递归层则顺着括号从里往外算。

    仿照 Nangia 和 Bowman，“ListOps”，2018。"""
    labels: ClassVar[Mapping[str, Label]] = {
        "samples": Label("Expressions", "算式数", "一共多少个算式。"),
        "depth": Label("Depth", "深度", "最多同时有几层括号。"),
        "arguments": Label("Arguments", "参数个数", "一个运算最多有几个数，至少两个。"),
        "validation": Label("For validation", "验证集占比", "留出多少算式只用来检验，网络从不在上面学习。"),
    }

    def call(self) -> Call:
        """See `list_operations`."""
        made = {"samples": self.samples, "depth": self.depth, "arguments": self.arguments}
        return call(list_operations, **made, validation=self.validation, seed=self.seed)

    def shape(self) -> Shape:
        """A row of tokens."""
        brackets = Brackets(opens=tuple(range(OPERATION, CLOSE)), closes=CLOSE, nesting=self.depth)
        return Shape((longest(self.depth, self.arguments),), vocabulary=len(TOKENS), brackets=brackets)

    def task(self) -> Classification:
        """Ten values."""
        return Classification(classes=tuple(Words(str(value), str(value)) for value in range(10)))

    def counts(self) -> tuple[int, int]:
        """The expressions, dealt out."""
        return dealt(self.samples, self.validation)

    def columns(self) -> tuple[Words, ...]:
        """The place of each token."""
        return tuple(Words(f"token {place}", f"第 {place} 个词元") for place in range(1, self.shape().sizes[0] + 1))

    def prepare(self, training_inputs: np.ndarray) -> Call:
        """Tokens stay as they are."""
        return call(nn.Identity)

    def shown(self, ids: Sequence[int]) -> list[str]:
        """Tokens by their numbers, without the empty ones in front."""
        return [TOKENS[token] for token in ids if token]

    def read(self, text: str) -> np.ndarray:
        """An expression as somebody types it."""
        words = text.upper().replace("[", " [").replace("]", " ] ").split()
        if unknown := [word for word in words if word not in TOKENS]:
            raise ValueError(f"“{unknown[0][:20]}” is not known here: write digits from 0 to 9, [MAX, [MIN, [MED, [SM and ]")
        tokens, length = [TOKENS.index(word) for word in words], self.shape().sizes[0]
        if len(tokens) > length:
            raise ValueError(f"the expression has {len(tokens)} tokens; {length} are the most that fit")
        nesting = deepest(tokens)
        if nesting is None:
            raise ValueError("every bracket has to be closed, and each operation needs a number: [MAX 2 9 [MIN 4 7]]")
        if nesting > self.depth:
            raise ValueError(f"{nesting} brackets are open at once; this network was made for {self.depth} at most")
        return np.array([0] * (length - len(tokens)) + tokens, dtype=np.int64)


def deepest(tokens: Sequence[int]) -> int | None:
    """How many brackets are open at once in an expression; None when it is none: empty, unclosed, or more than one."""
    counts: list[int] = []
    most, ended = 0, False
    for token in tokens:
        if ended or (not counts and not OPERATION <= token < CLOSE):
            return None
        if OPERATION <= token < CLOSE:
            counts.append(0)
            most = max(most, len(counts))
            continue
        if token == CLOSE and counts.pop() == 0:
            return None
        if counts:
            counts[-1] += 1
        else:
            ended = True
    return most if ended else None
