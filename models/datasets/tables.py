"""Tables: a row is an example, a column a measurement. All from scikit-learn's wheel, so they are there without network."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from torch import nn

from models.datasets.dataset import Dataset, Modality, Origin, dealt, split
from models.datasets.files import scikit_learn_table
from models.datasets.modules import Filled, OneHot, Standardise
from models.entry import Call, Label, Words, call
from models.shape import Shape
from models.task import Classification, Regression

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def strayed(inputs: np.ndarray, noise: float, seed: int) -> np.ndarray:
    """The table with each number moved by chance, by `noise` of its column's deviation; float32."""
    deviation = inputs.std(axis=0, keepdims=True)
    moved: np.ndarray = inputs + noise * deviation * np.random.default_rng(seed).normal(size=inputs.shape)
    return moved.astype(np.float32)


def iris(noise: float, validation: float, seed: int) -> Arrays:
    """Fisher's irises (1936)."""
    table = scikit_learn_table("iris.csv", head=1)
    return split(strayed(table[:, :-1], noise, seed), table[:, -1].astype(np.int64), validation, seed)


def wine(noise: float, validation: float, seed: int) -> Arrays:
    """Chemical analyses of wines from three growers."""
    table = scikit_learn_table("wine_data.csv", head=1)
    return split(strayed(table[:, :-1], noise, seed), table[:, -1].astype(np.int64), validation, seed)


def breast_cancer(noise: float, validation: float, seed: int) -> Arrays:
    """Measurements of cell nuclei from Wisconsin."""
    table = scikit_learn_table("breast_cancer.csv", head=1)
    return split(strayed(table[:, :-1], noise, seed), table[:, -1].astype(np.int64), validation, seed)


def diabetes(noise: float, validation: float, seed: int) -> Arrays:
    """Ten measurements of 442 patients, and how far the illness had gone a year later."""
    measured, target = scikit_learn_table("diabetes_data_raw.csv.gz", between=" "), scikit_learn_table("diabetes_target.csv.gz")
    return split(strayed(measured, noise, seed), target[:, None].astype(np.float32), validation, seed)


class TableDataset(Dataset):
    """Rows of measurements; every column is standardised to mean 0 and deviation 1 before the network gets it."""

    noise: float = Field(0.0, ge=0, le=0.5)
    """How far each number strays, as a share of its column's deviation."""
    validation: float = Field(0.3, ge=0.1, le=0.9)
    """Share of the rows that the network is only tested on and never learns from."""

    modality: ClassVar[Modality] = "table"
    rows: ClassVar[int]
    """Examples in the table."""
    names: ClassVar[tuple[Words, ...]]
    """Names of the columns, with their units."""
    labels: ClassVar[Mapping[str, Label]] = {
        "noise": Label("Noise", "噪声", "每个数偏离多少，以该列标准差为单位。"),
        "validation": Label("For validation", "验证集占比", "留出多少行只用来检验，网络从不在上面学习。"),
    }

    @classmethod
    @abstractmethod
    def maker(cls) -> Callable[..., Arrays]:
        """The function that loads the table."""

    def shape(self) -> Shape:
        """One number a column."""
        return Shape((len(self.names),))

    def counts(self) -> tuple[int, int]:
        """The rows, dealt out."""
        return dealt(self.rows, self.validation)

    def columns(self) -> tuple[Words, ...]:
        """Names of the columns."""
        return self.names

    def call(self) -> Call:
        """See the function of the same name."""
        keywords: dict[str, Any] = {"noise": self.noise, "validation": self.validation, "seed": self.seed}
        return call(self.maker(), **keywords)

    def prepare(self, training_inputs: np.ndarray) -> Call:
        """Mean and deviation of the training rows."""
        return call(Standardise, *standardised_columns(training_inputs))


def standardised_columns(rows: np.ndarray) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and deviation of each column; 1 where all values are the same."""
    return tuple(map(float, rows.mean(axis=0))), tuple(float(value) or 1.0 for value in rows.std(axis=0))


def filled_and_spread(rows: np.ndarray, sizes: tuple[int, ...]) -> Call:
    """The module that prepares rows like these (n, columns), in which a gap is not a number and a column of words, `sizes` of them, holds
    their numbers: gaps filled with the median or the most common word, words one-hot, then standardised."""
    usual = tuple(_usual(column[~np.isnan(column)], size) for column, size in zip(rows.T, sizes, strict=True))
    filled = np.where(np.isnan(rows), np.array(usual, np.float32), rows)
    columns = [column[:, None] == np.arange(size) if size else column[:, None] for size, column in zip(sizes, filled.T, strict=True)]
    wide = np.concatenate([column.astype(np.float32) for column in columns], axis=1)
    return call(nn.Sequential, call(Filled, usual), call(OneHot, sizes), call(Standardise, *standardised_columns(wide)))


def _usual(known: np.ndarray, words: int) -> float:
    """What a gap in a column is filled with: 0 where nothing is known of it."""
    if not len(known):
        return 0.0
    return float(np.bincount(known.astype(int)).argmax()) if words else float(np.median(known))


class Iris(TableDataset):
    """150 irises of three species, told apart by the size of their leaves.

    The classic first dataset, measured by Anderson and made famous by Fisher in 1936. One species is easy; the other two
    overlap a little.
    """

    op: Literal["iris"] = "iris"
    title: ClassVar[Words] = Words("Iris", "鸢尾花")
    group: ClassVar[Words] = Words("Classes", "分类")
    source: ClassVar[Origin] = Origin(
        name=Words("Fisher 1936, by scikit-learn", "Fisher 1936，取自 scikit-learn"), licence="BSD-3-Clause", synthetic=False
    )
    chinese: ClassVar[str] = """150 朵鸢尾花，三个品种，凭花瓣和花萼的大小分辨。

    最经典的入门数据，Anderson 测量，1936 年因 Fisher 的论文出名。有一种很好认，另外两种略有重叠。"""
    rows: ClassVar[int] = 150
    names: ClassVar[tuple[Words, ...]] = (
        Words("sepal length (cm)", "花萼长（厘米）"),
        Words("sepal width (cm)", "花萼宽（厘米）"),
        Words("petal length (cm)", "花瓣长（厘米）"),
        Words("petal width (cm)", "花瓣宽（厘米）"),
    )

    @classmethod
    def maker(cls) -> Callable[..., Arrays]:
        """See `iris`."""
        return iris

    def task(self) -> Classification:
        """Three species."""
        return Classification(classes=(Words("setosa", "山鸢尾"), Words("versicolor", "变色鸢尾"), Words("virginica", "维吉尼亚鸢尾")))


class Wine(TableDataset):
    """178 wines from three growers of one region, told apart by chemistry.

    Thirteen measurements of very different size: without standardising them, the largest number would drown the others.
    """

    op: Literal["wine"] = "wine"
    title: ClassVar[Words] = Words("Wine", "葡萄酒")
    group: ClassVar[Words] = Words("Classes", "分类")
    source: ClassVar[Origin] = Origin(name=Words("UCI, by scikit-learn", "UCI，取自 scikit-learn"), licence="CC-BY-4.0", synthetic=False)
    chinese: ClassVar[str] = """同一地区三家酒庄的 178 种酒，凭化学成分分辨。

    十三项指标的大小相差悬殊：如果不标准化，数值最大的那一项会把别的全淹没。"""
    rows: ClassVar[int] = 178
    names: ClassVar[tuple[Words, ...]] = (
        Words("alcohol (%)", "酒精（%）"),
        Words("malic acid (g/l)", "苹果酸（克/升）"),
        Words("ash (g/l)", "灰分（克/升）"),
        Words("alkalinity of ash", "灰分碱度"),
        Words("magnesium (mg/l)", "镁（毫克/升）"),
        Words("total phenols", "总酚"),
        Words("flavanoids", "类黄酮"),
        Words("nonflavanoid phenols", "非黄酮酚"),
        Words("proanthocyanins", "原花青素"),
        Words("colour intensity", "颜色强度"),
        Words("hue", "色调"),
        Words("OD280/OD315", "OD280/OD315"),
        Words("proline (mg/l)", "脯氨酸（毫克/升）"),
    )

    @classmethod
    def maker(cls) -> Callable[..., Arrays]:
        """See `wine`."""
        return wine

    def task(self) -> Classification:
        """Three growers."""
        return Classification(classes=(Words("grower 1", "酒庄一"), Words("grower 2", "酒庄二"), Words("grower 3", "酒庄三")))


_NUCLEUS = (
    ("radius", "半径"),
    ("texture", "纹理"),
    ("perimeter", "周长"),
    ("area", "面积"),
    ("smoothness", "平滑度"),
    ("compactness", "紧密度"),
    ("concavity", "凹度"),
    ("concave points", "凹点"),
    ("symmetry", "对称性"),
    ("fractal dimension", "分形维数"),
)


class BreastCancer(TableDataset):
    """569 tumours, harmless or dangerous, judged by the shape of their cell nuclei.

    Thirty measurements from microscope images. Here the two kinds of mistake weigh differently: look at the confusion matrix,
    not only at the accuracy.
    """

    op: Literal["breast_cancer"] = "breast_cancer"
    title: ClassVar[Words] = Words("Breast cancer", "乳腺肿瘤")
    group: ClassVar[Words] = Words("Classes", "分类")
    source: ClassVar[Origin] = Origin(
        name=Words("Wisconsin, UCI, by scikit-learn", "威斯康星，UCI，取自 scikit-learn"), licence="CC-BY-4.0", synthetic=False
    )
    chinese: ClassVar[str] = """569 个肿瘤，凭细胞核的形状判断良性还是恶性。

    显微图像上量出的三十个数。这里两种错误的分量不同：别只看准确率，要看混淆矩阵。"""
    rows: ClassVar[int] = 569
    names: ClassVar[tuple[Words, ...]] = tuple(
        Words(f"{english} ({kind})", f"{chinese}（{kind_chinese}）")
        for kind, kind_chinese in (("mean", "均值"), ("error", "误差"), ("worst", "最差"))
        for english, chinese in _NUCLEUS
    )

    @classmethod
    def maker(cls) -> Callable[..., Arrays]:
        """See `breast_cancer`."""
        return breast_cancer

    def task(self) -> Classification:
        """Malignant is class 0, as in scikit-learn."""
        return Classification(classes=(Words("malignant", "恶性"), Words("benign", "良性")))


class Diabetes(TableDataset):
    """442 patients: estimate how far diabetes will have gone in a year.

    Ten measurements explain only about half of what happens. A large network learns the patients by heart and estimates new
    ones worse than a straight line does.
    """

    op: Literal["diabetes"] = "diabetes"
    title: ClassVar[Words] = Words("Diabetes", "糖尿病")
    group: ClassVar[Words] = Words("Values", "回归")
    source: ClassVar[Origin] = Origin(
        name=Words("Efron et al. 2004, by scikit-learn", "Efron 等 2004，取自 scikit-learn"), licence="BSD-3-Clause", synthetic=False
    )
    chinese: ClassVar[str] = """442 位病人：估计一年后病情发展到什么程度。

    十项指标只能解释大约一半。网络大了会把病人一个个背下来，估计新病人反而不如一条直线。"""
    rows: ClassVar[int] = 442
    names: ClassVar[tuple[Words, ...]] = (
        Words("age (years)", "年龄（岁）"),
        Words("sex", "性别"),
        Words("body mass index (kg/m²)", "体重指数（公斤/米²）"),
        Words("blood pressure (mmHg)", "血压（毫米汞柱）"),
        Words("total cholesterol", "总胆固醇"),
        Words("LDL", "低密度脂蛋白"),
        Words("HDL", "高密度脂蛋白"),
        Words("cholesterol / HDL", "总胆固醇与高密度脂蛋白之比"),
        Words("log triglycerides", "甘油三酯（对数）"),
        Words("blood sugar", "血糖"),
    )

    @classmethod
    def maker(cls) -> Callable[..., Arrays]:
        """See `diabetes`."""
        return diabetes

    def task(self) -> Regression:
        """Progression after a year, 25 to 346."""
        return Regression(targets=(Words("progression after a year", "一年后的病情"),))

    def target_scale(self, training_targets: np.ndarray) -> tuple[float, float]:
        """Mean and deviation of the training targets."""
        return float(training_targets.mean()), float(training_targets.std())
