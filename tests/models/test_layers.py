"""Every layer builds, keeps its promises about shapes and prints as the code that makes it."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
import torch
from pydantic import TypeAdapter, ValidationError
from torch import Tensor, nn

from models import modules, sequence_modules, tree_modules
from models.entry import Call, Words
from models.layers import catalogue
from models.layers.attention import PatchEmbedding, PositionalEncoding, SelfAttention, TransformerBlock
from models.layers.catalogue import LAYERS
from models.layers.convolution import Conv1d, Conv2d, ConvTranspose2d
from models.layers.dense import Dense
from models.layers.example import Example
from models.layers.layer import Block, Layer, Merge, Misfit
from models.layers.merges import Add, Concatenate
from models.layers.normalisation import BatchNorm, GroupNorm, LayerNorm
from models.layers.output import Output
from models.layers.pooling import AveragePool2d, GlobalPool2d, MaxPool2d, Pool1d, TimePool, Upsample2d
from models.layers.recurrence import GRU, LSTM, SimpleRNN
from models.layers.regularisation import Dropout, GaussianNoise
from models.layers.reshape import Crop, Slice, ToImage, ToSequence
from models.network import blank
from models.shape import Brackets, Kind, Shape
from models.task import Classification

SHAPES: dict[Kind, Shape] = {
    "features": Shape((6,)),
    "sequence": Shape((5, 6)),
    "image": Shape((12, 9, 8)),
    "tokens": Shape((7,), vocabulary=7, brackets=Brackets(opens=(4, 5), closes=6, nesting=2)),
}

TASK = Classification(classes=(Words("a", "甲"), Words("b", "乙"), Words("c", "丙")))

VARIANTS: list[Block] = [
    Dense(units=3, bias=False),
    *[Dense(initial=initial) for initial in ("xavier_uniform", "xavier_normal", "he_uniform", "he_normal", "normal", "zeros")],
    GroupNorm(groups=1),
    GroupNorm(groups=12),
    Conv2d(kernel=1),
    Conv2d(kernel=4),
    Conv2d(kernel=4, stride=3, bias=False, initial="he_normal"),
    Conv2d(kernel=5, stride=2, padding="valid"),
    MaxPool2d(size=3),
    AveragePool2d(size=8),
    GlobalPool2d(mode="max"),
    Conv2d(filters=6, kernel=4, dilation=2),
    Conv2d(filters=6, kernel=2, dilation=3),
    Conv2d(filters=6, groups=3, stride=2),
    Conv1d(kernel=1, bias=False),
    Conv1d(kernel=4, dilation=3, initial="he_normal"),
    Conv1d(filters=6, groups=6, padding="causal", stride=2),
    Conv1d(padding="valid"),
    ConvTranspose2d(kernel=3, bias=False),
    ConvTranspose2d(kernel=3, stride=3),
    *[
        kind(units=3, layers=2, both_directions=both, give=give)
        for kind in (SimpleRNN, GRU, LSTM)
        for both in (False, True)
        for give in ("last", "all")
    ],
    PatchEmbedding(size=3),
    PositionalEncoding(mode="sinusoidal"),
    SelfAttention(heads=3, causal=True),
    TransformerBlock(heads=1, hidden=5, dropout=0.5, causal=True),
    Pool1d(mode="average", size=3),
    TimePool(mode="max"),
    TimePool(mode="last"),
    Upsample2d(factor=3, mode="bilinear"),
    ToSequence(features=3),
    ToImage(channels=3),
    Slice(start=1, count=2),
]

BLOCKS = [layer.model_validate({}) for layer in LAYERS] + VARIANTS

CASES = [pytest.param(block, kind, id=f"{block.op}-{number}-{kind}") for number, block in enumerate(BLOCKS) for kind in block.accepts]


def made(block: Block, shape: Shape) -> tuple[Call, int]:
    """The block's call for this shape, and how many inputs its module takes."""
    if isinstance(block, Merge):
        return block.merge([shape, shape, shape]), 3
    if isinstance(block, Example):
        return block.made(shape, (2, 4, 5)), 1
    if isinstance(block, Output):
        return block.head(shape, TASK), 1
    assert isinstance(block, Layer)
    return block.call(shape), 1


def examples(shape: Shape, count: int = 4) -> Tensor:
    """Some of a shape, by chance."""
    if shape.brackets:
        # Whole expressions, one of which has brackets within brackets.
        return torch.tensor([[4, 1, 5, 2, 3, 6, 6], [0, 0, 0, 4, 1, 2, 6], [0, 5, 3, 2, 1, 3, 6], [0, 0, 0, 0, 5, 2, 6]])[:count]
    if shape.vocabulary:
        return torch.randint(shape.vocabulary, (count, *shape.sizes))
    return torch.randn(count, *shape.sizes, requires_grad=True)


def evaluated(code: str) -> Any:
    return eval(code, {"torch": torch, "nn": nn, **vars(modules), **vars(sequence_modules), **vars(tree_modules)})


def same(one: nn.Module, other: nn.Module) -> bool:
    first, second = one.state_dict(), other.state_dict()
    return list(first) == list(second) and all(torch.equal(first[name], second[name]) for name in first)


@pytest.mark.parametrize(("block", "kind"), CASES)
def test_meta_and_cpu_agree_on_the_shape_and_gradients_arrive(block: Block, kind: Kind) -> None:
    call, count = made(block, SHAPES[kind])
    torch.manual_seed(0)
    module, inputs = call.build(), [examples(SHAPES[kind]) for _ in range(count)]
    out = module(*inputs)
    with torch.device("meta"):
        ghost = call.build()(*[blank(SHAPES[kind], 4) for _ in range(count)])
    assert out.shape == ghost.shape
    assert out.dtype == ghost.dtype == torch.float32
    out.square().sum().backward()
    assert all(
        tensor.grad is not None and tensor.grad.isfinite().all() for tensor in [*inputs, *module.parameters()] if tensor.requires_grad
    )


@pytest.mark.parametrize(("block", "kind"), CASES)
def test_code_makes_the_same_module(block: Block, kind: Kind) -> None:
    call, count = made(block, SHAPES[kind])
    torch.manual_seed(7)
    built, state = call.build(), torch.get_rng_state()
    torch.manual_seed(7)
    printed = evaluated(call.code())
    assert torch.equal(torch.get_rng_state(), state)
    assert type(printed) is type(built)
    assert same(built, printed)
    inputs = [examples(SHAPES[kind]) for _ in range(count)]
    torch.manual_seed(8)
    expected: Tensor = built(*inputs)
    torch.manual_seed(8)
    assert torch.equal(printed(*inputs), expected)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.op)
def test_asking_for_a_call_draws_no_random_numbers(block: Block) -> None:
    before = torch.get_rng_state()
    made(block, SHAPES[block.accepts[0]])
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.op)
def test_json_round_trip(block: Block) -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(catalogue.Layer)
    assert adapter.validate_json(adapter.dump_json(block)) == block


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.__name__)
def test_words_are_complete_in_both_languages(layer: type[Block]) -> None:
    texts = [layer.title, layer.group, layer.summary(), layer.help()]
    labels, descriptions = layer.all_labels(), layer.descriptions()
    assert set(labels) == set(layer.model_fields) - {"op"}
    for name in labels:
        texts += [Words(labels[name].en, labels[name].zh), Words(descriptions.get(name, ""), labels[name].help_zh)]
        choices = layer.model_json_schema()["properties"][name].get("enum", [])
        assert list(layer.options.get(name, {})) == choices
        texts += list(layer.options.get(name, {}).values())
    assert all(words.en and words.zh for words in texts)
    assert inspect.isclass(layer)
    assert "\n" not in layer.chinese.replace("\n\n", "")


def test_fields_are_bounded() -> None:
    for layer, values in ((Dense, {"units": 0}), (Dense, {"units": 5000}), (Conv2d, {"kernel": 12}), (Dropout, {"rate": 1.0})):
        with pytest.raises(ValidationError):
            layer(**values)


@pytest.mark.parametrize("kernel", range(1, 12))
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_same_padding_keeps_the_size_up_to_the_stride(kernel: int, stride: int) -> None:
    out = Conv2d(filters=2, kernel=kernel, stride=stride).call(Shape((1, 9, 4))).build()(torch.zeros(1, 1, 9, 4))
    assert out.shape == (1, 2, -(-9 // stride), -(-4 // stride))


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("kernel", [2, 3, 4, 5])
def test_same_padding_is_torch_s_own(kernel: int) -> None:
    module = Conv2d(filters=2, kernel=kernel).call(Shape((1, 6, 6))).build()
    images = torch.randn(3, 1, 6, 6)
    torch.testing.assert_close(module(images), nn.functional.conv2d(images, module.weight, module.bias, padding="same"))


@pytest.mark.parametrize(
    ("layer", "code"),
    [
        (Dense(), "nn.Linear(6, 8)"),
        (Dense(initial="he_normal", bias=False), "initialised(nn.Linear(6, 8, bias=False), 'he_normal')"),
        (GaussianNoise(), "GaussianNoise(0.1)"),
        (BatchNorm(), "nn.BatchNorm1d(6)"),
    ],
)
def test_code_is_readable(layer: Layer, code: str) -> None:
    assert layer.call(SHAPES["features"]).code() == code


@pytest.mark.parametrize(
    ("scheme", "deviation"),
    [
        ("xavier_uniform", (2 / 700) ** 0.5),
        ("xavier_normal", (2 / 700) ** 0.5),
        ("he_uniform", (2 / 400) ** 0.5),
        ("he_normal", (2 / 400) ** 0.5),
        ("normal", 1.0),
        ("zeros", 0.0),
    ],
)
def test_first_weights_have_the_deviation_of_the_scheme(scheme: Any, deviation: float) -> None:
    torch.manual_seed(0)
    module = Dense(units=300, initial=scheme).call(Shape((400,))).build()
    assert module.weight.std().item() == pytest.approx(deviation, rel=0.02)
    assert not module.bias.any()


def test_unknown_first_weights_are_refused() -> None:
    with pytest.raises(ValueError, match="'ones'"):
        modules.initialised(nn.Linear(1, 1), "ones")


def test_noise_and_dropout_rest_after_training() -> None:
    inputs = torch.randn(1000, 6)
    for layer in (GaussianNoise(deviation=0.5), Dropout(rate=0.5)):
        module = layer.call(SHAPES["features"]).build()
        assert not torch.equal(module(inputs), inputs)
        assert torch.equal(module.eval()(inputs), inputs)
    noise = GaussianNoise(deviation=0.5).call(SHAPES["features"]).build()(inputs) - inputs
    assert noise.std().item() == pytest.approx(0.5, rel=0.05)


@pytest.mark.parametrize("kind", ["features", "sequence", "image"])
def test_layer_norm_brings_each_example_to_mean_0_and_deviation_1(kind: Kind) -> None:
    out = LayerNorm().call(SHAPES[kind]).build()(torch.randn(4, *SHAPES[kind].sizes) * 3 + 2)
    axes = (1, 2, 3) if kind == "image" else (-1,)
    torch.testing.assert_close(out.mean(axes), torch.zeros_like(out.mean(axes)), atol=1e-5, rtol=0)
    torch.testing.assert_close(out.var(axes, correction=0), torch.ones_like(out.mean(axes)), atol=1e-3, rtol=0)


@pytest.mark.parametrize("groups", [1, 3, 12])
def test_group_norm_brings_each_group_of_an_example_to_mean_0_and_deviation_1(groups: int) -> None:
    out = GroupNorm(groups=groups).call(SHAPES["image"]).build()(torch.randn(4, *SHAPES["image"].sizes) * 3 + 2)
    parts = out.reshape(4, groups, -1)
    torch.testing.assert_close(parts.mean(2), torch.zeros(4, groups), atol=1e-5, rtol=0)
    torch.testing.assert_close(parts.var(2, correction=0), torch.ones(4, groups), atol=1e-3, rtol=0)
    if groups == 1:
        torch.manual_seed(0)
        images = torch.randn(4, *SHAPES["image"].sizes)
        assert torch.equal(GroupNorm(groups=1).call(SHAPES["image"]).build()(images), LayerNorm().call(SHAPES["image"]).build()(images))


def test_global_pooling_takes_the_mean_or_the_greatest() -> None:
    images = torch.randn(4, 3, 9, 8)
    torch.testing.assert_close(GlobalPool2d().call(SHAPES["image"]).build()(images), images.mean((2, 3)))
    torch.testing.assert_close(GlobalPool2d(mode="max").call(SHAPES["image"]).build()(images), images.amax((2, 3)))


def test_merges_compute_what_they_say() -> None:
    one, two = torch.randn(4, 3, 9, 8), torch.randn(4, 3, 9, 8)
    torch.testing.assert_close(Add().merge([SHAPES["image"]] * 2).build()(one, two), one + two)
    joined = Concatenate().merge([SHAPES["image"], Shape((1, 9, 8))])
    assert torch.equal(joined.build()(one, two[:, :1]), torch.cat([one, two[:, :1]], dim=1))
    series = Concatenate().merge([SHAPES["sequence"], Shape((5, 2))])
    assert series.build()(torch.zeros(4, 5, 6), torch.zeros(4, 5, 2)).shape == (4, 5, 8)


def test_the_output_sizes_itself_to_the_task() -> None:
    binary = Classification(classes=TASK.classes[:2])
    assert Output().head(SHAPES["features"], binary).code() == "nn.Linear(6, 1)"
    assert Output().head(SHAPES["image"], TASK).code() == "nn.Sequential(nn.Flatten(), nn.Linear(864, 3))"


@pytest.mark.parametrize(
    ("layer", "shape", "said"),
    [
        (Conv2d(kernel=5, padding="valid"), Shape((1, 4, 9)), "5×5 does not fit into an image of 4×9"),
        (MaxPool2d(size=3), Shape((1, 2, 2)), "3×3 does not fit into an image of 2×2"),
        (AveragePool2d(size=3), Shape((1, 2, 2)), "3×3 does not fit into an image of 2×2"),
        (LayerNorm(), Shape((1,)), "a single number would always become 0"),
    ],
)
def test_a_layer_says_what_does_not_suit_it(layer: Layer, shape: Shape, said: str) -> None:
    with pytest.raises(Misfit, match=said) as caught:
        layer.call(shape)
    assert caught.value.message.zh
    assert caught.value.hint is not None


@pytest.mark.parametrize(
    ("merge", "shapes", "said"),
    [
        (Add(), [Shape((3,)), Shape((4,))], "these are 3 and 4"),
        (Concatenate(), [Shape((3,)), Shape((3, 9, 8))], "these are 3 and 3×9×8"),
        (Concatenate(), [Shape((3, 9, 8)), Shape((3, 9, 9)), Shape((3, 9, 8))], "these are 3×9×8, 3×9×9 and 3×9×8"),
        (Concatenate(), [Shape((5, 2)), Shape((6, 2))], "these are 5×2 and 6×2"),
    ],
)
def test_a_merge_says_both_shapes(merge: Merge, shapes: list[Shape], said: str) -> None:
    with pytest.raises(Misfit, match=said) as caught:
        merge.merge(shapes)
    assert str(shapes[1]) in caught.value.message.zh
    assert caught.value.hint is not None


@pytest.mark.parametrize("length", [7, 8])
@pytest.mark.parametrize("kernel", range(1, 6))
@pytest.mark.parametrize("dilation", [1, 2, 3])
@pytest.mark.parametrize("stride", [1, 2])
def test_convolutions_keep_the_size_up_to_the_stride(length: int, kernel: int, dilation: int, stride: int) -> None:
    shorter = -(-length // stride)
    for padding in ("same", "causal"):
        layer = Conv1d(filters=2, kernel=kernel, dilation=dilation, stride=stride, padding=padding)
        assert layer.call(Shape((length, 3))).build()(torch.zeros(1, length, 3)).shape == (1, shorter, 2)
    image = Conv2d(filters=2, kernel=kernel, dilation=dilation, stride=stride)
    assert image.call(Shape((1, length, 9))).build()(torch.zeros(1, 1, length, 9)).shape == (1, 2, shorter, -(-9 // stride))


@pytest.mark.parametrize("kernel", range(2, 10))
@pytest.mark.parametrize("stride", [2, 3, 4])
def test_a_transposed_convolution_multiplies_the_size(kernel: int, stride: int) -> None:
    if kernel >= stride:
        layer = ConvTranspose2d(filters=2, kernel=kernel, stride=stride)
        assert layer.call(Shape((1, 5, 3))).build()(torch.zeros(1, 1, 5, 3)).shape == (1, 2, 5 * stride, 3 * stride)


@pytest.mark.parametrize(
    ("layer", "shape", "said"),
    [
        (Conv2d(filters=8, groups=3), Shape((6, 4, 4)), "into 3 equal groups"),
        (Conv2d(kernel=3, dilation=3, padding="valid"), Shape((1, 6, 9)), "7×7 does not fit"),
        (Conv1d(kernel=3, dilation=3, padding="valid"), Shape((6, 2)), "reaches over 7 time steps"),
        (Conv1d(filters=8, groups=4), Shape((6, 6)), "into 4 equal groups"),
        (ConvTranspose2d(kernel=2, stride=3), Shape((1, 4, 4)), "leaves gaps"),
        (PatchEmbedding(size=5), Shape((1, 4, 9)), "5×5 does not fit"),
        (SelfAttention(heads=4), Shape((5, 6)), "6 features cannot be shared out evenly to 4 heads"),
        (TransformerBlock(heads=7), Shape((5, 6)), "to 7 heads"),
        (Pool1d(size=6), Shape((5, 6)), "6 time steps does not fit into a sequence of 5"),
        (MaxPool2d(size=3), Shape((1, 2, 2)), "3×3 does not fit"),
        (ToSequence(features=4), Shape((6,)), "6 numbers cannot be shared out evenly"),
        (ToImage(channels=4), Shape((5, 6)), "6 numbers cannot be shared out evenly"),
        (Slice(count=9), Shape((6,)), "only 6 features"),
        (Slice(start=9), Shape((5, 6)), "only 5 time steps"),
        (Crop(size=2), Shape((1, 4, 9)), "leaves nothing"),
        (GroupNorm(groups=4), Shape((6, 4, 4)), "cannot be divided into 4 equal groups"),
        (GroupNorm(groups=6), Shape((6, 1, 1)), "a single number would always become 0"),
    ],
)
def test_what_a_misfit_proposes_fits(layer: Layer, shape: Shape, said: str) -> None:
    with pytest.raises(Misfit, match=said) as caught:
        layer.call(shape)
    assert caught.value.message.zh
    assert caught.value.hint is not None
    assert caught.value.change is not None
    field, value = caught.value.change
    mended = type(layer).model_validate({**layer.model_dump(), field: value})
    mended.call(shape).build()(torch.zeros(2, *shape.sizes))
