"""The optimizers' rules, as torch.optim and modules.Lion apply them to one tensor after another, as operations on one piece of memory.

Each writes its operations into a script and gives the numbers that they take at a step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, optim

from models.modules import Lion
from models.script import Script

Numbers = Callable[[float, float], tuple[float, ...]]
Rule = Callable[[Script, dict[str, Any], Tensor, Tensor, dict[str, Tensor]], Numbers]


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


def _sgd(script: Script, group: dict[str, Any], weights: Tensor, gradients: Tensor, state: dict[str, Tensor]) -> Numbers:
    gradients = _decayed(script, group, weights, gradients)
    if momentum := group["momentum"]:
        buffer = state["momentum_buffer"]
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


def _adam(script: Script, group: dict[str, Any], weights: Tensor, gradients: Tensor, state: dict[str, Tensor]) -> Numbers:
    (beta1, beta2), decay = group["betas"], group["weight_decay"]
    apart = bool(decay) and group["decoupled_weight_decay"]
    if apart:
        _shrunk(script, weights)
    else:
        gradients = _decayed(script, group, weights, gradients)
    mean, square = state["exp_avg"], state["exp_avg_sq"]
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


def _rmsprop(script: Script, group: dict[str, Any], weights: Tensor, gradients: Tensor, state: dict[str, Tensor]) -> Numbers:
    gradients = _decayed(script, group, weights, gradients)
    square, alpha = state["square_avg"], group["alpha"]
    root = torch.zeros_like(square)
    script.do("mul_", square, script.scalar(alpha))
    script.do("addcmul_", square, gradients, gradients, 1 - alpha)
    script.do("sqrt", square, root)
    script.do("add_", root, script.scalar(group["eps"]), 1)
    if group["momentum"]:
        buffer = state["momentum_buffer"]
        script.do("mul_", buffer, script.scalar(group["momentum"]))
        script.do("addcdiv_", buffer, gradients, root, 1)
        script.do("add_", weights, buffer, script.number("rate"))
    else:
        script.do("addcdiv_", weights, gradients, root, script.number("rate"))
    return lambda rate, count: (-rate,)


def _adagrad(script: Script, group: dict[str, Any], weights: Tensor, gradients: Tensor, state: dict[str, Tensor]) -> Numbers:
    gradients = _decayed(script, group, weights, gradients)
    total, slower = state["sum"], group["lr_decay"]
    root = torch.zeros_like(total)
    script.do("addcmul_", total, gradients, gradients, 1)
    script.do("sqrt", total, root)
    script.do("add_", root, script.scalar(group["eps"]), 1)
    script.do("addcdiv_", weights, gradients, root, script.number("rate"))
    return lambda rate, count: (-(rate / (1 + (count - 1) * slower)),)


def _lion(script: Script, group: dict[str, Any], weights: Tensor, gradients: Tensor, state: dict[str, Tensor]) -> Numbers:
    (beta1, beta2), decay, mean = group["betas"], group["weight_decay"], state["exp_avg"]
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
