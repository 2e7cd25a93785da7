"""Codes: the few numbers that an example is at the narrowest place of a network, and what they become again behind it."""

from __future__ import annotations

from math import prod

import torch
from torch import Tensor

from models.evaluation import CHUNK
from models.experiment import DATA, Experiment, entrance
from models.network import plan
from models.task import Generation, Reconstruction
from models.views.scene import Scene

SEED = 0
"""Start of the random numbers of analyses, which take nothing from those of the training."""


def narrowest(experiment: Experiment) -> str | None:
    """The node with the fewest numbers that all has to go through on its way to the output, the last of several; None for a network
    that has no such place. Of a network that makes examples, it is where the noise comes in."""
    made = plan(experiment)
    if made.check.problems:
        return None
    if isinstance(experiment.task(), Generation):
        return DATA
    found: tuple[int, str] | None = None
    for wire in made.wires[:-1]:
        known = {wire.id}
        for other in made.wires:
            if all(source in known for source in other.inputs):
                known.add(other.id)
        numbers = prod(made.check.nodes[wire.id].shape)
        if made.wires[-1].id in known and (found is None or numbers <= found[0]):
            found = numbers, wire.id
    return found[1] if found else None


def numbers_of(experiment: Experiment) -> int | None:
    """How many numbers a code has; None where there are no codes."""
    node = narrowest(experiment)
    if node is None:
        return None
    return prod(experiment.shape().sizes if node == DATA else plan(experiment).check.nodes[node].shape)


def codes(scene: Scene, inputs: Tensor) -> Tensor:
    """The codes (n, numbers) of stored inputs."""
    node = narrowest(scene.experiment)
    assert node is not None
    return torch.cat([scene.activations(chunk)[node].flatten(1) for chunk in torch.split(inputs, CHUNK)])


def decoded(scene: Scene, values: Tensor) -> Tensor:
    """What codes (n, numbers) become: prepared examples (n, …)."""
    experiment, network = scene.experiment, scene.network
    node = narrowest(experiment)
    assert node is not None
    sizes = experiment.shape().sizes if node == DATA else plan(experiment).check.nodes[node].shape
    end = entrance(experiment) if isinstance(experiment.task(), Generation) else network.wires[-1][0]
    network.eval()
    with torch.no_grad():
        shaped = values.reshape(-1, *sizes)
        examples = torch.cat([network.onward({node: chunk}, end)[end] for chunk in torch.split(shaped, CHUNK)])
    network.train()
    return examples


def decodes(experiment: Experiment) -> bool:
    """Whether codes become examples again."""
    return isinstance(experiment.task(), Reconstruction | Generation) and narrowest(experiment) is not None


def components(points: Tensor, count: int) -> Tensor:
    """The first principal components (n, count) of points (n, numbers): the directions in which they differ most."""
    centred = points.double() - points.double().mean(dim=0)
    _, directions = torch.linalg.eigh(centred.T @ centred)
    chosen = directions.flip(1)[:, :count]
    # Either sign would do; the larger part shall be positive, so that a map does not turn over while the network learns.
    signs = chosen.gather(0, chosen.abs().argmax(dim=0, keepdim=True)).sign()
    places: Tensor = centred @ (chosen * signs)
    return places.float()


def clusters(points: Tensor, count: int, rounds: int = 50) -> Tensor:
    """The cluster (n,) of each point by k-means, begun at points that are far from each other (k-means++), the same each time."""
    generator = torch.Generator().manual_seed(SEED)
    points = points.double().cpu()
    centres = points[torch.randint(len(points), (1,), generator=generator)]
    while len(centres) < count:
        distances = torch.cdist(points, centres).amin(dim=1).square()
        weights = distances if distances.sum() > 0 else torch.ones_like(distances)
        centres = torch.cat([centres, points[torch.multinomial(weights, 1, generator=generator)]])
    nearest = torch.cdist(points, centres).argmin(dim=1)
    for _ in range(rounds):
        sums = torch.zeros_like(centres).index_add_(0, nearest, points)
        members = torch.bincount(nearest, minlength=count)[:, None]
        centres = torch.where(members > 0, sums / members.clamp(min=1), centres)
        before, nearest = nearest, torch.cdist(points, centres).argmin(dim=1)
        if torch.equal(before, nearest):
            break
    return nearest


def agreement(found: Tensor, labels: Tensor, count: int) -> float:
    """Share of the points whose cluster is that of their label, clusters and labels paired as well as can be."""
    from scipy.optimize import linear_sum_assignment

    table = torch.zeros(count, count, dtype=torch.int64)
    table.index_put_((found, labels.cpu()), torch.ones_like(found), accumulate=True)
    rows, columns = linear_sum_assignment(-table.numpy())
    return float(table.numpy()[rows, columns].sum() / len(found))
