"""The modules for sequences that torch lacks; each is copied whole into exported scripts, so it stands on its own.

A sequence is (n, time, features), also where torch's own modules want the features first.
"""

import math

import torch
from torch import nn

# Shape


class Swap(nn.Module):
    """The last two axes swapped: (n, time, features) -> (n, features, time), (n, c, h, w) -> (n, c, w, h)."""

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return inputs.transpose(-1, -2)


class RowsAsTime(nn.Module):
    """Each row of an image, all channels side by side, as one time step: (n, c, h, w) -> (n, h, c · w)."""

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return inputs.transpose(1, 2).flatten(2)


class TimeAsRows(nn.Module):
    """The way back: each time step as one row of an image: (n, time, c · w) -> (n, c, time, w)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return inputs.reshape(*inputs.shape[:2], self.channels, -1).transpose(1, 2)


class Slice(nn.Module):
    """Places `start` to `stop` - 1 of the first axis: features, time steps or channels."""

    def __init__(self, start: int, stop: int) -> None:
        super().__init__()
        self.start, self.stop = start, stop

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return inputs[:, self.start : self.stop]


# Recurrence


class Recurrent(nn.Module):
    """What a recurrent layer (nn.RNN, nn.GRU, nn.LSTM) holds after the last step, (n, units), or after every one, (n, time, units).

    With two directions their answers stand side by side; the backward one has read everything when it is at the first step.
    """

    def __init__(self, layer: nn.RNNBase, every_step: bool = False) -> None:
        super().__init__()
        self.layer, self.every_step = layer, every_step

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        # torch's own order, time first: with batch_first it turns its answer round in place, which a recorded step cannot repeat.
        outputs, state = self.layer(inputs.transpose(0, 1))
        if self.every_step:
            every: torch.Tensor = outputs.transpose(0, 1)
            return every
        hidden: torch.Tensor = state[0] if isinstance(state, tuple) else state  # an LSTM has a memory beside
        return torch.cat(hidden[-2:].unbind(), dim=1) if self.layer.bidirectional else hidden[-1]


# Attention


class LearnedPositions(nn.Module):
    """Adds a vector of its own, which is learnt, to each time step."""

    def __init__(self, time: int, features: int) -> None:
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.randn(time, features))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return inputs + self.table


class SinusoidalPositions(nn.Module):
    """Adds sines (even features) and cosines (odd ones) of the time, each pair slower than the one before (Vaswani et al., 2017)."""

    table: torch.Tensor

    def __init__(self, time: int, features: int) -> None:
        super().__init__()
        pace = 10000 ** (-torch.arange(0, features, 2) / features)
        angle = torch.arange(time)[:, None] * pace
        table = torch.stack([angle.sin(), angle.cos()], dim=2).flatten(1)[:, :features]
        self.register_buffer("table", table, persistent=False)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return inputs + self.table


class SelfAttention(nn.Module):
    """Every time step gathers from all others, or, causal, from those before and itself; the shape stays (Vaswani et al., 2017)."""

    def __init__(self, features: int, heads: int = 1, causal: bool = False) -> None:
        super().__init__()
        self.heads, self.causal = heads, causal
        self.ask = nn.Linear(features, 3 * features)
        self.join = nn.Linear(features, features)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        # Each is (n, heads, time, features / heads).
        query, key, value = self.ask(inputs).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4).unbind()
        scores = query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1])
        if self.causal:
            later = torch.ones_like(scores[0, 0], dtype=torch.bool).triu(1)
            scores = scores.masked_fill(later, -math.inf)
        joined: torch.Tensor = self.join((scores.softmax(-1) @ value).transpose(1, 2).flatten(2))
        return joined


class TransformerBlock(nn.Module):
    """Attention, then two dense layers at each time step; both are added to what came in, which is normalised first."""

    def __init__(self, features: int, heads: int, hidden: int, dropout: float = 0.0, causal: bool = False) -> None:
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(features), SelfAttention(features, heads, causal)
        self.norm2, self.think = nn.LayerNorm(features), nn.Sequential(nn.Linear(features, hidden), nn.GELU(), nn.Linear(hidden, features))
        self.dropout = nn.Dropout(dropout)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        inputs = inputs + self.dropout(self.attention(self.norm1(inputs)))
        thought: torch.Tensor = inputs + self.dropout(self.think(self.norm2(inputs)))
        return thought


# From a sequence to features


class OverTime(nn.Module):
    """One number for each feature over all time steps: its average, its max or its last one."""

    def __init__(self, mode: str = "average") -> None:
        super().__init__()
        self.mode = mode

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        match self.mode:
            case "average":
                return inputs.mean(1)
            case "max":
                return inputs.amax(1)
            case _:
                return inputs[:, -1]


class AttentionPool(nn.Module):
    """The average of all time steps, weighted by shares that follow from a learnt score of each."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.score = nn.Linear(features, 1)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        shares: torch.Tensor = self.score(inputs).softmax(1)
        return (shares * inputs).sum(1)
