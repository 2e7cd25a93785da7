"""Speech: a waveform, cut into frames, taken apart into tones, gathered into bands; or the frames that come ready-made."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from models.data import Data
from models.datasets.dataset import Dataset
from models.datasets.sound_modules import LogMel
from models.datasets.speech import HOP, RATE, WINDOW
from models.entry import Words
from models.pictures import Heatmap, Line, Lines, Plane
from models.previews.preparation import PreparationStep, rounded
from models.task import Classification
from models.views.view import plane, scales_of, signed_bytes

SECONDS = Words("seconds", "秒")
COLUMNS = 400
"""Stretches into which a waveform is drawn; of each, how far it reaches down and up."""


def speech_steps(dataset: Dataset, data: Data) -> Iterator[PreparationStep]:
    """The way of one example, then one of each class as the network gets it."""
    task = data.task
    assert isinstance(task, Classification)
    targets = data.validation.targets.numpy()
    places = [int(np.flatnonzero(targets == index)[0]) for index in range(len(task.classes)) if (targets == index).any()]
    raw = data.raw_validation_inputs[places]
    if isinstance(data.prepare, LogMel):
        yield from sound_steps(raw[0], data.prepare)
        last = Words(
            "Each word as the network gets it: time to the right, bands of tones upwards.", "网络得到的每个词：向右是时间，向上是频带。"
        )
    else:
        yield recorded_step(raw[0])
        last = Words(
            "From each coefficient its mean is taken away, then it is divided by its deviation. One recording of each digit.",
            "每个系数减去平均值，再除以标准差。每个数字各一段录音。",
        )
    prepared = data.prepare(torch.from_numpy(raw))
    names = [task.classes[targets[place]] for place in places]
    yield PreparationStep(title=Words("Standardised", "标准化"), text=last, picture=upright(prepared, names))


def heard_steps(raw: np.ndarray, prepare: object) -> Iterator[PreparationStep]:
    """The way of what somebody has said."""
    if isinstance(prepare, LogMel):
        yield from sound_steps(raw, prepare)
    else:
        yield recorded_step(raw)


def sound_steps(waveform: np.ndarray, prepare: LogMel) -> Iterator[PreparationStep]:
    """The way of one waveform, int16 (samples,), as far as the bands."""
    yield PreparationStep(
        title=Words("Waveform", "波形"),
        text=Words(
            f"What a microphone measures: the pressure of the air, {RATE:,} times a second. Every word is made equally loud.",
            f"麦克风测到的气压，每秒 {RATE} 次。每个词都调到同样响。",
        ),
        picture=Lines(axes=(SECONDS, Words("pressure", "气压")), lines=(wave_line(waveform),)),
    )
    yield PreparationStep(
        title=Words("Frames", "分帧"),
        text=Words(
            f"Cut into frames of {WINDOW * 1000 // RATE} milliseconds that overlap by half and are faded at their ends: here three at the "
            "loudest moment. The waves within show which tones sound.",
            f"切成一帧一帧，每帧 {WINDOW * 1000 // RATE} 毫秒，前后帧重叠一半，两头渐弱：这里是最响处的三帧。里面的波纹就是正在发出的音。",
        ),
        picture=frames_of(waveform, prepare),
    )
    spectrum = prepare.power(torch.from_numpy(waveform)[None])[0]
    yield PreparationStep(
        title=Words("Spectrum", "频谱"),
        text=Words(
            f"How strong each of {spectrum.shape[1]} tones is in each frame, up to {RATE // 2} Hz: "
            "the ladders are a voice, the clouds are hissing.",
            f"每一帧里 {spectrum.shape[1]} 个音各有多强，最高到 {RATE // 2} 赫兹：一级级横纹是嗓音，成片的是气声。",
        ),
        picture=upright((spectrum + 1e-4).log()[None]),
    )
    yield PreparationStep(
        title=Words("Log-mel bands", "对数梅尔频带"),
        text=Words(
            "Gathered into 32 bands as wide as the ear tells tones apart, narrow below and wide above; "
            "the logarithm, as the ear hears loudness.",
            "合并成 32 个频带，宽窄按耳朵的分辨力：低音分得细，高音分得粗；再取对数，和耳朵感觉响度的方式一样。",
        ),
        picture=upright(prepare(torch.from_numpy(waveform)[None])),
    )


def recorded_step(frames: np.ndarray) -> PreparationStep:
    """A recording that comes as frames of coefficients (time, features), each scaled by itself so that all can be seen."""
    spoken = frames[(frames != 0).any(axis=-1)]
    even = torch.from_numpy((spoken - spoken.mean(axis=0)) / (spoken.std(axis=0) + 1e-6))
    return PreparationStep(
        title=Words("Coefficients", "倒谱系数"),
        text=Words(
            f"A recording as it comes: {len(spoken)} frames, 25 milliseconds apart, 13 numbers each, which describe the shape of the "
            "spectrum from coarse (below) to fine (above).",
            f"录音本来的样子：{len(spoken)} 帧，每隔 25 毫秒一帧，每帧 13 个数，从粗（下）到细（上）描述频谱的形状。",
        ),
        picture=upright(even[None]),
    )


def wave_line(waveform: np.ndarray) -> Line:
    """A waveform of many samples in few points: the least and the greatest of each stretch."""
    stretch = max(1, len(waveform) // COLUMNS)
    cut = waveform[: len(waveform) // stretch * stretch].reshape(-1, stretch) / 32768
    heights = np.stack([cut.min(axis=1), cut.max(axis=1)], axis=1).reshape(-1)
    times = (np.arange(len(heights)) / 2 + 0.25) * stretch / RATE
    return Line(role="input", label=Words("waveform", "波形"), x=rounded(times), y=rounded(heights))


def frames_of(waveform: np.ndarray, prepare: LogMel) -> Lines:
    """Three neighbouring frames where the waveform is loudest, as they are faded."""
    loudest = int(np.abs(waveform.astype(np.int32)).argmax())
    first = int(np.clip(loudest // HOP - 2, 0, (len(waveform) - WINDOW) // HOP - 2))
    fade = prepare.fade.numpy()
    lines = []
    for place in range(first, first + 3):
        begin = place * HOP
        samples = waveform[begin : begin + WINDOW] / 32768 * fade
        times = (begin + np.arange(WINDOW)) / RATE
        label = Words(f"frame {place + 1}", f"第 {place + 1} 帧")
        lines.append(Line(role="input", label=label, x=rounded(times), y=rounded(samples)))
    return Lines(axes=(SECONDS, Words("pressure", "气压")), lines=tuple(lines))


def upright(frames: Tensor, names: list[Words] | None = None) -> Heatmap:
    """Sequences (n, time, features) as maps: time to the right, features upwards. Each around its own mean."""
    maps = frames.transpose(1, 2).flip(1).contiguous()
    maps = maps - maps.mean(dim=(1, 2), keepdim=True)
    scales = scales_of(maps)
    height, width = maps.shape[1:]
    planes: list[Plane] = []
    for unit, scale in enumerate(scales.tolist()):
        one = plane("data", unit, width, height, scale)
        planes.append(one.model_copy(update={"label": names[unit]}) if names else one)
    return Heatmap(planes=tuple(planes), cells=signed_bytes(maps, scales))
