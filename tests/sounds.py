"""Sound files for tests."""

from __future__ import annotations

import io
import wave

import numpy as np


def wav(samples: np.ndarray, rate: int, width: int = 2, channels: int = 1) -> bytes:
    """A WAV file of numbers from -1 to 1, of so many bytes each, the same in every channel."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        repeated = np.repeat(samples.astype(np.float64), channels)
        if width == 1:
            file.writeframes((repeated * 127 + 128).astype(np.uint8).tobytes())
        else:
            whole = (repeated * (2**31 - 1)).astype("<i4").view(np.uint8).reshape(-1, 4)
            file.writeframes(np.ascontiguousarray(whole[:, 4 - width :]).tobytes())
    return out.getvalue()
