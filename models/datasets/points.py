"""Points in the plane, made by formulas: classes and surfaces that a person can see at a glance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from models.datasets.dataset import Dataset, Modality, Origin, dealt, split
from models.datasets.modules import PlaneFeatures
from models.entry import Call, Label, Words, call
from models.shape import Shape
from models.task import Classification, Regression

Feature = Literal["x1", "x2", "x1_squared", "x2_squared", "x1_x2", "sin_x1", "sin_x2"]

CLASSES = (
    Words("orange", "橙"),
    Words("blue", "蓝"),
    Words("green", "绿"),
    Words("pink", "粉"),
    Words("yellow", "黄"),
    Words("sky blue", "天蓝"),
    Words("vermilion", "朱红"),
    Words("grey", "灰"),
)
"""Names of the classes, after the colours in which the page draws them."""

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


class PointsDataset(Dataset):
    """Points (x₁, x₂) between -6 and 6; what the network gets of them is a choice of features."""

    validation: float = Field(0.5, ge=0.1, le=0.9)
    """Share of the points that the network is only tested on and never learns from."""
    features: tuple[Feature, ...] = Field(("x1", "x2"), min_length=1, max_length=7, strict=False)
    """What the network is given of each point. Squares, products and sines do part of its work in advance."""

    modality: ClassVar[Modality] = "points"
    group: ClassVar[Words] = Words("Classes", "分类")
    source: ClassVar[Origin] = Origin(name=Words("made by a formula", "由公式生成"), licence="Apache-2.0", synthetic=True)
    labels: ClassVar[Mapping[str, Label]] = {
        "noise": Label("Noise", "噪声", "点偏离原位有多远。"),
        "features": Label("Input features", "输入特征", "每个点告诉网络哪些量。平方、乘积和正弦替网络预先做了一部分工作。"),
    }
    options: ClassVar[Mapping[str, Mapping[str, Words]]] = {
        "features": {
            "x1": Words("x₁", "x₁"),
            "x2": Words("x₂", "x₂"),
            "x1_squared": Words("x₁²", "x₁²"),
            "x2_squared": Words("x₂²", "x₂²"),
            "x1_x2": Words("x₁x₂", "x₁x₂"),
            "sin_x1": Words("sin x₁", "sin x₁"),
            "sin_x2": Words("sin x₂", "sin x₂"),
        }
    }

    def shape(self) -> Shape:
        """One number a feature."""
        return Shape((len(self._features()),))

    def task(self) -> Classification | Regression:
        """Two classes, orange and blue."""
        return Classification(classes=CLASSES[:2])

    def columns(self) -> tuple[Words, ...]:
        """The two coordinates."""
        return Words("x₁", "x₁"), Words("x₂", "x₂")

    def prepare(self, training_inputs: np.ndarray) -> Call:
        """The chosen features, in their fixed order."""
        return call(PlaneFeatures, self._features())

    def _features(self) -> tuple[str, ...]:
        return tuple(name for name in self.options["features"] if name in self.features)


class FormulaDataset(PointsDataset):
    """Points that a formula makes, as many as you like."""

    samples: int = Field(500, ge=10, le=5000)
    """Number of points, training and validation together."""
    noise: float = Field(0.1, ge=0, le=0.5)
    """How far points stray from where the formula puts them."""

    labels: ClassVar[Mapping[str, Label]] = {"samples": Label("Points", "点数", "训练和验证一共多少个点。")}

    def counts(self) -> tuple[int, int]:
        """The points, dealt out."""
        return dealt(self.samples, self.validation)

    def _common(self) -> dict[str, Any]:
        return {"samples": self.samples, "noise": self.noise, "validation": self.validation, "seed": self.seed}


def circle(samples: int, noise: float, validation: float, seed: int) -> Arrays:
    """A disc of one class inside a ring of the other."""
    generator = np.random.default_rng(seed)
    targets = np.arange(samples) % 2
    radius = np.where(targets == 1, generator.uniform(0, 2.4, samples), generator.uniform(3.4, 5, samples))
    angle = generator.uniform(0, 2 * np.pi, samples)
    inputs = np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=1)
    inputs += generator.normal(0, 2.5 * noise, inputs.shape)
    return split(inputs.astype(np.float32), targets.astype(np.int64), validation, seed)


def exclusive_or(samples: int, noise: float, validation: float, seed: int) -> Arrays:
    """Four squares; those that touch at a corner belong together."""
    generator = np.random.default_rng(seed)
    inputs = generator.uniform(-5, 5, (samples, 2))
    inputs += 0.3 * np.sign(inputs)
    targets = (inputs[:, 0] * inputs[:, 1] > 0).astype(np.int64)
    inputs += generator.normal(0, 2.5 * noise, inputs.shape)
    return split(inputs.astype(np.float32), targets, validation, seed)


def gaussians(samples: int, classes: int, noise: float, validation: float, seed: int) -> Arrays:
    """One cloud of points for each class, the clouds evenly round the middle."""
    generator = np.random.default_rng(seed)
    targets = np.arange(samples) % classes
    angle = np.pi / 4 + 2 * np.pi * targets / classes
    centres = 3 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    inputs = centres + generator.normal(0, 0.6 + 3 * noise, (samples, 2))
    return split(inputs.astype(np.float32), targets.astype(np.int64), validation, seed)


def spiral(samples: int, classes: int, noise: float, validation: float, seed: int) -> Arrays:
    """Arms that wind round each other, one for each class."""
    generator = np.random.default_rng(seed)
    targets = np.arange(samples) % classes
    # The square root spreads the points evenly along the arm, which is longer farther out.
    along = np.sqrt((np.arange(samples) // classes + 0.5) / np.ceil(samples / classes))
    turns = 1.5 if classes == 2 else 1.0
    angle = 2 * np.pi * (turns * along + targets / classes)
    inputs = 5 * along[:, None] * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    inputs += generator.normal(0, 1.5 * noise, inputs.shape)
    return split(inputs.astype(np.float32), targets.astype(np.int64), validation, seed)


def moons(samples: int, noise: float, validation: float, seed: int) -> Arrays:
    """Two half circles that reach into each other."""
    generator = np.random.default_rng(seed)
    targets = np.arange(samples) % 2
    angle = np.pi * generator.uniform(0, 1, samples)
    upper = np.stack([np.cos(angle) - 0.5, np.sin(angle) - 0.25], axis=1)
    inputs = 3 * np.where(targets[:, None] == 0, upper, -upper)
    inputs += generator.normal(0, 3 * noise, inputs.shape)
    return split(inputs.astype(np.float32), targets.astype(np.int64), validation, seed)


def ring(samples: int, clouds: int, noise: float, validation: float, seed: int) -> Arrays:
    """Small clouds evenly on a circle, each a class of its own."""
    generator = np.random.default_rng(seed)
    targets = np.arange(samples) % clouds
    angle = 2 * np.pi * targets / clouds
    inputs = 4 * np.stack([np.sin(angle), np.cos(angle)], axis=1) + generator.normal(0, 0.05 + 1.5 * noise, (samples, 2))
    return split(inputs.astype(np.float32), targets.astype(np.int64), validation, seed)


def painted(points: tuple[tuple[float, float, int], ...], noise: float, validation: float, seed: int) -> Arrays:
    """Points that somebody painted: (x₁, x₂, class)."""
    generator = np.random.default_rng(seed)
    table = np.array(points, dtype=np.float64)
    inputs = table[:, :2] + generator.normal(0, 2.5 * noise, (len(table), 2))
    return split(inputs.astype(np.float32), table[:, 2].astype(np.int64), validation, seed)


class Circle(FormulaDataset):
    """A disc of blue points inside a ring of orange ones.

    No straight line can part them. A network needs at least three straight borders that together enclose the disc, or the
    squares of the coordinates as inputs: then one border is enough.
    """

    op: Literal["circle"] = "circle"
    title: ClassVar[Words] = Words("Circle", "圆环")
    chinese: ClassVar[str] = """蓝点在中间，橙点围成一圈。

    没有一条直线能把它们分开。网络至少要用三条直线围出中间那一块；如果把坐标的平方也作为输入，一条边界就够了。"""

    def call(self) -> Call:
        """See `circle`."""
        return call(circle, **self._common())


class ExclusiveOr(FormulaDataset):
    """Four squares, coloured like a chessboard.

    The colour depends on both coordinates together and on neither alone: a network without a hidden layer can only guess. This
    is the puzzle that ended the first wave of neural networks in 1969.
    """

    op: Literal["exclusive_or"] = "exclusive_or"
    title: ClassVar[Words] = Words("Exclusive or", "异或")
    chinese: ClassVar[str] = """四个方块，像棋盘一样交错着色。

    颜色由两个坐标共同决定，单看哪一个都不行：没有隐藏层的网络只能瞎猜。1969 年，正是这个难题让神经网络的第一次热潮冷了下来。"""

    def call(self) -> Call:
        """See `exclusive_or`."""
        return call(exclusive_or, **self._common())


class Gaussians(FormulaDataset):
    """A cloud of points for each class.

    The easiest of all: one neuron draws the border between two clouds. With much noise the clouds overlap, and no network can
    be right everywhere.
    """

    op: Literal["gaussians"] = "gaussians"
    classes: int = Field(2, ge=2, le=6)
    """Number of clouds."""
    title: ClassVar[Words] = Words("Gaussians", "高斯团")
    labels: ClassVar[Mapping[str, Label]] = {"classes": Label("Classes", "类别数", "有几团点。")}
    chinese: ClassVar[str] = """每一类是一团点。

    这是最容易的：一个神经元就能在两团之间画出边界。噪声大了，两团会重叠，这时没有哪个网络能处处答对。"""

    def task(self) -> Classification:
        """As many classes as clouds."""
        return Classification(classes=CLASSES[: self.classes])

    def call(self) -> Call:
        """See `gaussians`."""
        return call(gaussians, classes=self.classes, **self._common())


class Spiral(FormulaDataset):
    """Arms of points that wind round each other.

    The hardest of the shapes: the border must wind as often as the arms do. It takes two hidden layers, or patience.
    """

    op: Literal["spiral"] = "spiral"
    classes: int = Field(2, ge=2, le=6)
    """Number of arms."""
    title: ClassVar[Words] = Words("Spiral", "螺旋")
    labels: ClassVar[Mapping[str, Label]] = {"classes": Label("Classes", "类别数", "有几条旋臂。")}
    chinese: ClassVar[str] = """几条点组成的旋臂互相缠绕。

    这是最难的形状：边界也得跟着绕同样多圈。要么用两个隐藏层，要么多点耐心。"""

    def task(self) -> Classification:
        """As many classes as arms."""
        return Classification(classes=CLASSES[: self.classes])

    def call(self) -> Call:
        """See `spiral`."""
        return call(spiral, classes=self.classes, **self._common())


class Moons(FormulaDataset):
    """Two half moons that reach into each other.

    One bent border is enough, so a small hidden layer learns it in seconds.
    """

    op: Literal["moons"] = "moons"
    title: ClassVar[Words] = Words("Moons", "双月")
    chinese: ClassVar[str] = """两弯月牙互相咬合。

    一条弯曲的边界就够了，小小的隐藏层几秒钟就能学会。"""

    def call(self) -> Call:
        """See `moons`."""
        return call(moons, **self._common())


class Ring(FormulaDataset):
    """Small clouds of points on a circle.

    The test of those that make points: does a generator learn to hit every cloud, or is it content with the few that deceive
    its judge best? That is called mode collapse.
    """

    op: Literal["ring"] = "ring"
    clouds: int = Field(8, ge=2, le=8)
    """Number of clouds, each a class."""
    title: ClassVar[Words] = Words("Ring of clouds", "一圈小团")
    labels: ClassVar[Mapping[str, Label]] = {"clouds": Label("Clouds", "团数", "有几团点，每团是一类。")}
    chinese: ClassVar[str] = """围成一圈的小团点。

    专门考验会造点的网络：生成器是学会命中每一团，还是只造最容易骗过判别器的那几团？后者叫模式坍塌。"""

    def task(self) -> Classification:
        """As many classes as clouds."""
        return Classification(classes=CLASSES[: self.clouds])

    def call(self) -> Call:
        """See `ring`."""
        return call(ring, clouds=self.clouds, **self._common())


Coordinate = Annotated[float, Field(ge=-6, le=6)]
PaintedPoint = Annotated[tuple[Coordinate, Coordinate, Annotated[int, Field(ge=0, le=5)]], Field(strict=False)]


def _smile() -> tuple[PaintedPoint, ...]:
    """A face to begin with: a blue outline, eyes and mouth on an orange ground."""
    outline = [(4.5 * np.sin(angle), 4.5 * np.cos(angle), 1) for angle in np.linspace(0, 2 * np.pi, 36, endpoint=False)]
    mouth = [(2.4 * np.sin(angle), -0.4 + 2.0 * np.cos(angle), 1) for angle in np.linspace(0.6 * np.pi, 1.4 * np.pi, 14)]
    eyes = [(side * 1.6 + dx, 1.5 + dy, 1) for side in (-1, 1) for dx in (-0.2, 0.2) for dy in (-0.2, 0.2)]
    ground = [(3.2 * np.sin(angle), 3.2 * np.cos(angle), 0) for angle in np.linspace(0, 2 * np.pi, 24, endpoint=False)]
    middle = [(x, y, 0) for x in (-1.2, -0.4, 0.4, 1.2) for y in (-1.0, -0.2, 0.6)]
    return tuple((round(float(x), 2), round(float(y), 2), group) for x, y, group in outline + mouth + eyes + ground + middle)


class Painted(PointsDataset):
    """Points that you paint yourself.

    Choose a class, paint, and see whether the network finds a border that you would have drawn too.
    """

    op: Literal["painted"] = "painted"
    points: tuple[PaintedPoint, ...] = Field(_smile(), min_length=4, max_length=2000, strict=False)
    """The painted points: x₁, x₂ and class."""
    noise: float = Field(0.0, ge=0, le=0.5)
    """How far points stray from where they were painted."""

    title: ClassVar[Words] = Words("Paint", "自己画")
    labels: ClassVar[Mapping[str, Label]] = {"points": Label("Points", "点", "画上去的点：x₁、x₂ 和类别。")}
    chinese: ClassVar[str] = """自己动手画点。

    选一个类别，画上去，看看网络找到的边界是不是你心里的那一条。"""

    def counts(self) -> tuple[int, int]:
        """The painted points, dealt out."""
        return dealt(len(self.points), self.validation)

    def task(self) -> Classification:
        """Classes up to the highest that was painted, at least two."""
        return Classification(classes=CLASSES[: max(2, 1 + max(group for _, _, group in self.points))])

    def call(self) -> Call:
        """See `painted`."""
        return call(painted, self.points, noise=self.noise, validation=self.validation, seed=self.seed)
