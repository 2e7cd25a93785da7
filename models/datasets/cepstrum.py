"""Mel-frequency cepstral coefficients, computed as those were with which the recordings of spoken digits come.

Which settings these were is written nowhere. They were found by trying on the Free Spoken Digit Dataset's own recordings: those of
torchaudio's MFCC, for 8000 samples a second, give the package's numbers of all 3000 recordings, to a thousandth.
"""

from __future__ import annotations

import numpy as np

RATE = 8000
"""Samples a second."""
WINDOW, HOP = 400, 200
"""Samples in a frame and from one frame to the next: 50 and 25 milliseconds."""
BANDS = 128
RANGE = 80.0
"""Decibels below the loudest moment at which silence begins."""


def coefficients(waveform: np.ndarray, count: int) -> np.ndarray:
    """The first `count` coefficients of each frame of a waveform (samples,) from -1 to 1 at RATE: float32 (1 + samples // HOP, count)."""
    around = np.pad(waveform, WINDOW // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(around, WINDOW)[::HOP]
    fade = (1 - np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)) / 2
    power = np.square(np.abs(np.fft.rfft(frames * fade, axis=1))) @ _bands()
    decibels = 10 * np.log10(power.clip(1e-10))
    found: np.ndarray = (decibels.clip(decibels.max() - RANGE) @ _cosines(count)).astype(np.float32)
    return found


def _bands() -> np.ndarray:
    """Triangles of equal height, evenly spaced on the mel scale from 0 Hz to the highest tone: (tones, bands)."""
    tones = np.linspace(0, RATE / 2, WINDOW // 2 + 1)[:, None]
    edges = 700 * (10 ** (np.linspace(0, 2595 * np.log10(1 + RATE / 2 / 700), BANDS + 2) / 2595) - 1)
    rising, falling = (tones - edges[:-2]) / np.diff(edges)[:-1], (edges[2:] - tones) / np.diff(edges)[1:]
    bands: np.ndarray = np.minimum(rising, falling).clip(0)
    return bands


def _cosines(count: int) -> np.ndarray:
    """The waves of the orthonormal discrete cosine transform, slow ones first: (bands, count)."""
    waves: np.ndarray = np.cos(np.pi / BANDS * (np.arange(BANDS)[:, None] + 0.5) * np.arange(count)) * np.sqrt(2 / BANDS)
    waves[:, 0] /= np.sqrt(2)
    return waves
