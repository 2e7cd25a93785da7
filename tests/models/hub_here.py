"""Small datasets of the hub as if they had been fetched, one of each kind, in a folder that goes when the tests end."""

from __future__ import annotations

import atexit
import hashlib
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from models.datasets import hub, hub_files
from models.datasets.dataset import Dataset
from models.datasets.hub_files import DESCRIPTION, HubColumn, HubFile, HubSplit, split_folder
from models.datasets.hub_images import HubImages
from models.datasets.hub_sounds import HubSounds
from models.datasets.hub_tables import HubTable
from models.datasets.hub_texts import HubTexts
from server.examination import examine
from tests.hub_examples import images, sounds, table, texts

REVISION = "0123456789abcdef0123456789abcdef01234567"
FOLDER = Path(tempfile.mkdtemp(prefix="hub-"))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)


def bring(name: str, *files: bytes, split: str = "train", root: Path = FOLDER) -> dict[str, Any]:
    """Lay files down as if the server had fetched them; gives the fields by which a dataset names them."""
    folder = split_folder(root, name, REVISION, "default", split)
    folder.mkdir(parents=True)
    paths = [folder / f"{place}.parquet" for place in range(len(files))]
    for path, content in zip(paths, files, strict=True):
        path.write_bytes(content)
    found = examine("files", paths, name)
    description = HubSplit(
        repository=name,
        revision=REVISION,
        configuration="default",
        split=split,
        licence="mit",
        rows=found["rows"],
        bytes=sum(map(len, files)),
        files=tuple(
            HubFile(path=f"data/{split}-{place:05d}-of-{len(files):05d}.parquet", bytes=len(file), sha256=hashlib.sha256(file).hexdigest())
            for place, file in enumerate(files)
        ),
        columns=tuple(HubColumn.model_validate_json(json.dumps(column)) for column in found["columns"]),
    )
    (folder / DESCRIPTION).write_text(description.model_dump_json())
    return {"repository": name, "revision": REVISION, "configuration": "default", "splits": (split,)}


hub.hub_folder = hub_files.hub_folder = lambda: FOLDER  # type: ignore[attr-defined]

HUB: dict[type[Dataset], dict[str, Any]] = {
    HubTable: {**bring("some/table", table(), table(60, 1)), "inputs": ("width", "height", "colour"), "target": "grade"},
    HubTexts: {**bring("some/texts", texts()), "input": "text", "target": "mood", "length": 12, "vocabulary": 60},
    HubImages: {**bring("some/images", images()), "input": "image", "target": "label", "side": 16},
    HubSounds: {**bring("some/sounds", sounds()), "input": "audio", "target": "tone"},
}
"""One sound choice for each of the hub's datasets."""
