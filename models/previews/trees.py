"""Trees: an expression drawn along its brackets, and the tokens that the network gets."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models.data import Data
from models.datasets.dataset import Dataset
from models.datasets.trees import CLOSE, TOKENS, parsed
from models.entry import Words
from models.pictures import Sentence, Tile, Tokens, TreeNode, Trees
from models.previews.preparation import PreparationStep, truth_of

EXPRESSIONS = 6


def tree_steps(dataset: Dataset, data: Data) -> Iterator[PreparationStep]:
    """One tree with its answers, then some rows of tokens."""
    rows, targets = data.raw_validation_inputs, data.raw_validation_targets
    # One that is neither trivial nor too large to be read.
    place = int(np.abs((rows == CLOSE).sum(axis=1) - 4).argmin())
    yield PreparationStep(
        title=Words("Expression", "算式"),
        text=Words(
            "Brackets make a tree: each operation stands over its numbers. Beside it stands what it comes to.",
            "括号构成一棵树：运算在上，它的数在下，旁边是结果。",
        ),
        picture=Trees(
            trees=(
                tuple(
                    TreeNode(
                        label=TOKENS[node.tokens[0]].removeprefix("["),
                        parent=node.parent,
                        truth=Words(str(node.value), str(node.value)) if node.tokens[-1] == CLOSE else None,
                    )
                    for node in parsed(rows[place][rows[place] > 0].tolist())
                ),
            )
        ),
    )
    yield PreparationStep(
        title=Words("Tokens", "词元"),
        text=Words(
            "What the network gets: one token after another, brackets included; short expressions are filled up on the left.",
            "网络收到的：一个接一个的词元，括号也算；短的算式在左边补空。",
        ),
        picture=Tokens(
            sentences=tuple(
                Sentence(
                    tokens=tuple(TOKENS[token] or "·" for token in rows[row].tolist()),
                    tile=Tile(index=row, truth=truth_of(dataset, targets[row])),
                )
                for row in range(min(EXPRESSIONS, len(rows)))
            )
        ),
    )
