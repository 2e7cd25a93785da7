"""The modules that turn sound into what a network gets; copied whole into exported scripts."""

import math

import torch
from torch import nn


def mel_bands(rate: int, window: int, bands: int) -> torch.Tensor:
    """Triangles that gather the tones of a spectrum (window // 2 + 1) into bands as wide as the ear tells them apart: (tones, bands).

    The mel scale (Stevens, Volkmann and Newman, 1937): even up to about 1000 Hz, ever wider above.
    """
    highest = 2595 * math.log10(1 + rate / 2 / 700)
    lowest = 2595 * math.log10(1 + 60 / 700)
    marks = torch.linspace(lowest, highest, bands + 2, dtype=torch.float64)
    edges = 700 * (10 ** (marks / 2595) - 1)
    tones = torch.linspace(0, rate / 2, window // 2 + 1, dtype=torch.float64)[:, None]
    rising = (tones - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - tones) / (edges[2:] - edges[1:-1])
    return torch.minimum(rising, falling).clamp(min=0).float()


class LogMel(nn.Module):
    """Waveforms int16 (batch, samples) to log-mel spectra (batch, frames, bands), each example with mean 0 and deviation 1.

    Frames of `window` samples, `hop` apart and faded at their ends; the power of each tone; gathered into bands; the logarithm,
    as the ear hears loudness. That each example is standardised by itself makes a quiet voice as good as a loud one.
    """

    bands: torch.Tensor
    fade: torch.Tensor

    def __init__(self, rate: int, window: int, hop: int, bands: int) -> None:
        super().__init__()
        self.window, self.hop = window, hop
        self.register_buffer("bands", mel_bands(rate, window, bands), persistent=False)
        self.register_buffer("fade", torch.hann_window(window), persistent=False)

    def power(self, waveforms: torch.Tensor) -> torch.Tensor:
        """Power of each tone in each frame: (batch, frames, window // 2 + 1)."""
        samples = waveforms.float() / 32768
        spectrum = torch.stft(samples, self.window, self.hop, window=self.fade, center=False, return_complex=True)
        return spectrum.abs().square().transpose(1, 2)

    def forward(self, waveforms: torch.Tensor) -> torch.Tensor:
        # Some at a time: the spectra take ten times the memory of what comes out.
        return torch.cat([self._some(chunk) for chunk in torch.split(waveforms, 64)])

    def _some(self, waveforms: torch.Tensor) -> torch.Tensor:
        loudness = (self.power(waveforms) @ self.bands + 0.01).log()
        mean, deviation = loudness.mean(dim=(1, 2), keepdim=True), loudness.std(dim=(1, 2), keepdim=True)
        return (loudness - mean) / (deviation + 0.01)


class StandardiseFrames(nn.Module):
    """Frames (batch, time, features): subtracts each feature's mean and divides by its deviation. Frames of zeros only, which fill up
    short recordings, stay zero."""

    mean: torch.Tensor
    deviation: torch.Tensor

    def __init__(self, mean: tuple[float, ...], deviation: tuple[float, ...]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean), persistent=False)
        self.register_buffer("deviation", torch.tensor(deviation), persistent=False)

    def forward(self, frames: torch.Tensor) -> torch.Tensor:
        spoken = (frames != 0).any(dim=-1, keepdim=True)
        return (frames - self.mean) / self.deviation * spoken


class Beside(nn.Module):
    """Examples of several inputs, one behind the other in a row (batch, numbers): each part is prepared by a module of its own."""

    def __init__(self, sizes: tuple[tuple[int, ...], ...], *parts: nn.Module) -> None:
        super().__init__()
        self.sizes = sizes
        self.parts = nn.ModuleList(parts)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        cut = torch.split(rows, [math.prod(size) for size in self.sizes], dim=1)
        prepared = [part(piece.reshape(-1, *size)) for part, piece, size in zip(self.parts, cut, self.sizes, strict=True)]
        return torch.cat([piece.flatten(1) for piece in prepared], dim=1)
