"""Learning without labels: give back what came in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor

from models.datasets.dataset import Dataset
from models.entry import Label, Words
from models.methods.method import Method, Written
from models.task import Reconstruction


class Reconstruct(Method):
    """Learns without labels: the network has to give each example back as it came (an autoencoder).

    Where the network is narrow in its middle, a copy does not fit through. It has to find the few numbers that tell most about
    an example: its code. Examples that are alike get codes that are alike, though nobody has said what they are.

    With noise on the way in and none on what is asked for, it learns to tell what belongs to an example and what does not
    (Vincent et al., 2008).
    """

    op: Literal["reconstruct"] = "reconstruct"
    disturbance: float = Field(0.0, ge=0, le=2)
    """Noise put on the inputs while training, in standard deviations; the network has to give back the clean ones."""

    title: ClassVar[Words] = Words("By giving back", "自编码")
    chinese: ClassVar[str] = (
        "不用标签：网络要把每个样本原样交回来（自编码器）。\n\n"
        "网络中间很窄时，原样照抄是塞不过去的，只能找出最能说明样本的几个数，也就是它的编码。"
        "相像的样本编码也相像，虽然没人告诉它这些样本是什么。\n\n"
        "如果输入带噪声、要交回的却是干净的，它就学会分辨哪些属于样本、哪些不属于（Vincent 等，2008）。"
    )
    labels: ClassVar[Mapping[str, Label]] = {
        "disturbance": Label("Noise on the way in", "输入噪声", "训练时给输入加的噪声，以标准差为单位；要交回的是干净的样本。")
    }

    def task(self, dataset: Dataset) -> Reconstruction:
        """The example itself."""
        return Reconstruction(sizes=dataset.shape().sizes)

    def unsuited(self, dataset: Dataset) -> Words | None:
        """Tokens are names, which have no distance."""
        if dataset.shape().kind == "tokens":
            return Words("A row of tokens cannot be given back as numbers: tokens are names.", "词元只是名字，不能当作数值原样交回。")
        return None

    def pose(self, inputs: Tensor, targets: Tensor, training: bool) -> tuple[Tensor, Tensor]:
        """The disturbed inputs, and the inputs as they are."""
        if training and self.disturbance:
            return inputs + self.disturbance * torch.randn_like(inputs), inputs
        return inputs, inputs

    def written(self) -> Written:
        """See `pose`."""
        return f"inputs + {self.disturbance!r} * torch.randn_like(inputs)" if self.disturbance else "inputs", "inputs"
