"""Everything that may stand in a node, in the order of the palette."""

from __future__ import annotations

from typing import Annotated, get_args

from pydantic import Field

from models.layers.activations import ELU, GELU, LeakyReLU, Mish, ReLU, Sigmoid, SiLU, Sine, Softmax, Softplus, Tanh
from models.layers.attention import AttentionPool, PatchEmbedding, PositionalEncoding, SelfAttention, TransformerBlock
from models.layers.augment import Augment
from models.layers.convolution import Conv1d, Conv2d, ConvTranspose2d, SqueezeExcitation
from models.layers.dense import Dense
from models.layers.embedding import Embedding
from models.layers.example import Example
from models.layers.layer import Block
from models.layers.merges import Add, Concatenate
from models.layers.normalisation import BatchNorm, GroupNorm, LayerNorm
from models.layers.output import Output
from models.layers.pooling import AveragePool2d, GlobalPool2d, MaxPool2d, Pool1d, TimePool, Upsample2d
from models.layers.recurrence import GRU, LSTM, SimpleRNN
from models.layers.regularisation import Dropout, GaussianNoise
from models.layers.reshape import Crop, Flatten, Pad, RowsAsTime, Slice, SwapAxes, ToImage, ToSequence
from models.layers.sampling import Sampling
from models.layers.trees import TreeLSTM, TreeRNN

Layer = Annotated[
    # Weights
    Dense
    | Conv2d
    | Conv1d
    | ConvTranspose2d
    | SqueezeExcitation
    | Embedding
    | Sampling
    # Recurrence
    | SimpleRNN
    | GRU
    | LSTM
    | TreeLSTM
    | TreeRNN
    # Attention
    | PatchEmbedding
    | PositionalEncoding
    | SelfAttention
    | TransformerBlock
    | AttentionPool
    # Activation
    | ReLU
    | LeakyReLU
    | ELU
    | GELU
    | SiLU
    | Mish
    | Tanh
    | Sigmoid
    | Softplus
    | Sine
    | Softmax
    # Shape
    | MaxPool2d
    | AveragePool2d
    | GlobalPool2d
    | Pool1d
    | TimePool
    | Upsample2d
    | Flatten
    | RowsAsTime
    | ToSequence
    | ToImage
    | SwapAxes
    | Slice
    | Pad
    | Crop
    # Regularisation
    | BatchNorm
    | LayerNorm
    | GroupNorm
    | Dropout
    | GaussianNoise
    | Augment
    # Combine
    | Add
    | Concatenate
    # Answer
    | Example
    | Output,
    Field(discriminator="op"),
]

LAYERS: tuple[type[Block], ...] = get_args(get_args(Layer)[0])
