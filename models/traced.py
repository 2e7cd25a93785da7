"""Training steps recorded as they run and then repeated without autograd, modules or Python between their operations.

What a recorded step only looks at (views, constants) is there already; what it computes goes into the same memory each time. The
rest is a straight line of the same kernels in the same order. Weights, gradients and the optimizer's memory lie in one piece each,
so the update is a handful of operations, however many layers there are. Every number is the same to the last bit, and a program
has to show that beside an ordinary step before it is trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn, optim

from models.recorded import Piece, Recorded, Step, aligned, dense
from models.recording import LARGEST, Recording, Unrepeatable, tensors_in
from models.script import REFUSALS, Script, interpreted, same
from models.updates import RULES, Numbers

LAST_COUNT = 2.0**24
"""Where an optimizer's own count of steps, a float32, stays."""

LENGTHS = (16, 4)
"""Steps that are done at once where there are so many left: Python then takes its time once for all of them."""

WHOLE = 32
"""Most steps of an epoch that is done all at once."""


class Traced:
    """The steps of one network and optimizer, a program for each size of batch. Made after an ordinary step, so that gradients
    and the optimizer's memory are there; raises Unrepeatable for what it cannot do.

    `gradients` computes loss and gradients of a batch's inputs and targets in the ordinary way.
    """

    def __init__(
        self,
        network: nn.Module,
        optimizer: optim.Optimizer,
        inputs: Tensor,
        targets: Tensor,
        gradients: Callable[[Tensor, Tensor], Step],
    ) -> None:
        self.network, self.optimizer, self.inputs, self.targets, self.gradients_of = network, optimizer, inputs, targets, gradients
        if type(optimizer) not in RULES:
            raise Unrepeatable(f"no rule for {type(optimizer).__name__}")
        self.learnt = [parameter for parameter in network.parameters() if parameter.grad is not None]
        states = [optimizer.state.get(parameter, {}) for parameter in self.learnt]
        sound = all(dense(parameter) and parameter.dtype == torch.float32 for parameter in self.learnt)
        if not self.learnt or not sound or 6 * 4 * sum(parameter.numel() for parameter in self.learnt) > LARGEST:
            raise Unrepeatable("nothing learns, or it is too large")
        self.weights, self.gradients = Piece(self.learnt), Piece(self.learnt)
        self.state = {name: Piece(self.learnt) for name, value in states[0].items() if torch.is_tensor(value) and name != "step"}
        self.counts = torch.tensor([float(state.get("step", 0)) for state in states])
        with torch.no_grad():
            self.weights.take(self.learnt)
            for name, piece in self.state.items():
                piece.take([state[name] for state in states])
        for place, (parameter, state) in enumerate(zip(self.learnt, states, strict=True)):
            parameter.data = self.weights.parts[place]
            state.update({name: piece.parts[place] for name, piece in self.state.items()})
            if "step" in state:
                state["step"] = self.counts[place]
        self._attach()
        self.count = float(self.counts[0])
        self.recordings: dict[int, Recorded | None] = {}
        """None for a size at which steps stay ordinary."""
        self.programs: dict[tuple[int, int], Program | None] = {}
        """For a size of batch and a number of steps."""
        self.asked: set[tuple[int, int]] = set()
        """What could have been done at once before. A program costs more than it saves the first time, so it is made the second."""

    def step(self, batch: Tensor, rate: float) -> Step:
        """Learn from the examples of a batch."""
        self.count = min(self.count + 1, LAST_COUNT)
        if len(batch) not in self.recordings:
            return self._record(batch)
        if self.recordings[len(batch)] is None:
            return self._ordinary(batch)
        single = self._single(len(batch))
        numbers = [(rate, self.count)]
        if single.proven:
            return single.run(batch, numbers)
        step, single.proven = self._proof(lambda: single.run(batch, numbers), lambda: self._ordinary(batch))
        if not single.proven:
            self.recordings[len(batch)] = None
        return step

    def length(self, size: int, most: int, whole: int) -> int:
        """How many steps with batches of one size can be done at once, of at most so many; an epoch has `whole` of them."""
        program = self.programs.get((size, 1))
        if not program or not program.proven or program.recorded.large:
            return 1
        lengths = (whole,) if LENGTHS[-1] < whole <= WHOLE else LENGTHS
        chosen = next((length for length in lengths if length <= most and self.programs.get((size, length), program)), 1)
        if chosen == 1 or (size, chosen) in self.asked:
            return chosen
        self.asked.add((size, chosen))
        return 1

    def steps(self, batches: Tensor, rates: Sequence[float]) -> Step:
        """Learn from batches (steps, size) one after the other, as many as `length` allows: their losses (steps,) and the last one's
        length of the gradient."""
        length, size = batches.shape
        numbers = [(rate, min(self.count + place, LAST_COUNT)) for place, rate in enumerate(rates, start=1)]
        program = self.programs.get((size, length))
        if program and program.proven:
            self.count = numbers[-1][1]
            return program.run(batches, numbers)
        single = self._single(size)

        def one_by_one() -> Step:
            steps = [single.run(batch, [number]) for batch, number in zip(batches, numbers, strict=True)]
            return torch.stack([loss for loss, _ in steps]), steps[-1][1]

        self.programs[size, length] = None
        try:
            several = Program(self, single.recorded, length)
        except REFUSALS:
            step = one_by_one()
        else:
            step, several.proven = self._proof(lambda: several.run(batches, numbers), one_by_one)
            if several.proven:
                self.programs[size, length] = several
        self.count = numbers[-1][1]
        return step

    def _single(self, size: int) -> Program:
        program = self.programs[size, 1]
        assert program
        return program

    def _ordinary(self, batch: Tensor) -> Step:
        step = self.gradients_of(self.inputs[batch], self.targets[batch])
        self.optimizer.step()
        self._attach()
        return step

    def _record(self, batch: Tensor) -> Step:
        """An ordinary step, written down while it runs."""
        inputs, targets = self.inputs[batch], self.targets[batch]
        with Recording() as recording:
            step = self.gradients_of(inputs, targets)
        self.optimizer.step()
        try:
            recorded = Recorded(recording, (inputs, targets), step, self.learnt, self.weights, self.gradients)
            self.programs[len(batch), 1] = Program(self, recorded, 1)
            self.recordings[len(batch)] = recorded
        except REFUSALS:
            self.recordings[len(batch)] = None
        self._attach()
        return step

    def _proof(self, repeat: Callable[[], Step], trusted: Callable[[], Step]) -> tuple[Step, bool]:
        """Do the same both ways, and say whether all is the same to the last bit. The trusted way counts."""
        pieces = [self.weights.whole, *[piece.whole for piece in self.state.values()], self.counts, *self.network.buffers()]
        before, random = [piece.clone() for piece in pieces], torch.get_rng_state()
        try:
            repeated = repeat()
            after = [piece.clone() for piece in (*pieces, self.gradients.whole, *tensors_in(repeated), torch.get_rng_state())]
        except REFUSALS:
            after = []
        with torch.no_grad():
            for piece, value in zip(pieces, before, strict=True):
                piece.copy_(value)
        torch.set_rng_state(random)
        step = trusted()
        expected = [*pieces, self.gradients.whole, *tensors_in(step), torch.get_rng_state()]
        return step, len(after) == len(expected) and all(map(same, after, expected))

    def _attach(self) -> None:
        """Let every weight's gradient lie in its place."""
        self.gradients.take([parameter.grad for parameter in self.learnt if parameter.grad is not None])
        for parameter, part in zip(self.learnt, self.gradients.parts, strict=True):
            parameter.grad = part


class Program:
    """All that some steps with one size of batch do, as one function."""

    def __init__(self, traced: Traced, recorded: Recorded, steps: int) -> None:
        self.recorded, self.proven = recorded, False
        script, batches = Script(), (recorded.inputs, recorded.targets)
        size, room = len(recorded.inputs), max(map(aligned, batches)) if steps > 1 else len(recorded.inputs)
        chosen = script.tensor("batches")
        if steps > 1:
            order = torch.zeros(steps, room, dtype=torch.int64)
            script.do("copy_", order[:, :size], chosen)
            chosen = order.view(-1)
        gathered: list[Tensor] = []
        for source, batch in zip((traced.inputs, traced.targets), batches, strict=True):
            gathered.append(batch.new_empty(steps * room, *source.shape[1:]))
            script.do("index_select", source.to(batch.dtype), 0, chosen, gathered[-1])
        state = {name: piece.whole for name, piece in traced.state.items()}
        rule, group = RULES[type(traced.optimizer)], traced.optimizer.param_groups[0]
        together = recorded.loss if steps > 1 else None
        answers = torch.zeros(steps * room)
        kept = [operation for operation in recorded.kept if operation is not together]
        self.numbers: list[Numbers] = []
        results: list[Any] = []
        for begin in range(0, steps * room, room):
            for batch, whole in zip(batches, gathered, strict=True):
                recorded.place(batch, whole[begin : begin + size])
            if together:
                recorded.place(together.arguments[0], answers[begin : begin + size])
            script.repeat(recorded.operations, kept, recorded.results)
            self.numbers.append(rule(script, group, traced.weights.whole, traced.gradients.whole, state))
            results.append([script.value(result) for result in recorded.results])
        if any("step" in state for state in traced.optimizer.state.values()):
            script.do("add_", traced.counts, script.scalar(float(steps)), 1)
            script.do("clamp_max_", traced.counts, LAST_COUNT)
        if together:
            losses = script.cross_entropies(answers.view(steps, room), gathered[1].view(steps, room), size)
        else:
            losses = results[0][0] if steps == 1 else script.do("stack", [loss for loss, *_ in results], 0)
        self.function = script.function(losses, *results[-1][1:])

    def run(self, batches: Tensor, numbers: Sequence[tuple[float, float]]) -> Step:
        """The steps, each with its learning rate and its place in the optimizer's count."""
        given = [number for of_step, (rate, count) in zip(self.numbers, numbers, strict=True) for number in of_step(rate, count)]
        loss, *norm = interpreted(self.function, batches, *given)
        return loss, norm[0] if norm else None
