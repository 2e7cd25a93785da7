"""Any dataset of the Hugging Face hub by its name: looked at, fetched, listed and deleted."""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from models.datasets.hub_files import DESCRIPTION, HubColumn, HubSplit, described, split_folder
from server.endpoint import Endpoint
from server.errors import Conflict, Forbidden, Invalid, NotFound, PlaygroundError, TooMany, Unavailable
from server.examination import examine
from server.fetch import KEPT, Fetch, FetchError, Fetches
from server.hub import keep, need_extra
from server.listing import Listing, Split, read_listing

MOST_FOOTERS = 16
"""Files whose descriptions are looked at before anything is fetched."""
MOST_FILES = 1000
"""Files that are fetched at once."""
MOST_AT_ONCE = 3
"""Datasets that are fetched at once."""
SPARE = 256 * 2**20
"""Bytes of the disk that a download leaves free."""
REFUSALS: dict[str, type[PlaygroundError]] = {"no_hub_dataset": NotFound, "hub_gated": Forbidden} | dict.fromkeys(
    ("hub_too_large", "hub_unreadable", "no_parquet"), Invalid
)
"""What a caller meets by the code of what went wrong with the hub; all else is that it cannot be done now."""


@dataclass(frozen=True)
class Look:
    """A dataset on the hub, of which nothing has been fetched."""

    listing: Listing
    configuration: str
    columns: tuple[HubColumn, ...]


@dataclass(frozen=True)
class Order:
    """What is to be fetched."""

    name: str
    revision: str
    configuration: str
    splits: tuple[str, ...]


class HubDatasets:
    """The datasets of the hub in one folder, and the downloads that fill it. Safe to use from several threads."""

    def __init__(self, folder: Path, limit: int) -> None:
        """`limit` is the most bytes that one fetch may bring."""
        self.folder = folder
        self.limit = limit
        self._fetches = Fetches()
        self._orders: dict[str, Order] = {}
        for left in folder.glob(".fetch-*"):
            # The server ended in the middle of it.
            shutil.rmtree(left, ignore_errors=True)

    def look(self, name: str, configuration: str | None) -> Look:
        """What there is under this name, and the columns of one of its configurations: the first, unless one is named. Reads only what
        the hub says of it and the ends of some files. Raises NotFound, Forbidden, Invalid or Unavailable with a code."""
        need_extra()
        try:
            with Endpoint() as endpoint:
                listing = read_listing(endpoint, name)
                chosen = configuration or next(iter(listing.configurations))
                splits = _splits(listing, chosen)
                files = [file for split in splits for file in split.files][:MOST_FOOTERS]
                ends = [endpoint.footer(listing.name, listing.revision, file.path, file.bytes) for file in files]
            found = _footers(ends, listing.name)
        except FetchError as fault:
            raise _refusal(fault) from fault
        counted = dict(zip((file.path for file in files), found["rows"], strict=True))
        exact = {
            split.name: sum(counted[file.path] for file in split.files)
            for split in splits
            if all(file.path in counted for file in split.files)
        }
        known = tuple(Split(split.name, split.files, exact.get(split.name, split.rows)) for split in splits)
        listing = replace(listing, configurations={**listing.configurations, chosen: known})
        return Look(listing, chosen, tuple(HubColumn.model_validate(column) for column in found["columns"]))

    def here(self, name: str, revision: str, configuration: str, split: str) -> HubSplit | None:
        """What is known of a split that has been fetched; None when it has not."""
        return described(split_folder(self.folder, name, revision, configuration, split))

    def fetched(self) -> list[HubSplit]:
        """All splits that have been fetched, in the order of their names."""
        found = [described(file.parent) for file in sorted(self.folder.glob(f"[!.]*/*/*/*/{DESCRIPTION}"))]
        return [split for split in found if split]

    def delete(self, name: str, revision: str, configuration: str) -> None:
        """Delete a configuration with all its splits. Raises NotFound."""
        folder = split_folder(self.folder, name, revision, configuration, "")
        if not folder.is_dir():
            raise NotFound(f"The dataset {name} is not on this machine in this revision and configuration.", code="not_fetched")
        # Under another name first, so that nobody finds half of it.
        with tempfile.TemporaryDirectory(prefix=".fetch-", dir=self.folder) as going:
            folder.rename(Path(going) / "gone")
        for empty in (folder.parent, folder.parent.parent):
            if not any(empty.iterdir()):
                empty.rmdir()
        for copies in self.folder.parent.glob("hub_*/decoded"):
            # Whose they are cannot be told from outside; what is still needed is decoded again.
            shutil.rmtree(copies, ignore_errors=True)

    # Downloads

    def fetches(self) -> list[tuple[Fetch, Order]]:
        """Downloads that are under way or have ended, the newest last."""
        return [(fetch, self._orders[fetch.id]) for fetch in self._fetches.all() if fetch.id in self._orders]

    def fetch_of(self, number: str) -> tuple[Fetch, Order]:
        """A download by its id. Raises NotFound."""
        fetch, order = self._fetches.get(number), self._orders.get(number)
        if fetch is None or order is None:
            raise NotFound(f"There is no download {number}; the last {KEPT} are known.", code="no_fetch")
        return fetch, order

    def cancel(self, number: str) -> None:
        """Let go of a download, also one that has ended. Raises NotFound."""
        self._fetches.cancel(self.fetch_of(number)[0])

    def fetch(self, order: Order) -> tuple[Fetch, Order]:
        """Begin to fetch. Asks the hub first, so that what cannot be had is refused at once: raises NotFound, Forbidden, Invalid,
        Conflict or Unavailable with a code."""
        need_extra()
        try:
            with Endpoint() as endpoint:
                listing = read_listing(endpoint, order.name)
                if listing.revision != order.revision:
                    listing = read_listing(endpoint, order.name, order.revision)
                known = {split.name: split for split in _splits(listing, order.configuration)}
        except FetchError as fault:
            raise _refusal(fault) from fault
        order = Order(listing.name, listing.revision, order.configuration, order.splits)
        if absent := [split for split in order.splits if split not in known]:
            raise Invalid(f"{order.name} has no split {absent[0]!r}; it has {', '.join(known)}.", code="no_split")
        wanted = [known[split] for split in order.splits if self.here(order.name, order.revision, order.configuration, split) is None]
        if not wanted:
            raise Conflict(f"The dataset {order.name} is on this machine already.", code="available")
        if sum(fetch.running for fetch in self._fetches.all()) >= MOST_AT_ONCE:
            raise TooMany("Other datasets are being fetched from the hub; wait until one of them is here.")
        total = sum(split.bytes for split in wanted)
        if sum(len(split.files) for split in wanted) > MOST_FILES:
            raise Invalid(f"{order.name} has more than {MOST_FILES:,} files, more than are fetched at once.", code="hub_too_large")
        if total > self.limit:
            raise Invalid(
                f"This would bring {_size(total)} and this server takes {_size(self.limit)} at once (PLAYGROUND_MAX_DATASET). Choose fewer "
                "splits, or another configuration.",
                code="hub_too_large",
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self.folder).free < total + SPARE:
            raise Unavailable(f"The server's disk has no room for {_size(total)} more. Free some space, then try again.", code="no_space")
        fetch = self._fetches.begin(order.name, partial(self._run, listing, order, wanted), total)
        if fetch is None:
            raise Conflict(f"The dataset {order.name} is being fetched already.", code="fetching")
        self._orders[fetch.id] = order
        for old in list(self._orders):
            if self._fetches.get(old) is None:
                del self._orders[old]
        return fetch, order

    def _run(self, listing: Listing, order: Order, splits: Sequence[Split], fetch: Fetch) -> None:
        try:
            with tempfile.TemporaryDirectory(prefix=".fetch-", dir=self.folder, ignore_cleanup_errors=True) as name, Endpoint() as endpoint:
                for split in splits:
                    made = Path(name) / split.name
                    made.mkdir()
                    for place, file in enumerate(split.files):
                        with endpoint.file(order.name, order.revision, file.path) as chunks:
                            keep(chunks, made / f"{place}.parquet", file.sha256, fetch, file.bytes)
                    paths = [made / f"{place}.parquet" for place in range(len(split.files))]
                    found = examine("files", paths, order.name, fetch.check)
                    description = HubSplit(
                        repository=order.name,
                        revision=order.revision,
                        configuration=order.configuration,
                        split=split.name,
                        licence=listing.licence,
                        rows=found["rows"],
                        bytes=split.bytes,
                        files=split.files,
                        columns=tuple(HubColumn.model_validate(_strict(column)) for column in found["columns"]),
                    )
                    (made / DESCRIPTION).write_text(description.model_dump_json(), encoding="utf-8")
                    fetch.check()
                    target = split_folder(self.folder, order.name, order.revision, order.configuration, split.name)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    # What may lie there cannot be read, or it would not have been fetched.
                    shutil.rmtree(target, ignore_errors=True)
                    made.rename(target)
        except OSError as fault:
            if fault.errno == errno.ENOSPC:
                raise FetchError("The server's disk is full. Free some space, then try again.", "no_space") from fault
            raise


def _splits(listing: Listing, configuration: str) -> tuple[Split, ...]:
    """The splits of a configuration. Raises Invalid."""
    splits = listing.configurations.get(configuration)
    if splits is None:
        names = ", ".join(list(listing.configurations)[:20])
        raise Invalid(f"{listing.name} has no configuration {configuration!r}; it has {names}.", code="no_configuration")
    return splits


def _footers(ends: Sequence[bytes], name: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="footers-") as folder:
        paths = [Path(folder) / str(place) for place in range(len(ends))]
        for path, end in zip(paths, ends, strict=True):
            path.write_bytes(end)
        found = examine("footers", paths, name)
    return {**found, "columns": [_strict(column) for column in found["columns"]]}


def _strict(column: dict[str, Any]) -> dict[str, Any]:
    """JSON has no tuples."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in column.items()}


def _refusal(fault: FetchError) -> PlaygroundError:
    return REFUSALS.get(fault.code, Unavailable)(str(fault), code=fault.code)


def _size(count: int) -> str:
    return f"{count / 10**6:,.0f} MB"
