"""Views of networks that read: what mattered in a text, the map of what tokens have come to mean, and what the network writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, Self

import torch
from pydantic import Field
from torch import Tensor, nn

from models.datasets.tokens import TokenDataset
from models.entry import Label, Words
from models.evaluation import probabilities
from models.experiment import Experiment
from models.layers.embedding import Embedding
from models.pictures import Bars, Points, Sentence, Tile, Tokens
from models.task import Classification, NextToken
from models.views.results import PREDICTION_EXAMPLES, class_tiles
from models.views.scene import Scene
from models.views.view import Unseen, View

MAPPED = 120
"""Most tokens on the map, the most frequent ones."""
WRITTEN = 60
"""Characters of each sample."""


def dataset_of(scene: Scene) -> TokenDataset:
    """The scene's dataset, which must be of texts; raises Unseen."""
    dataset = scene.experiment.dataset
    if not isinstance(dataset, TokenDataset):
        raise Unseen("this view shows what a network reads; the dataset has no texts")
    return dataset


def blanked(scene: Scene, row: Tensor) -> tuple[Tensor, Tensor]:
    """How much each token of a text (time,) speaks for the answer: by how much its probability falls when the token is taken out, and
    with a character the pairs that it is a part of.

    Gives the probabilities (classes,) and the falls of the tokens that `sentence` shows, from -1 to 1.
    """
    spacing = dataset_of(scene).spacing
    shown = torch.nonzero(row)[::spacing]
    distance = (torch.arange(len(row), device=row.device) - shown).abs()
    variants = torch.cat([row[None], row.masked_fill(distance < spacing, 0)])
    shares = probabilities(scene.answers(variants))
    answer = int(shares[0].argmax())
    return shares[0], shares[0, answer] - shares[1:, answer]


def sentence(dataset: TokenDataset, row: Tensor, falls: Tensor | None, tile: Tile) -> Sentence:
    """A text token by token, without the empty ones and without pairs that stand between their characters, and how much each mattered."""
    weights = None
    if falls is not None:
        weights = tuple(round(fall, 4) if fall == fall else None for fall in falls.tolist())
    return Sentence(tokens=tuple(dataset.shown(row[row != 0][:: dataset.spacing].tolist())), weights=weights, tile=tile)


class Mattered(View):
    """Which tokens the answer hangs on: each is taken out in turn, and the fall of the answer's probability is its weight.

    Blue spoke for the answer, orange against it. The surest mistakes come first.
    """

    op: Literal["mattered"] = "mattered"
    count: int = Field(10, ge=1, le=40)
    """How many texts to show."""
    title: ClassVar[Words] = Words("What mattered", "看重什么")
    chinese: ClassVar[str] = """答案靠的是哪些词元：轮流拿掉一个，看答案的概率跌多少，跌得多的就重要。

    蓝色支持这个答案，橙色反对。错得最有把握的排在最前。"""
    labels: ClassVar[Mapping[str, Label]] = {"count": Label("Texts", "条数", "显示多少条。")}

    @classmethod
    def large(cls, experiment: Experiment) -> Self | None:
        """For texts with classes."""
        return cls() if experiment.dataset.modality == "text" and isinstance(experiment.task(), Classification) else None

    def draw(self, scene: Scene) -> Tokens:
        """Validation texts with the weight of every token."""
        dataset, task = dataset_of(scene), scene.task
        if not isinstance(task, Classification):
            raise Unseen("what mattered is asked of an answer that is a class; for the next token try the view 'samples'")
        inputs, targets = scene.data.validation.inputs[:PREDICTION_EXAMPLES], scene.data.validation.targets[:PREDICTION_EXAMPLES]
        tiles = class_tiles(task, scene.answers(inputs), targets)[: self.count]
        return Tokens(sentences=tuple(sentence(dataset, inputs[tile.index], blanked(scene, inputs[tile.index])[1], tile) for tile in tiles))


def embedding_of(scene: Scene) -> Tensor:
    """What the network has learnt of each token: (tokens, features); raises Unseen."""
    for node in scene.experiment.network:
        if isinstance(node.layer, Embedding):
            for module in scene.network.layer(node.id).modules():
                if isinstance(module, nn.Embedding):
                    return module.weight.detach()
    raise Unseen("the network has no embedding, so its tokens have no place on a map")


def frequent(scene: Scene) -> Tensor:
    """The most frequent tokens of the training set, without the two that stand for none: (≤ MAPPED,) ids."""

    def count() -> Tensor:
        counts = torch.bincount(scene.data.training.inputs.flatten(), minlength=2)
        counts[:2] = 0
        order = torch.argsort(counts, descending=True, stable=True)[:MAPPED]
        return order[counts[order] > 0]

    return scene.kept("frequent tokens", count)


def class_of_tokens(scene: Scene) -> Tensor:
    """For each frequent token the class in whose texts it stands most often, as a share of the class's texts; 0 without classes."""

    def count() -> Tensor:
        ids, inputs, targets = frequent(scene), scene.data.training.inputs, scene.data.training.targets
        if not isinstance(scene.task, Classification):
            return torch.zeros(len(ids))
        present = torch.stack([(inputs == one).any(dim=1) for one in ids], dim=1).double()
        classes = range(len(scene.task.classes))
        return torch.stack([present[targets == one].mean(dim=0) for one in classes]).argmax(dim=0).float()

    return scene.kept("classes of tokens", count)


class WordMap(View):
    """What the tokens have come to mean: those that play the same part for the task lie near each other.

    Each token is a list of numbers that the network has learnt; the map is the plane that shows most of them (principal components).
    The colour is the class in whose texts a token stands most often, which nobody told the embedding.
    """

    op: Literal["word_map"] = "word_map"
    title: ClassVar[Words] = Words("Map of words", "词的地图")
    chinese: ClassVar[str] = """词元学成了什么意思：对任务作用相近的会靠在一起。

    每个词元是网络学出来的一串数，地图是最能展现它们的那个平面（主成分）。颜色是它最常出现在哪一类文字里，这一点没人告诉过词嵌入。"""

    @classmethod
    def large(cls, experiment: Experiment) -> Self | None:
        """For texts that are embedded."""
        embedded = any(isinstance(node.layer, Embedding) for node in experiment.network)
        return cls() if embedded and experiment.dataset.modality == "text" else None

    def draw(self, scene: Scene) -> Points:
        """The most frequent tokens in the plane of their first two principal components."""
        dataset, ids = dataset_of(scene), frequent(scene)
        vectors = embedding_of(scene)[ids].double().cpu()
        centred = vectors - vectors.mean(dim=0)
        if centred.isfinite().all() and min(centred.shape) > 1:
            _, _, directions = torch.linalg.svd(centred, full_matrices=False)
            places = centred @ directions[:2].T
            # A direction may point either way; the longer tail is put at its positive end, so that the map does not flip.
            places = places * torch.where(places.pow(3).sum(dim=0) < 0, -1.0, 1.0)
        else:
            places = torch.full((len(ids), 2), torch.nan)
        x, y = ([float(f"{value:.4g}") if value == value else None for value in column] for column in places.T.tolist())
        return Points(
            role="map",
            axes=(Words("first component", "第一主成分"), Words("second component", "第二主成分")),
            x=tuple(x),
            y=tuple(y),
            value=tuple(class_of_tokens(scene).tolist()),
            validation=(False,) * len(ids),
            names=tuple(dataset.shown([int(one)])[0] for one in ids),
        )


class Neighbours(View):
    """Which tokens mean most nearly the same to the network as one of them: those whose lists of numbers point the same way."""

    op: Literal["neighbours"] = "neighbours"
    token: str = Field("", max_length=40)
    """The token; left empty, the most frequent one."""
    count: int = Field(8, ge=1, le=40)
    """How many neighbours to show."""
    title: ClassVar[Words] = Words("Nearest words", "最近的词")
    chinese: ClassVar[str] = """在网络看来，哪些词元和这一个意思最接近：它们的那串数指向同一个方向。"""
    labels: ClassVar[Mapping[str, Label]] = {
        "token": Label("Token", "词元", "问哪一个词元；留空就是最常见的。"),
        "count": Label("Neighbours", "个数", "显示多少个。"),
    }

    def draw(self, scene: Scene) -> Bars:
        """The cosine of the angle to each of them, among all tokens of the vocabulary."""
        dataset, vectors = dataset_of(scene), embedding_of(scene)
        known = dataset.known()
        wanted = self.token or known[int(frequent(scene)[0])]
        try:
            place = known.index(wanted, 2)
        except ValueError:
            raise Unseen(f"the token {wanted!r} is not in the vocabulary") from None
        cosines = nn.functional.cosine_similarity(vectors[: len(known)], vectors[place : place + 1], dim=1)
        cosines[[0, 1, place]] = -torch.inf
        order = torch.argsort(cosines.nan_to_num(-2), descending=True, stable=True)[: min(self.count, len(known) - 3)]
        names = [dataset.shown([int(one)])[0] for one in order]
        return Bars(labels=tuple(Words(name, name) for name in names), values=tuple(round(value, 4) for value in cosines[order].tolist()))


class Samples(View):
    """What the network writes when it is let: each character it draws by chance, by the probabilities that it has itself given.

    A low temperature lets it always say what it is surest of, so it repeats itself; a high one lets it dare more, and err more.
    """

    op: Literal["samples"] = "samples"
    temperature: float = Field(0.7, ge=0.1, le=2)
    """By how much the differences between probabilities are evened out: below 1 they are sharpened, above it flattened."""
    count: int = Field(4, ge=1, le=8)
    """How many texts."""
    dice: int = Field(0, ge=0, le=2**31 - 1)
    """Start of the random numbers. They are the view's own: nothing that training draws is touched."""
    title: ClassVar[Words] = Words("What it writes", "它写的字")
    chinese: ClassVar[str] = """放手让网络写：每个字都按它自己给出的概率随机抽取。

    温度低，它总说最有把握的，容易翻来覆去；温度高，它敢写，也更容易写错。"""
    labels: ClassVar[Mapping[str, Label]] = {
        "temperature": Label("Temperature", "温度", "把概率之间的差别抹平多少：低于 1 更分明，高于 1 更平均。"),
        "count": Label("Texts", "篇数", "写几篇。"),
        "dice": Label("Dice", "骰子", "随机数起点。这些随机数只属于这张图，不影响训练。"),
    }

    @classmethod
    def large(cls, experiment: Experiment) -> Self | None:
        """For networks that foretell."""
        return cls() if isinstance(experiment.task(), NextToken) and experiment.dataset.modality == "text" else None

    def draw(self, scene: Scene) -> Tokens:
        """Texts from their beginning on, without what the network had read before."""
        dataset = dataset_of(scene)
        if not isinstance(scene.task, NextToken):
            raise Unseen("only a network that foretells the next token can write; this one names classes")
        rows = torch.from_numpy(dataset.read("")).to(scene.device).repeat(self.count, 1)
        written = continued(scene, rows, WRITTEN, self.temperature, self.dice)
        return Tokens(
            sentences=tuple(
                Sentence(tokens=tuple(dataset.shown(row.tolist())), tile=Tile(index=index)) for index, row in enumerate(written)
            )
        )


def continued(scene: Scene, rows: Tensor, steps: int, temperature: float, dice: int) -> Tensor:
    """What the network writes behind rows (n, time) of tokens, drawn with a generator of its own: (n, steps)."""
    generator = torch.Generator().manual_seed(dice)
    time = rows.shape[1]
    for _ in range(steps):
        scores = scene.answers(rows[:, -time:])[:, -1].double().cpu() / temperature
        scores[:, :2] = -torch.inf
        shares = scores.softmax(dim=1)
        if not shares.isfinite().all():
            raise Unseen("the network has diverged: its probabilities are no numbers, so it cannot write")
        rows = torch.cat([rows, torch.multinomial(shares, 1, generator=generator).to(rows.device)], dim=1)
    return rows[:, time:]


def read_aloud(scene: Scene, rows: Tensor) -> Tokens:
    """Texts as the network reads them (n, time), with the weight of each token for the answer; where it foretells, what it writes."""
    dataset = dataset_of(scene)
    if isinstance(scene.task, NextToken):
        written = continued(scene, rows, WRITTEN, temperature=0.7, dice=0)
        lines = [Sentence(tokens=tuple(dataset.shown(row.tolist())), tile=Tile(index=index)) for index, row in enumerate(written)]
    else:
        lines = [sentence(dataset, row, blanked(scene, row)[1], Tile(index=index)) for index, row in enumerate(rows)]
    return Tokens(sentences=tuple(lines))
