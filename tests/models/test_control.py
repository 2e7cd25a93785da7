"""Worlds against gymnasium's own, and learning by reward: what is remembered, what is compared, and that it learns."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import gymnasium
import numpy as np
import pytest
import torch

from models.checkpoint import Snapshot, read, write
from models.data import load
from models.datasets.control import MAPS, CartPoleDataset, GridWorldDataset, Map
from models.diagnose import History, findings
from models.draw import scene_of
from models.events import Evaluated, Metrics
from models.experiment import Experiment
from models.learning import learner_for
from models.memory import needed
from models.network import check
from models.playing import Arena, Moment, episodes
from models.policy_learners import advantages, discounted
from models.predict import predict
from models.q_learner import DeepQLearner, Memory
from models.question import Question
from models.train import train
from models.worlds import CartPole, GridWorld
from tests.models.experiments import ACTOR_CRITIC, DEEP_Q, REINFORCE, TINY, experiment

pytestmark = pytest.mark.slow

ACTING = {"reinforce": REINFORCE, "actor_critic": ACTOR_CRITIC, "dqn": DEEP_Q}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """As jobs of this size have: several are slower, and much slower on a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def chance(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_the_pole_moves_as_in_gymnasium() -> None:
    """Forty episodes side by side with as many of CartPole-v1, step by step: states, rewards and ends."""
    world, dice = CartPole(), np.random.default_rng(0)
    theirs = [gymnasium.make("CartPole-v1") for _ in range(40)]
    for seed, one in enumerate(theirs):
        one.reset(seed=seed)
    states = torch.stack([torch.tensor(one.unwrapped.state, dtype=torch.float64) for one in theirs])  # type: ignore[attr-defined]
    alive = list(range(40))
    steps = 0
    while alive and steps < 200:
        steps += 1
        # Mostly what keeps the pole up, so that carts travel far as well.
        actions = torch.where(
            torch.from_numpy(dice.random(40)) < 0.15, torch.from_numpy(dice.integers(2, size=40)), states[:, 2] > 0
        ).long()
        outcome = world.step(states, actions, chance())
        for place in list(alive):
            _, reward, ended, _, _ = theirs[place].step(int(actions[place]))
            state = theirs[place].unwrapped.state  # type: ignore[attr-defined]
            assert np.allclose(outcome.states[place].numpy(), state, rtol=1e-12, atol=1e-12)
            assert (outcome.rewards[place].item(), outcome.ended[place].item()) == (reward, ended)
            if ended:
                alive.remove(place)
        states = outcome.states
    assert len(alive) < 40
    assert world.limit == gymnasium.spec("CartPole-v1").max_episode_steps
    assert CartPoleDataset.enough == gymnasium.spec("CartPole-v1").reward_threshold


def test_the_pole_begins_as_in_gymnasium() -> None:
    states = CartPole().reset(5000, chance())
    assert states.abs().max() <= 0.05
    assert states.std(dim=0).numpy() == pytest.approx([0.1 / 12**0.5] * 4, rel=0.03)


@pytest.mark.parametrize(("name", "size"), [("lake", "4x4"), ("great_lake", "8x8")])
def test_a_frozen_lake_is_gymnasium_s(name: Map, size: str) -> None:
    """Where one gets from each cell by each action, and how often on slippery ground."""
    theirs = gymnasium.make("FrozenLake-v1", map_name=size, is_slippery=True).unwrapped
    rows = MAPS[name]
    assert ["".join(row).replace("H", "O").replace("F", ".") for row in theirs.desc.astype(str)] == list(rows)  # type: ignore[attr-defined]
    world, count = GridWorld(rows, slip=2 / 3, cost=0.0), 3000
    for cell, action in itertools.product(range(world.cells), range(4)):
        if world.ends[cell]:
            continue
        states = torch.full((count, 1), float(cell), dtype=torch.float64)
        outcome = world.step(states, torch.full((count,), action), chance(cell))
        expected = dict.fromkeys(range(world.cells), 0.0)
        for probability, after, reward, ended in theirs.P[cell][action]:  # type: ignore[attr-defined]
            expected[int(after)] += probability
            seen = outcome.states[:, 0] == after
            assert seen.any()
            assert (outcome.rewards[seen].clamp_min(0) == reward).all()
            assert (outcome.ended[seen] == ended).all()
        found = torch.bincount(outcome.states[:, 0].long(), minlength=world.cells) / count
        assert found.tolist() == pytest.approx(list(expected.values()), abs=0.05)


@pytest.mark.parametrize("rows", MAPS.values(), ids=MAPS)
def test_every_map_is_whole_and_has_a_way(rows: tuple[str, ...]) -> None:
    assert len({len(row) for row in rows}) == 1
    text = "".join(rows)
    assert (text.count("S"), text.count("G")) == (1, 1)
    world = GridWorld(rows)
    reached, fringe = {world.start}, [world.start]
    while fringe:
        for after in world.leads[fringe.pop()].tolist():
            if after not in reached and text[after] != "O":
                reached.add(after)
                fringe.append(after)
    assert text.index("G") in reached
    assert not any(text[cell] == "#" for cell in reached)


def test_an_episode_begins_anew_where_one_is_over() -> None:
    world = GridWorld(("SG",), cost=0.25)
    world.limit = 3
    arena = Arena(world, 2, chance())
    for actions in ([0, 2], [0, 0], [0, 2]):
        moment = arena.step(torch.tensor(actions))
    # The first is broken off after three steps, the second has been to the goal twice.
    assert moment.over.tolist() == [True, True]
    assert moment.ended.tolist() == [False, True]
    assert moment.after[:, 0].tolist() == [0, 1]
    assert arena.states[:, 0].tolist() == [0, 0]
    assert arena.finished == [0.75, -0.75, 0.5]
    assert arena.clock.tolist() == [0, 0]


def test_nothing_is_earned_behind_the_end() -> None:
    world = GridWorld(("S.G", "..O"), cost=0.0)
    played = episodes(world, lambda states: torch.tensor([2, 1]).repeat(len(states) // 2), 2, chance())
    assert played.returns.tolist() == [1.0, 0.0]
    assert played.going.sum(dim=0).tolist() == [2, 100]
    assert played.last[:, 0].tolist() == [2, 3]


def test_later_rewards_count_less() -> None:
    rewards = torch.tensor([[1.0], [0.0], [2.0]])
    assert discounted(rewards, 0.5)[:, 0].tolist() == [1.5, 1.0, 2.0]


def test_an_advantage_stops_at_the_end_of_an_episode() -> None:
    def moment(reward: float, ended: bool, over: bool) -> Moment:
        nothing = torch.zeros(1, 1)
        return Moment(nothing, nothing, torch.tensor([reward]), nothing, torch.tensor([ended]), torch.tensor([over]))

    values, after = torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([[2.0], [7.0], [9.0]])
    moments = [moment(1, False, False), moment(2, True, True), moment(3, False, True)]
    # 2 - 2 at the end; 1 + 0.5·2 - 1 before it; 3 + 0.5·9 - 3 where the episode was only broken off.
    assert advantages(moments, values, after, 0.5, 1.0)[:, 0].tolist() == [1.0, 0.0, 4.5]
    assert advantages(moments[:1] * 2, values[:2], after[:2], 0.5, 0.5)[:, 0].tolist() == [1.0 + 0.25 * 2.5, 2.5]


def test_the_oldest_experience_is_forgotten_first() -> None:
    memory = Memory(5, 1)
    for first in (0, 3, 6):
        numbers = torch.arange(first, first + 3)
        state = numbers.double().unsqueeze(1)
        memory.add(Moment(state, numbers, numbers.float(), state, numbers > 90, numbers > 90))
    assert sorted(memory.actions.tolist()) == [4, 5, 6, 7, 8]
    again = Memory(5, 1)
    again.take(memory.tensors())
    assert again.actions.tolist() == memory.actions.tolist()
    assert again.count == 9


def test_chance_fades() -> None:
    learner = learner_for(DEEP_Q, load(DEEP_Q.dataset), "cpu")
    assert isinstance(learner, DeepQLearner)
    shares = []
    for step in (0, 4, 24):
        learner.step_count = step
        shares.append(learner.chance)
    # 24 steps, of which the first 30 % go from always to 0.05.
    assert shares == pytest.approx([1.0, 1 - 0.95 * 4 / 7.2, 0.05])


@pytest.mark.parametrize("name", ACTING)
def test_going_on_from_every_step_is_exact(name: str, tmp_path: Path) -> None:
    """With the worlds, what they have earned, the memory and the chance; also what an evaluation would tell."""
    chosen, data = ACTING[name], load(ACTING[name].dataset)
    whole = learner_for(chosen, data, "cpu")
    losses, told = [], []
    for _ in range(whole.steps):
        losses.append(whole.step().item())
        told.append(tuple(measure() for measure in whole.evaluations()))
    learner = learner_for(chosen, data, "cpu")
    for step in range(whole.steps):
        write(learner.snapshot(), tmp_path / "snapshot")
        learner = learner_for(chosen, data, "cpu")
        learner.restore(read(tmp_path / "snapshot"))
        assert learner.step().item() == losses[step]
        assert tuple(measure() for measure in learner.evaluations()) == told[step]


@pytest.mark.parametrize("name", ACTING)
def test_returns_are_told_once(name: str) -> None:
    """Those that training tells are of the episodes since the evaluation before, validation has none of its own."""
    said = [event for event in train(ACTING[name], lambda _seconds: None) if isinstance(event, Evaluated)]
    assert said[0].training == Metrics(loss=None, returns=())
    for event in said:
        assert event.validation.reward is not None
        assert event.validation.returns is None
        assert event.training.returns is not None
        if event.training.returns:
            assert event.training.reward == pytest.approx(sum(event.training.returns) / len(event.training.returns))
    if name == "reinforce":
        assert [len(event.training.returns or ()) for event in said] == [0, 24, 24, 24]


def test_examples_are_for_supervision_and_worlds_for_rewards() -> None:
    wrong = experiment({"op": "cart_pole"}, {"op": "dense"})
    (problem,) = check(wrong).problems
    assert problem.field == "method"
    assert problem.fix is not None
    assert problem.fix.value == {"op": "reinforce"}
    document = wrong.model_dump(mode="json")
    document["training"]["method"] = problem.fix.value
    assert not check(Experiment.model_validate(document)).problems
    for op in ACTING:
        (problem,) = check(experiment({"op": "spiral"}, method={"op": op})).problems
        assert problem.fix is not None
        assert problem.fix.value == {"op": "supervised"}


def history(*rewards: float, losses: tuple[float | None, ...] = ()) -> History:
    told = History(REINFORCE)
    for step, reward in enumerate(rewards):
        loss = losses[step] if losses else 0.1 * step
        measured = Metrics(loss=loss if step else None, reward=reward, returns=())
        told.add(Evaluated(step=step, epoch=step, training=measured, validation=Metrics(loss=None, reward=reward), lr=0.1, gradient_norm=1))
    return told


def test_a_loss_that_rises_is_no_finding() -> None:
    scene = scene_of(REINFORCE, None)
    risen = history(*[20.0] * 60)
    assert not risen.diverged
    assert findings(risen, scene) == []
    assert risen.best_step == 0
    assert history(9.0, 300.0, 40.0).best_step == 1
    assert not history(9.0).diverged


def test_a_world_that_is_solved_is_a_finding() -> None:
    (found,) = findings(history(9.0, 480.0), scene_of(REINFORCE, None))
    assert found.op == "solved"
    assert "480" in found.text.en


def test_a_loss_that_is_no_number_ends_learning() -> None:
    assert history(9.0, 9.0, losses=(None, float("nan"))).diverged
    assert history(9.0, 9.0, losses=(None, None)).diverged


def snapshot_of(chosen: Experiment) -> Snapshot:
    return learner_for(chosen, load(chosen.dataset), "cpu").snapshot()


def test_a_network_says_what_it_would_do() -> None:
    pole = {"inputs": [[0.0, 0.0, 0.1, 0.5], [0.0, 0.0, -0.1, -0.5]]}
    first, _ = predict(REINFORCE, snapshot_of(REINFORCE), Question.model_validate(pole)).answers
    assert first.probabilities is not None
    assert sum(share or 0 for share in first.probabilities) == pytest.approx(1)
    assert first.value is None
    first, _ = predict(DEEP_Q, snapshot_of(DEEP_Q), Question.model_validate(pole)).answers
    assert first.probabilities is None
    assert first.value is not None
    assert first.label == DEEP_Q.dataset.task().actions[int(np.argmax(first.value))]  # type: ignore[union-attr,arg-type]
    cell = {"inputs": [[1.0] + [0.0] * 15]}
    (first,) = predict(ACTOR_CRITIC, snapshot_of(ACTOR_CRITIC), Question.model_validate(cell)).answers
    assert first.probabilities is not None
    assert first.value is not None
    assert (len(first.probabilities), len(first.value)) == (4, 1)


def test_what_is_remembered_and_played_at_once_needs_memory() -> None:
    def total(**method: object) -> int:
        return needed(experiment({"op": "cart_pole"}, {"op": "dense", "units": 64}, method=method)).total

    assert total(op="dqn", memory=500_000) - total(op="dqn", memory=1000) > 499_000 * 2 * 4 * 8
    assert total(op="actor_critic", horizon=512) > total(op="actor_critic", horizon=1)
    assert total(op="reinforce") > total(op="actor_critic")


@pytest.mark.parametrize(
    "method", [{"op": "actor_critic", "horizon": 8}, {"op": "dqn", "discount": 0.9, "updates": 100, "exploring": 0.6, "worlds": 32}]
)
def test_a_short_way_is_found(method: dict[str, object]) -> None:
    """Six cells to the goal, past four pits."""
    dataset = {"op": "grid_world", "map": "lake", "slip": 0.0}
    chosen = experiment(
        dataset,
        {"op": "dense", "units": 32},
        {"op": "relu"},
        method=method,
        optimizer={"op": "adam", "lr": 0.005},
        batch_size=64,
        epochs=12,
    )
    last = [event for event in train(chosen, lambda _seconds: None) if isinstance(event, Evaluated)][-1]
    assert last.validation.reward == pytest.approx(1)


@pytest.mark.parametrize("name", ACTING)
def test_weights_that_are_no_numbers_still_act(name: str) -> None:
    """Whatever they do; that the loss is no number either ends the training."""
    learner = learner_for(ACTING[name], load(ACTING[name].dataset), "cpu")
    for weights in learner.parameters:
        weights.data.fill_(float("nan"))
    assert not learner.step().isfinite()
    training, validation = (measure() for measure in learner.evaluations())
    assert training.loss is not None
    assert training.loss != training.loss
    assert validation.reward is not None


def test_a_grid_has_an_input_for_each_cell() -> None:
    for name, rows in MAPS.items():
        dataset = GridWorldDataset(map=name)
        assert dataset.shape().sizes == (len(rows) * len(rows[0]),) == (len(dataset.columns()),)


def test_a_plain_experiment_is_none_of_this() -> None:
    assert learner_for(TINY, load(TINY.dataset), "cpu").snapshot().tensors.keys().isdisjoint({"loss", "world.states"})
