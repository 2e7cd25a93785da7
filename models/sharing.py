"""Weights that two layers have in common: whether they can, and what to say where they cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import nn

from models.entry import Words
from models.experiment import Node
from models.layers.layer import Misfit
from models.modules import share
from models.shape import Shape

Sizes = Mapping[str, tuple[int, ...]]
"""How large the weights of a module are, by name."""


def sizes_of(module: nn.Module) -> Sizes:
    """The sizes of all its weights."""
    return {name: tuple(parameter.shape) for name, parameter in module.named_parameters()}


def alike(own: Sizes, theirs: Sizes) -> bool:
    """Whether one module could share the weights of the other, and more of them than a number for each unit."""
    common = [name for name in own if name in theirs]
    return all(own[name] == theirs[name] for name in common) and any(len(own[name]) > 1 for name in common)


def shared(node: Node, module: nn.Module, made: Mapping[str, nn.Module], earlier: Sequence[Node], shape: Shape) -> None:
    """Let the module of a node that gets this shape share the weights that it is to share; `made` are the modules of the earlier nodes
    that stand. Raises Misfit."""
    source = next((one for one in earlier if one.id == node.shares), None)
    if source is None:
        raise _apart(
            Words(
                f"{_name(node).en} is to share the weights of “{node.shares}”, but no layer before it is called that.",
                f"{_name(node).zh}要共享“{node.shares}”的权重，但前面没有这一层。",
            )
        )
    if source.id not in made:
        # It has a problem of its own, which is told there.
        return
    own, theirs = sizes_of(module), sizes_of(made[source.id])
    if own.keys().isdisjoint(theirs):
        raise _apart(
            Words(
                f"{_name(node).en} and {_name(source).en} have no weights of the same kind, so there is nothing to share.",
                f"{_name(node).zh}和{_name(source).zh}没有同类的权重，没什么可共享。",
            )
        )
    name = next((name for name in own if name in theirs and own[name] != theirs[name]), None)
    if name is None:
        share(module, made[source.id])
        return
    mine, other = own[name], theirs[name]
    message = Words(
        f"{_name(node).en} cannot share the weights of {_name(source).en}: its own are {_sizes(mine)}, those are {_sizes(other)}.",
        f"{_name(node).zh}没法共享{_name(source).zh}的权重：自己的是 {_sizes(mine)}，那边是 {_sizes(other)}。",
    )
    if len(mine) == len(other) == 2 and mine[0] == other[0] and mine[1] == shape.sizes[-1] and shape.kind != "image":
        raise Misfit(
            message,
            Words(f"Put a Dense layer with {other[1]} units before it.", f"在它前面加一层有 {other[1]} 个神经元的“全连接层”。"),
            insert={"op": "dense", "units": other[1]},
        )
    raise _apart(message)


def _apart(message: Words) -> Misfit:
    """What only weights of its own mend."""
    return Misfit(
        message,
        Words(
            "Choose a layer of the same kind and size, or give it weights of its own.", "选一个种类和大小都相同的层，或者让它有自己的权重。"
        ),
        change=("shares", None),
    )


def _name(node: Node) -> Words:
    title = node.layer.title
    return Words(f"{title.en} “{node.id}”", f"“{title.zh}”（{node.id}）")


def _sizes(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))
