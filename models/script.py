"""A straight line of operations as a TorchScript graph: its interpreter needs a fraction of a microsecond from one to the next."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from models.recording import FILLED, Operation, Unrepeatable, memory, tensors_in

ARITHMETIC = {"add", "sub", "mul", "div"}
REWRITTEN = {"_to_copy", "clone", "relu", "rsub", "select_backward"}
"""Operations for which there is another one with the same outcome that writes where it is told."""


REFUSALS = (Unrepeatable, RuntimeError, TypeError)
"""How PyTorch and we say that a program cannot be made or run. What is ordinary gives the same numbers."""


class Script:
    """Operations written one after the other, and the function that runs them. Tensors that it is written with are its memory."""

    def __init__(self) -> None:
        self.graph = torch._C.Graph()
        self._given: dict[int, Any] = {}
        self._views: dict[int, Operation] = {}
        self._scalars: dict[tuple[float, torch.dtype], Tensor] = {}
        self._constants: dict[tuple[Any, ...], Any] = {}

    def tensor(self, name: str) -> Any:
        """A tensor that is given at each call."""
        value = self.graph.addInput(name)
        value.setType(torch._C.TensorType.get())
        return value

    def number(self, name: str) -> Any:
        """A number that is given at each call."""
        value = self.graph.addInput(name)
        value.setType(torch._C.FloatType.get())
        return value

    def scalar(self, number: float, dtype: torch.dtype = torch.float32) -> Tensor:
        """A constant as a tensor: an operation makes one of a plain number at each call, which takes longer than the operation."""
        return self._scalars.setdefault((number, dtype), torch.tensor(number, dtype=dtype))

    def do(self, name: str, *arguments: Any) -> Any:
        """One operation with one result; its arguments in the order of its schema."""
        return self._node(f"aten::{name}", arguments, 1).output()

    def function(self, *results: Any) -> Any:
        """What runs all that was written and gives a tuple of results. Takes what is given in the order of its making."""
        value = self._node("prim::TupleConstruct", results, 1).output()
        value.setType(torch._C.TupleType([torch._C.TensorType.get()] * len(results)))
        self.graph.registerOutput(value)
        return torch._C._create_function_from_graph("step", self.graph)

    def repeat(self, operations: Sequence[Operation], kept: Sequence[Operation], fresh: Sequence[Tensor]) -> None:
        """Do the kept ones of recorded operations again, into the memory of the recording; only `fresh` become new tensors. What
        another recording, or the same one before, has given is forgotten."""
        chosen, new = set(kept), {memory(tensor) for tensor in fresh}
        self._given.clear()
        self._views.clear()
        for operation in operations:
            if operation.view and any(self._moves(tensor) for tensor in tensors_in(operation.arguments)):
                self._views.update({id(tensor): operation for tensor in operation.results})
            elif operation in chosen:
                if operation.in_place:
                    self._call(operation)
                elif lasting(operation) and not operation.made & new:
                    self._into_memory(operation)
                else:
                    self._anew(operation)

    def _moves(self, tensor: Tensor) -> bool:
        """Whether the tensor is another one at each call."""
        return id(tensor) in self._given or id(tensor) in self._views

    def _into_memory(self, operation: Operation) -> None:
        """Do a lasting operation so that its results lie where they lay when it was recorded."""
        name, arguments, results = operation.name, operation.arguments, operation.results
        if name in FILLED:
            self.do("fill_", results[0], FILLED[name])
        elif name in ("_to_copy", "clone"):
            self.do("copy_", results[0], arguments[0])
        elif name == "relu":
            self.do("clamp_min", arguments[0], 0, results[0])
        elif name == "rsub":
            self.do("sub", self._operand(arguments[1], results[0]), arguments[0], arguments[2], results[0])
        elif name == "threshold_backward" and arguments[0].stride() != results[0].stride():
            # Behind a convolution that is flattened: over two orders of memory its kernel takes ten times as long as a copy does.
            ordered = torch.empty_like(results[0])
            self.do("copy_", ordered, arguments[0])
            self.do(name, ordered, *arguments[1:], results[0])
        elif name == "select_backward":
            gradient, _, dim, index = arguments
            self.do("zero_", results[0])
            self.do("copy_", results[0].select(dim, index), gradient)
        else:
            self._call(operation, *results)

    def _anew(self, operation: Operation) -> None:
        """Do an operation whose results are new tensors each time."""
        parts = self._parts(operation)
        if parts is not None:
            self._given[id(operation.result)] = parts
            return
        node = self._call(operation)
        results = operation.result if isinstance(operation.result, list | tuple) else [operation.result]
        if isinstance(operation.result, list):
            node.output().setType(torch._C.ListType(torch._C.TensorType.get()))
            node = self._node("prim::ListUnpack", [node.output()], len(results))
        self._given.update({id(tensor): value for tensor, value in zip(results, node.outputs(), strict=True)})

    def _parts(self, operation: Operation) -> Any:
        """What an operation gives that PyTorch makes of others by way of plain numbers and new memory, made of those others here."""
        match operation.name, operation.arguments:
            case "detach", [tensor]:
                return self.value(tensor)
            case "mean", [tensor, None]:
                total = self.do("sum", tensor, [], False, None)
                return self.do("div_", total, self.scalar(float(tensor.numel()), tensor.dtype))
            case "binary_cross_entropy_with_logits", [output, target, None, None, 1]:
                return self.cross_entropies(output, target, target.numel(), whole=True)
        return None

    def cross_entropies(self, outputs: Tensor, truths: Tensor, size: int, whole: bool = False) -> Any:
        """What binary_cross_entropy_with_logits gives, operation by operation: of the first `size` numbers in each row, or of the
        whole tensors."""
        wrong, sure, buffer = (torch.empty_like(truths) for _ in range(3))
        self.do("sub", self.scalar(1.0), truths, 1, wrong)
        self.do("mul_", wrong, outputs)
        self._node("aten::log_sigmoid_forward", [outputs, sure, buffer], 2)
        self.do("sub_", wrong, sure, 1)
        total = self.do("sum", wrong, [], False, None) if whole else self.do("sum", wrong[:, :size], [1], False, None)
        return self.do("div_", total, self.scalar(float(size)))

    def _call(self, operation: Operation, *into: Tensor) -> Any:
        arguments = list(operation.arguments)
        if len(arguments) > 1 and (operation.name.removesuffix("_") in ARITHMETIC or operation.name == "rsub"):
            arguments[:2] = [self._operand(argument, operation.results[0]) for argument in arguments[:2]]
        results = 1 if into and len(into) == 1 else len(operation.func._schema.returns)
        return self._node(operation.func._schema.name, [*arguments, *into], results)

    def _operand(self, argument: Any, result: Tensor) -> Any:
        return self.scalar(argument, result.dtype) if isinstance(argument, int | float) else argument

    def _node(self, name: str, arguments: Sequence[Any], results: int) -> Any:
        node = self.graph.create(name, [self.value(argument) for argument in arguments], results)
        return self.graph.insertNode(node)

    def value(self, argument: Any) -> Any:
        """A tensor, as it stands behind the operations so far, or a constant."""
        if isinstance(argument, torch._C.Value):
            return argument
        if isinstance(argument, Tensor):
            if id(argument) in self._views:
                self._anew(self._views.pop(id(argument)))
            given = self._given.get(id(argument))
            return self._memory(argument) if given is None else given
        if isinstance(argument, list | tuple) and any(isinstance(part, Tensor | torch._C.Value) for part in argument):
            kind: Any = torch._C.OptionalType(torch._C.TensorType.get()) if None in argument else torch._C.TensorType.get()
            node = self._node("prim::ListConstruct", argument, 1)
            node.output().setType(torch._C.ListType(kind))
            return node.output()
        return self._constant(argument)

    def _memory(self, tensor: Tensor) -> Any:
        """A tensor that is there before any operation; one value of the graph for each piece of memory, however often it is read."""
        key = (memory(tensor), tensor.storage_offset(), tensor.shape, tensor.stride(), tensor.dtype)
        if key not in self._constants:
            self._constants[key] = self._inserted(_bare(tensor))
        return self._constants[key]

    def _constant(self, value: Any) -> Any:
        if isinstance(value, list | tuple):
            if value:
                return self._inserted(value)
            node = self._node("prim::ListConstruct", [], 1)
            node.output().setType(torch._C.ListType(torch._C.IntType.get()))
            return node.output()
        # By its text: 0.0 and -0.0 are equal, but not the same number; nor are 1, 1.0 and True the same constant.
        key = (type(value), repr(value))
        if key not in self._constants:
            self._constants[key] = self._inserted(value)
        return self._constants[key]

    def _inserted(self, value: Any) -> Any:
        return self.graph.insertConstant(value)  # type: ignore[attr-defined]  # (PyTorch's stubs lack it)


def _bare(tensor: Tensor) -> Tensor:
    """The same memory without autograd's books, which every operation that writes into it would have to keep."""
    with torch._C._InferenceMode(True):
        return torch.empty(0, dtype=tensor.dtype).set_(tensor.untyped_storage(), tensor.storage_offset(), tensor.shape, tensor.stride())


def lasting(operation: Operation) -> bool:
    """Whether an operation can be done again so that its results lie where they lay."""
    return operation.name in FILLED or operation.name in REWRITTEN or writes_where_told(operation.func)


@lru_cache(maxsize=1000)
def writes_where_told(func: Any) -> bool:
    """Whether PyTorch has the operation in a form whose kernel writes into given memory, and not by way of a copy."""
    if func._overloadname == "Scalar" and func._schema.name.removeprefix("aten::") in ARITHMETIC:
        return True  # its second operand is made a tensor
    kinds = [str(argument.type) for argument in func._schema.arguments]
    packet = func.overloadpacket
    forms = [getattr(packet, name) for name in packet.overloads()]
    return any(
        torch.Tag.out in form.tags
        and torch.Tag.generated not in form.tags
        and [str(argument.type) for argument in form._schema.arguments if not argument.is_out] == kinds
        for form in forms
    )


def interpreted(function: Any, *arguments: Any) -> tuple[Tensor, ...]:
    """Run what `Script.function` made."""
    # The interpreter shall take the operations as they stand; left to itself it would regroup them.
    torch._C._set_graph_executor_optimize(False)
    with torch._C._InferenceMode(True):
        results: tuple[Tensor, ...] = function(*arguments)
    return results


def same(one: Tensor, other: Tensor) -> bool:
    """Whether two tensors are the same to the last bit, numbers that are none included."""
    return torch.equal(one.detach().reshape(-1).view(torch.uint8), other.detach().reshape(-1).view(torch.uint8))
