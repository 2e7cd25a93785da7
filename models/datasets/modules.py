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


class Filled(nn.Module):
    """Rows (batch, columns) with their gaps, which are not a number, filled by one value for each column."""

    values: torch.Tensor

    def __init__(self, values: tuple[float, ...]) -> None:
        super().__init__()
        self.register_buffer("values", torch.tensor(values), persistent=False)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return torch.where(rows.isnan(), self.values, rows)


class OneHot(nn.Module):
    """Each column of categories 0, 1, … becomes as many columns, of which one is 1; columns of numbers (size 0) stay."""

    def __init__(self, sizes: tuple[int, ...]) -> None:
        super().__init__()
        self.sizes = sizes

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        columns = zip(self.sizes, rows.unbind(1), strict=True)
        return torch.cat(
            [(column[:, None] == torch.arange(size, device=rows.device)).float() if size else column[:, None] for size, column in columns],
            1,
        )


class Window(nn.Module):
    """Stretches of a series (batch, time) to sequences (batch, time, 1), less their mean and divided by their deviation.

    Relative: each stretch tells how far its values lie from its own last one.
    """

    def __init__(self, mean: float, deviation: float, relative: bool = False) -> None:
        super().__init__()
        self.mean, self.deviation, self.relative = mean, deviation, relative

    def forward(self, windows: torch.Tensor) -> torch.Tensor:
        level = windows[:, -1:] if self.relative else self.mean
        return ((windows - level) / self.deviation)[:, :, None]
