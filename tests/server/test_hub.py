"""Fetching a dataset from a hub on loopback that tells the truth, or lies, or is not there."""

from __future__ import annotations

import gzip
import io
import struct
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from server.endpoint import Endpoint
from server.errors import Conflict, NotFound
from server.hub import REPOSITORIES, Hub
from server.png import NotThatPng, decode
from tests.server.hub_endpoint import FakeDataset, serving

Image = npt.NDArray[np.uint8]
REPOSITORY = REPOSITORIES["fashion_mnist"]


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    return min((left, up, corner), key=lambda value: abs(guess - value))


def encode(image: Image, filters: list[int], depth: int = 8) -> bytes:
    """A PNG whose rows use the given filters; written from the format's definition, one byte at a time."""
    height, width = image.shape
    lines = bytearray()
    for row in range(height):
        lines.append(filters[row % len(filters)])
        for column in range(width):
            left = int(image[row, column - 1]) if column else 0
            up = int(image[row - 1, column]) if row else 0
            corner = int(image[row - 1, column - 1]) if row and column else 0
            predicted = [0, left, up, (left + up) // 2, paeth(left, up, corner)][filters[row % len(filters)] % 5]
            lines.append((int(image[row, column]) - predicted) % 256)
    head = struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0)
    packed = zlib.compress(bytes(lines))
    body = chunk(b"tEXt", b"ignored") + chunk(b"IDAT", packed[:9]) + chunk(b"IDAT", packed[9:])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + body + chunk(b"IEND", b"")


def images(count: int, seed: int = 0) -> Image:
    return np.random.default_rng(seed).integers(0, 256, (count, 28, 28), np.uint8)


def test_png_images_are_read_with_every_filter() -> None:
    given = images(12)
    files = [encode(image, [number % 5, (number + 2) % 5, (number * 3) % 5]) for number, image in enumerate(given)]
    assert (decode(files) == given).all()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda file: b"GIF89a" + file,
        lambda file: file[:60],
        lambda file: file[:41] + b"\x00" * 30 + file[71:],
        lambda file: encode(images(1)[0], [0], depth=16),
        lambda file: encode(images(1)[0], [5]),
        lambda file: file[:16] + struct.pack(">II", 50_000, 50_000) + file[24:],
        lambda file: encode(images(1)[0][:20], [0]),
    ],
)
def test_other_files_are_refused(spoil: object) -> None:
    good = encode(images(1)[0], [0])
    with pytest.raises(NotThatPng):
        decode([good, spoil(good)] if len(spoil(good)) < 50 else [spoil(good), good])  # type: ignore[operator]


def table(count: int, seed: int) -> bytes:
    """A parquet file as the hub has it."""
    rows = [{"bytes": encode(image, [number % 5]), "path": None} for number, image in enumerate(images(count, seed))]
    out = io.BytesIO()
    pq.write_table(pa.table({"image": rows, "label": pa.array(np.arange(count) % 10, pa.int64())}), out)
    return out.getvalue()


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeDataset]:
    """What a fake hub on loopback has under the dataset's name, and the environment that leads to it."""
    with serving() as fake:
        monkeypatch.setenv("HF_ENDPOINT", fake.address)
        fake.datasets[REPOSITORY.name] = FakeDataset(
            {part.path: table(20 + number, number) for number, part in enumerate(REPOSITORY.parts)}
        )
        yield fake.datasets[REPOSITORY.name]


def fetch(hub: Hub) -> None:
    """Fetch and wait for the end."""
    hub.fetch("fashion_mnist")
    for thread in threading.enumerate():
        if thread.name == "fetch fashion_mnist":
            thread.join(30)


@pytest.mark.usefixtures("endpoint")
def test_a_dataset_is_fetched_checked_and_kept_as_idx(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hub = Hub(tmp_path)
    listing, hold = Endpoint.listing, threading.Event()
    monkeypatch.setattr(Endpoint, "listing", lambda *asked: (hold.wait(20), listing(*asked))[1])
    hub.fetch("fashion_mnist")
    with pytest.raises(Conflict):
        hub.fetch("fashion_mnist")
    hold.set()
    fetch_thread = next(thread for thread in threading.enumerate() if thread.name == "fetch fashion_mnist")
    fetch_thread.join(30)
    assert hub.fetch_of("fashion_mnist") is None
    for number, part in enumerate(REPOSITORY.parts):
        content = gzip.decompress((tmp_path / "fashion_mnist" / part.images).read_bytes())
        assert struct.unpack(">IIII", content[:16]) == (0x0803, 20 + number, 28, 28)
        assert content[16:] == images(20 + number, number).tobytes()
        labels = gzip.decompress((tmp_path / "fashion_mnist" / part.labels).read_bytes())
        assert labels == struct.pack(">II", 0x0801, 20 + number) + bytes(label % 10 for label in range(20 + number))
    assert [path.name for path in tmp_path.iterdir()] == ["fashion_mnist"]


def test_a_file_that_is_not_as_declared_is_refused(endpoint: FakeDataset, tmp_path: Path) -> None:
    name = REPOSITORY.parts[1].path
    endpoint.sent[name] = endpoint.files[name][:-1] + b"!"
    hub = Hub(tmp_path)
    fetch(hub)
    failed = hub.fetch_of("fashion_mnist")
    assert failed is not None
    assert not failed.running
    assert "SHA-256" in str(failed.error)
    assert failed.total == sum(len(body) for body in endpoint.files.values())
    assert not list(tmp_path.iterdir())
    endpoint.sent = {}
    fetch(hub)
    assert hub.fetch_of("fashion_mnist") is None


def test_a_hub_that_does_not_answer_is_told_in_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    hub = Hub(tmp_path)
    fetch(hub)
    failed = hub.fetch_of("fashion_mnist")
    assert failed is not None
    assert "network" in str(failed.error)


def test_only_known_names_are_fetched(tmp_path: Path) -> None:
    for op in ("spiral", "http://169.254.169.254/", "../../etc"):
        with pytest.raises(NotFound):
            Hub(tmp_path).fetch(op)
