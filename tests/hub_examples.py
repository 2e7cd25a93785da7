"""Parquet files as datasets of the hub have them, made here: a table, texts, images and sounds, and what is wrong with some."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from tests.sounds import wav

COLOURS = ("red", "green", "blue")
TONES = ("high", "low")


def parquet(columns: dict[str, Any], features: dict[str, Any] | None = None, **options: Any) -> bytes:
    """A file with these columns, and what the library `datasets` would have noted down of them."""
    table = pa.table(columns)
    if features:
        table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    out = io.BytesIO()
    pq.write_table(table, out, **options)
    return out.getvalue()


def label(names: Sequence[str]) -> dict[str, Any]:
    """A column of classes, of which the file has the numbers."""
    return {"names": list(names), "_type": "ClassLabel"}


def table(count: int = 120, seed: int = 0) -> bytes:
    """Measurements and a word with gaps, a number and a class that follow from them, and columns that cannot be used."""
    generator = np.random.default_rng(seed)
    width, height = generator.normal(3, 1, count), generator.normal(100, 20, count)
    colour = generator.integers(0, 3, count)
    grade = (width > 3).astype(int) + (height > 100)
    return parquet(
        {
            "width": pa.array([None if place % 9 == 4 else value for place, value in enumerate(width.tolist())]),
            "height": pa.array(height.astype(np.float32)),
            "colour": pa.array([None if place % 11 == 3 else COLOURS[value] for place, value in enumerate(colour.tolist())]),
            "price": pa.array(width * 10 + colour),
            "grade": pa.array([None if place == 7 else int(value) for place, value in enumerate(grade)], pa.int64()),
            "stars": pa.array((grade + 1).astype(np.int32)),
            "sold": pa.array((colour == 1).tolist()),
            "name": pa.array([f"thing {place}" for place in range(count)]),
            "parts": pa.array([[1, 2], [3]] * (count // 2)),
            "nothing": pa.array([None] * count, pa.float64()),
            "same": pa.array(["same"] * count),
            "still": pa.array([2.5] * count),
        },
        {"grade": label(("poor", "fair", "good"))},
    )


def texts(count: int = 120, seed: int = 0) -> bytes:
    """Sentences that are glad or sad."""
    generator = np.random.default_rng(seed)
    words = [("good", "fine", "lovely"), ("bad", "dull", "awful")]
    mood = generator.integers(0, 2, count)
    said = [f"the film number {place} was {words[kind][place % 3]} and long" for place, kind in enumerate(mood.tolist())]
    return parquet({"text": pa.array(said), "mood": pa.array(mood, pa.int64())}, {"mood": label(("glad", "sad"))})


def png(pixels: np.ndarray) -> bytes:
    """An image file."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def images(count: int = 60, seed: int = 0) -> bytes:
    """Noise in which one colour is strong, 40 wide and 30 high, and one image that is missing."""
    generator = np.random.default_rng(seed)
    kinds = generator.integers(0, 3, count)
    files: list[dict[str, Any] | None] = []
    for kind in kinds.tolist():
        pixels = generator.integers(0, 90, (30, 40, 3), np.uint8)
        pixels[:, :, kind] += 150
        files.append({"bytes": png(pixels), "path": None})
    files[5] = None
    return parquet({"image": pa.array(files), "label": pa.array(kinds, pa.int64())}, {"image": {"_type": "Image"}, "label": label(COLOURS)})


def sounds(count: int = 40, seed: int = 0) -> bytes:
    """High tones and low ones, with samples of different sizes."""
    generator = np.random.default_rng(seed)
    kinds = generator.integers(0, 2, count).tolist()
    times = np.arange(8000) / 16_000
    files = [
        {"bytes": wav(0.5 * np.sin(2 * math.pi * (1500, 300)[kind] * times), 16_000, width=(1, 2, 3, 4)[place % 4]), "path": None}
        for place, kind in enumerate(kinds)
    ]
    return parquet(
        {"audio": pa.array(files), "tone": pa.array([TONES[kind] for kind in kinds])},
        {"audio": {"sampling_rate": 16_000, "_type": "Audio"}},
    )
