"""Layers of sequences compute what they say, which is what torch's own give where it has them."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

from models.layers.attention import PositionalEncoding, SelfAttention, TransformerBlock
from models.layers.convolution import Conv1d
from models.layers.layer import Layer
from models.layers.pooling import Pool1d, TimePool
from models.layers.recurrence import GRU, LSTM, SimpleRNN
from models.layers.reshape import Crop, Pad, RowsAsTime, Slice, SwapAxes, ToImage, ToSequence
from models.shape import Shape

SERIES = Shape((5, 6))


def test_what_looks_back_does_not_see_what_comes() -> None:
    early = torch.randn(2, 5, 6)
    late = torch.cat([early[:, :3], torch.randn(2, 2, 6)], dim=1)
    for layer in (
        Conv1d(padding="causal", kernel=4, dilation=2),
        SelfAttention(causal=True),
        TransformerBlock(causal=True),
        *[kind(give="all", layers=2) for kind in (SimpleRNN, GRU, LSTM)],
    ):
        module = layer.call(SERIES).build()
        torch.testing.assert_close(module(early)[:, :3], module(late)[:, :3])
        assert not torch.allclose(module(early)[:, 3:], module(late)[:, 3:])
    whole = TransformerBlock().call(SERIES).build()
    assert not torch.allclose(whole(early)[:, :3], whole(late)[:, :3])


@pytest.mark.parametrize("kind", [SimpleRNN, GRU, LSTM])
def test_the_last_step_is_the_last_of_each_direction(kind: type[SimpleRNN | GRU | LSTM]) -> None:
    inputs = torch.randn(4, 5, 6)
    answers = []
    for give in ("last", "all"):
        torch.manual_seed(0)
        answers.append(kind(units=3, layers=2, both_directions=True, give=give).call(SERIES).build()(inputs))
    last, every = answers
    torch.testing.assert_close(last, torch.cat([every[:, -1, :3], every[:, 0, 3:]], dim=1))


def test_self_attention_is_torch_s_own() -> None:
    ours = SelfAttention(heads=3).call(SERIES).build()
    torch_s = nn.MultiheadAttention(6, 3, batch_first=True)
    torch_s.in_proj_weight, torch_s.in_proj_bias, torch_s.out_proj = ours.ask.weight, ours.ask.bias, ours.join
    inputs = torch.randn(4, 5, 6)
    torch.testing.assert_close(ours(inputs), torch_s(inputs, inputs, inputs)[0])


def test_a_transformer_block_is_torch_s_own() -> None:
    ours = TransformerBlock(heads=3, hidden=5).call(SERIES).build()
    torch_s = nn.TransformerEncoderLayer(6, 3, 5, dropout=0.0, activation="gelu", batch_first=True, norm_first=True)
    attention = torch_s.self_attn
    attention.in_proj_weight, attention.in_proj_bias, attention.out_proj = (
        ours.attention.ask.weight,
        ours.attention.ask.bias,
        ours.attention.join,
    )
    torch_s.norm1, torch_s.norm2, torch_s.linear1, torch_s.linear2 = ours.norm1, ours.norm2, ours.think[0], ours.think[2]
    inputs = torch.randn(4, 5, 6)
    torch.testing.assert_close(ours(inputs), torch_s(inputs))


def test_positions_are_sines_and_cosines() -> None:
    table = PositionalEncoding(mode="sinusoidal").call(Shape((5, 7))).build()(torch.zeros(1, 5, 7))[0]
    assert table[0].tolist() == [0, 1, 0, 1, 0, 1, 0]
    assert table[3, 2].item() == pytest.approx(math.sin(3 / 10000 ** (2 / 7)))
    assert table[3, 3].item() == pytest.approx(math.cos(3 / 10000 ** (2 / 7)))


def test_rearranging_keeps_every_number_in_its_place() -> None:
    image, series = torch.arange(2.0 * 3 * 4 * 5).view(2, 3, 4, 5), torch.arange(2.0 * 5 * 6).view(2, 5, 6)

    def applied(layer: Layer, inputs: Tensor) -> Tensor:
        answer: Tensor = layer.call(Shape(tuple(inputs.shape[1:]))).build()(inputs)
        return answer

    rows = applied(RowsAsTime(), image)
    assert torch.equal(rows[:, 1], torch.cat([image[:, channel, 1] for channel in range(3)], dim=1))
    assert torch.equal(applied(ToImage(channels=3), rows), image)
    assert applied(ToImage(), torch.zeros(1, 784)).shape == (1, 1, 28, 28)
    assert applied(ToImage(channels=2), torch.zeros(1, 60)).shape == (1, 2, 5, 6)
    assert torch.equal(applied(ToSequence(features=3), series), series.view(2, 10, 3))
    assert torch.equal(applied(SwapAxes(), image), image.mT)
    assert torch.equal(applied(Slice(start=1, count=2), series), series[:, 1:3])
    for inputs in (image, series):
        assert torch.equal(applied(Crop(), applied(Pad(), inputs)), inputs)
    assert not applied(Pad(), image)[:, :, [0, -1]].any()
    assert applied(Pad(size=2), series).shape == (2, 9, 6)


def test_pooling_over_time() -> None:
    series = torch.randn(2, 5, 6)
    for mode, expected in (("average", series.mean(1)), ("max", series.amax(1)), ("last", series[:, -1])):
        assert torch.equal(TimePool(mode=mode).call(SERIES).build()(series), expected)  # type: ignore[arg-type]
    halves = series[:, :4].unflatten(1, (2, 2))  # type: ignore[no-untyped-call]
    assert torch.equal(Pool1d().call(SERIES).build()(series), halves.amax(2))
    torch.testing.assert_close(Pool1d(mode="average").call(SERIES).build()(series), halves.mean(2))
