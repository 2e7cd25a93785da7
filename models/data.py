"""A dataset made ready for training: tensors that stay on the device, and how a raw example becomes an input."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor, nn

from models.datasets.catalogue import Dataset
from models.datasets.decoded import arrays
from models.task import Task


@dataclass(frozen=True)
class Examples:
    """Inputs (n, …) and targets (n,) of classes or (n, outputs) of standardised numbers."""

    inputs: Tensor
    targets: Tensor

    def __len__(self) -> int:
        return len(self.targets)

    def head(self, count: int) -> Examples:
        """The first `count` examples."""
        return Examples(self.inputs[:count], self.targets[:count])


@runtime_checkable
class Reversible(Protocol):
    """What prepares examples so that nothing is lost."""

    def back(self, prepared: Tensor) -> Tensor:
        """The raw examples (n, …) that become these inputs; raises ValueError when too little of them is left."""


@dataclass(frozen=True)
class Data:
    """Training and validation set on one device.

    Bytes (images) stay bytes and are prepared batch by batch, at a quarter of the memory; anything else is prepared once,
    so that `ready` has nothing left to do. Bytes that are too many for the device stay where they are, mapped from the disk.
    """

    task: Task
    training: Examples
    validation: Examples
    prepare: nn.Module
    target_mean: float
    target_deviation: float
    raw_validation_inputs: np.ndarray
    raw_validation_targets: np.ndarray
    streamed: bool = False
    """Whether the training examples lie outside the device's memory, to be read batch by batch."""

    def ready(self, inputs: Tensor) -> Tensor:
        """A batch of stored inputs as the network takes it, float32."""
        if inputs.dtype != torch.uint8:
            return inputs
        prepared: Tensor = self.prepare(inputs.to(self.validation.inputs.device))
        return prepared

    def raw(self, prepared: Tensor) -> np.ndarray | None:
        """What raw examples these inputs would come from, pixels as bytes; None when that cannot be told."""
        if not isinstance(self.prepare, Reversible):
            return None
        try:
            values: np.ndarray = self.prepare.back(prepared).cpu().numpy()
        except ValueError:
            return None
        known = self.raw_validation_inputs
        if values.shape[1:] != known.shape[1:]:
            return None
        return values.round().clip(0, 255).astype(np.uint8) if known.dtype == np.uint8 else values


def budget(device: str) -> int:
    """Bytes of a device's memory that training examples may take."""
    if device == "cpu":
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    return int(torch.cuda.mem_get_info(device)[1]) // 2


@lru_cache(maxsize=4)
def load(dataset: Dataset, device: str = "cpu") -> Data:
    """Make or read the dataset, prepare it and move it to the device. Raises datasets.files.Missing when its files are not here."""
    training_inputs, training_targets, validation_inputs, validation_targets = arrays(dataset)
    prepare: nn.Module = dataset.prepare(training_inputs).build().to(device)
    mean, deviation = dataset.target_scale(training_targets)

    streamed = training_inputs.dtype == np.uint8 and training_inputs.nbytes > budget(device)

    def examples(inputs: np.ndarray, targets: np.ndarray, device: str) -> Examples:
        x = torch.from_numpy(inputs).to(device)
        y = torch.from_numpy(targets).to(device)
        if y.dtype != torch.int64:
            y = (y - mean) / deviation
        return Examples(x if x.dtype == torch.uint8 else prepare(x), y)

    return Data(
        task=dataset.task(),
        training=examples(training_inputs, training_targets, "cpu" if streamed else device),
        validation=examples(validation_inputs, validation_targets, device),
        prepare=prepare,
        target_mean=mean,
        target_deviation=deviation,
        raw_validation_inputs=validation_inputs,
        raw_validation_targets=validation_targets,
        streamed=streamed,
    )
