"""How the first weights of a layer are drawn."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from models import modules
from models.entry import Call, Label, Words, call

Initial = Annotated[
    Literal["default", "xavier_uniform", "xavier_normal", "he_uniform", "he_normal", "normal", "zeros"],
    Field(
        description="How the first weights are drawn. Too small and the signal fades from layer to layer, too large and it explodes; "
        "Xavier suits tanh and sigmoid, He suits ReLU.",
        json_schema_extra={"advanced": True},
    ),
]

INITIAL_LABEL = Label(
    "First weights",
    "初始权重",
    "初始权重怎样抽取。太小，信号一层层变弱；太大，信号一层层爆炸。Xavier 适合 tanh 和 sigmoid，He 适合 ReLU。",
)

INITIAL_OPTIONS = {
    "default": Words("PyTorch's default", "PyTorch 默认"),
    "xavier_uniform": Words("Xavier, uniform", "Xavier 均匀分布"),
    "xavier_normal": Words("Xavier, normal", "Xavier 正态分布"),
    "he_uniform": Words("He, uniform", "He 均匀分布"),
    "he_normal": Words("He, normal", "He 正态分布"),
    "normal": Words("Normal, deviation 1", "标准正态分布"),
    "zeros": Words("All zero", "全部为零"),
}


def with_initial(module: Call, initial: Initial) -> Call:
    """The call of a module, with its first weights drawn as chosen."""
    return module if initial == "default" else call(modules.initialised, module, initial)
