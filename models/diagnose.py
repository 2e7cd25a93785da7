"""From the metrics so far to findings in plain words, each with a change that may mend it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from models.datasets.control import WorldDataset
from models.entry import Words
from models.events import Change, Evaluated, Found
from models.experiment import DATA, Experiment, inputs_of
from models.layers.activations import ReLU
from models.layers.sampling import Sampling
from models.task import Control, Generation
from models.views.scene import Scene

EXAMPLES = 256
"""Training examples on which dead units are looked for."""


@dataclass
class History:
    """What has been measured so far, and what has been said about it: each thing is said once."""

    experiment: Experiment
    evaluations: list[Evaluated] = field(default_factory=list)
    said: set[tuple[str, str | None]] = field(default_factory=set)
    best_loss: float = math.inf
    best: Evaluated | None = None
    """The measurement with the least validation loss."""
    diverged: bool = False

    @property
    def best_step(self) -> int:
        """Step of the best measurement."""
        return self.best.step if self.best else 0

    @property
    def best_epoch(self) -> float:
        """Epoch of the best measurement."""
        return self.best.epoch if self.best else 0

    def add(self, evaluated: Evaluated) -> None:
        """Note one more measurement."""
        self.evaluations.append(evaluated)
        if isinstance(self.experiment.task(), Control):
            # The loss is that of an update, which step 0 has not had, and may well rise: what counts is the return.
            losses: tuple[float | None, ...] = (evaluated.training.loss,) if evaluated.step else ()
            loss = None if evaluated.validation.reward is None else -evaluated.validation.reward
        else:
            losses = (evaluated.training.loss, evaluated.validation.loss)
            loss = evaluated.validation.loss
        self.diverged = any(loss is None or not math.isfinite(loss) for loss in losses)
        if loss is not None and loss < self.best_loss:
            self.best_loss, self.best = loss, evaluated


def findings(history: History, scene: Scene) -> list[Found]:
    """What can be said now and has not been said before."""
    fresh: list[Found] = []
    for found in _all(history, scene):
        if (found.op, found.node) not in history.said:
            history.said.add((found.op, found.node))
            fresh.append(found)
    return fresh


def _all(history: History, scene: Scene) -> Iterator[Found]:
    if history.diverged:
        yield _diverged(history)
        return
    looks: tuple[tuple[str, Callable[[History], Iterator[Found]]], ...] = (
        ("overfitting", _overfitting),
        ("solved", _solved),
        ("plateau", _plateau),
    )
    if isinstance(scene.task, Generation):
        # The losses of two halves against each other tell who is ahead, and nothing of how far they are.
        looks = (("collapse", _collapse),)
    for op, look in looks:
        if (op, None) not in history.said:
            yield from look(history)
    yield from _dead_units(history, scene)


def _diverged(history: History) -> Found:
    last, lr = history.evaluations[-1], history.experiment.training.optimizer.lr
    lower = float(f"{lr / 30:.1g}")
    return Found(
        op="diverged",
        step=last.step,
        epoch=last.epoch,
        text=Words(
            f"Diverged by step {last.step}: the steps of the weights were so large that the loss is no longer a number. "
            "Most often the learning rate is too high.",
            f"到第 {last.step} 步已经发散：权重每一步迈得太大，损失不再是一个数。多半是学习率太高了。",
        ),
        fix=Words(f"Learning rate {lower:g} instead of {lr:g}", f"把学习率从 {lr:g} 改为 {lower:g}"),
        changes=(Change(op="set", path=("training", "optimizer", "lr"), value=lower),),
    )


def _overfitting(history: History) -> Iterator[Found]:
    """Validation loss has risen clearly above its best while training loss went on falling."""
    last, best = history.evaluations[-1], history.best
    if len(history.evaluations) < 10 or best is None:
        return
    now, then = last.validation.loss, best.validation.loss
    training_now, training_then = last.training.loss, best.training.loss
    if now is None or then is None or training_now is None or training_then is None:
        return
    recent = [evaluated.validation.loss or math.inf for evaluated in history.evaluations[-5:]]
    if min(recent) > then * 1.25 + 0.02 and training_now < training_then * 0.95 and now > training_now * 1.3:
        changes, fix = _regularise(history.experiment)
        yield Found(
            op="overfitting",
            step=best.step,
            epoch=best.epoch,
            text=Words(
                f"Overfitting since epoch {best.epoch:.4g}. Training still improves, validation gets worse: "
                "the network learns these examples by heart, noise included.",
                f"从第 {best.epoch:.4g} 轮起过拟合。训练集上还在变好，验证集上却在变差：网络在死记这些样本，连噪声也记住了。",
            ),
            fix=fix,
            changes=changes,
        )


def _regularise(experiment: Experiment) -> tuple[tuple[Change, ...], Words]:
    if experiment.training.l2 == 0 and experiment.dataset.modality == "points":
        return (Change(op="set", path=("training", "l2"), value=0.001),), Words(
            "Start again with an L2 penalty of 0.001", "加上 0.001 的 L2 惩罚重来"
        )
    output = next(position for position, node in enumerate(experiment.network) if node.layer.op == "output")
    before = experiment.network[output - 1].id if output else DATA
    dropped = any(node.layer.op == "dropout" for node in experiment.network)
    if not dropped and output:
        change = Change(op="insert", after=before, before=experiment.network[output].id, value={"op": "dropout", "rate": 0.3})
        return (change,), Words("Start again with dropout before the output", "在输出层前加随机失活重来")
    patience = 10
    return (Change(op="set", path=("training", "patience"), value=patience),), Words(
        f"Start again and stop after {patience} epochs without progress", f"重来，连续 {patience} 轮没有进步就停"
    )


def _solved(history: History) -> Iterator[Found]:
    last = history.evaluations[-1]
    dataset, reward = history.experiment.dataset, last.validation.reward
    if isinstance(dataset, WorldDataset) and dataset.enough is not None and reward is not None and reward >= dataset.enough:
        yield Found(
            op="solved",
            step=last.step,
            epoch=last.epoch,
            text=Words(
                f"Solved in epoch {last.epoch:.4g}: the mean return of 100 episodes was {reward:.1f}, "
                f"and {dataset.enough:g} is enough. Does it stay so?",
                f"第 {last.epoch:.4g} 轮学会：那时 100 局的平均回报是 {reward:.1f}，达到 {dataset.enough:g} 就算学会。能保持住吗？",
            ),
        )
    accuracy, r2 = last.validation.accuracy, last.validation.r2
    score = accuracy if accuracy is not None else r2
    if score is not None and score >= 0.99:
        measure = (
            Words(f"{100 * score:.1f} % of the validation examples were right", f"那时验证集答对 {100 * score:.1f} %")
            if accuracy is not None
            else Words(f"R² was {score:.3f}", f"那时 R² 是 {score:.3f}")
        )
        hidden = any(node.layer.role == "weights" for node in history.experiment.network)
        smaller = Words(" Would a smaller network do as well?", "更小的网络也能做到吗？") if hidden else Words("", "")
        yield Found(
            op="solved",
            step=last.step,
            epoch=last.epoch,
            text=Words(
                f"Solved in epoch {last.epoch:.4g}: {measure.en}.{smaller.en}",
                f"第 {last.epoch:.4g} 轮解决：{measure.zh}。{smaller.zh}",
            ),
        )


def _plateau(history: History) -> Iterator[Found]:
    """The training loss has hardly moved for a while, and is still close to where it began."""
    if len(history.evaluations) < 31:
        return
    first, last = history.evaluations[0], history.evaluations[-1]
    if first.training.loss is None or last.training.loss is None or last.training.loss <= 0.8 * first.training.loss or _good(last):
        return
    window = history.evaluations[-max(30, len(history.evaluations) // 2) :]
    losses = [evaluated.training.loss for evaluated in window if evaluated.training.loss is not None]
    if max(losses) - min(losses) < 0.02 * abs(losses[0]):
        hidden = any(node.layer.role == "activation" for node in history.experiment.network)
        lr = history.experiment.training.optimizer.lr
        text = Words(
            f"Stuck since epoch {window[0].epoch:.4g}: the training loss no longer falls, "
            "so the network cannot express the answer or its steps are too small.",
            f"从第 {window[0].epoch:.4g} 轮起停滞：训练损失不再下降，要么网络表达不出答案，要么步子太小。",
        )
        if not hidden and history.experiment.dataset.modality != "image":
            changes: tuple[Change, ...] = (
                Change(op="insert", after=DATA, value={"op": "tanh"}),
                Change(op="insert", after=DATA, value={"op": "dense", "units": 8}),
            )
            fix = Words("Add a hidden layer of 8 units", "加一个有 8 个神经元的隐藏层")
        else:
            higher = float(f"{lr * 3:.1g}")
            changes = (Change(op="set", path=("training", "optimizer", "lr"), value=higher),)
            fix = Words(f"Learning rate {higher:g} instead of {lr:g}", f"把学习率从 {lr:g} 改为 {higher:g}")
        yield Found(op="plateau", step=window[0].step, epoch=window[0].epoch, text=text, fix=fix, changes=changes)


def _collapse(history: History) -> Iterator[Found]:
    """The generator has made only some of the kinds of examples for a long while, and makes those well."""
    recent = history.evaluations[-20:]
    covered = [evaluated.validation.coverage for evaluated in recent if evaluated.validation.coverage is not None]
    if len(history.evaluations) < 60 or len(covered) < 20 or not 0 < max(covered) <= 0.5:
        return
    last, lr = history.evaluations[-1], history.experiment.training.optimizer.lr
    lower = float(f"{lr / 3:.1g}")
    yield Found(
        op="collapse",
        step=recent[0].step,
        epoch=recent[0].epoch,
        text=Words(
            f"Mode collapse: what is made covers {100 * (last.validation.coverage or 0):.0f} % of the kinds of real examples, and has not "
            "covered more than half for a while. The generator repeats what deceives its judge best.",
            f"模式坍塌：生成的样本只涵盖 {100 * (last.validation.coverage or 0):.0f} % 的种类，已经有一阵没超过一半了。"
            "生成器在反复造最容易骗过判别器的那几种。",
        ),
        fix=Words(f"Learning rate {lower:g} instead of {lr:g}", f"把学习率从 {lr:g} 改为 {lower:g}"),
        changes=(Change(op="set", path=("training", "optimizer", "lr"), value=lower),),
    )


def _good(evaluated: Evaluated) -> bool:
    score = evaluated.training.accuracy if evaluated.training.accuracy is not None else evaluated.training.r2
    return score is not None and score > 0.9


def _dead_units(history: History, scene: Scene) -> Iterator[Found]:
    """ReLU units that are zero for every example: no gradient reaches them, so they stay dead."""
    drawn = _behind_sampling(history.experiment)
    relus = [node.id for node in history.experiment.network if isinstance(node.layer, ReLU)]
    names = [name for name in relus if name not in drawn and ("dead_units", name) not in history.said]
    last = history.evaluations[-1]
    # In a world the examples are of random play: what is zero for them may well be of use to a policy that gets further.
    if not names or last.step == 0 or isinstance(history.experiment.task(), Control):
        return
    values = scene.activations(scene.data.training.inputs[:EXAMPLES])
    for name in names:
        if name not in values:  # before the place at which examples enter
            continue
        # The axis of the units is the last one of a list or a sequence, and the channels of an image.
        others = (0, 2, 3) if values[name].dim() == 4 else tuple(range(values[name].dim() - 1))
        units = values[name].amax(dim=others)
        dead, total = int((units <= 0).sum()), len(units)
        if dead >= max(2, total / 4):
            index = [node.id for node in history.experiment.network].index(name)
            yield Found(
                op="dead_units",
                step=last.step,
                epoch=last.epoch,
                node=name,
                text=Words(
                    f"{dead} of {total} ReLU units in “{name}” are dead: they give zero for every example, "
                    "so nothing can move them any more.",
                    f"“{name}”的 {total} 个 ReLU 神经元里有 {dead} 个“死”了：对每个样本都输出零，再也没有梯度能推动它们。",
                ),
                fix=Words("Use leaky ReLU there", "把这里换成带泄漏的 ReLU"),
                changes=(Change(op="set", path=("network", history.experiment.network[index].id), value={"op": "leaky_relu"}),),
            )


def _behind_sampling(experiment: Experiment) -> set[str]:
    """Nodes that get while training what is drawn by chance, and afterwards only its mean: what is zero then is not so while training."""
    behind: set[str] = set()
    for place, node in enumerate(experiment.network):
        if isinstance(node.layer, Sampling) or not behind.isdisjoint(inputs_of(experiment, place)):
            behind.add(node.id)
    return behind
