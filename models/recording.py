"""What PyTorch really does below autograd while a piece of code runs, written down operation by operation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

LARGEST = 64 * 2**20
"""Bytes that a recording may hold. A larger step spends its time in the kernels, so there is little to gain from repeating it."""

EMPTY = {"empty", "empty_like", "empty_strided", "new_empty", "new_empty_strided"}
FILLED = {"zeros": 0, "zeros_like": 0, "new_zeros": 0, "ones": 1, "ones_like": 1, "new_ones": 1}
"""Operations that look at nothing of a tensor but its shape, and the number with which they fill theirs."""


class Unrepeatable(Exception):
    """What was recorded cannot be repeated."""


class Recording(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Writes down every operation while it is entered. Arguments and results stay alive, so memory tells tensors apart."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.operations: list[Operation] = []
        self.size = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if func.namespace != "profiler" and self.size <= LARGEST:
            self.operations.append(Operation(func, args, kwargs or {}, result))
            self.size += self.operations[-1].size
            if self.size > LARGEST:
                self.operations.clear()
        return result


class Operation:
    """One recorded operation: what it read, wrote and gave."""

    def __init__(self, func: Any, args: Sequence[Any], kwargs: dict[str, Any], result: Any) -> None:
        self.func = func
        self.name: str = func._schema.name.removeprefix("aten::")
        self.arguments = [
            args[place] if place < len(args) else kwargs.get(declared.name, declared.default_value)
            for place, declared in enumerate(func._schema.arguments)
        ]
        self.result = result
        self.results = list(tensors_in(result))
        written = [
            argument
            for declared, argument in zip(func._schema.arguments, self.arguments, strict=True)
            if declared.alias_info is not None and declared.alias_info.is_write
        ]
        self.in_place = bool(written)
        if self.name == "native_batch_norm":  # its schema does not tell that it moves the running mean and variance
            written += self.arguments[3:5]
        self.random = torch.Tag.nondeterministic_seeded in func.tags
        looks = self.name not in EMPTY and self.name not in FILLED
        self.reads = {memory(tensor) for tensor in tensors_in(self.arguments)} if looks else set()
        given = {memory(tensor) for tensor in self.results}
        self.view = not self.in_place and bool(given) and given <= self.reads
        self.made = set() if self.view or self.in_place else given
        self.writes = self.made | {memory(tensor) for tensor in tensors_in(written)}
        self.size = sum(tensor.untyped_storage().nbytes() for tensor in self.results) if self.made else 0


def tensors_in(value: Any) -> Iterator[Tensor]:
    """All tensors in nested lists and tuples."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for part in value:
            yield from tensors_in(part)


def memory(tensor: Tensor) -> int:
    """Which piece of memory a tensor lies in, whatever part of it."""
    piece: int = tensor.untyped_storage()._cdata
    return piece


def needed(operations: Sequence[Operation], varying: set[int], wanted: Sequence[Tensor]) -> list[Operation]:
    """What has to be done again, in order, when the `varying` memory has changed and `wanted` shall follow.

    Views are there already and constants stay as they are. What changes memory that was there before stays, and so does
    whatever draws random numbers.
    """
    made = {piece for operation in operations for piece in operation.made}
    varying = varying | {piece for operation in operations for piece in operation.writes - made}
    before = -1
    while before != len(varying):
        before = len(varying)
        for operation in operations:
            if operation.random or operation.reads & varying:
                varying |= operation.writes
    alive = {memory(tensor) for tensor in wanted}
    kept: list[Operation] = []
    for operation in reversed(operations):
        if operation.view or operation.name in EMPTY:
            continue
        if operation.random or operation.writes & alive or operation.writes - made:
            alive |= operation.reads
            if operation.random or operation.writes & varying:
                kept.append(operation)
    return kept[::-1]
