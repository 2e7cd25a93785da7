"""Everything a person chose, as one frozen document: dataset, network, training."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from models.datasets.catalogue import Dataset
from models.entry import Label, Spec
from models.layers.catalogue import Layer
from models.layers.output import Output
from models.losses import Automatic, Loss
from models.methods.catalogue import Method
from models.methods.supervised import Supervised
from models.optimizers import Adam, Optimizer
from models.schedules import Constant, Schedule
from models.shape import Shape
from models.task import Task

DATA = "data"
"""Id by which a node refers to what the dataset gives."""

NodeId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


class Node(Spec):
    """One layer in the network and where its inputs come from."""

    id: NodeId
    layer: Layer
    inputs: tuple[NodeId, ...] | None = Field(None, min_length=1, max_length=16, strict=False)
    """Ids of earlier nodes, or "data". Left out: the node before, or "data" for the first."""
    shares: NodeId | None = None
    """Id of an earlier node whose weights this one has, too, wherever both have some of the same name. Left out: weights of its own."""


class Training(Spec):
    """How the network learns."""

    method: Method = Field(default_factory=Supervised)
    """What the network learns from: the right answers, the examples alone, a judge or a reward."""
    optimizer: Optimizer = Field(default_factory=Adam)
    """The rule that turns gradients into new weights."""
    schedule: Schedule = Field(default_factory=Constant)
    """How the learning rate changes while training goes on."""
    loss: Loss = Field(default_factory=Automatic)
    """What counts as a mistake, and how much."""
    batch_size: int = Field(10, ge=1, le=4096)
    """Examples looked at before each change of the weights. Small batches learn in many noisy steps, large ones in few smooth steps."""
    epochs: int = Field(200, ge=1, le=100_000)
    """How many times the network sees the whole training set."""
    l1: float = Field(0, ge=0, le=10, json_schema_extra={"scale": "log"})
    """Penalty on the size of every weight: pushes unimportant weights to exactly zero."""
    l2: float = Field(0, ge=0, le=10, json_schema_extra={"scale": "log"})
    """Penalty on the square of every weight: keeps all weights small and the answer smooth."""
    clip_norm: float = Field(0, ge=0, le=1000)
    """Longest gradient that a step may follow; longer ones are shortened to it. 0 never clips."""
    patience: int = Field(0, ge=0, le=10_000)
    """Early stopping: end when the validation loss has not improved for this many epochs. 0 never stops early."""
    seed: int = Field(0, ge=0, le=2**31 - 1)
    """Start of the random numbers for the order of the examples, dropout and noise."""
    weights_seed: int = Field(0, ge=0, le=2**31 - 1)
    """Start of the random numbers for the first weights. The same seed gives the same first weights."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where to compute: the graphics card if there is one (auto), or as said."""


TRAINING_LABELS = {
    "method": Label("Method", "学习方式", "网络从什么里学：正确答案、样本本身、一个评判者，还是奖励。"),
    "optimizer": Label("Optimizer", "优化器", "怎样用梯度来修改权重。"),
    "schedule": Label("Learning rate schedule", "学习率计划", "训练过程中学习率怎样变化。"),
    "loss": Label("Loss", "损失函数", "什么算错，错了算多少。"),
    "batch_size": Label("Batch size", "批大小", "每看多少个样本改一次权重。批小，步子多而带噪声；批大，步子少而平稳。"),
    "epochs": Label("Epochs", "轮数", "把整个训练集看多少遍。"),
    "l1": Label("L1 penalty", "L1 惩罚", "按权重的大小惩罚，会把不重要的权重压到恰好为零。"),
    "l2": Label("L2 penalty", "L2 惩罚", "按权重的平方惩罚，让所有权重都小一些，答案更平滑。"),
    "clip_norm": Label("Gradient clipping", "梯度裁剪", "梯度超过这个长度就缩短到它。0 表示不裁剪。"),
    "patience": Label("Early stopping", "提前停止", "验证损失连续多少轮没有变好就停下。0 表示不提前停。"),
    "seed": Label("Order seed", "顺序种子", "决定样本顺序、随机失活和噪声的随机数起点。"),
    "weights_seed": Label("Weights seed", "权重种子", "决定初始权重的随机数起点；种子相同，初始权重就相同。"),
    "device": Label("Device", "设备", "在哪里计算：有显卡就用显卡（自动），或者指定。"),
}


class Experiment(Spec):
    """A dataset, a network and a training: all that is needed to repeat a job. Every part but the dataset has a default."""

    version: Literal[1] = 1
    """Version of this document's format."""
    dataset: Dataset
    network: tuple[Node, ...] = Field((Node(id="out", layer=Output()),), min_length=1, max_length=200, strict=False)
    """The layers, in an order in which each comes after its inputs."""
    training: Training = Field(default_factory=Training)

    def task(self) -> Task:
        """What the network has to learn."""
        return self.training.method.task(self.dataset)

    def shape(self) -> Shape:
        """One example as it comes to the network."""
        return self.training.method.shape(self.dataset)

    @field_validator("network")
    @classmethod
    def _distinct(cls, network: tuple[Node, ...]) -> tuple[Node, ...]:
        seen: set[str] = {DATA}
        for node in network:
            if node.id in seen:
                raise ValueError(f"node id {node.id!r} is used twice" if node.id != DATA else f"{DATA!r} is the dataset's own id")
            seen.add(node.id)
        return network

    @model_validator(mode="before")
    @classmethod
    def _versioned(cls, document: object) -> object:
        if isinstance(document, dict) and ((version := document.get("version", 1)) != 1 or version is True):
            raise ValueError(
                f"this server reads experiments of version 1, not {repr(version)[:80]}: update the server or save the experiment again"
            )
        return document


def entrance(experiment: Experiment) -> str:
    """Where examples enter the network: as "data", or at the node that makes some that a judge has to tell from real ones."""
    if experiment.task().kind == "generation":
        return next((node.id for node in experiment.network if node.layer.op == "example"), DATA)
    return DATA


def inputs_of(experiment: Experiment, position: int) -> tuple[str, ...]:
    """Where the node at `position` gets its inputs from, with the default made plain."""
    node = experiment.network[position]
    if node.inputs is not None:
        return node.inputs
    return (experiment.network[position - 1].id,) if position else (DATA,)
