"""Learning to make examples: a generator and a judge against each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from models.datasets.dataset import Dataset
from models.entry import Label, Words
from models.methods.method import Method, Written
from models.shape import Shape
from models.task import Generation


class Adversarial(Method):
    """Learns to make examples that were never there: two networks against each other (a GAN).

    The generator turns noise into examples. The judge gets real ones and made ones and says which are real. Each learns from
    the other's mistakes: the judge to see through the generator, the generator to deceive the judge. The layer Made example
    divides the network: what is before it generates, what is behind it judges.

    Each step trains the judge on a batch of real and a batch of made examples, then the generator on a batch of noise, so that the
    judge holds what it makes for real (Goodfellow et al., 2014). Neither loss tells how good the examples are: as one wins, the
    other loses. Look at what is made, and at how many kinds of examples it covers.
    """

    op: Literal["adversarial"] = "adversarial"
    noise: int = Field(8, ge=1, le=512)
    """Numbers of noise from which an example is made."""
    judge_steps: int = Field(1, ge=1, le=10)
    """Steps of the judge before each step of the generator."""

    title: ClassVar[Words] = Words("Against a judge", "对抗")
    chinese: ClassVar[str] = (
        "学着造出从没有过的样本：两个网络互相较量（生成对抗网络，GAN）。\n\n"
        "生成器把噪声变成样本。判别器有时收到真的，有时收到造的，要说出哪个是真的。"
        "双方都从对方的失误里学：判别器要看穿生成器，生成器要骗过判别器。"
        "“生成的样本”这一层把网络分开：前面的负责生成，后面的负责判别。\n\n"
        "每一步先用一批真样本和一批造的样本训练判别器，再用一批噪声训练生成器，让判别器把造的当成真的（Goodfellow 等，2014）。"
        "两个损失都说明不了样本造得好不好：一方赢，另一方就输。要看造出来的东西，看它涵盖了多少种样本。"
    )
    labels: ClassVar[Mapping[str, Label]] = {
        "noise": Label("Noise numbers", "噪声维数", "用几个随机数造一个样本。"),
        "judge_steps": Label("Judge's steps", "判别器步数", "生成器每走一步之前，判别器走几步。"),
    }

    def task(self, dataset: Dataset) -> Generation:
        """Examples like the dataset's."""
        return Generation(sizes=dataset.shape().sizes)

    def shape(self, dataset: Dataset) -> Shape:
        """The noise."""
        return Shape((self.noise,))

    def unsuited(self, dataset: Dataset) -> Words | None:
        """Tokens cannot be made bit by bit; a world has no examples."""
        if dataset.shape().kind == "tokens":
            return Words(
                "Tokens cannot be made in this way: a judge's advice of “a little more” means nothing to them.",
                "词元不能这样生成：判别器要它“再多一点点”，对词元毫无意义。",
            )
        return None

    def written(self) -> Written | None:
        """Two optimizers in turn are not what the exported loop does."""
        return None
