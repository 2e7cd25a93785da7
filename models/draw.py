"""Views drawn: live in a training run, from a snapshot, or of the untrained network."""

from __future__ import annotations

from collections.abc import Sequence

from models.checkpoint import Snapshot
from models.data import load
from models.events import Frame
from models.experiment import Experiment
from models.learner import weights_of
from models.network import build
from models.pictures import Picture, encode
from models.views.catalogue import View
from models.views.scene import Scene


def scene_of(experiment: Experiment, snapshot: Snapshot | None) -> Scene:
    """The experiment's network with the snapshot's weights, or its first ones. Raises network.Unsound and datasets.files.Missing."""
    network = build(experiment)
    if snapshot:
        network.load_state_dict(weights_of(snapshot))
    return Scene(experiment, network, load(experiment.dataset))


def draw(experiment: Experiment, snapshot: Snapshot | None, views: Sequence[View]) -> list[Picture]:
    """One picture for each view; raises views.view.Unseen for one that this experiment does not have."""
    scene = scene_of(experiment, snapshot)
    return [view.draw(scene) for view in views]


def key_of(view: View) -> str:
    """The name of a live picture: the view's JSON with every field."""
    return view.model_dump_json()


def frame(view: View, scene: Scene, step: int) -> Frame:
    """One live picture, encoded once for everybody who watches."""
    return Frame(key=key_of(view), step=step, payload=encode(key_of(view), step, view.draw(scene)))
