"""The same training as tutorials write it in plain PyTorch: the peers against which the playground's own loop is measured."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

MEAN, DEVIATION = 0.2860, 0.3530
"""Of Fashion-MNIST's training pixels between 0 and 1, as tutorials give them."""

Pair = tuple[Tensor, Tensor]


class Transformed(Dataset[Pair]):
    """Images as torchvision's datasets give them: one by one, each through ToTensor and Normalize when it is asked for."""

    def __init__(self, images: Tensor, labels: Tensor) -> None:
        self.images, self.labels = images, labels

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> Pair:
        image = self.images[index].to(torch.float32).div(255)
        mean, deviation = torch.as_tensor([MEAN]).view(-1, 1, 1), torch.as_tensor([DEVIATION]).view(-1, 1, 1)
        return image.clone().sub_(mean).div_(deviation), self.labels[index]


def tensors(images: Tensor, labels: Tensor) -> Dataset[Pair]:
    """Images of bytes (n, 1, height, width) made ready at once, as a textbook does it that does without torchvision."""
    return TensorDataset((images.to(torch.float32) / 255 - MEAN) / DEVIATION, labels)  # type: ignore[return-value]


def training(network: nn.Module, learnt: Dataset[Pair], tested: Dataset[Pair], lr: float = 1e-3, batch: int = 64) -> Iterator[float | None]:
    """The loop of a tutorial, for ever: None after each step, and after each epoch its accuracy on the test set."""
    loss_function = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(network.parameters(), lr=lr)
    while True:
        network.train()
        total = 0.0
        for inputs, targets in DataLoader(learnt, batch_size=batch, shuffle=True):
            optimizer.zero_grad()
            loss = loss_function(network(inputs), targets)
            loss.backward()
            optimizer.step()
            total += loss.item()
            yield None
        network.eval()
        right = 0
        with torch.no_grad():
            for inputs, targets in DataLoader(tested, batch_size=1000):
                right += (network(inputs).argmax(dim=1) == targets).sum().item()
        yield right / len(tested)  # type: ignore[arg-type]
