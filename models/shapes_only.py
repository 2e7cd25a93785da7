"""Sending shapes through a network on torch's meta device, in milliseconds however long a sequence is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.overrides import TorchFunctionMode

RECURRENT = ("rnn_tanh", "gru", "lstm")


class ShapesOnly(TorchFunctionMode):
    """While it is entered, a recurrent layer takes all its time steps at once.

    The meta device computes nothing, but torch goes through a recurrent layer step by step there too: two milliseconds each.
    The shapes that come out, and about as much as is kept for the way back, do not need that.
    """

    def __torch_function__(self, func: Callable[..., Any], types: Any, args: Sequence[Any] = (), kwargs: Any = None) -> Any:
        if getattr(func, "__name__", "") in RECURRENT and isinstance(args[0], Tensor) and args[0].is_meta:
            return _at_once(*args)
        return func(*args, **(kwargs or {}))


def _at_once(
    inputs: Tensor, state: Any, weights: Sequence[Tensor], biases: bool, layers: int, _dropout: float, _training: bool, both: bool, *_: Any
) -> tuple[Tensor, ...]:
    """What torch's rnn_tanh, gru and lstm give, as far as shapes go; inputs are (time, n, features)."""
    directions, each = 2 if both else 1, 4 if biases else 2
    for layer in range(layers):
        answers = []
        for direction in range(directions):
            own = weights[each * (layer * directions + direction) :][:each]
            gates = torch.sigmoid(F.linear(inputs, own[0]))
            units = own[1].shape[1]
            answers.append(torch.tanh(gates[..., :units]) * gates[..., -units:])
        inputs = torch.cat(answers, dim=2)
    return (inputs, *state) if isinstance(state, tuple | list) else (inputs, state)
