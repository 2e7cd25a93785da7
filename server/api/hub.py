"""Datasets of the Hugging Face hub: look at one by its name, fetch it with a progress, list and delete those that are here.

What has been fetched is used by the datasets `hub_table`, `hub_images`, `hub_texts` and `hub_sounds`, whose fields `repository`,
`revision`, `configuration` and `splits` are what is told here. Nothing is fetched but by POST /api/hub/fetch.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Path, Query
from pydantic import BaseModel, Field

from models.datasets.hub import PART, REPOSITORY, REVISION, Part, merged
from models.datasets.hub_files import REASONS, ColumnKind, HubColumn, HubSplit
from models.entry import Spec, Words
from server.api.body import DocumentRoute
from server.api.parameters import NO_JOB
from server.errors import ErrorBody
from server.fetch import Fetch
from server.hub_datasets import Order
from server.services import Server

router = APIRouter(tags=["hub"], route_class=DocumentRoute)

Name = Annotated[str, Field(pattern=REPOSITORY, max_length=200, examples=["scikit-learn/iris"])]
Revision = Annotated[str, Field(pattern=REVISION, examples=["0123456789abcdef0123456789abcdef01234567"])]
Use = Literal["hub_table", "hub_texts", "hub_images", "hub_sounds"]
FetchId = Annotated[str, Path(pattern="^[0-9a-f]{12}$", description="Id of a download")]

REFUSED: dict[int | str, dict[str, Any]] = {
    **NO_JOB,
    403: {"model": ErrorBody, "description": "Only for those to whom its makers have given access; or foreign Host or Origin"},
}
BUSY: dict[int | str, dict[str, Any]] = {
    409: {"model": ErrorBody, "description": "It is here already, or on its way"},
    429: {"model": ErrorBody, "description": "Others are on their way"},
}


class HubColumnDoc(BaseModel):
    """A column: what it holds, and why it cannot be used if it cannot."""

    name: str
    kind: ColumnKind
    """Before it is fetched a column of few different words is a text; afterwards it is a category."""
    type: str
    """As the file has it, such as int64 or string."""
    classes: list[str] | None
    """What its values are called, where they are known to be few enough to be classes."""
    reason: Words | None
    """Why it is unusable."""
    missing: int | None
    """Rows without a value; null as long as nothing has been fetched."""


class HubSplitDoc(BaseModel):
    """A split, such as train or test."""

    name: str
    rows: int | None
    """Null where the hub does not tell and there are too many files to look at."""
    bytes: int
    """Of the download."""
    fetched: bool
    """Whether it is on this machine."""


class HubConfigurationDoc(BaseModel):
    """A configuration and its splits."""

    name: str
    splits: list[HubSplitDoc]


class HubLook(BaseModel):
    """A dataset of the hub, of which nothing has been fetched yet."""

    name: str
    """As the hub calls it, which may differ from what was asked for where it has been renamed."""
    revision: str
    """The commit that was looked at; fetch this one."""
    licence: str | None
    """Null where its makers have not said: then it is not known what may be done with it."""
    gated: bool
    private: bool
    configurations: list[HubConfigurationDoc]
    configuration: str
    """The one whose columns these are."""
    columns: list[HubColumnDoc]
    uses: list[Use]
    """The datasets of the catalogue as which it can be used, the most fitting first."""
    limit: int
    """Most bytes that one fetch may bring on this server."""


class FetchRequest(Spec):
    """What to fetch: one or more splits of one configuration at one commit."""

    name: Name
    revision: Revision
    configuration: Part
    splits: tuple[Part, ...] = Field(min_length=1, max_length=20, strict=False)


class HubFetch(BaseModel):
    """A download: what, how far, and how it ended."""

    id: str
    name: str
    revision: str
    configuration: str
    splits: list[str]
    state: Literal["running", "done", "failed", "cancelled"]
    bytes: int
    """That have arrived."""
    total: int
    """Of all files. When all have arrived it is still running for a moment, while they are looked into."""
    code: str | None
    """What went wrong, for a program."""
    error: str | None
    """What went wrong and what to do."""


class HubFetches(BaseModel):
    """Downloads that are under way and the last ones that have ended, the newest last."""

    fetches: list[HubFetch]


class HubFetched(BaseModel):
    """A configuration of a dataset on this machine."""

    name: str
    revision: str
    configuration: str
    licence: str | None
    bytes: int
    splits: list[HubSplitDoc]
    columns: list[HubColumnDoc]
    """Of all its splits together."""
    uses: list[Use]


class HubShelf(BaseModel):
    """All that has been fetched."""

    fetched: list[HubFetched]


@router.get("/hub", responses=REFUSED)
def look_at_hub(
    server: Server,
    name: Annotated[str, Query(pattern=REPOSITORY, max_length=200, description="owner/name")],
    configuration: Annotated[str | None, Query(pattern=PART, description="Whose columns to tell; left out: the first")] = None,
) -> HubLook:
    """Look at a dataset of the hub: licence, configurations, splits with rows and bytes, columns, and what it can be used as.

    Only what the hub says of it and the last kilobytes of some files are read. Refusals have the codes extra_missing, no_network,
    no_hub_dataset (404), hub_gated (403), no_parquet, no_configuration, hub_unreadable, hub_too_large (422), hub_busy and hub_fault (503).
    """
    look = server.hub_datasets.look(name, configuration)
    listing = look.listing
    return HubLook(
        name=listing.name,
        revision=listing.revision,
        licence=listing.licence,
        gated=listing.gated,
        private=listing.private,
        configurations=[
            HubConfigurationDoc(
                name=configuration,
                splits=[
                    HubSplitDoc(
                        name=split.name,
                        rows=split.rows,
                        bytes=split.bytes,
                        fetched=server.hub_datasets.here(listing.name, listing.revision, configuration, split.name) is not None,
                    )
                    for split in splits
                ],
            )
            for configuration, splits in listing.configurations.items()
        ],
        configuration=look.configuration,
        columns=[_column(column, known=False) for column in look.columns],
        uses=uses_of(look.columns),
        limit=server.hub_datasets.limit,
    )


@router.post("/hub/fetch", status_code=202, responses={**REFUSED, **BUSY})
def fetch_from_hub(
    server: Server,
    request: Annotated[
        FetchRequest,
        Body(
            openapi_examples={
                "iris": {
                    "value": {
                        "name": "scikit-learn/iris",
                        "revision": "0123456789abcdef0123456789abcdef01234567",
                        "configuration": "default",
                        "splits": ["train"],
                    }
                }
            }
        ),
    ],
) -> HubFetch:
    """Fetch splits of a dataset, as GET /api/hub has told them; each file is checked against its SHA-256. One at a time of each dataset.

    Follow it by GET /api/hub/fetches/{id}. Refused at once where it cannot be had: the codes of GET /api/hub, and no_split, no_space,
    fetching and available (409), too_many (429: three others are on their way).
    """
    return _fetch(*server.hub_datasets.fetch(Order(request.name, request.revision, request.configuration, request.splits)))


@router.get("/hub/fetches")
def list_hub_fetches(server: Server) -> HubFetches:
    """Downloads that are under way and the last 50 that have ended."""
    return HubFetches(fetches=[_fetch(*one) for one in server.hub_datasets.fetches()])


@router.get("/hub/fetches/{fetch_id}", responses=NO_JOB)
def get_hub_fetch(server: Server, fetch_id: FetchId) -> HubFetch:
    """How far a download is, and how it ended."""
    return _fetch(*server.hub_datasets.fetch_of(fetch_id))


@router.delete("/hub/fetches/{fetch_id}", responses=NO_JOB)
def cancel_hub_fetch(server: Server, fetch_id: FetchId) -> HubFetch:
    """Cancel a download; one that has ended stays as it is."""
    server.hub_datasets.cancel(fetch_id)
    return _fetch(*server.hub_datasets.fetch_of(fetch_id))


@router.get("/hub/fetched")
def list_hub_fetched(server: Server) -> HubShelf:
    """The datasets of the hub that are on this machine, with columns and what they can be used as. Needs no network."""
    groups: dict[tuple[str, str, str], list[HubSplit]] = {}
    for split in server.hub_datasets.fetched():
        groups.setdefault((split.repository, split.revision, split.configuration), []).append(split)
    return HubShelf(fetched=[_fetched(splits) for splits in groups.values()])


@router.delete("/hub/fetched", status_code=204, responses=NO_JOB)
def delete_hub_fetched(
    server: Server,
    name: Annotated[str, Query(pattern=REPOSITORY, max_length=200)],
    revision: Annotated[str, Query(pattern=REVISION)],
    configuration: Annotated[str, Query(pattern=PART)],
) -> None:
    """Delete a configuration of a dataset from this machine, all splits of it. Jobs that run have read it already and go on."""
    server.hub_datasets.delete(name, revision, configuration)


def uses_of(columns: Iterable[HubColumn]) -> list[Use]:
    """As which datasets of the catalogue something with these columns can be used: what a network gets, and another column to learn."""
    kinds = [column.kind for column in columns]
    learnable = sum(kind in ("category", "number", "text") for kind in kinds)
    found: list[Use] = []
    if "image" in kinds and learnable:
        found.append("hub_images")
    if "sound" in kinds and learnable:
        found.append("hub_sounds")
    if any(column.kind == "text" and column.type == "string" for column in columns) and learnable > 1:
        found.append("hub_texts")
    if learnable > 1 and ("number" in kinds or "category" in kinds):
        found.append("hub_table")
    return found


def _column(column: HubColumn, *, known: bool) -> HubColumnDoc:
    return HubColumnDoc(
        name=column.name,
        kind=column.kind,
        type=column.type,
        classes=list(column.classes) if column.classes is not None else None,
        reason=REASONS.get(column.reason or "type") if column.kind == "unusable" else None,
        missing=column.missing if known else None,
    )


def _fetch(fetch: Fetch, order: Order) -> HubFetch:
    return HubFetch(
        id=fetch.id,
        name=order.name,
        revision=order.revision,
        configuration=order.configuration,
        splits=list(order.splits),
        state=fetch.state,
        bytes=fetch.bytes,
        total=fetch.total,
        code=fetch.code,
        error=fetch.error,
    )


def _fetched(splits: list[HubSplit]) -> HubFetched:
    first = splits[0]
    named = [{column.name: column for column in split.columns} for split in splits]
    columns = [merged([one[name] for one in named]) for name in named[0] if all(name in one for one in named)]
    return HubFetched(
        name=first.repository,
        revision=first.revision,
        configuration=first.configuration,
        licence=first.licence,
        bytes=sum(split.bytes for split in splits),
        splits=[HubSplitDoc(name=split.split, rows=split.rows, bytes=split.bytes, fetched=True) for split in splits],
        columns=[_column(column, known=True) for column in columns],
        uses=uses_of(columns),
    )
