"""Steps repeated from a recording give the bits of ordinary steps, over the whole catalogue."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from models.checkpoint import read, write
from models.data import Data, load
from models.experiment import Experiment
from models.layers.catalogue import LAYERS
from models.layers.layer import Merge
from models.learner import Learner
from models.learning import LEARNERS
from models.losses import LOSSES
from models.optimizers import OPTIMIZERS
from models.presets import PRESETS
from models.schedules import SCHEDULES
from models.script import same
from models.traced import Traced
from tests.models.experiments import experiment

pytestmark = pytest.mark.slow

EXAMPLES, BATCH, STEPS = 23, 5, 30
"""Four batches of five examples and one of three an epoch; after two epochs both sizes have been recorded and proven."""

SPIRAL, IRIS, DIGITS, DIABETES = {"op": "spiral", "samples": 60}, {"op": "iris"}, {"op": "digits"}, {"op": "diabetes"}
EXPRESSIONS = {"op": "list_operations", "samples": 200}
DENSE, TANH, CONV, FLATTEN = {"op": "dense", "units": 6}, {"op": "tanh"}, {"op": "conv2d", "filters": 4}, {"op": "flatten"}
ROWS = {"op": "rows_as_time"}


def case(dataset: dict[str, Any], *stack: dict[str, Any], **training: Any) -> Experiment:
    return experiment(dataset, *stack, **{"batch_size": BATCH, "epochs": 6, **training})


def cases() -> dict[str, Experiment]:
    """One of everything, in small."""
    made: dict[str, Experiment] = {}
    settings: dict[str, list[dict[str, Any]]] = {
        "dense": [{}, {"bias": False}],
        "conv2d": [{}, {"kernel": 4}, {"kernel": 5, "stride": 2, "padding": "valid", "bias": False}],
        "global_pool2d": [{}, {"mode": "max"}],
        "leaky_relu": [{}, {"slope": 0}],
        "dropout": [{}, {"rate": 0}, {"rate": 0.7}],
        "sine": [{}, {"frequency": 3}],
        "conv1d": [{}, {"kernel": 4, "dilation": 2, "padding": "causal", "stride": 2}],
        "upsample2d": [{}, {"mode": "bilinear"}],
        "time_pool": [{"mode": mode} for mode in ("average", "max", "last")],
        "positional_encoding": [{}, {"mode": "sinusoidal"}],
        "self_attention": [{}, {"causal": True}],
        "transformer_block": [{}, {"dropout": 0.1}],
        **{op: [{"units": 5}, {"units": 5, "layers": 2, "both_directions": True, "give": "all"}] for op in ("rnn", "gru", "lstm")},
    }
    for layer in LAYERS:
        if issubclass(layer, Merge) or layer.model_fields["op"].default == "output":
            continue
        op = layer.model_fields["op"].default
        for number, setting in enumerate(settings.get(op, [{}])):
            chosen = {"op": op, **setting}
            if "features" in layer.accepts:
                made[f"{op}-{number}-features"] = case(IRIS, DENSE, chosen, TANH)
            if "image" in layer.accepts:
                made[f"{op}-{number}-image"] = case(DIGITS, CONV, chosen)
            if "sequence" in layer.accepts:
                made[f"{op}-{number}-sequence"] = case(DIGITS, ROWS, chosen)
            if "tokens" in layer.accepts:
                made[f"{op}-{number}-tokens"] = case(EXPRESSIONS, chosen)
    for loss in LOSSES:
        op = loss.model_fields["op"].default
        for task, dataset in (("classification", SPIRAL), ("classification", IRIS), ("regression", DIABETES)):
            if task in loss.tasks:
                made[f"{op}-{dataset['op']}"] = case(dataset, DENSE, TANH, loss={"op": op})
    rules: list[dict[str, Any]] = [{"op": rule.model_fields["op"].default} for rule in OPTIMIZERS]
    rules += [{**rule, "weight_decay": 0.1} for rule in rules]
    rules += [{"op": op, "momentum": 0.9} for op in ("sgd", "rmsprop")] + [{"op": "sgd", "momentum": 0.5, "nesterov": True}]
    rules += [{"op": op, "beta1": 0.0, "beta2": 0.5} for op in ("adam", "adamw", "lion")] + [{"op": "rmsprop", "alpha": 0.5}]
    for rule in rules:
        made["-".join(str(value) for value in rule.values())] = case(SPIRAL, DENSE, TANH, DENSE, TANH, optimizer=rule)
    for schedule in SCHEDULES:
        op = schedule.model_fields["op"].default
        made[f"{op}-schedule"] = case(SPIRAL, DENSE, TANH, schedule={"op": op}, optimizer={"op": "adamw"})
    penalties = {"l1": 0.01, "l2": 0.02, "clip_norm": 0.1}
    for name, value in penalties.items():
        made[name] = case(IRIS, DENSE, TANH, **{name: value})
    made["all penalties"] = case(DIGITS, CONV, {"op": "batch_norm"}, TANH, optimizer={"op": "sgd", "momentum": 0.9}, **penalties)
    made["one layer"] = case(SPIRAL)
    made["whole set at once"] = case(SPIRAL, DENSE, batch_size=4096)
    made["one by one"] = case(SPIRAL, DENSE, TANH, batch_size=1)
    made["diverging"] = case(DIABETES, DENSE, {"op": "relu"}, optimizer={"op": "sgd", "lr": 10})
    for merge in ("add", "concatenate"):
        for dataset, block in ((IRIS, DENSE), (DIGITS, CONV)):
            network = [
                {"id": "a", "layer": block},
                {"id": "b", "layer": TANH},
                {"id": "c", "layer": block},
                {"id": "d", "layer": {"op": merge}, "inputs": ["c", "b", "a"]},
                {"id": "out", "layer": {"op": "output"}},
            ]
            training = {"batch_size": BATCH, "epochs": 6}
            made[f"{merge}-{dataset['op']}"] = Experiment.model_validate({"dataset": dataset, "network": network, "training": training})
    for preset in PRESETS:
        # Methods with a learner of their own take steps of another kind, which are not recorded.
        # What is slow to read has its like elsewhere.
        recorded = preset.experiment.training.method.op not in LEARNERS and preset.experiment.dataset.available()
        if recorded and not preset.experiment.dataset.slow:
            short = preset.experiment.training.model_copy(update={"batch_size": BATCH, "epochs": 6})
            made[f"preset {preset.id}"] = preset.experiment.model_copy(update={"training": short})
    return made


CASES = cases()

ORDINARY = {name for name, case in CASES.items() if any(node.layer.op == "lstm" for node in case.network)}
"""Cases whose steps cannot be repeated from a recording and stay ordinary: oneDNN's LSTM keeps what its way back needs only where
autograd is watching."""


def few(data: Data) -> Data:
    return replace(data, training=data.training.head(EXAMPLES))


def learner(chosen: Experiment, after: int | None) -> Learner:
    """A learner that begins to record after so many steps, or never."""
    return Learner(chosen, few(load(chosen.dataset)), "cpu", after)


def steps(learner: Learner, count: int) -> list[Tensor]:
    """Do steps; all that can be seen of each, and at the end all that there is."""
    seen: list[Tensor] = []
    for _ in range(min(count, learner.steps - learner.step_count)):
        loss = learner.step()
        seen += [loss, torch.tensor(learner.last_gradient_norm(), dtype=torch.float64)]
    return seen + everything(learner)


def everything(learner: Learner) -> list[Tensor]:
    return [tensor.clone() for _, tensor in sorted(learner.snapshot().tensors.items())]


def assert_same(one: list[Tensor], other: list[Tensor]) -> None:
    assert len(one) == len(other)
    assert [place for place, (a, b) in enumerate(zip(one, other, strict=True)) if not same(a, b)] == []


def programs(learner: Learner) -> bool:
    """Whether each size of batch is repeated from a recording that has proven itself."""
    traced = learner._traced
    if not isinstance(traced, Traced) or not traced.recordings or None in traced.recordings.values():
        return False
    return all(one is not None and one.proven for one in traced.programs.values())


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.mark.parametrize("name", CASES)
def test_every_bit_is_that_of_ordinary_steps(name: str) -> None:
    ordinary = steps(learner(CASES[name], None), STEPS)
    repeated = learner(CASES[name], 3)
    assert_same(steps(repeated, STEPS), ordinary)
    assert programs(repeated) == (name not in ORDINARY)


@pytest.mark.parametrize("name", CASES)
def test_several_steps_at_once_give_the_same_bits(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.traced.LENGTHS", (3, 2))
    monkeypatch.setattr("models.traced.WHOLE", 0)
    ordinary = learner(CASES[name], None)
    expected = [ordinary.step() for _ in range(min(60, ordinary.steps))]
    norm, ended = ordinary.last_gradient_norm(), everything(ordinary)
    repeated, losses = learner(CASES[name], 3), list[Tensor]()
    for most in cycle((1, 3, 4, 2, 5)):
        if repeated.step_count == len(expected):
            break
        losses += repeated.steps_on(min(most, len(expected) - repeated.step_count))
    assert_same(losses, expected)
    assert_same(everything(repeated), ended)
    assert repeated.last_gradient_norm() == pytest.approx(norm, rel=0, abs=0, nan_ok=True)
    assert programs(repeated) == (name not in ORDINARY)
    traced = repeated._traced
    assert isinstance(traced, Traced)
    # A large recording is repeated one step at a time.
    large = any(recorded is not None and recorded.large for recorded in traced.recordings.values())
    several = repeated.steps_per_epoch > 4 and name not in ORDINARY and not large
    assert large <= (name.startswith("preset") or "-tokens" in name)
    assert not several or {length for _, length in traced.programs} == {1, 2, 3}


def test_hardly_anything_stays_ordinary() -> None:
    assert len(ORDINARY) < len(CASES) / 50


@pytest.mark.slow
@pytest.mark.parametrize("name", ["preset digits", "all penalties", "adam", "rmsprop-0.9", "adagrad", "lion-0.1", "sgd"])
def test_going_on_is_exact_from_either_kind_of_step(name: str, tmp_path: Path) -> None:
    whole = steps(learner(CASES[name], None), STEPS)
    for stop in (2, 4, 7, 10, 18):
        for before, after in ((None, 1), (3, None), (3, 3)):
            first = learner(CASES[name], before)
            begun = steps(first, stop)[: 2 * stop]
            write(first.snapshot(), tmp_path / "snapshot")
            second = learner(CASES[name], after)
            second.restore(read(tmp_path / "snapshot"))
            assert_same(begun + steps(second, STEPS - stop), whole)


@pytest.mark.parametrize("before", [2, 12])
def test_a_learner_goes_back_to_its_own_snapshot(before: int, tmp_path: Path) -> None:
    one = learner(CASES["preset digits"], 3)
    steps(one, before)
    write(one.snapshot(), tmp_path / "snapshot")
    first = steps(one, STEPS - before)
    one.restore(read(tmp_path / "snapshot"))
    assert_same(steps(one, STEPS - before), first)


@pytest.mark.parametrize(
    "name", [name for name in CASES if name in ("sgd", "adam", "adamw-0.1", "lion-0.1", "adagrad", "one_cycle-schedule")]
)
def test_a_new_learning_rate_holds_from_the_next_step(name: str) -> None:
    seen = []
    for after in (None, 3):
        one = learner(CASES[name], after)
        seen.append(steps(one, 12))
        one.lr *= 3
        seen[-1] += steps(one, 12)
    assert_same(*seen)


def test_two_threads_and_evaluations_between_the_steps() -> None:
    """Pieces long enough to be shared between threads, and a network that is looked at while it learns."""
    chosen = case(DIGITS, FLATTEN, {"op": "dense", "units": 700}, {"op": "batch_norm"}, {"op": "relu"}, {"op": "dropout"}, batch_size=20)
    torch.set_num_threads(2)
    seen: list[list[Tensor]] = []
    for after in (None, 3):
        one = learner(chosen, after)
        seen.append([])
        for _ in range(4):
            seen[-1] += steps(one, 3)
            one.network.eval()
            with torch.no_grad():
                seen[-1].append(one.network(one.data.ready(one.data.validation.inputs)))
            one.network.train()
        assert after is None or programs(one)
    assert_same(*seen)


def test_what_is_too_large_stays_ordinary() -> None:
    chosen = case(DIGITS, FLATTEN, {"op": "dense", "units": 4000}, {"op": "relu"}, {"op": "dense", "units": 1000})
    one = learner(chosen, 1)
    steps(one, 4)
    assert one._traced is None


def test_what_differs_stays_ordinary(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which a program gave another bit would go on with ordinary steps."""
    expected = steps(learner(CASES["preset digits"], None), STEPS)
    monkeypatch.setattr("models.traced.same", lambda one, other: False)
    one = learner(CASES["preset digits"], 3)
    assert_same(steps(one, STEPS), expected)
    assert isinstance(one._traced, Traced)
    assert set(one._traced.recordings.values()) == {None}


def test_a_step_that_holds_too_much_stays_ordinary(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = steps(learner(CASES["preset digits"], None), STEPS)
    monkeypatch.setattr("models.recording.LARGEST", 10_000)
    one = learner(CASES["preset digits"], 3)
    assert_same(steps(one, STEPS), expected)
    assert isinstance(one._traced, Traced)
    assert set(one._traced.recordings.values()) == {None}
