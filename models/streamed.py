"""Examples that do not fit into memory: the batches of an epoch, read ahead of the steps into a window."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Condition, Thread

import torch
from torch import Tensor

from models.data import Examples

AHEAD = 64 * 2**20
"""Bytes of the window, if that is more than the fewest batches."""
FEWEST, MOST = 4, 256
"""Batches that the window holds."""


class Window:
    """Room for the next batches. A thread reads them from where the examples lie, such as a file that is mapped into memory, in the
    order in which they are needed, while steps are done with those before."""

    def __init__(self, examples: Examples, batch_size: int) -> None:
        self.examples = examples
        # A batch may be larger by the one example that would be left over.
        self.rows = batch_size + 1
        size = self.rows * examples.inputs[0].numel() * examples.inputs.element_size()
        self.slots = max(FEWEST, min(MOST, AHEAD // size))
        self.inputs, self.targets = (
            source.new_empty(self.slots * self.rows, *source.shape[1:]) for source in (examples.inputs, examples.targets)
        )
        self._condition = Condition()
        self._thread: Thread | None = None
        self._over = False
        self._read = self._wanted = 0
        self._fault: Exception | None = None

    def begin(self, batches: Sequence[Tensor], first: int = 0) -> list[Tensor]:
        """Start to read an epoch's batches of examples from a place on; what is left of the epoch before is dropped. Gives where in
        the window each of them will lie."""
        self.end()
        self._read = self._wanted = first
        self._thread = Thread(target=self._fill, args=(batches, first), daemon=True)
        self._thread.start()
        begins = [place % self.slots * self.rows for place in range(len(batches))]
        return [torch.arange(begin, begin + len(batch)) for begin, batch in zip(begins, batches, strict=True)]

    def wait(self, place: int) -> None:
        """Until the batch at this place of the epoch is there; those before it are not needed any more."""
        with self._condition:
            self._wanted = place
            # Not for each batch: to wake a thread costs the steps more than the reading does.
            if self._read - place <= self.slots // 2:
                self._condition.notify_all()
            self._condition.wait_for(lambda: self._read > place or self._fault is not None)
            if self._read <= place and self._fault:
                raise self._fault

    def end(self) -> None:
        """Let go of the batches that have not been read yet."""
        with self._condition:
            self._over = True
            self._condition.notify_all()
        if self._thread:
            self._thread.join()
        self._over = False

    def _fill(self, batches: Sequence[Tensor], first: int) -> None:
        try:
            for place in range(first, len(batches)):
                with self._condition:
                    while place >= self._wanted + self.slots and not self._over:
                        self._condition.wait()
                    if self._over:
                        return
                begin, batch = place % self.slots * self.rows, batches[place]
                for source, whole in ((self.examples.inputs, self.inputs), (self.examples.targets, self.targets)):
                    torch.index_select(source, 0, batch, out=whole[begin : begin + len(batch)])
                with self._condition:
                    self._read = place + 1
                    self._condition.notify_all()
        except Exception as fault:
            with self._condition:
                self._fault = fault
                self._condition.notify_all()
