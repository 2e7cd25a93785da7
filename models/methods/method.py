"""The base of every method: what a network is given of a dataset, what it has to answer, and how it is told."""

from __future__ import annotations

from abc import abstractmethod

from torch import Tensor

from models.datasets.dataset import Dataset
from models.entry import Entry, Words
from models.shape import Shape
from models.task import Task

Written = tuple[str, str]
"""What a network is given and what it should answer, as Python that names `inputs` and `targets`."""


class Method(Entry):
    """A way of learning. The loop, its events and its checkpoints are the same for all."""

    @abstractmethod
    def task(self, dataset: Dataset) -> Task:
        """What the network has to learn; known without loading anything."""

    def shape(self, dataset: Dataset) -> Shape:
        """One example as it comes to the network."""
        return dataset.shape()

    def unsuited(self, dataset: Dataset) -> Words | None:
        """Why nothing can be learnt from this dataset in this way; None when it can."""
        return None

    def pose(self, inputs: Tensor, targets: Tensor, training: bool) -> tuple[Tensor, Tensor]:
        """What the network is given of a batch of prepared examples (n, …) and their targets, and what it should answer."""
        return inputs, targets

    def written(self) -> Written | None:
        """What `pose` gives while training, as an exported script writes it; None when no such script prints what the job said."""
        return "inputs", "targets"

    def unexportable(self) -> Words:
        """Why there is no script, where there is none."""
        return Words(
            f"Training by the method “{self.title.en}” cannot be written as a script yet; take the weights and the experiment instead.",
            f"用“{self.title.zh}”训练的过程还不能导出为脚本；请改为导出权重和实验。",
        )

    def examples_at_once(self, dataset: Dataset, batch_size: int) -> int:
        """Examples that go through the network in one step of learning."""
        return min(batch_size, dataset.counts()[0])

    def remembered_bytes(self, dataset: Dataset) -> int:
        """Memory of what is kept beside network and examples."""
        return 0
