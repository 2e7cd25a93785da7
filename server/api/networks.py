"""Networks that have not been trained: are they sound, and what do they show."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel, Field

from models.baselines import Baseline
from models.entry import Spec
from models.experiment import Experiment
from models.network import Check, check
from models.pictures import Picture
from models.task import Task
from models.views.catalogue import View, large_views
from server.api.body import DocumentRoute
from server.api.examples import SPIRAL, UNSOUND
from server.api.parameters import SLOW, patience
from server.checks import sound
from server.services import Server

router = APIRouter(tags=["networks"], route_class=DocumentRoute)


class DrawRequest(Spec):
    """What to draw of which experiment."""

    experiment: Experiment
    views: tuple[View, ...] = Field(min_length=1, max_length=32, strict=False)


class Drawing(BaseModel):
    """A picture, the view that drew it (as JSON text with all fields) and the step it is of."""

    key: str
    step: int
    picture: Picture


class Drawings(BaseModel):
    """One picture for each view, in order."""

    pictures: list[Drawing]


class Checked(Check):
    """What can be said of an experiment without training it, and what there will be to see."""

    task: Task
    views: tuple[View, ...]
    """The large pictures that tell what the network has learnt, the most telling first."""


class Baselines(BaseModel):
    """What a simple method reaches on the same data; null where there is none."""

    baseline: Baseline | None


@router.post("/networks/check")
def check_network(
    experiment: Annotated[Experiment, Body(openapi_examples={"sound": {"value": SPIRAL}, "unsound": {"value": UNSOUND}})],
) -> Checked:
    """Shapes, parameters and cost of every node, what is wrong with words and a change that mends it, and what there is to see."""
    return Checked(**dict(check(experiment)), task=experiment.task(), views=large_views(experiment))


@router.post("/networks/draw", responses={200: {"model": Drawings}, **SLOW})
def draw_network(
    server: Server,
    request: Annotated[DrawRequest, Body(openapi_examples={"surface": {"value": {"experiment": SPIRAL, "views": [{"op": "surface"}]}}})],
) -> Response:
    """What the network shows with its first weights, untrained."""
    sound(request.experiment, server.settings)
    document = request.model_dump(mode="json")
    question = {"op": "drawn", "experiment": document["experiment"], "views": document["views"], "checkpoint": None}
    parts = server.inference.ask("untrained", question, patience(server, request.experiment.dataset))
    return Response(b'{"pictures":[' + b",".join(parts) + b"]}", media_type="application/json")


@router.post("/networks/baseline", responses={200: {"model": Baselines}, **SLOW})
def baseline_of_network(
    server: Server, experiment: Annotated[Experiment, Body(openapi_examples={"spiral": {"value": SPIRAL}})]
) -> Response:
    """What a simple method without any hidden layer reaches on the experiment's data: the mark that its network has to pass.

    It follows from the dataset and the task alone, so it is worked out once for all networks on the same data.
    """
    document = experiment.model_dump(mode="json")
    (answer,) = server.inference.ask(
        f"baseline {experiment.dataset.op}", {"op": "baseline", "experiment": document}, patience(server, experiment.dataset)
    )
    return Response(answer, media_type="application/json")
