"""A table as they are found: with words in some columns and gaps in others."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from typing import ClassVar, Literal

import numpy as np

from models.datasets.dataset import Origin, split
from models.datasets.files import Missing, packaged
from models.datasets.tables import Arrays, TableDataset, filled_and_spread
from models.entry import Call, Words
from models.shape import Shape
from models.task import Classification

FILE = "data/penguins.csv"
SPECIES = ("Adelie", "Chinstrap", "Gentoo")
MEASURED = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
NAMED = {"island": ("Biscoe", "Dream", "Torgersen"), "sex": ("female", "male")}


def penguins(noise: float, validation: float, seed: int) -> Arrays:
    """344 penguins: four measurements, the island and the sex as numbers of their words; a gap is not a number."""
    path = packaged("palmerpenguins", FILE)
    if path is None:
        raise Missing(
            "penguins", "The penguins (20 kB, CC0)", "install the package that carries them, pip install --no-deps palmerpenguins"
        )
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    measured = np.array([[float(row[name]) if row[name] != "NA" else np.nan for name in MEASURED] for row in rows])
    named = [[words.index(row[name]) if row[name] != "NA" else np.nan for name, words in NAMED.items()] for row in rows]
    strays = noise * np.nanstd(measured, axis=0) * np.random.default_rng(seed).normal(size=measured.shape)
    table = np.concatenate([measured + strays, np.array(named)], axis=1).astype(np.float32)
    species = np.array([SPECIES.index(row["species"]) for row in rows], dtype=np.int64)
    return split(table, species, validation, seed)


class Penguins(TableDataset):
    """344 penguins of three species, measured on three islands; some values were never taken down.

    A table as one finds them: the island and the sex are words, and there are gaps. A network wants numbers only, so gaps are filled with
    what is usual among the penguins to learn from, each word becomes a column of its own that says yes or no, and then all columns are
    brought to one scale.
    """

    op: Literal["penguins"] = "penguins"
    title: ClassVar[Words] = Words("Penguins", "企鹅")
    group: ClassVar[Words] = Words("Classes", "分类")
    source: ClassVar[Origin] = Origin(
        name=Words("Gorman et al. 2014, Palmer Station; by palmerpenguins", "Gorman 等 2014，帕尔默站；取自 palmerpenguins"),
        licence="CC0-1.0",
        synthetic=False,
    )
    chinese: ClassVar[str] = """344 只企鹅，分属三个种，在三座岛上测量；有些数值当时没有记下来。

    真实的表格就是这样：岛屿和性别是文字，还有空格。网络只认数，所以空格用训练集里的常见值补上，每个词变成一列“是或否”，最后把各列调到同样的尺度。"""
    rows: ClassVar[int] = 344
    names: ClassVar[tuple[Words, ...]] = (
        Words("bill length (mm)", "喙长（毫米）"),
        Words("bill depth (mm)", "喙厚（毫米）"),
        Words("flipper length (mm)", "鳍长（毫米）"),
        Words("body mass (g)", "体重（克）"),
        Words("island", "岛屿"),
        Words("sex", "性别"),
    )
    words: ClassVar[Mapping[int, tuple[Words, ...]]] = {
        4: (Words("Biscoe", "比斯科岛"), Words("Dream", "德里姆岛"), Words("Torgersen", "托尔格森岛")),
        5: (Words("female", "雌"), Words("male", "雄")),
    }

    def available(self) -> bool:
        """Whether palmerpenguins is installed."""
        return packaged("palmerpenguins", FILE) is not None

    @classmethod
    def maker(cls) -> Callable[..., Arrays]:
        """See `penguins`."""
        return penguins

    def categories(self) -> Mapping[int, tuple[Words, ...]]:
        """Islands and sexes."""
        return self.words

    def shape(self) -> Shape:
        """Four measurements, and a column for each word."""
        return Shape((len(MEASURED) + sum(len(words) for words in NAMED.values()),))

    def task(self) -> Classification:
        """Three species."""
        return Classification(classes=(Words("Adelie", "阿德利企鹅"), Words("chinstrap", "帽带企鹅"), Words("gentoo", "巴布亚企鹅")))

    def prepare(self, training_inputs: np.ndarray) -> Call:
        """Gaps filled with the training rows' medians or most common words, words one-hot, then mean and deviation of the training rows."""
        return filled_and_spread(training_inputs, tuple(len(self.words.get(place, ())) for place in range(len(self.names))))
