"""PyTorch as its tutorials write it: `python -m tests.benchmarks.peers.plain_torch LOOP NETWORK FOLDER THREADS DEVICE SEED`.

LOOP is textbook (tensors in a Dataset), torchvision_style (transforms for each example), epochs (of the small network, each with the
loss of both sets) or to_accuracy (says once how many seconds of training it takes to the goal).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from tests.benchmarks.peers.data import DEVIATION, MEAN, Arrays, fashion, spirals
from tests.benchmarks.tasks import BATCH, GOAL, SMALL_BATCH
from tests.benchmarks.turns import Turns

Examples = Dataset[Any]
LOOKS = 100
"""Steps between two looks at the test set on the way to the goal; they do not count as training time."""


def network(name: str) -> nn.Module:
    """The small network of the spiral, or one of tasks.NETWORKS."""
    if name == "spiral":
        return nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 1))
    if name == "mlp":
        return nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(400, 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, 10),
    )


def points(seed: int) -> TensorDataset:
    """The spiral."""
    places, labels = spirals(250, seed)
    return TensorDataset(torch.from_numpy(places), torch.from_numpy(labels)[:, None])


def tensors(arrays: Arrays) -> TensorDataset:
    """All images made ready at once."""
    images, labels = arrays
    ready = (torch.from_numpy(images)[:, None].float() / 255 - MEAN) / DEVIATION
    return TensorDataset(ready, torch.from_numpy(labels))


class Transformed(Examples):
    """Images one by one, each through PIL, ToTensor and Normalize, as torchvision's own datasets give them.

    The three are written out here, operation by operation: torchvision itself does not load beside a PyTorch of another build.
    """

    def __init__(self, arrays: Arrays) -> None:
        from PIL import Image

        self.images, self.labels, self.image = *arrays, Image.fromarray

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        image = self.image(self.images[index])
        whole = torch.from_numpy(np.array(image, copy=True)).view(image.size[1], image.size[0], 1)
        scaled = whole.permute(2, 0, 1).contiguous().to(torch.float32).div(255)
        mean, deviation = (torch.as_tensor([number], dtype=torch.float32).view(-1, 1, 1) for number in (MEAN, DEVIATION))
        return scaled.clone().sub_(mean).div_(deviation), int(self.labels[index])


def training(model: nn.Module, examples: Examples, batch: int, loss_function: nn.Module, device: str) -> Iterator[float]:
    """The loop of every tutorial, for ever: the loss of each step."""
    model.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loader = DataLoader(examples, batch_size=batch, shuffle=True)
    while True:
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            optimizer.zero_grad()
            loss = loss_function(model(inputs), targets)
            loss.backward()
            optimizer.step()
            yield loss.item()


def textbook(name: str, folder: Path, device: str = "cpu") -> Iterator[float]:
    """Steps with tensors in a Dataset."""
    if name == "spiral":
        return training(network(name), points(1), SMALL_BATCH, nn.BCEWithLogitsLoss(), device)
    return training(network(name), tensors(fashion(folder, "train")), BATCH, nn.CrossEntropyLoss(), device)


def torchvision_style(name: str, folder: Path, device: str = "cpu") -> Iterator[float]:
    """Steps with transforms for each example."""
    return training(network(name), Transformed(fashion(folder, "train")), BATCH, nn.CrossEntropyLoss(), device)


def epochs() -> Iterator[tuple[float, float]]:
    """The small network, for ever: after each epoch the loss of both sets."""
    model, learnt, tested = network("spiral"), points(1), points(2)
    loss_function, optimizer = nn.BCEWithLogitsLoss(), torch.optim.SGD(model.parameters(), lr=0.03)
    loader = DataLoader(learnt, batch_size=SMALL_BATCH, shuffle=True)
    while True:
        for inputs, targets in loader:
            optimizer.zero_grad()
            loss = loss_function(model(inputs), targets)
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            first, second = (loss_function(model(inputs), targets).item() for inputs, targets in (learnt.tensors, tested.tensors))
        yield first, second


def to_accuracy(name: str, folder: Path) -> float:
    """Seconds of training until the test set is read as well as the goal asks."""
    model = network(name)
    tested = tensors(fashion(folder, "t10k"))
    steps = training(model, tensors(fashion(folder, "train")), BATCH, nn.CrossEntropyLoss(), "cpu")
    seconds, accuracy = 0.0, 0.0
    while accuracy < GOAL:
        begun = time.perf_counter()
        for _ in range(LOOKS):
            next(steps)
        seconds += time.perf_counter() - begun
        with torch.no_grad():
            answers = torch.cat([model(inputs) for inputs, _ in DataLoader(tested, batch_size=1000)])
        accuracy = float(np.mean(answers.argmax(dim=1).numpy() == tested.tensors[1].numpy()))
    return seconds


def main(loop: str, name: str, folder: Path, threads: int, device: str, seed: int) -> None:
    """Take part."""
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    if loop == "to_accuracy":
        print(json.dumps(to_accuracy(name, folder)))
        return
    if loop == "epochs":
        done: Iterator[object] = epochs()
    else:
        done = {"textbook": textbook, "torchvision_style": torchvision_style}[loop](name, folder, device)
    next(done)
    turns = Turns()
    for _ in done:
        turns.done()


if __name__ == "__main__":
    loop, name, folder, threads, device, seed = sys.argv[1:]
    main(loop, name, Path(folder), int(threads), device, int(seed))
