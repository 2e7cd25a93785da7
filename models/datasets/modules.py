"""The modules that turn raw examples into inputs of a network; copied whole into exported scripts."""

import torch
from torch import nn


class PlaneFeatures(nn.Module):
    """Points (batch, 2) of the plane to chosen features (batch, features).

    Coordinates reach from -6 to 6 and are divided by 3, squares and the product likewise, so that every feature has about the
    same size; the sines take the coordinates as they are.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__()
        self.names = names

    def forward(self, points: torch.Tensor) -> torch.Tensor:
        x1, x2 = points[:, 0], points[:, 1]
        features = {
            "x1": x1 / 3,
            "x2": x2 / 3,
            "x1_squared": x1 * x1 / 9,
            "x2_squared": x2 * x2 / 9,
            "x1_x2": x1 * x2 / 9,
            "sin_x1": torch.sin(x1),
            "sin_x2": torch.sin(x2),
        }
        return torch.stack([features[name] for name in self.names], dim=1)

    def back(self, features: torch.Tensor) -> torch.Tensor:
        """The points whose features these are; needs both coordinates among them, raises ValueError without."""
        return 3 * torch.stack([features[:, self.names.index(name)] for name in ("x1", "x2")], dim=1)


class Standardise(nn.Module):
    """Subtracts a mean and divides by a deviation: one of each for every column, or one for all pixels. Bytes become float32."""

    mean: torch.Tensor
    deviation: torch.Tensor

    def __init__(self, mean: tuple[float, ...] | float, deviation: tuple[float, ...] | float) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean), persistent=False)
        self.register_buffer("deviation", torch.tensor(deviation), persistent=False)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return (inputs.float() - self.mean) / self.deviation

    def back(self, prepared: torch.Tensor) -> torch.Tensor:
        """The raw numbers that become these."""
        return prepared * self.deviation + self.mean
