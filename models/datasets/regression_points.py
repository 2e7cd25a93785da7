"""Points in the plane with a value each, made by formulas: surfaces that a network has to rebuild."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from models.datasets.dataset import split
from models.datasets.points import Arrays, FormulaDataset
from models.entry import Call, Words, call
from models.task import Regression


def plane(samples: int, noise: float, validation: float, seed: int) -> Arrays:
    """The value rises evenly from one corner of the plane to the other."""
    generator = np.random.default_rng(seed)
    inputs = generator.uniform(-6, 6, (samples, 2))
    targets = inputs.sum(axis=1, keepdims=True) / 12
    inputs += generator.normal(0, 2.5 * noise, inputs.shape)
    return split(inputs.astype(np.float32), targets.astype(np.float32), validation, seed)


def multi_gaussian(samples: int, noise: float, validation: float, seed: int) -> Arrays:
    """Three hills and three hollows."""
    generator = np.random.default_rng(seed)
    inputs = generator.uniform(-6, 6, (samples, 2))
    centres = np.array([[-4, 2.5], [0, 2.5], [4, 2.5], [-4, -2.5], [0, -2.5], [4, -2.5]])
    signs = np.array([1, -1, 1, -1, 1, -1])
    distances = np.linalg.norm(inputs[:, None] - centres[None], axis=2)
    heights = np.clip(1 - distances / 2.6, 0, None) * signs
    targets = np.take_along_axis(heights, np.abs(heights).argmax(axis=1)[:, None], axis=1)
    inputs += generator.normal(0, 2.5 * noise, inputs.shape)
    return split(inputs.astype(np.float32), targets.astype(np.float32), validation, seed)


class ValuesDataset(FormulaDataset):
    """A value between -1 and 1 at each place of the plane."""

    group: ClassVar[Words] = Words("Values", "回归")

    def task(self) -> Regression:
        """One value."""
        return Regression(targets=(Words("value", "数值"),))


class Plane(ValuesDataset):
    """A value that rises evenly from one corner to the other.

    Regression at its simplest: a network without any hidden layer solves it exactly.
    """

    op: Literal["plane"] = "plane"
    title: ClassVar[Words] = Words("Slope", "斜面")
    chinese: ClassVar[str] = """数值从一角到另一角均匀升高。

    最简单的回归：没有隐藏层的网络就能准确解出来。"""

    def call(self) -> Call:
        """See `plane`."""
        return call(plane, **self._common())


class MultiGaussian(ValuesDataset):
    """Three hills and three hollows in a flat plain.

    The network has to build each bump out of bent pieces: more units, finer bumps.
    """

    op: Literal["multi_gaussian"] = "multi_gaussian"
    title: ClassVar[Words] = Words("Hills", "山丘")
    chinese: ClassVar[str] = """平地上三座小丘、三个小坑。

    网络要用一段段弯折拼出每个起伏：神经元越多，拼得越细。"""

    def call(self) -> Call:
        """See `multi_gaussian`."""
        return call(multi_gaussian, **self._common())
