"""Sounds of the Hugging Face hub, with a class each."""

from __future__ import annotations

import io
import wave
from functools import partial
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field, StringConstraints

from models.datasets.dataset import Takes, split
from models.datasets.files import Unreadable
from models.datasets.hub import HubDataset
from models.datasets.hub_files import HubColumn, chosen, made_of, places_in
from models.datasets.sound import heard, levelled, placed, resampled
from models.datasets.sound_modules import LogMel
from models.datasets.speech import BANDS, HOP, RATE, WINDOW, SpeechDataset
from models.entry import Call, Label, Words, call
from models.shape import Shape
from models.task import Classification

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
Named = tuple[str, tuple[str, ...]]

LONGEST = 60
"""Seconds of a sound that are looked at for its loudest stretch."""


def hub_sounds(files: list[str], column: str, target: Named, seconds: float, samples: int, validation: float, seed: int) -> Arrays:
    """The loudest stretch of each sound, int16 (n, seconds · 8000), and the places of their classes beside the target's name."""
    truths = places_in(files, *target)
    rows = chosen(truths, samples, seed)
    waveforms = np.zeros((len(rows), round(seconds * RATE)), np.int16)
    for waveform, made in zip(waveforms, made_of(files, column, rows, partial(stretch, length=waveforms.shape[1])), strict=True):
        if made is not None:
            waveform[:] = made
    return split(waveforms, truths[rows].astype(np.int64), validation, seed)


def stretch(content: bytes, row: int, length: int) -> np.ndarray:
    """The loudest stretch of a WAV file at 8000 samples a second, as loud as all others: int16 (length,). Raises Unreadable."""
    try:
        with wave.open(io.BytesIO(content)) as file:
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            if not 4000 <= rate <= 192_000:
                raise ValueError(f"it has {rate} samples a second")
            kept = file.readframes(min(file.getnframes(), LONGEST * rate))
    except (wave.Error, EOFError, ValueError) as fault:
        said = str(fault)[:100]
        raise Unreadable(
            f"The sound in row {row + 1} of this dataset cannot be read ({said}); it must be a WAV file with plain samples (PCM).",
            f"这个数据集第 {row + 1} 行的声音读不了（{said}）；只支持普通采样（PCM）的 WAV。",
        ) from fault
    return levelled(placed(resampled(plain(kept, width, channels), rate, RATE), length, 0.5))


def plain(content: bytes, width: int, channels: int) -> np.ndarray:
    """Samples of one to four bytes as numbers from -1 to 1, the mean of all channels: float64 (samples,)."""
    frames = np.frombuffer(content, np.uint8)[: len(content) // (width * channels) * width * channels].reshape(-1, channels, width)
    if width == 1:
        # Samples of one byte alone have no sign.
        values = frames[:, :, 0].astype(np.float64) / 128 - 1
    else:
        # The bytes that are missing to 32 bits stand in front, as the lowest ones.
        whole = np.zeros((*frames.shape[:2], 4), np.uint8)
        whole[:, :, 4 - width :] = frames
        values = whole.view("<i4")[:, :, 0] / 2**31
    mean: np.ndarray = values.mean(axis=1)
    return mean


class HubSounds(HubDataset, SpeechDataset):
    """Any sounds of the Hugging Face hub that have a class each: words, calls of birds, noises of a street.

    Of each its loudest stretch, turned into the loudness of 32 bands of tones as the commands are, which reach up to 4000 Hz. Only WAV
    files with plain samples can be read.
    """

    op: Literal["hub_sounds"] = "hub_sounds"
    input: Annotated[str, StringConstraints(max_length=200)] = ""
    """The column of sounds that the network gets."""
    seconds: float = Field(1.0, ge=0.5, le=4)
    """How long a stretch of each sound the network gets: where it is loudest."""
    samples: int = Field(2000, ge=20, le=20_000, json_schema_extra={"scale": "log"})
    """How many of the sounds, at most, chosen by chance among those whose class is known."""

    takes: ClassVar[Takes] = "sound"
    title: ClassVar[Words] = Words("Sounds of the hub", "Hub 上的声音")
    labels: ClassVar[dict[str, Label]] = {
        "input": Label("Sounds", "声音列", "给网络听的是哪一列声音。"),
        "seconds": Label("Seconds", "秒数", "每段声音取多长：最响的那一段。"),
        "samples": Label("Examples", "样本数", "最多用多少段，从类别已知的里面随机选。"),
    }
    chinese: ClassVar[str] = """Hugging Face Hub 上任何带类别的声音：词语、鸟叫、街上的响动。

    每段取最响的一截，和口令一样变成 32 个频带的响度，最高到 4000 赫兹。只能读普通采样的 WAV 文件。"""

    def wanted(self) -> tuple[str, ...]:
        """The column of sounds."""
        return (self.input,) if self.input else ()

    def suits(self, column: HubColumn) -> bool:
        """Sounds."""
        return column.kind == "sound"

    @classmethod
    def input_words(cls) -> Words:
        """Sounds."""
        return Words("sounds", "声音")

    @property
    def length(self) -> int:
        """Samples of an example."""
        return round(self.seconds * RATE)

    def shape(self) -> Shape:
        """A row of bands for each frame."""
        return Shape((1 + (self.length - WINDOW) // HOP, BANDS))

    def task(self) -> Classification:
        """The target's classes."""
        return self.classes()

    def reading(self, files: Call) -> Call:
        """See `hub_sounds`."""
        return call(
            hub_sounds,
            files,
            self.input,
            self.chosen_target(),
            seconds=self.seconds,
            samples=self.samples,
            validation=self.validation,
            seed=self.seed,
        )

    def prepare(self, training_inputs: np.ndarray) -> Call:
        """Frames of 32 ms, 16 ms apart, in 32 bands."""
        return call(LogMel, RATE, WINDOW, HOP, BANDS)

    def hear(self, samples: np.ndarray, rate: int) -> np.ndarray:
        """The loudest stretch, at 8000 samples a second, as loud as all others."""
        return heard(samples, rate, RATE, self.length)
