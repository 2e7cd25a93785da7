"""Waveforms: brought to another rate, cut to the stretch that counts, levelled."""

from __future__ import annotations

import numpy as np

LEAST_SECONDS = 0.2
LEAST_PEAK = 0.01
"""Loudest sample below which nobody has said anything, as a share of the loudest that can be written down."""
LEVEL = 0.8
"""Loudest sample of what is levelled."""


class Unheard(ValueError):
    """What was said holds no word: a sentence for a person, and a code by which a page has it in its own language."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


def resampled(samples: np.ndarray, rate: int, wanted: int) -> np.ndarray:
    """A waveform (samples,) at another rate, by its spectrum: what is too high for the new rate is left out, so nothing folds down."""
    if rate == wanted or not len(samples):
        return samples
    count = max(1, round(len(samples) * wanted / rate))
    spectrum = np.fft.rfft(samples)
    # Half of the new number of samples is the highest tone that they can carry.
    kept = spectrum[: count // 2 + 1]
    waveform: np.ndarray = np.fft.irfft(kept, count) * (count / len(samples))
    return waveform


def trimmed(samples: np.ndarray, rate: int, share: float = 0.03) -> np.ndarray:
    """The waveform without the silence before and behind: from the first moment that is louder than `share` of the loudest."""
    loud = np.flatnonzero(np.abs(samples) > share * np.abs(samples).max(initial=0))
    if not len(loud):
        return samples[:0]
    margin = rate // 100
    return samples[max(0, loud[0] - margin) : loud[-1] + margin]


def loudest(samples: np.ndarray, length: int) -> np.ndarray:
    """The stretch of this length with the most energy; what is shorter stays as it is. Where several hold as much, as when the word is
    shorter than the stretch, the middle one: the word then stands in the middle."""
    if len(samples) <= length:
        return samples
    sums = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
    energy = sums[length:] - sums[:-length]
    best = np.flatnonzero(energy >= 0.99 * energy.max())
    begin = int(best[len(best) // 2])
    return samples[begin : begin + length]


def placed(samples: np.ndarray, length: int, where: float) -> np.ndarray:
    """The waveform within silence of this length: at its beginning (0), its end (1) or anywhere between."""
    cut = loudest(samples, length)
    whole = np.zeros(length)
    begin = round(where * (length - len(cut)))
    whole[begin : begin + len(cut)] = cut
    return whole


def levelled(samples: np.ndarray) -> np.ndarray:
    """The waveform as loud as all others: int16, its loudest sample at 0.8 of what can be written down."""
    peak = np.abs(samples).max(initial=0)
    level: np.ndarray = np.round(samples * (LEVEL * 32767 / peak if peak else 0)).astype(np.int16)
    return level


def audible(samples: np.ndarray, rate: int, wanted: int) -> np.ndarray:
    """What a microphone has recorded, at the rate that is wanted. Raises Unheard when it is too short to hold a word, or silent."""
    if len(samples) < LEAST_SECONDS * rate:
        message = f"this is too short to hold a word: {len(samples) / rate:.2f} seconds; record at least {LEAST_SECONDS}"
        raise Unheard(message, "sound_short")
    # A microphone may have an offset, which is no sound.
    waveform = resampled(samples - samples.mean(), rate, wanted)
    if np.abs(waveform).max() < LEAST_PEAK:
        message = "there is nothing to be heard: speak louder or nearer to the microphone, and see that it is not muted"
        raise Unheard(message, "sound_silent")
    return waveform


def heard(samples: np.ndarray, rate: int, wanted: int, length: int) -> np.ndarray:
    """What a microphone has recorded as an example: int16 (length,) at the rate that is wanted, the word in the middle. Raises Unheard."""
    return levelled(placed(audible(samples, rate, wanted), length, 0.5))
