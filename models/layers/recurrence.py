"""Layers that read a sequence step by step and carry on what they have read so far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field
from torch import nn

from models import sequence_modules
from models.entry import Call, Label, Words, call
from models.layers.layer import Layer, Role
from models.shape import Kind, Shape


class Recurrence(Layer):
    """A layer whose units see, at each time step, the input of that step and their own answers of the step before."""

    units: int = Field(16, ge=1, le=1024)
    """How many numbers the layer carries on from step to step: its memory."""
    layers: int = Field(1, ge=1, le=8)
    """How many such layers stand one upon the other; each reads what the one below says at each step."""
    both_directions: bool = False
    """Whether a second layer reads from the end to the beginning, so that each step knows what comes after it too. The answers stand
    side by side: twice as many numbers."""
    give: Literal["last", "all"] = "last"
    """Whether the layer gives its memory after the last step, a plain list, or after every step, a sequence."""

    role: ClassVar[Role] = "weights"
    group: ClassVar[Words] = Words("Recurrence", "循环层")
    accepts: ClassVar[tuple[Kind, ...]] = ("sequence",)
    labels: ClassVar[Mapping[str, Label]] = {
        "units": Label("Units", "神经元数", "从一个时刻带到下一个时刻的有多少个数，也就是记忆的大小。"),
        "layers": Label("Stacked layers", "叠几层", "这样的层叠几层；上面一层读下面一层在每个时刻的输出。"),
        "both_directions": Label(
            "Both directions", "双向", "是否另有一层从尾读到头，这样每个时刻也知道后面的内容。两边的结果并排放着，数就多了一倍。"
        ),
        "give": Label("Gives", "给出", "给出读完最后一步时的记忆（一串数），还是每一步的记忆（一个序列）。"),
    }
    options: ClassVar[Mapping[str, Mapping[str, Words]]] = {
        "give": {"last": Words("The last step", "最后一步"), "all": Words("All steps", "每一步")}
    }
    kind: ClassVar[type[nn.RNNBase]]

    def call(self, shape: Shape) -> Call:
        """(time, features) -> (units,) or (time, units); twice the units for both directions."""
        keywords: dict[str, Any] = {} if self.layers == 1 else {"num_layers": self.layers}
        if self.both_directions:
            keywords["bidirectional"] = True
        layer = call(self.kind, shape.sizes[-1], self.units, **keywords)
        return call(sequence_modules.Recurrent, layer, **({"every_step": True} if self.give == "all" else {}))


class SimpleRNN(Recurrence):
    """Reads a sequence step by step: tanh of the weighted input of the step and of its own answers of the step before.

    The same weights are used at every step, so sequences of any length can be read, and what came earlier colours how the next
    step is understood. Over many steps its gradient fades or explodes, so it hardly remembers further back than some ten or
    twenty: set a GRU or an LSTM beside it and compare.

    Source: Elman, “Finding structure in time”, 1990.
    """

    op: Literal["rnn"] = "rnn"

    title: ClassVar[Words] = Words("Simple RNN", "简单循环层（RNN）")
    chinese: ClassVar[str] = (
        "一步一步地读序列：把这一步的输入和上一步自己的输出各乘权重加起来，再取 tanh。\n\n"
        "每一步用的都是同一组权重，所以多长的序列都能读；前面读到的，会影响怎样理解下一步。"
        "步数一多，梯度不是消失就是爆炸，一二十步以前的事它就很难记住了：换成 GRU 或 LSTM 比比看。\n\n"
        "出处：Elman，“Finding structure in time”，1990。"
    )
    kind: ClassVar[type[nn.RNNBase]] = nn.RNN


class GRU(Recurrence):
    """A recurrent layer with two gates, which decide at each step how much of the memory is kept and how much is written anew.

    A gate that stays open carries a number unchanged over many steps, and its gradient with it, so the layer can remember
    for much longer than a simple RNN. It has three times as many weights as a simple RNN, and a quarter less than an LSTM.

    Source: Cho et al., “Learning phrase representations using RNN encoder-decoder”, 2014.
    """

    op: Literal["gru"] = "gru"

    title: ClassVar[Words] = Words("GRU", "门控循环层（GRU）")
    chinese: ClassVar[str] = (
        "带两个“门”的循环层：每一步由门决定，记忆保留多少、改写多少。\n\n"
        "门开着，一个数就能原样带过很多步，梯度也跟着传过来，所以记得比简单循环层久得多。"
        "权重是简单循环层的三倍，比 LSTM 少四分之一。\n\n"
        "出处：Cho 等，“Learning phrase representations using RNN encoder-decoder”，2014。"
    )
    kind: ClassVar[type[nn.RNNBase]] = nn.GRU


class LSTM(Recurrence):
    """A recurrent layer with a memory beside its answer, and three gates that forget, write and read it.

    What is stored in the memory only changes where the gates say so, which lets it bridge hundreds of steps. For twenty years
    it was the first choice for speech, handwriting and translation. It has four times as many weights as a simple RNN.

    Source: Hochreiter and Schmidhuber, “Long short-term memory”, 1997; the gate that forgets: Gers et al., 2000.
    """

    op: Literal["lstm"] = "lstm"

    title: ClassVar[Words] = Words("LSTM", "长短期记忆（LSTM）")
    chinese: ClassVar[str] = (
        "在输出之外另有一份记忆的循环层，由三个门分别管遗忘、写入和读出。\n\n"
        "记忆里存的东西，门不让动就不会变，所以能跨过上百步。有二十年，语音、手写和翻译首选都是它。"
        "权重是简单循环层的四倍。\n\n"
        "出处：Hochreiter 和 Schmidhuber，“Long short-term memory”，1997；遗忘门：Gers 等，2000。"
    )
    kind: ClassVar[type[nn.RNNBase]] = nn.LSTM
