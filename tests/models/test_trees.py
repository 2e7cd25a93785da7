"""Trees: expressions come to what a plain evaluator says, and the batched stack gives what plain recursion gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from models.data import load
from models.datasets.trees import CLOSE, DIGIT, OPERATION, TOKENS, ListOperations, longest, parsed
from models.draw import draw, scene_of
from models.layers.layer import Misfit
from models.layers.trees import Recursion, TreeLSTM, TreeRNN
from models.learner import Learner
from models.pictures import Trees
from models.predict import predict
from models.question import Question
from models.shape import Shape
from models.tree_modules import ShiftReduce
from models.views.trees import BelievedTrees
from models.views.view import Unseen
from tests.models.experiments import IRIS, TREES

pytestmark = pytest.mark.slow

Tree = int | tuple[str, list[Any]]


def read(tokens: list[int]) -> Tree:
    """Tokens as nested lists."""

    def part(place: int) -> tuple[Tree, int]:
        if tokens[place] < OPERATION:
            return tokens[place] - DIGIT, place + 1
        operation, children = TOKENS[tokens[place]][1:], []
        place += 1
        while tokens[place] != CLOSE:
            child, place = part(place)
            children.append(child)
        return (operation, children), place + 1

    tree, end = part(0)
    assert end == len(tokens)
    return tree


def value(tree: Tree) -> int:
    """What an expression comes to."""
    if isinstance(tree, int):
        return tree
    operation, children = tree
    values = [value(child) for child in children]
    return {"MAX": max(values), "MIN": min(values), "MED": int(np.median(values)), "SM": sum(values) % 10}[operation]


def depth(tree: Tree) -> int:
    return 0 if isinstance(tree, int) else 1 + max(depth(child) for child in tree[1])


@pytest.mark.parametrize("dataset", [ListOperations(samples=1500), ListOperations(samples=800, depth=2, arguments=5, seed=3)], ids=repr)
def test_every_answer_is_exact(dataset: ListOperations) -> None:
    inputs, targets, held_out, answers = dataset.call().build()
    rows, values = np.concatenate([inputs, held_out]), np.concatenate([targets, answers])
    depths = []
    for row, expected in zip(rows, values, strict=True):
        tokens = row[row > 0].tolist()
        assert row[: len(row) - len(tokens)].sum() == 0, "filled up on the left only"
        tree = read(tokens)
        assert value(tree) == expected
        depths.append(depth(tree))
        assert not isinstance(tree, int)
        assert all(2 <= len(part.tokens) <= len(tokens) for part in parsed(tokens) if part.tokens[-1] == CLOSE)
    assert set(depths) == set(range(1, dataset.depth + 1))
    assert len({tuple(row) for row in rows}) == len(rows), "no expression is in both sets"
    assert rows.shape[1] == dataset.shape().sizes[0] == longest(dataset.depth, dataset.arguments)


def test_parts_come_to_what_they_say() -> None:
    text = "[MAX 2 9 [MIN 4 7 ] [SM 5 [MED 1 8 ] 7 ] ]"
    parts = parsed([TOKENS.index(word) for word in text.split()])
    labels = [TOKENS[part.tokens[0]] for part in parts]
    assert labels == ["[MAX", "2", "9", "[MIN", "4", "7", "[SM", "5", "[MED", "1", "8", "7"]
    assert [part.parent for part in parts] == [None, 0, 0, 0, 3, 3, 0, 6, 6, 8, 8, 6]
    assert [part.value for part in parts] == [9, 2, 9, 4, 4, 7, 6, 5, 4, 1, 8, 7]


def recursive(machine: ShiftReduce, tokens: list[int]) -> Tensor:
    """The state at the bottom of the stack, found by plain recursion over one expression."""

    def state(tree: tuple[int, list[Any]]) -> Tensor:
        token, children = tree
        built: Tensor = machine.leaf(torch.tensor([token]))
        for child in children:
            below = machine.finish(state(child)).tanh() if child[0] in machine.opens else state(child)
            built = machine.cell(built, below)
        return built

    def nested(place: int) -> tuple[tuple[int, list[Any]], int]:
        token, children = tokens[place], []
        place += 1
        if token in machine.opens:
            while tokens[place] != machine.closes:
                child, place = nested(place)
                children.append(child)
            place += 1
        return (token, children), place

    root = machine.finish(state(nested(0)[0])).tanh()
    answer: Tensor = machine.cell(torch.zeros_like(root), root)
    return answer[0, -machine.units :]


@pytest.mark.parametrize("layer", [TreeLSTM(units=7), TreeRNN(units=7)], ids=repr)
def test_all_trees_of_a_batch_at_once_are_each_by_itself(layer: Recursion) -> None:
    dataset = ListOperations(samples=200, arguments=4)
    torch.manual_seed(1)
    machine = layer.call(dataset.shape()).build()
    rows = torch.from_numpy(dataset.call().build()[0])
    answers = machine(rows)
    answers.sum().backward()
    learnt = [parameter.grad.clone() for parameter in machine.parameters()]
    machine.zero_grad()
    alone = torch.stack([recursive(machine, row[row > 0].tolist()) for row in rows])
    alone.sum().backward()  # type: ignore[no-untyped-call]
    torch.testing.assert_close(answers, alone)
    for one, other in zip(learnt, [parameter.grad for parameter in machine.parameters()], strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-4)


def test_what_stands_left_of_an_expression_changes_nothing() -> None:
    dataset = ListOperations(samples=200)
    machine = TreeLSTM(units=5).call(dataset.shape()).build()
    rows = torch.from_numpy(dataset.call().build()[0])
    assert torch.equal(machine(torch.nn.functional.pad(rows, (3, 0))), machine(rows))


def test_tokens_without_brackets_are_refused_with_words() -> None:
    with pytest.raises(Misfit, match="brackets") as caught:
        TreeLSTM().call(Shape((5,), vocabulary=9))
    assert caught.value.message.zh
    assert caught.value.hint is not None


def test_an_expression_is_read_as_it_is_typed() -> None:
    dataset = ListOperations()
    row = dataset.read(" [max 2 9[MIN 4 7]]")
    assert row.shape == dataset.shape().sizes
    assert [TOKENS[token] for token in row[row > 0]] == ["[MAX", "2", "9", "[MIN", "4", "7", "]", "]"]


def test_a_typed_expression_is_answered() -> None:
    snapshot = Learner(TREES, load(TREES.dataset), "cpu").snapshot()
    found = predict(TREES, snapshot, Question(text="[MAX 2 9 [MIN 4 7]]"))
    assert found.answers[0].probabilities is not None
    assert sum(share or 0 for share in found.answers[0].probabilities) == pytest.approx(1)
    assert found.sentences is not None
    assert found.sentences.sentences[0].tokens == ("[MAX", "2", "9", "[MIN", "4", "7", "]", "]")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[MAX 2 9", "closed"),
        ("2 9", "closed"),
        ("[MAX ]", "needs a number"),
        ("[MAX 2 9 ] 3", "closed"),
        ("]", "closed"),
        (" ", "closed"),
        ("[MAX 2 19 ]", "“19” is not known"),
        ("[MEAN 2 9 ]", r"“\[MEAN” is not known"),
        ("[MAX" + " 1" * 40 + "]", "42 tokens"),
        ("[MAX 1 " * 5 + "2" + "]" * 5, "5 brackets"),
    ],
)
def test_what_is_no_expression_is_refused_with_words(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ListOperations().read(text)


def test_every_part_of_a_tree_is_believed_in_as_an_example_of_its_own() -> None:
    [picture] = draw(TREES, None, [BelievedTrees(count=3)])
    assert isinstance(picture, Trees)
    assert len(picture.trees) == 3
    scene = scene_of(TREES, None)
    for tree in picture.trees:
        assert tree[0].parent is None
        for node in tree:
            assert (node.belief is None) == node.label.isdigit()
            assert (node.truth is None) == node.label.isdigit()
    rows = scene.data.raw_validation_inputs
    first = int(np.flatnonzero((rows == CLOSE).sum(axis=1) > 1)[0])
    root = picture.trees[0][0]
    answer = scene.answers(torch.from_numpy(rows[first : first + 1])).softmax(1)
    assert root.belief is not None
    assert root.belief.en == str(int(answer.argmax()))
    assert root.probability == pytest.approx(answer.max().item(), abs=1e-4)
    assert root.truth is not None
    assert root.truth.en == str(scene.data.raw_validation_targets[first])


def test_other_data_has_no_trees() -> None:
    assert BelievedTrees.large(IRIS) is None
    with pytest.raises(Unseen, match="brackets"):
        draw(IRIS, None, [BelievedTrees()])
