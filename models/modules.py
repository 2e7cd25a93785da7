"""The modules, optimizers and functions that torch lacks; each is copied whole into exported scripts, so it stands on its own."""

import math

import torch
import torch.nn.functional as F
from torch import nn

# First weights


def initialised(module: nn.Linear | nn.Conv1d | nn.Conv2d, scheme: str) -> nn.Linear | nn.Conv1d | nn.Conv2d:
    """Draw the module's weights afresh by the named scheme and set its biases to zero; gives the module back."""
    weight = module.weight
    match scheme:
        case "xavier_uniform":
            nn.init.xavier_uniform_(weight)
        case "xavier_normal":
            nn.init.xavier_normal_(weight)
        case "he_uniform":
            nn.init.kaiming_uniform_(weight, nonlinearity="relu")
        case "he_normal":
            nn.init.kaiming_normal_(weight, nonlinearity="relu")
        case "normal":
            nn.init.normal_(weight)
        case "zeros":
            nn.init.zeros_(weight)
        case _:
            raise ValueError(f"no scheme for first weights is called {scheme!r}")
    if module.bias is not None:
        nn.init.zeros_(module.bias)
    return module


# Weights in common


def share(module: nn.Module, source: nn.Module) -> None:
    """Give a module the very weights of another one, `module.weight = source.weight`, wherever both have some of the same name."""
    theirs = dict(source.named_parameters())
    for name, _ in list(module.named_parameters()):
        if name in theirs:
            part, _, last = name.rpartition(".")
            setattr(module.get_submodule(part), last, theirs[name])


# Layers


class EvenConv2d(nn.Conv2d):
    """Convolution with a kernel of even size that keeps the image's size: (n, c, h, w) -> (n, filters, ⌈h / stride⌉, ⌈w / stride⌉).

    An even kernel has no middle, so one more zero is put right and below than left and above.
    """

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        beside = self.dilation[0] * (self.kernel_size[0] - 1)
        before, after = beside // 2, beside - beside // 2
        return super().forward(F.pad(inputs, (before, after, before, after)))


class GaussianNoise(nn.Module):
    """Adds normally distributed noise while training, and nothing afterwards; any shape."""

    def __init__(self, deviation: float) -> None:
        super().__init__()
        self.deviation = deviation

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return inputs + self.deviation * torch.randn_like(inputs) if self.training else inputs


class Augment(nn.Module):
    """Images shifted, mirrored, turned and covered by chance while training, as they are afterwards; the shape stays.

    What comes in from beyond the edges is what the edges are; what is covered is 0, the mean.
    """

    def __init__(self, shift: int = 0, flip: bool = False, rotate: float = 0.0, erase: int = 0) -> None:
        super().__init__()
        self.shift, self.flip, self.rotate, self.erase = shift, flip, rotate, erase

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return inputs
        examples, _, height, width = inputs.shape
        chance = torch.rand(4, examples, device=inputs.device)
        # Whole pixels, so that a shift alone blurs nothing.
        right, down = ((2 * chance[:2] - 1) * self.shift).round()
        side = 1 - 2 * (chance[2] < 0.5).to(inputs.dtype) if self.flip else torch.ones_like(right)
        angle = (2 * chance[3] - 1) * math.radians(self.rotate)
        cosine, sine = angle.cos(), angle.sin()
        across = torch.stack([side * cosine, -side * sine * (height / width), 2 * right / width], dim=1)
        along = torch.stack([sine * (width / height), cosine, 2 * down / height], dim=1)
        places = F.affine_grid(torch.stack([across, along], dim=1), list(inputs.shape), align_corners=False)
        changed = F.grid_sample(inputs, places, padding_mode="border", align_corners=False)
        if not self.erase:
            return changed
        corner = torch.rand(2, examples, 1, device=inputs.device)
        rows, columns = torch.arange(height, device=inputs.device), torch.arange(width, device=inputs.device)
        top, left = (corner[0] * max(height - self.erase, 0)).round(), (corner[1] * max(width - self.erase, 0)).round()
        covered = ((rows >= top) & (rows < top + self.erase))[:, None, :, None] & ((columns >= left) & (columns < left + self.erase))[
            :, None, None
        ]
        return changed.masked_fill(covered, 0.0)


class Sine(nn.Module):
    """sin(frequency · x); any shape."""

    def __init__(self, frequency: float = 1.0) -> None:
        super().__init__()
        self.frequency = frequency

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return torch.sin(self.frequency * inputs)


class SqueezeExcitation(nn.Module):
    """Every channel of an image multiplied by a number from 0 to 1 that follows from the means of all channels; the shape stays."""

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        self.excite = nn.Sequential(nn.Linear(channels, hidden), nn.ReLU(), nn.Linear(hidden, channels), nn.Sigmoid())

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        excited: torch.Tensor = self.excite(inputs.mean((2, 3)))
        return inputs * excited[:, :, None, None]


class Add(nn.Module):
    """The sum of inputs of equal shape."""

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        total = inputs[0]
        for other in inputs[1:]:
            total = total + other
        return total


class Concatenate(nn.Module):
    """The inputs one behind the other along an axis."""

    def __init__(self, dim: int = 1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        return torch.cat(inputs, self.dim)


class Penalised(nn.Module):
    """A layer that asks for something beyond the answer: `penalty` is added to the loss of the batch that it saw last."""

    def penalty(self) -> torch.Tensor:
        raise NotImplementedError


class Sampling(Penalised):
    """A code drawn by chance: (n, features) -> (n, numbers).

    Two numbers are found for each number of the code, its mean and the logarithm of its variance. While training the code is drawn
    from that normal distribution, afterwards it is the mean. The penalty is `weight` times how far the distribution is from the
    standard normal one (the Kullback-Leibler divergence, summed over the code, mean over the batch).
    """

    divergence: torch.Tensor

    def __init__(self, features: int, numbers: int, weight: float) -> None:
        super().__init__()
        self.mean = nn.Linear(features, numbers)
        self.logarithm = nn.Linear(features, numbers)
        self.weight = weight

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        mean: torch.Tensor = self.mean(inputs)
        if not self.training:
            return mean
        # Kept where its exponential stays a number, however far a first step has gone.
        logarithm = self.logarithm(inputs).clamp(-20, 20)
        self.divergence = (mean.square() + logarithm.exp() - 1 - logarithm).sum(dim=1).mean() / 2
        code: torch.Tensor = mean + (logarithm / 2).exp() * torch.randn_like(mean)
        return code

    def penalty(self) -> torch.Tensor:
        penalty: torch.Tensor = self.weight * self.divergence
        return penalty


# Losses: forward(output (batch, outputs), target) -> mean over the batch. One output is the log-odds of class 1 of two.


class BinaryCrossEntropy(nn.Module):
    """Cross-entropy of one log-odds and a class 0 or 1 (batch,); `smoothing` moves the truth that share of the way to one half."""

    def __init__(self, smoothing: float = 0.0) -> None:
        super().__init__()
        self.smoothing = smoothing

    def forward(self, output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        truth = target.to(output.dtype)
        if self.smoothing:
            truth = truth * (1 - self.smoothing) + self.smoothing / 2
        return F.binary_cross_entropy_with_logits(output[:, 0], truth)


class OnProbabilities(nn.Module):
    """Applies a loss for numbers to class probabilities and the truth written as 1 for the right class and 0 for the others."""

    def __init__(self, loss: nn.Module) -> None:
        super().__init__()
        self.loss = loss

    def forward(self, output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        # With two classes both are equally wrong, so looking at one of them gives the same mean.
        binary = output.shape[1] == 1
        probabilities = torch.sigmoid(output) if binary else torch.softmax(output, dim=1)
        truth = target[:, None] if binary else F.one_hot(target, output.shape[1])
        mean: torch.Tensor = self.loss(probabilities, truth.to(output.dtype))
        return mean


class BinaryHinge(nn.Module):
    """Hinge loss of one output and a class 0 or 1 (batch,): 0 once the output is beyond -1 or +1 on its right side."""

    def forward(self, output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        side = 2 * target.to(output.dtype) - 1
        return torch.relu(1 - side * output[:, 0]).mean()


class TokenCrossEntropy(nn.Module):
    """Cross-entropy at every time step: scores (batch, time, tokens) against int64 targets (batch, time)."""

    def forward(self, output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return F.cross_entropy(output.flatten(0, 1), target.flatten())


class Focal(nn.Module):
    """Cross-entropy -log p of the right class, weighted with (1 - p)^gamma, so that what is known already counts little."""

    def __init__(self, gamma: float = 2.0) -> None:
        super().__init__()
        self.gamma = gamma

    def forward(self, output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        # In log-odds of the right class neither p nor 1 - p can round to 0, where a power of it would have no gradient.
        if output.shape[1] == 1:
            odds = (2 * target.to(output.dtype) - 1) * output[:, 0]
        else:
            right = F.one_hot(target, output.shape[1]).bool()
            odds = output.masked_fill(~right, -math.inf).logsumexp(dim=1) - output.masked_fill(right, -math.inf).logsumexp(dim=1)
        return -(torch.exp(self.gamma * F.logsigmoid(-odds)) * F.logsigmoid(odds)).mean()


# Optimizers


class Lion(torch.optim.Optimizer):
    """Lion: every weight moves by the same distance, along the sign of a running mean of its gradient (Chen et al., 2023)."""

    def __init__(
        self,
        params: "torch.optim.optimizer.ParamsT",
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            lr, (beta1, beta2) = group["lr"], group["betas"]
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                state = self.state[parameter]
                if not state:
                    state["exp_avg"] = torch.zeros_like(parameter)
                direction = state["exp_avg"].lerp(parameter.grad, 1 - beta1).sign_()
                parameter.mul_(1 - lr * group["weight_decay"])
                parameter.add_(direction, alpha=-lr)
                state["exp_avg"].lerp_(parameter.grad, 1 - beta2)


# Schedules: the factor by which the learning rate of a step is multiplied, steps counted from 0 to steps - 1.


def constant_schedule(step: int, steps: int) -> float:
    """Always 1."""
    return 1.0


def step_schedule(step: int, steps: int, drop: float, every: float) -> float:
    """1, multiplied by `drop` each time a further share `every` of the run is over."""
    return drop ** (step // max(1, round(every * steps)))


def cosine_schedule(step: int, steps: int, warm_up: float = 0.0, floor: float = 0.0) -> float:
    """Up to 1 in a straight line over the share `warm_up` of the run, then down to `floor` along half a cosine wave."""
    start = round(warm_up * steps)
    if step < start:
        return (step + 1) / (start + 1)
    position = (step - start) / max(1, steps - 1 - start)
    return floor + (1 - floor) * (1 + math.cos(math.pi * position)) / 2


def one_cycle_schedule(step: int, steps: int, peak_at: float = 0.3, start: float = 0.04, final: float = 0.0) -> float:
    """From `start` up to 1 at the share `peak_at` of the run, then down to `final`, both along half a cosine wave."""
    position = step / max(1, steps - 1)
    rising = position < peak_at
    low, distance = (start, 1 - position / peak_at) if rising else (final, (position - peak_at) / (1 - peak_at))
    return low + (1 - low) * (1 + math.cos(math.pi * distance)) / 2


def warm_up_schedule(step: int, steps: int, share: float) -> float:
    """Up to 1 in a straight line over a share of the run, then 1."""
    return min(1.0, (step + 1) / (round(share * steps) + 1))
