"""How much memory a training needs: found from shapes on torch's meta device, where nothing is allocated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import prod

import torch
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks

from models.evaluation import CHUNK, TRAINING_EXAMPLES
from models.experiment import Experiment
from models.network import Network, blank, plan
from models.shapes_only import ShapesOnly
from models.task import Generation, NextToken, Reconstruction
from models.views.plane import NEURON_CELLS

NUMBER = 4
"""Bytes of a float32."""

BATCH = 64
"""Examples in the batch of shapes: enough that what does not depend on their number, such as means, hardly counts."""

PROCESS = 12 * 2**20
"""Bytes that any training writes: its copies of the forkserver's pages, Python's books, events on their way."""


@dataclass(frozen=True)
class Memory:
    """Bytes that a training needs at its peak, beyond the forkserver's pages that it shares with all others."""

    weights: int
    """The weights and their gradients."""
    optimizer: int
    """What the optimizer remembers, and what it computes with."""
    activations: int
    """What the layers give: of a training batch, kept for the way back, and of the examples that an evaluation looks at at once."""
    data: int
    """The examples; at the moment of loading, if that takes more than all the rest."""

    @property
    def total(self) -> int:
        """All together."""
        return PROCESS + self.weights + self.optimizer + self.activations + self.data


def needed(experiment: Experiment, batch_size: int | None = None) -> Memory:
    """An estimate for an experiment without problems, with its own batch size or another."""
    trace = _trace(experiment)
    training, validation = experiment.dataset.counts()
    method = experiment.training.method
    batch = method.examples_at_once(experiment.dataset, batch_size or experiment.training.batch_size)
    drawn = NEURON_CELLS**2 if experiment.dataset.modality == "points" else 0
    seen = max(drawn, min(CHUNK, max(training, validation)))
    # What an evaluation lets go stays with the process, in pieces that a step seldom fits into.
    activations = round(batch * trace.learning + seen * trace.looking)
    if isinstance(experiment.task(), Generation):
        # The judge keeps what it saw of real examples and of made ones.
        activations += round(batch * trace.learning)
    if answers := _long_answers(experiment):
        # What is given back or foretold of a whole set, what it should have been, and both while they are put together.
        activations += 3 * NUMBER * max(min(training, TRAINING_EXAMPLES), validation) * answers
    rest = trace.weights + trace.optimizer + activations
    examples, loading = _examples(experiment)
    return Memory(trace.weights, trace.optimizer, activations, max(examples, loading - rest) + method.remembered_bytes(experiment.dataset))


def _long_answers(experiment: Experiment) -> int:
    """Numbers in the answer for one example, where these are so many that they count."""
    task = experiment.task()
    if isinstance(task, NextToken):
        return experiment.shape().sizes[0] * task.outputs
    return task.outputs if isinstance(task, Reconstruction) else 0


@dataclass(frozen=True)
class Trace:
    """Bytes that were found by sending shapes through the network."""

    weights: int
    optimizer: int
    learning: float
    """For each example of a training batch: what is kept for the way back, and the gradients that are under way at once."""
    looking: float
    """For each example of an evaluation: what all layers give."""


@lru_cache(maxsize=64)
def _trace(experiment: Experiment) -> Trace:
    with torch.device("meta"):
        made = plan(experiment)
        network = Network(made.wires, made.parts)
    sizes = [parameter.numel() * NUMBER for parameter in network.parameters()]
    remembered = experiment.training.optimizer.remembered()
    kept: list[Tensor] = []
    ends = [0]
    for node, _, _ in network.wires:
        network.layer(node).register_forward_hook(lambda *_: ends.append(len(kept)))
    # Detached: a tensor that knows how it came about would keep the list alive that keeps it, out of Python's sight and for ever.
    with ShapesOnly(), saved_tensors_hooks(lambda tensor: kept.append(tensor.detach()), _never):
        values = network.activations(blank(experiment.shape(), BATCH))
    own = {value.untyped_storage()._cdata for value in network.state_dict().values()}
    # The most that one layer needs beside: what comes in and what goes out, in the order that a convolution wants.
    beside = max(_bytes([values[node], *[values[source] for source in sources]]) for node, _, sources in network.wires)
    # What a layer made of several steps has in hand: what it would keep, and as much again that a step makes of it.
    outside = own | {value.untyped_storage()._cdata for value in values.values()}
    within = max(
        _bytes([values[node], *[values[source] for source in sources]]) + 2 * _bytes(_foreign(kept[begin:end], outside))
        for (node, _, sources), begin, end in zip(network.wires, ends, ends[1:], strict=False)
    )
    return Trace(
        weights=_bytes(network.state_dict().values()) + sum(sizes),
        # A step works with one or two copies of a layer's weights.
        optimizer=remembered * sum(sizes) + min(2, 1 + remembered) * max(sizes, default=0),
        # The gradients under way are as large as that again.
        learning=(_bytes(_foreign(kept, own)) + 2 * beside) / BATCH,
        looking=(_bytes(values.values()) + within) / BATCH,
    )


def _examples(experiment: Experiment) -> tuple[int, int]:
    """Bytes of the examples once they are loaded, and while they are."""
    dataset = experiment.dataset
    count = sum(dataset.counts())
    numbers = count * prod(dataset.shape().sizes)
    if dataset.number_bytes > 1:
        return 3 * dataset.number_bytes * numbers, 0
    # Images stay bytes; noise is drawn in double precision.
    return 2 * numbers, numbers * (12 if getattr(dataset, "noise", 0) else 4)


def _foreign(tensors: Iterable[Tensor], known: set[int]) -> list[Tensor]:
    """Those that lie in none of the known storages."""
    return [tensor for tensor in tensors if tensor.untyped_storage()._cdata not in known]


def _bytes(tensors: Iterable[Tensor]) -> int:
    """Memory of tensors; those that look at the same memory count once."""
    storages = {tensor.untyped_storage()._cdata: tensor.untyped_storage() for tensor in tensors}
    return sum(storage.nbytes() for storage in storages.values())


def _never(_kept: None) -> Tensor:
    raise AssertionError("nobody goes back")
