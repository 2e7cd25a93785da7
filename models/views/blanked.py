"""How much each of several inputs matters: the accuracy with one of them taken away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import ClassVar, Literal, Self

import torch
from torch import Tensor

from models.entry import Words
from models.evaluation import chosen
from models.experiment import Experiment
from models.pictures import Bars
from models.task import Classification
from models.views.scene import Scene
from models.views.view import Unseen, View

EXAMPLES = 2000


class Blanked(View):
    """Accuracy with all inputs, and with each of them taken away: what the network does with what is left.

    An input is taken away by setting all its standardised numbers to 0, their mean. If hardly anything is lost, the network has not
    learnt to use it.
    """

    op: Literal["blanked"] = "blanked"
    title: ClassVar[Words] = Words("Each input away", "遮住一个输入")
    chinese: ClassVar[str] = """所有输入都在时的准确率，以及逐个拿掉每个输入之后的准确率。

    拿掉的办法是把那个输入标准化后的数全部设为 0，也就是平均值。如果几乎没有损失，说明网络没有学会用它。"""

    @classmethod
    def large(cls, experiment: Experiment) -> Self | None:
        """For several inputs and classes."""
        return cls() if experiment.dataset.parts() and isinstance(experiment.task(), Classification) else None

    def draw(self, scene: Scene) -> Bars:
        """Shares of right answers, on the validation set."""
        parts = scene.experiment.dataset.parts()
        if not parts or not isinstance(scene.task, Classification):
            raise Unseen("the view 'blanked' needs a dataset with several inputs and classes; try 'confusion'")
        inputs, targets = scene.data.validation.inputs[:EXAMPLES], scene.data.validation.targets[:EXAMPLES]
        titles = scene.experiment.dataset.part_titles
        sizes = [(titles[name], prod(one.sizes)) for name, one in parts.items()]
        variants = [(Words("all inputs", "全部输入"), inputs), *_without(inputs, sizes)]
        values = [(chosen(scene.answers(variant)) == targets).double().mean().item() for _, variant in variants]
        return Bars(labels=tuple(label for label, _ in variants), values=tuple(round(value, 4) for value in values))


def _without(inputs: Tensor, sizes: Sequence[tuple[Words, int]]) -> Iterator[tuple[Words, Tensor]]:
    """The inputs (n, numbers) with each part in turn set to zero."""
    begin = 0
    for title, size in sizes:
        blank = torch.zeros_like(inputs[:, :size])
        left = torch.cat([inputs[:, :begin], blank, inputs[:, begin + size :]], dim=1)
        yield Words(f"without “{title.en}”", f"没有“{title.zh}”"), left
        begin += size
