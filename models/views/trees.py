"""The view of trees, with what the network believes at every node."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, Self

import numpy as np
import torch
from pydantic import Field

from models.datasets.trees import CLOSE, TOKENS, ListOperations, Part, parsed
from models.entry import Label, Words
from models.evaluation import chosen, probabilities
from models.experiment import Experiment
from models.pictures import TreeNode, Trees
from models.task import Classification
from models.views.scene import Scene
from models.views.view import Unseen, View


class BelievedTrees(View):
    """Expressions as trees, with what the network believes every part comes to and what it really does.

    Each part is sent through the network as an example of its own. Where a part is believed wrongly, all above it usually is too.
    """

    op: Literal["tree"] = "tree"
    count: int = Field(2, ge=1, le=12)
    """How many expressions to show: the first ones of the validation set that have brackets within brackets."""
    title: ClassVar[Words] = Words("Tree", "树")
    chinese: ClassVar[str] = """把算式画成树：网络认为每一部分等于几，实际等于几。

    每一部分都当作一个单独的样本送进网络。哪一部分弄错了，它上面的通常也跟着错。"""
    labels: ClassVar[Mapping[str, Label]] = {"count": Label("Expressions", "算式数", "显示多少个算式：验证集里最前面几个带嵌套括号的。")}

    @classmethod
    def large(cls, experiment: Experiment) -> Self | None:
        """For expressions."""
        return cls() if _computes(experiment) else None

    def draw(self, scene: Scene) -> Trees:
        """Every subtree is asked about at once."""
        if not _computes(scene.experiment):
            raise Unseen("the view 'tree' needs expressions in brackets, such as those of 'list_operations'")
        rows = scene.data.raw_validation_inputs
        nested = np.flatnonzero((rows == CLOSE).sum(axis=1) > 1)
        trees = [parsed(rows[place][rows[place] > 0].tolist()) for place in nested[: self.count]]
        parts = [node for tree in trees for node in tree if node.tokens[-1] == CLOSE]
        asked = np.zeros((len(parts), rows.shape[1]), dtype=np.int64)
        for row, part in zip(asked, parts, strict=True):
            row[rows.shape[1] - len(part.tokens) :] = part.tokens
        outputs = scene.answers(torch.from_numpy(asked).to(scene.device))
        sure, said = probabilities(outputs).amax(dim=1).tolist(), chosen(outputs).tolist()
        beliefs = iter(zip(said, sure, strict=True))

        def drawn(part: Part) -> TreeNode:
            label = TOKENS[part.tokens[0]].removeprefix("[")
            if part.tokens[-1] != CLOSE:
                return TreeNode(label=label, parent=part.parent)
            belief, share = next(beliefs)
            return TreeNode(
                label=label,
                parent=part.parent,
                truth=Words(str(part.value), str(part.value)),
                belief=Words(str(belief), str(belief)),
                probability=round(share, 4) if share == share else None,
                correct=belief == part.value,
            )

        return Trees(trees=tuple(tuple(drawn(part) for part in tree) for tree in trees))


def _computes(experiment: Experiment) -> bool:
    return isinstance(experiment.dataset, ListOperations) and isinstance(experiment.task(), Classification)
