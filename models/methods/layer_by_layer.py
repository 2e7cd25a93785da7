"""Learning from known answers, one layer after the other."""

from __future__ import annotations

from typing import ClassVar, Literal

from models.datasets.dataset import Dataset
from models.entry import Words
from models.methods.method import Method, Written
from models.task import Task


class LayerByLayer(Method):
    """Trains one layer after the other: each gets an output of its own for the time, learns, and is then left as it is.

    When deep networks could not yet be trained as a whole, this was the way to do it. No error has to come from far away, but a layer
    learns what serves it at once and not what the layers behind it could make of it. Set it beside the same network trained from end
    to end.

    All layers with weights get equally many steps, together with what follows up to the next such layer; the last steps train the network's
    own output. Until then what is measured is the answer of the output for the time, while pictures of the whole network show its own.

    Source: Bengio et al., “Greedy layer-wise training of deep networks”, 2007, in its form with labels.
    """

    op: Literal["layer_by_layer"] = "layer_by_layer"

    title: ClassVar[Words] = Words("Layer by layer", "逐层训练")
    chinese: ClassVar[str] = (
        "一层一层地训练：轮到哪一层，就给它接一个临时的输出层，学完就不再改动。\n\n"
        "从前深的网络没法整个训练，用的就是这个办法。误差不必从远处传来；但每一层只学眼下对自己有用的，顾不上后面的层能拿它做什么。"
        "把它和同一个网络的端到端训练放在一起比一比。\n\n"
        "每个有权重的层（连同它后面直到下一个有权重的层为止的部分）步数相同，最后几步训练网络自己的输出层。"
        "在那之前，量的是临时输出层的成绩，而整个网络的图画的是它自己的输出。\n\n"
        "出处：Bengio 等，“Greedy layer-wise training of deep networks”，2007；这里是有标签的做法。"
    )

    def task(self, dataset: Dataset) -> Task:
        """The dataset's own."""
        return dataset.task()

    def unsuited(self, dataset: Dataset) -> Words | None:
        """Each layer needs an answer to learn from."""
        if dataset.task().kind not in ("classification", "regression"):
            return Words(
                "Layer by layer, each layer learns to name classes or to estimate numbers; this dataset asks for something else.",
                "逐层训练时，每一层学的都是分类或估计数值，而这个数据集要的是别的。",
            )
        return None

    def written(self) -> Written | None:
        """An output for each layer in turn is not what the exported loop does."""
        return None
