"""What can be wrong with a network or its training: each fault at its place, in words, with a way to mend it."""

from __future__ import annotations

import math
from collections.abc import Container, Iterator, Sequence
from typing import Any, Literal

from models.entry import Spec, Words
from models.events import Change
from models.experiment import DATA, Experiment, Node, inputs_of
from models.layers.example import Example
from models.layers.layer import Merge, Misfit
from models.layers.normalisation import BatchNorm
from models.layers.output import Output
from models.methods.layer_by_layer import LayerByLayer
from models.shape import KIND_WORDS, WANTED, Kind, Shape
from models.task import TaskKind


class Problem(Spec):
    """A fault in the network or in how it is to be trained, at its place, with a way to mend it."""

    node: str | None
    """The node that it is in; null for what is wrong with the training or the data."""
    field: str | None = None
    part: Literal["training", "dataset"] = "training"
    """What the field is of, where it is no node's."""
    message: Words
    hint: Words | None = None
    fix: Change | None = None


def unaccepted(node: Node, shape: Shape) -> Misfit:
    """What to say when a layer gets an input of a kind that it does not accept."""
    wanted = [WANTED[kind] for kind in node.layer.accepts]
    title = _title(node)
    described = ", ".join(f"{axis} {size}" for axis, size in zip(shape.axes, shape.sizes, strict=True))
    got = KIND_WORDS[shape.kind]
    message = Words(
        f"{title.en} needs {' or '.join(words.en for words in wanted)}; it gets {got.en} ({described}).",
        f"“{title.zh}”需要{'或'.join(words.zh for words in wanted)}，收到的却是{got.zh}（{shape}）。",
    )
    hint, insert = _bridge(node.layer.accepts, shape)
    return Misfit(message, hint, insert)


def _bridge(accepts: Sequence[Kind], shape: Shape) -> tuple[Words, dict[str, Any] | None]:
    """The layer that turns what arrives into what is accepted."""
    if shape.kind == "tokens":
        return (
            Words("Put an Embedding before it: each token becomes a list of numbers.", "在它前面加一层“词嵌入”：每个词元变成一串数。"),
            {"op": "embedding"},
        )
    if "tokens" in accepts:
        return Words("It works on text; choose another layer for numbers.", "它处理的是文字；对数值请换一种层。"), None
    if "features" in accepts:
        return Words("Put a Flatten layer before it.", "在它前面加一层“展平”。"), {"op": "flatten"}
    if "sequence" in accepts and shape.kind == "image":
        return (
            Words(
                "Put Rows as time steps before it: each row of the image becomes a time step.",
                "在它前面加一层“逐行读成序列”：每一行成为一个时刻。",
            ),
            {"op": "rows_as_time"},
        )
    if "sequence" in accepts:
        return (
            Words("Put Cut into time steps before it: each number becomes a time step.", "在它前面加一层“切成时刻”：每个数成为一个时刻。"),
            {"op": "to_sequence"},
        )
    if shape.kind == "sequence":
        return (
            Words(
                "Put Fold into an image before it: each time step becomes a row of pixels.",
                "在它前面加一层“折成图像”：每个时刻成为一行像素。",
            ),
            {"op": "to_image"},
        )
    if math.isqrt(shape.sizes[0]) ** 2 == shape.sizes[0] > 1:
        return Words("Put Fold into an image before it.", "在它前面加一层“折成图像”。"), {"op": "to_image"}
    return Words("Choose another layer here, or move it to where such an input arrives.", "换一种层，或者把它移到有这种输入的位置。"), None


def misfit_problem(node: Node, inputs: Sequence[str], misfit: Misfit) -> Problem:
    """A misfit at its node, with the change that mends it: another value in a field, or a layer before the node."""
    if misfit.change:
        field, value = misfit.change
        fix = Change(op="set", path=("network", node.id, field), value=value)
        return Problem(node=node.id, field=field, message=misfit.message, hint=misfit.hint, fix=fix)
    fix_before = Change(op="insert", after=inputs[0], before=node.id, value=misfit.insert) if misfit.insert else None
    return Problem(node=node.id, message=misfit.message, hint=misfit.hint, fix=fix_before)


def wiring_problems(node: Node, inputs: Sequence[str], position: int, places: dict[str, int], parts: Container[str]) -> Iterator[Problem]:
    """Faults in where a node gets its inputs from; `places` tells where each node stands in the list, `parts` are the dataset's."""
    title = _title(node)
    for name in inputs:
        if name == DATA or name in parts or places.get(name, position) < position:
            continue
        if name in places:
            message = Words(
                f"{title.en} “{node.id}” takes its input from “{name}”, which comes after it: that would be a circle.",
                f"“{title.zh}”（{node.id}）的输入来自排在它后面的“{name}”，成了一个圈。",
            )
            hint = Words("Take the input from an earlier layer, or move the layer.", "从前面的层取输入，或者移动这一层。")
        else:
            message = Words(
                f"{title.en} “{node.id}” takes its input from “{name}”, which is not in the network.",
                f"“{title.zh}”（{node.id}）的输入来自“{name}”，网络里没有这一层。",
            )
            hint = Words("Choose one of the layers before it.", "从它前面的层里选一个。")
        yield Problem(
            node=node.id, field="inputs", message=message, hint=hint, fix=Change(op="set", path=("network", node.id, "inputs"), value=None)
        )
    merges = isinstance(node.layer, Merge)
    if merges and len(inputs) < 2:
        yield Problem(
            node=node.id,
            field="inputs",
            message=Words(f"{title.en} needs two or more inputs; it has one.", f"“{title.zh}”需要两个或更多输入，现在只有一个。"),
            hint=Words("Choose a second layer as its input.", "再选一层作为它的输入。"),
        )
    if not merges and len(inputs) > 1:
        yield Problem(
            node=node.id,
            field="inputs",
            message=Words(f"{title.en} takes one input; it has {len(inputs)}.", f"“{title.zh}”只能有一个输入，现在有 {len(inputs)} 个。"),
            hint=Words("Join them first with Add or Concatenate.", "先用“相加”或“拼接”把它们合起来。"),
        )


def whole_problems(experiment: Experiment) -> Iterator[Problem]:
    """Faults that no node has by itself: no output or two, dead ends, and a training that does not suit."""
    nodes = experiment.network
    outputs = [node for node in nodes if isinstance(node.layer, Output)]
    if not outputs:
        yield Problem(
            node=nodes[-1].id,
            message=Words("The network has no output: nothing gives the answer.", "网络没有输出层，没有谁给出答案。"),
            hint=Words("Put an Output layer at the end.", "在最后加一个“输出”层。"),
            fix=Change(op="insert", after=nodes[-1].id, value={"op": "output"}),
        )
    for node in outputs[1:]:
        yield Problem(
            node=node.id,
            message=Words("The network has more than one output; only one can be trained.", "网络有不止一个输出层，只能训练一个。"),
            hint=Words("Remove one of them.", "删掉一个。"),
        )
    used = {name for position in range(len(nodes)) for name in inputs_of(experiment, position)}
    for node in nodes:
        if node.id not in used and not isinstance(node.layer, Output):
            yield Problem(
                node=node.id,
                message=Words(
                    f"Nothing uses what {_title(node).en} “{node.id}” gives: it leads nowhere.",
                    f"没有谁用到“{_title(node).zh}”（{node.id}）的结果，它通向死路。",
                ),
                hint=Words("Remove it, or make it the input of a later layer.", "删掉它，或者让后面的层以它为输入。"),
            )
        if node.id in used and isinstance(node.layer, Output):
            yield Problem(
                node=node.id,
                message=Words(
                    "The output must be the end of the network; another layer uses it.", "输出层必须是网络的终点，却有别的层用了它。"
                ),
                hint=Words("Move it to the end.", "把它移到最后。"),
            )
        if isinstance(node.layer, BatchNorm) and experiment.training.batch_size == 1:
            yield Problem(
                node=node.id,
                message=Words(
                    "Batch normalisation compares the examples of a batch; a batch of one has nothing to compare.",
                    "批归一化要在一批样本之间比较，一批只有一个样本就没法比。",
                ),
                hint=Words("Choose a batch size of 2 or more.", "把批大小改为 2 或更多。"),
                fix=Change(op="set", path=("training", "batch_size"), value=16),
            )
    for fault in experiment.dataset.faults():
        yield Problem(node=None, part="dataset", field=fault.field, message=fault.message, hint=fault.hint)
    yield from _judging_problems(experiment)
    yield from _chain_problems(experiment)
    method = experiment.training.method
    if reason := method.unsuited(experiment.dataset):
        usual = "reinforce" if experiment.dataset.modality == "control" else "supervised"
        yield Problem(
            node=None,
            field="method",
            message=reason,
            hint=Words("Choose another method, or another dataset.", "换一种学习方式，或者换一个数据集。"),
            fix=Change(op="set", path=("training", "method"), value={"op": usual}) if method.op != usual else None,
        )
        return
    loss, task = experiment.training.loss, experiment.task()
    if loss.op != "auto" and task.kind not in loss.tasks:
        words = _task_words(task.kind)
        yield Problem(
            node=None,
            field="loss",
            message=Words(f"{loss.title.en} cannot be used to {words.en}.", f"“{loss.title.zh}”不能用来{words.zh}。"),
            hint=Words("Choose the loss “automatic”.", "把损失函数改为“自动”。"),
            fix=Change(op="set", path=("training", "loss"), value={"op": "auto"}),
        )


def _chain_problems(experiment: Experiment) -> Iterator[Problem]:
    """Layers that learn one after the other have to stand one behind the other."""
    if not isinstance(experiment.training.method, LayerByLayer):
        return
    for place, node in enumerate(experiment.network):
        before = experiment.network[place - 1].id if place else DATA
        if node.shares:
            yield Problem(
                node=node.id,
                field="shares",
                message=Words(
                    f"Layer by layer, each layer learns by itself, then stays as it is; “{node.id}” shares the weights of “{node.shares}”.",
                    f"逐层训练时，各层自己学，学完就不再变；“{node.id}”却共享“{node.shares}”的权重。",
                ),
                hint=Words("Give it weights of its own, or train end to end.", "让它有自己的权重，或者改为端到端训练。"),
                fix=Change(op="set", path=("network", node.id, "shares"), value=None),
            )
        if inputs_of(experiment, place) != (before,):
            yield Problem(
                node=None,
                field="method",
                message=Words(
                    f"Layer by layer, each layer learns behind the one before; “{node.id}” takes its input from elsewhere.",
                    f"逐层训练要求各层排成一列；“{node.id}”的输入来自别处。",
                ),
                hint=Words(
                    "Let every layer take the one before it, or train end to end.", "让每一层都接在前一层后面，或者改为端到端训练。"
                ),
                fix=Change(op="set", path=("training", "method"), value={"op": "supervised"}),
            )
            return


def _judging_problems(experiment: Experiment) -> Iterator[Problem]:
    """Faults in how a network is divided into a generator and its judge."""
    if experiment.task().kind != "generation":
        return
    nodes = experiment.network
    made = [node for node in nodes if isinstance(node.layer, Example)]
    if not made:
        last = next((place for place, node in enumerate(nodes) if isinstance(node.layer, Output)), len(nodes) - 1)
        before = inputs_of(experiment, last)[0]
        yield Problem(
            node=nodes[last].id,
            message=Words(
                "Training against a judge needs a layer Made example: what is before it generates, what is behind it judges.",
                "对抗训练需要一层“生成的样本”：前面的负责生成，后面的负责判别。",
            ),
            hint=Words("Put one between the layers that generate and those that judge.", "在负责生成的层和负责判别的层之间加一层。"),
            fix=Change(op="insert", after=before, before=nodes[last].id, value={"op": "example"}),
        )
        return
    for node in made[1:]:
        yield Problem(
            node=node.id,
            message=Words("There is more than one Made example; only one can be judged.", "“生成的样本”不止一层，只能判别一个。"),
            hint=Words("Remove one of them.", "删掉一个。"),
        )
    behind = {made[0].id}
    for place, node in enumerate(nodes):
        sources = inputs_of(experiment, place)
        if not behind.isdisjoint(sources):
            behind.add(node.id)
            if not behind.issuperset(sources) and len(made) == 1:
                yield Problem(
                    node=node.id,
                    field="inputs",
                    message=Words(
                        "The judge may look at nothing but the example; this layer also takes something from before it.",
                        "判别器只能看样本本身；这一层还用到了它前面的东西。",
                    ),
                    hint=Words("Take its inputs from layers behind Made example.", "让它只用“生成的样本”之后的层。"),
                )
        elif isinstance(node.layer, Output):
            yield Problem(
                node=node.id,
                message=Words("The output has to judge the example, but does not get it.", "输出层要判别样本，却收不到样本。"),
                hint=Words("Put it behind Made example.", "把它放到“生成的样本”后面。"),
            )
    for node in nodes:
        if node.shares and (node.id in behind) != (node.shares in behind):
            yield Problem(
                node=node.id,
                field="shares",
                message=Words(
                    f"Generator and judge learn against each other; “{node.id}” and “{node.shares}” cannot share their weights.",
                    f"生成器和判别器各学各的；“{node.id}”和“{node.shares}”不能共享权重。",
                ),
                hint=Words("Give it weights of its own.", "让它有自己的权重。"),
                fix=Change(op="set", path=("network", node.id, "shares"), value=None),
            )
    if experiment.training.patience:
        yield Problem(
            node=None,
            field="patience",
            message=Words(
                "Early stopping waits for the loss to improve; the losses of a generator and its judge only tell who is ahead.",
                "提前停止看的是损失有没有变好；而生成器和判别器的损失只说明谁暂时领先。",
            ),
            hint=Words("Set early stopping to 0.", "把提前停止设为 0。"),
            fix=Change(op="set", path=("training", "patience"), value=0),
        )


def unworkable(node: Node, fault: Exception) -> Problem:
    """A layer that torch itself refuses to run on its input."""
    title = _title(node)
    return Problem(
        node=node.id,
        message=Words(f"{title.en} cannot work on this input: {fault}", f"“{title.zh}”处理不了这样的输入：{fault}"),
    )


def _title(node: Node) -> Words:
    return node.layer.title


def _task_words(kind: TaskKind) -> Words:
    return {
        "classification": Words("name classes", "分类"),
        "regression": Words("estimate numbers", "回归"),
        "next_token": Words("foretell tokens", "预测下一个词元"),
        "reconstruction": Words("give examples back", "重建样本"),
        "generation": Words("make examples", "生成样本"),
        "control": Words("learn by reward", "靠奖励学习"),
    }[kind]
