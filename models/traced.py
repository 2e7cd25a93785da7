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

from models.modules import Lion
from models.recording import LARGEST, Operation, Recording, Unrepeatable, memory, needed, tensors_in
from models.script import REFUSALS, Script, interpreted, lasting, same

ALIGNMENT = 16
"""Numbers (64 bytes) at which each tensor begins, as in memory that PyTorch takes for it alone: some kernels look at that."""

LAST_COUNT = 2.0**24
"""Where an optimizer's own count of steps, a float32, stays."""

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
        self.programs: dict[int, Program | None] = {}
        """None for a size at which steps stay ordinary."""

    def step(self, batch: Tensor, rate: float) -> Step:
        """Learn from the examples of a batch."""
        self.count = min(self.count + 1, LAST_COUNT)
        if len(batch) not in self.programs:
            return self._record(batch)
        program = self.programs[len(batch)]
        if program is None:
            return self._ordinary(batch)
        return program.run(batch, rate, self.count) if program.proven else self._prove(program, batch, rate)

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
            self.programs[len(batch)] = Program(self, recording.operations, inputs, targets, step)
        except REFUSALS:
            self.programs[len(batch)] = None
        self._attach()
        return step

    def _prove(self, program: Program, batch: Tensor, rate: float) -> Step:
        """Do the same step both ways. The ordinary one counts."""
        pieces = [self.weights.whole, *[piece.whole for piece in self.state.values()], self.counts, *self.network.buffers()]
        before, random = [piece.clone() for piece in pieces], torch.get_rng_state()
        try:
            repeated = program.run(batch, rate, self.count)
            after = [piece.clone() for piece in (*pieces, self.gradients.whole, *tensors_in(repeated), torch.get_rng_state())]
        except REFUSALS:
            after = []
        with torch.no_grad():
            for piece, value in zip(pieces, before, strict=True):
                piece.copy_(value)
        torch.set_rng_state(random)
        ordinary = self._ordinary(batch)
        expected = [*pieces, self.gradients.whole, *tensors_in(ordinary), torch.get_rng_state()]
        program.proven = len(after) == len(expected) and all(map(same, after, expected))
        if not program.proven:
            self.programs[len(batch)] = None
        return ordinary

    def _attach(self) -> None:
        """Let every weight's gradient lie in its place."""
        self.gradients.take([parameter.grad for parameter in self.learnt if parameter.grad is not None])
        for parameter, part in zip(self.learnt, self.gradients.parts, strict=True):
            parameter.grad = part


class Program:
    """One size of batch: all that a step does, as one function."""

    def __init__(self, traced: Traced, operations: list[Operation], inputs: Tensor, targets: Tensor, step: Step) -> None:
        if not operations:
            raise Unrepeatable("the step is too large")
        gradients = [parameter.grad for parameter in traced.learnt if parameter.grad is not None]
        results = [tensor for tensor in step if tensor is not None]
        varying = {memory(tensor) for tensor in (inputs, targets, traced.weights.whole)}
        kept = needed(operations, varying, [*gradients, *results])
        kept = settle(operations, kept, gradients, traced.gradients)
        script = Script()
        batch = script.tensor("batch")
        script.do("index_select", traced.inputs, 0, batch, inputs)
        script.do("index_select", traced.targets, 0, batch, targets)
        script.repeat(operations, kept, results)
        self.numbers = RULES[type(traced.optimizer)](
            script, traced.optimizer.param_groups[0], traced.weights.whole, traced.gradients.whole, traced.state
        )
        if any("step" in state for state in traced.optimizer.state.values()):
            script.do("add_", traced.counts, script.scalar(1.0), 1)
        self.function = script.function(*results)
        self.proven = False
        self.kept = [operations, inputs, targets]

    def run(self, batch: Tensor, rate: float, count: float) -> Step:
        """The step with this learning rate, the optimizer's `count`-th."""
        loss, *norm = interpreted(self.function, batch, *self.numbers(rate, count))
        return loss, norm[0] if norm else None


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


# The optimizers' rules, as torch.optim and modules.Lion apply them to one tensor after another. Each writes its operations and gives
# the numbers that they take at a step.

Numbers = Callable[[float, float], tuple[float, ...]]
Rule = Callable[[Script, dict[str, Any], Tensor, Tensor, dict[str, Piece]], Numbers]


def _decayed(script: Script, group: dict[str, Any], weights: Tensor, gradients: Tensor) -> Tensor:
    """The gradients with the pull of weight decay added."""
    if not group["weight_decay"]:
        return gradients
    pulled = torch.zeros_like(gradients)
    script.do("add", gradients, weights, group["weight_decay"], pulled)
    return pulled


def _shrunk(script: Script, weights: Tensor) -> None:
    """Weights multiplied by a number of its own at each step."""
    share = torch.zeros(())
    script.do("fill_", share, script.number("share"))
    script.do("mul_", weights, share)


def _sgd(script: Script, group: dict[str, Any], weights: Tensor, gradients: Tensor, state: dict[str, Piece]) -> Numbers:
    gradients = _decayed(script, group, weights, gradients)
    if momentum := group["momentum"]:
        buffer = state["momentum_buffer"].whole
        script.do("mul_", buffer, script.scalar(momentum))
        script.do("add_", buffer, gradients, 1 - group["dampening"])
        if group["nesterov"]:
            ahead = torch.zeros_like(gradients)
            script.do("add", gradients, buffer, momentum, ahead)
            gradients = ahead
        else:
            gradients = buffer
    script.do("add_", weights, gradients, script.number("rate"))
    return lambda rate, count: (-rate,)


def _adam(script: Script, group: dict[str, Any], weights: Tensor, gradients: Tensor, state: dict[str, Piece]) -> Numbers:
    (beta1, beta2), decay = group["betas"], group["weight_decay"]
    apart = bool(decay) and group["decoupled_weight_decay"]
    if apart:
        _shrunk(script, weights)
    else:
        gradients = _decayed(script, group, weights, gradients)
    mean, square = state["exp_avg"].whole, state["exp_avg_sq"].whole
    root, correction = torch.zeros_like(square), torch.zeros(())
    script.do("lerp_", mean, gradients, 1 - beta1)
    script.do("mul_", square, script.scalar(beta2))
    script.do("addcmul_", square, gradients, gradients, 1 - beta2)
    script.do("sqrt", square, root)
    script.do("fill_", correction, script.number("correction"))
    script.do("div_", root, correction)
    script.do("add_", root, script.scalar(group["eps"]), 1)
    script.do("addcdiv_", weights, mean, root, script.number("rate"))

    def numbers(rate: float, count: float) -> tuple[float, ...]:
        corrected = (1 - beta2**count) ** 0.5, -(rate / (1 - beta1**count))
        return (1 - rate * decay, *corrected) if apart else corrected

    return numbers


def _rmsprop(script: Script, group: dict[str, Any], weights: Tensor, gradients: Tensor, state: dict[str, Piece]) -> Numbers:
    gradients = _decayed(script, group, weights, gradients)
    square, alpha = state["square_avg"].whole, group["alpha"]
    root = torch.zeros_like(square)
    script.do("mul_", square, script.scalar(alpha))
    script.do("addcmul_", square, gradients, gradients, 1 - alpha)
    script.do("sqrt", square, root)
    script.do("add_", root, script.scalar(group["eps"]), 1)
    if group["momentum"]:
        buffer = state["momentum_buffer"].whole
        script.do("mul_", buffer, script.scalar(group["momentum"]))
        script.do("addcdiv_", buffer, gradients, root, 1)
        script.do("add_", weights, buffer, script.number("rate"))
    else:
        script.do("addcdiv_", weights, gradients, root, script.number("rate"))
    return lambda rate, count: (-rate,)


def _adagrad(script: Script, group: dict[str, Any], weights: Tensor, gradients: Tensor, state: dict[str, Piece]) -> Numbers:
    gradients = _decayed(script, group, weights, gradients)
    total, slower = state["sum"].whole, group["lr_decay"]
    root = torch.zeros_like(total)
    script.do("addcmul_", total, gradients, gradients, 1)
    script.do("sqrt", total, root)
    script.do("add_", root, script.scalar(group["eps"]), 1)
    script.do("addcdiv_", weights, gradients, root, script.number("rate"))
    return lambda rate, count: (-(rate / (1 + (count - 1) * slower)),)


def _lion(script: Script, group: dict[str, Any], weights: Tensor, gradients: Tensor, state: dict[str, Piece]) -> Numbers:
    (beta1, beta2), decay, mean = group["betas"], group["weight_decay"], state["exp_avg"].whole
    direction = torch.zeros_like(mean)
    script.do("lerp", mean, gradients, 1 - beta1, direction)
    script.do("sign_", direction)
    if decay:
        _shrunk(script, weights)
    script.do("add_", weights, direction, script.number("rate"))
    script.do("lerp_", mean, gradients, 1 - beta2)
    return lambda rate, count: (1 - rate * decay, -rate) if decay else (-rate,)


RULES: dict[type[optim.Optimizer], Rule] = {
    optim.SGD: _sgd,
    optim.Adam: _adam,
    optim.AdamW: _adam,
    optim.RMSprop: _rmsprop,
    optim.Adagrad: _adagrad,
    Lion: _lion,
}
