"""What a recorded step is made of: tensors in one piece of memory, and the operations that have to be done again."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from models.recording import Operation, Recording, Unrepeatable, memory, needed, tensors_in
from models.script import lasting

ALIGNMENT = 16
"""Numbers (64 bytes) at which each tensor begins, as in memory that PyTorch takes for it alone: some kernels look at that."""

LARGE = 2**20
"""Bytes that a step computes above which steps are done one by one: Python's share of such a step is small."""

Step = tuple[Tensor, Tensor | None]
"""The loss of a batch, and the length of its gradient where that is measured for clipping."""


class Piece:
    """Tensors laid one behind the other in one piece of memory."""

    def __init__(self, shapes: Sequence[Tensor]) -> None:
        begins = [0]
        for shape in shapes:
            begins.append(begins[-1] + -(-shape.numel() // ALIGNMENT) * ALIGNMENT)
        self.whole = torch.zeros(begins[-1])
        self.parts = [self.whole.as_strided(shape.shape, shape.stride(), begin) for begin, shape in zip(begins, shapes, strict=False)]

    def take(self, values: Sequence[Tensor]) -> None:
        """Copy the tensors in."""
        for part, value in zip(self.parts, values, strict=True):
            if part is not value:
                part.copy_(value)


def dense(tensor: Tensor) -> bool:
    """Whether the numbers of a tensor, or of an image's kernels with the channels last, fill their memory without gaps."""
    return tensor.is_contiguous() or tensor.is_contiguous(memory_format=torch.channels_last)


def alike(one: Tensor, other: Tensor) -> bool:
    """Whether the numbers of two tensors of one shape, which fill their memory, lie in the same order."""
    return one.stride() == other.stride() or (one.is_contiguous() and other.is_contiguous())


class Recorded:
    """What an ordinary step with one size of batch does before the optimizer's turn."""

    def __init__(
        self, recording: Recording, batch: tuple[Tensor, Tensor], step: Step, learnt: Sequence[nn.Parameter], weights: Piece, places: Piece
    ) -> None:
        if not recording.operations:
            raise Unrepeatable("the step is too large")
        self.operations = recording.operations
        self._lookers: dict[int, list[Tensor]] = {}
        self.inputs, self.targets = batch
        self.large = recording.size > LARGE
        self.results = [tensor for tensor in step if tensor is not None]
        gradients = [parameter.grad for parameter in learnt if parameter.grad is not None]
        varying = {memory(tensor) for tensor in (*batch, weights.whole)}
        kept = needed(self.operations, varying, [*gradients, *self.results])
        kept = self._targets_as_read(kept)
        for one in list(kept):
            if self._idle(one, kept, {memory(tensor) for tensor in gradients}):
                kept.remove(one)
        self.loss = self._loss_alone(kept)
        self.kept = settle(self.operations, kept, gradients, places)

    def _targets_as_read(self, kept: list[Operation]) -> list[Operation]:
        """Where targets are only looked at to make them floating-point numbers, all of them are made so at once, before any step."""
        readers = [one for one in kept if memory(self.targets) in one.reads]
        if len(readers) != 1 or readers[0].name != "_to_copy" or not same_order(self.targets, readers[0].results[0]):
            return kept
        self.targets = readers[0].results[0]
        return [one for one in kept if one is not readers[0]]

    def _idle(self, one: Operation, kept: list[Operation], wanted: set[int]) -> bool:
        """Whether an operation only gives again what another has made for it alone. What reads its result then reads that."""
        source = given_again(one, kept)
        if source is None or len(one.made) != 1 or one.made & wanted:
            return False
        result = one.results[0]
        old, new = memory(result), memory(source)
        readers = [other for other in kept if new in other.reads and other is not one and not other.in_place]
        makers = [other for other in kept if new in other.made]
        if readers or len(makers) != 1 or new in wanted or not same_order(source, result):
            return False
        self.place(result, source)
        self._lookers.clear()
        for other in self.operations:
            for pieces in (other.reads, other.writes):
                if old in pieces:
                    pieces.remove(old)
                    pieces.add(new)
        return True

    def _loss_alone(self, kept: list[Operation]) -> Operation | None:
        """The operation that computes the loss, if nothing else needs what it gives: then several steps can do it together."""
        maker = next((one for one in kept if memory(self.results[0]) in one.made), None)
        if maker is None or maker.name != "binary_cross_entropy_with_logits" or maker.arguments[2:] != [None, None, 1]:
            return None
        readers = [one for one in kept if maker.made & one.reads]
        return None if readers or memory(maker.arguments[1]) != memory(self.targets) else maker

    def place(self, tensor: Tensor, into: Tensor) -> None:
        """Let all that looks at the memory of a tensor look into this piece of memory."""
        begin = tensor.storage_offset()
        for one in self._looking_with(tensor):
            one.data = into.as_strided(one.shape, one.stride(), into.storage_offset() + one.storage_offset() - begin)

    def _looking_with(self, tensor: Tensor) -> list[Tensor]:
        """All that looks at the memory of a tensor, itself included. They are moved together, so they stay the same."""
        if id(tensor) not in self._lookers:
            looking = [one for operation in self.operations for one in tensors_in([operation.arguments, operation.results])]
            piece = memory(tensor)
            self._lookers[id(tensor)] = list({id(one): one for one in (*looking, tensor) if memory(one) == piece}.values())
        return self._lookers[id(tensor)]


def same_order(one: Tensor, other: Tensor) -> bool:
    """Whether the numbers of two tensors lie one behind the other in the same order, and nothing else lies with them."""
    numbers = one.numel()
    return (
        numbers == other.numel()
        and one.is_contiguous()
        and other.is_contiguous()
        and one.untyped_storage().nbytes() == numbers * one.element_size()
        and other.untyped_storage().nbytes() == numbers * other.element_size()
    )


def given_again(one: Operation, kept: Sequence[Operation]) -> Tensor | None:
    """The tensor whose numbers are what the operation gives, if it is known to change none of them."""
    match one.name, one.arguments:
        case "mul", [Tensor() as many, Tensor() as single]:
            constant = not any(memory(single) in other.writes for other in kept)
            return many if constant and alike(many, one.results[0]) and single.numel() == 1 and float(single) == 1 else None
        case "select_backward", [Tensor() as gradient, [*sizes], int() as dim, _]:
            return gradient if sizes[dim] == 1 else None
    return None


def aligned(batch: Tensor) -> int:
    """Room for the examples of a batch, so that the next batch begins at a place like that of memory taken for it alone."""
    bytes_of_one = batch[0].numel() * batch.element_size()
    multiple = 4 * ALIGNMENT // math.gcd(4 * ALIGNMENT, bytes_of_one)
    return -(-len(batch) // multiple) * multiple


def settle(operations: Sequence[Operation], kept: list[Operation], gradients: Sequence[Tensor], places: Piece) -> list[Operation]:
    """Move the gradients of a recording to their places, so that what computes them writes there. Gives what is left to do.

    Autograd copies a gradient that somebody else holds, as the recording does. Such a copy falls away where nothing else reads
    what is copied.
    """
    for gradient, part in zip(gradients, places.parts, strict=True):
        part.copy_(gradient)
        moved = [gradient]
        copies = [one for one in kept if memory(gradient) in one.writes]
        source = copies[0].arguments[1] if copies and copies[0].name == "copy_" else None
        if isinstance(source, Tensor) and alike(source, part) and source.untyped_storage().nbytes() == part.nbytes:
            readers = [one for one in kept if memory(source) in one.reads and one is not copies[0]]
            makers = [one for one in kept if memory(source) in one.writes]
            if not readers and len(makers) == 1 and makers[0].made and lasting(makers[0]):
                kept = [one for one in kept if one is not copies[0]]
                moved.append(source)
        pieces = {memory(tensor) for tensor in moved}
        for operation in operations:
            for tensor in operation.results:
                if memory(tensor) in pieces:
                    tensor.data = part.as_strided(tensor.shape, tensor.stride(), part.storage_offset() + tensor.storage_offset())
    return kept
