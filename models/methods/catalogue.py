"""The methods side by side."""

from __future__ import annotations

from typing import Annotated, get_args

from pydantic import Field

from models.methods import method
from models.methods.actor_critic import ActorCritic
from models.methods.adversarial import Adversarial
from models.methods.deep_q import DeepQ
from models.methods.layer_by_layer import LayerByLayer
from models.methods.reconstruction import Reconstruct
from models.methods.reinforce import Reinforce
from models.methods.supervised import Supervised

Method = Annotated[
    # with answers
    Supervised
    | LayerByLayer
    # without
    | Reconstruct
    | Adversarial
    # by reward
    | Reinforce
    | ActorCritic
    | DeepQ,
    Field(discriminator="op"),
]

METHODS: tuple[type[method.Method], ...] = get_args(get_args(Method)[0])
