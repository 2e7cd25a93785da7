"""The datasets side by side."""

from __future__ import annotations

from typing import Annotated, get_args

from pydantic import Field

from models.datasets import dataset
from models.datasets.control import CartPoleDataset, GridWorldDataset
from models.datasets.faces import Faces
from models.datasets.headlines import Headlines
from models.datasets.hub_images import HubImages
from models.datasets.hub_sounds import HubSounds
from models.datasets.hub_tables import HubTable
from models.datasets.hub_texts import HubTexts
from models.datasets.images import Digits, FashionMnist, Mnist
from models.datasets.patterns import Patterns
from models.datasets.penguins import Penguins
from models.datasets.points import Circle, ExclusiveOr, Gaussians, Moons, Painted, Ring, Spiral
from models.datasets.regression_points import MultiGaussian, Plane
from models.datasets.series import CarbonDioxide, Sines, Sunspots
from models.datasets.series_classes import GunPoint, ItalyPowerDemand
from models.datasets.several import SeenAndHeard
from models.datasets.speech import Commands, SpokenDigits
from models.datasets.tables import BreastCancer, Diabetes, Iris, Wine
from models.datasets.texts import Reviews, Thucnews
from models.datasets.trees import ListOperations
from models.datasets.writing import Writing

Dataset = Annotated[
    # points
    Circle
    | ExclusiveOr
    | Gaussians
    | Spiral
    | Moons
    | Ring
    | Painted
    | Plane
    | MultiGaussian
    # tables
    | Iris
    | Wine
    | BreastCancer
    | Diabetes
    | Penguins
    | HubTable
    # images
    | Digits
    | Mnist
    | FashionMnist
    | Patterns
    | Faces
    | HubImages
    # text
    | Headlines
    | Thucnews
    | Reviews
    | Writing
    | HubTexts
    # speech
    | Commands
    | SpokenDigits
    | HubSounds
    # several inputs
    | SeenAndHeard
    # series
    | Sines
    | Sunspots
    | CarbonDioxide
    | GunPoint
    | ItalyPowerDemand
    # trees
    | ListOperations
    # worlds
    | CartPoleDataset
    | GridWorldDataset,
    Field(discriminator="op"),
]

DATASETS: tuple[type[dataset.Dataset], ...] = get_args(get_args(Dataset)[0])
