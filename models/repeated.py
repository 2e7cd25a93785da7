"""A computation over tensors that go on changing: recorded once, and repeated from then on to the same bits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from models.recording import Recording, Unrepeatable, memory, needed
from models.script import REFUSALS, Script, interpreted, same

ORDINARY_CALLS = 2
"""Calls before the one that is recorded."""


class Repeated:
    """Calls `compute`, whose result depends on the `watched` tensors and on nothing else that changes.

    On the CPU the third call is recorded and the fourth is done both ways; where both give the same bits the recording is
    repeated from then on. Random numbers and gradients are not for it.
    """

    def __init__(self, watched: Callable[[], Sequence[Tensor]], compute: Callable[[], tuple[Tensor, ...]]) -> None:
        self.watched, self.compute = watched, compute
        self._where: tuple[int, ...] = ()
        self._calls = 0
        self._function: Any = None
        self._kept: list[Any] = []
        self.proven = False

    def __call__(self) -> tuple[Tensor, ...]:
        """The results for the tensors as they are now."""
        watched = self.watched()
        where = tuple([tensor.data_ptr() for tensor in watched])
        if where != self._where:
            # They have moved to other memory, where a recording would not find them.
            self._where, self._calls, self._function, self.proven = where, 0, None, False
        if self.proven:
            return interpreted(self._function)
        self._calls += 1
        if self._calls == ORDINARY_CALLS + 1 and all(tensor.device.type == "cpu" for tensor in watched):
            return self._record({memory(tensor) for tensor in watched})
        result = self.compute()
        if self._function is not None:
            try:
                repeated = interpreted(self._function)
                self.proven = all(map(same, repeated, result))
            except REFUSALS:
                self.proven = False
            if not self.proven:
                self._function = None
        return result

    def _record(self, varying: set[int]) -> tuple[Tensor, ...]:
        with torch.no_grad(), Recording() as recording:
            result = self.compute()
        try:
            if not recording.operations or any(operation.random for operation in recording.operations):
                raise Unrepeatable
            script = Script()
            script.repeat(recording.operations, needed(recording.operations, varying, result), result)
            self._function = script.function(*result)
            self._kept = recording.operations
        except REFUSALS:
            self._function = None
        return result
