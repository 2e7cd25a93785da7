"""Every optimizer builds, learns, resumes exactly and prints as the code that makes it; Lion against the paper's formulas."""

from __future__ import annotations

import copy

import pytest
import torch
from pydantic import ValidationError
from torch import Tensor, nn

from models import modules
from models.entry import Source, Words
from models.optimizers import OPTIMIZERS, SGD, Adagrad, Adam, AdamW, Lion, RMSprop, UpdateRule

RULES: list[UpdateRule] = [
    *[rule.model_validate({}) for rule in OPTIMIZERS],
    *[rule.model_validate({"weight_decay": 0.1}) for rule in OPTIMIZERS],
    SGD(momentum=0.9),
    SGD(momentum=0.9, nesterov=True),
    SGD(nesterov=True),
    RMSprop(momentum=0.5, alpha=0.9),
    Adam(beta1=0.8),
    AdamW(beta2=0.9, weight_decay=0),
    Lion(beta1=0.8),
]


def network() -> nn.Sequential:
    torch.manual_seed(3)
    return nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))


def trained(net: nn.Module, optimizer: torch.optim.Optimizer, steps: int) -> float:
    """Loss before the last of some steps on a fixed little problem."""
    inputs = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    targets = torch.tensor([[0.0], [1.0], [1.0], [0.0]])
    loss = torch.tensor(0.0)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(net(inputs), targets)
        torch.autograd.backward(loss)
        optimizer.step()
    return loss.item()


def weights(net: nn.Module) -> Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in net.parameters()])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.op)
def test_code_makes_the_same_steps(rule: UpdateRule) -> None:
    built, printed = network(), network()
    trained(built, rule.call().before(built.parameters()).build(), 5)
    code = rule.call().before(Source("network.parameters()")).code()
    trained(printed, eval(code, {"torch": torch, "network": printed, **vars(modules)}), 5)
    assert torch.equal(weights(built), weights(printed))
    assert not torch.equal(weights(built), weights(network()))


@pytest.mark.parametrize("rule", RULES[: len(OPTIMIZERS)], ids=lambda rule: rule.op)
def test_default_learning_rate_learns(rule: UpdateRule) -> None:
    net = network()
    optimizer = rule.call().before(net.parameters()).build()
    assert trained(net, optimizer, 300) < 0.6 * trained(network(), torch.optim.SGD(network().parameters()), 1)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.op)
def test_resuming_from_the_state_is_exact(rule: UpdateRule) -> None:
    whole = network()
    trained(whole, rule.call().before(whole.parameters()).build(), 8)
    first = network()
    before = rule.call().before(first.parameters()).build()
    trained(first, before, 4)
    second = network()
    second.load_state_dict(first.state_dict())
    after = rule.call().before(second.parameters()).build()
    after.load_state_dict(copy.deepcopy(before.state_dict()))
    trained(second, after, 4)
    assert torch.equal(weights(second), weights(whole))


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (SGD(lr=0.1), "torch.optim.SGD(network.parameters(), lr=0.1)"),
        (SGD(momentum=0.9, nesterov=True), "torch.optim.SGD(network.parameters(), lr=0.03, momentum=0.9, nesterov=True)"),
        (SGD(nesterov=True), "torch.optim.SGD(network.parameters(), lr=0.03)"),
        (Adam(lr=0.03), "torch.optim.Adam(network.parameters(), lr=0.03)"),
        (Adam(beta1=0.8), "torch.optim.Adam(network.parameters(), lr=0.01, betas=(0.8, 0.999))"),
        (AdamW(weight_decay=0), "torch.optim.AdamW(network.parameters(), lr=0.01, weight_decay=0.0)"),
        (Adagrad(), "torch.optim.Adagrad(network.parameters(), lr=0.1)"),
        (Lion(weight_decay=0.1), "Lion(network.parameters(), lr=0.002, weight_decay=0.1)"),
    ],
)
def test_code_is_readable(rule: UpdateRule, code: str) -> None:
    assert rule.call().before(Source("network.parameters()")).code() == code


def test_what_is_left_out_is_torch_s_default() -> None:
    parameters = [nn.Parameter(torch.zeros(1))]
    adamw = AdamW().call().before(parameters).build().defaults
    assert (adamw["betas"], adamw["weight_decay"]) == ((0.9, 0.999), 0.01)
    assert Adam().call().before(parameters).build().defaults["betas"] == (0.9, 0.999)
    assert RMSprop().call().before(parameters).build().defaults["alpha"] == 0.99
    assert Lion().call().before(parameters).build().defaults["betas"] == (0.9, 0.99)


def test_lion_follows_the_paper() -> None:
    torch.manual_seed(0)
    lr, beta1, beta2, decay = 0.01, 0.9, 0.99, 0.1
    parameter = nn.Parameter(torch.randn(20, dtype=torch.float64))
    unused = nn.Parameter(torch.ones(2))
    optimizer = modules.Lion([parameter, unused], lr=lr, betas=(beta1, beta2), weight_decay=decay)
    theta, mean = parameter.detach().clone(), torch.zeros(20, dtype=torch.float64)
    for _ in range(10):
        gradient = torch.randn(20, dtype=torch.float64)
        parameter.grad = gradient.clone()
        optimizer.step()
        # Algorithm 2 of "Symbolic Discovery of Optimization Algorithms".
        update = torch.sign(beta1 * mean + (1 - beta1) * gradient)
        theta = theta - lr * (update + decay * theta)
        mean = beta2 * mean + (1 - beta2) * gradient
        torch.testing.assert_close(parameter.detach(), theta)
    torch.testing.assert_close(optimizer.state[parameter]["exp_avg"], mean)
    assert torch.equal(unused.detach(), torch.ones(2))


def test_fields_are_bounded() -> None:
    for values in ({"lr": 0.0}, {"lr": -1.0}, {"lr": 11.0}, {"momentum": 1.0}, {"weight_decay": -0.1}):
        with pytest.raises(ValidationError):
            SGD.model_validate(values)


@pytest.mark.parametrize("rule", OPTIMIZERS, ids=lambda rule: rule.__name__)
def test_words_are_complete_in_both_languages(rule: type[UpdateRule]) -> None:
    texts = [rule.title, rule.group, rule.summary(), rule.help()]
    labels, descriptions = rule.all_labels(), rule.descriptions()
    assert set(labels) == set(rule.model_fields) - {"op"}
    texts += [Words(descriptions.get(name, ""), labels[name].help_zh) for name in labels]
    assert all(words.en and words.zh for words in texts)
