"""The modules for trees, which torch lacks; each is copied whole into exported scripts, so it stands on its own.

A tree is a row of tokens (n, time) with brackets: one that opens is the label of a subtree's root, what stands between it and the bracket
that closes are the children. Trees of a batch differ in form, so they are worked through token by token, all at once, each with a stack.
"""

import torch
from torch import nn


class TreeLSTMCell(nn.Module):
    """Two states (n, 2 · units), each a memory and an answer, become one: a gate for each decides what of its memory stays.

    The binary tree-LSTM of Tai et al., 2015.
    """

    def __init__(self, units: int) -> None:
        super().__init__()
        self.units = units
        self.gates = nn.Linear(2 * units, 5 * units)

    def forward(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        (left_memory, left_answer), (right_memory, right_answer) = left.chunk(2, 1), right.chunk(2, 1)
        mixed = self.gates(torch.cat([left_answer, right_answer], 1))
        write, keep_left, keep_right, tell = mixed[:, self.units :].sigmoid().chunk(4, 1)
        memory = write * mixed[:, : self.units].tanh() + keep_left * left_memory + keep_right * right_memory
        return torch.cat([memory, tell * memory.tanh()], 1)


class TreeRNNCell(nn.Module):
    """Two states (n, units) become one: tanh of a weighted sum of both (Socher et al., 2011)."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.mix = nn.Linear(2 * units, units)

    def forward(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        mixed: torch.Tensor = self.mix(torch.cat([left, right], 1)).tanh()
        return mixed


class ShiftReduce(nn.Module):
    """Trees as tokens (n, time) to what the cell makes of each root: (n, units).

    An opening bracket puts its token's state on the stack. A leaf is combined with the state on top. A closing bracket takes the finished
    subtree off, makes of it what a leaf of its value might be, and combines that with the state of its parent. So a node is built up child
    by child, from the left; the finished root is combined with the empty state at the bottom.

    What is done with which place follows from the tokens alone, so it is the same few operations for all trees of a batch (after Bowman
    et al., “A fast unified model for parsing and sentence understanding”, 2016).
    """

    def __init__(self, cell: nn.Module, vocabulary: int, size: int, units: int, opens: tuple[int, ...], closes: int, nesting: int) -> None:
        super().__init__()
        self.cell, self.units, self.opens, self.closes, self.nesting = cell, units, opens, closes, nesting
        self.finish = nn.Linear(size, size)
        self.leaf = nn.Embedding(vocabulary, size, padding_idx=0)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        closing = tokens == self.closes
        opening = torch.zeros_like(closing)
        for token in self.opens:
            opening = opening | (tokens == token)
        top = (opening.long() - closing.long()).cumsum(1)  # where the state of this moment goes
        written = torch.arange(self.nesting + 1, device=tokens.device) == top[:, :, None]
        written = (written & (tokens != 0)[:, :, None])[:, :, :, None]
        states = self.leaf(tokens)
        places = torch.stack([top, top + 1], 2).clamp(0, self.nesting)[:, :, :, None].expand(-1, -1, -1, states.shape[2])
        stack = torch.zeros_like(states[:, :1]).expand(-1, self.nesting + 1, -1)
        for time in range(tokens.shape[1]):
            leaf = states[:, time]
            left, child = stack.gather(1, places[:, time]).unbind(1)
            finished = self.finish(child).tanh()
            combined = self.cell(left, torch.where(closing[:, time, None], finished, leaf))
            state = torch.where(opening[:, time, None], leaf, combined)
            stack = torch.where(written[:, time], state[:, None], stack)
        return stack[:, 0, -self.units :]
