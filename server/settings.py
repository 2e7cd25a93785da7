"""What an operator may choose, from the environment or the command line."""

from __future__ import annotations

import contextlib
import ipaddress
import os
from pathlib import Path

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def cores() -> int:
    """CPU cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def most_memory() -> int:
    """Three quarters of the memory, in MiB, that the machine has, or that its container may use."""
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for limit in (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes")):
        # Not there on macOS; "max" where a container has no limit.
        with contextlib.suppress(OSError, ValueError):
            found.append(int(limit.read_text()))
    return max(64, min(found) * 3 // 4 // 2**20)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a server bound to `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Settings(BaseSettings):
    """Each is read from PLAYGROUND_<NAME>; all but the token also from `--name` on the command line, which wins."""

    model_config = SettingsConfigDict(
        env_prefix="PLAYGROUND_", frozen=True, use_attribute_docstrings=True, extra="ignore", hide_input_in_errors=True
    )

    host: str = "127.0.0.1"
    """Address to listen on. Any other than this machine's own needs PLAYGROUND_TOKEN."""
    port: int = Field(8000, ge=0, le=65535)
    """Port to listen on; 0 takes a free one."""
    data: Path = Path("data")
    """Folder of the database, the jobs and the fetched datasets."""
    page: Path = Path(__file__).parents[1] / "frontend" / "dist"
    """Folder of the built page."""
    slots: int = Field(default_factory=cores, ge=1, le=1024)
    """CPU cores that jobs may use; a job leases as many as it has threads. Default: all cores."""
    token: SecretStr | None = None
    """Secret that opens the service to browsers and programs (environment only, so that no process list shows it). With the word
    generate the service makes one, keeps it in the file `token` of the data folder, and shows it once."""
    names: str = ""
    """Further host names under which the service may be called, separated by commas, such as lab.example.org."""
    proxies: str = "127.0.0.1,::1"
    """Addresses or networks of reverse proxies, separated by commas, that are believed when they say who calls and over https."""
    database: str | None = None
    """SQLAlchemy address of the database. Default: an SQLite file in the data folder."""
    max_parameters: int = Field(50_000_000, ge=1)
    """Most parameters that a network may have."""
    max_nodes: int = Field(200, ge=1)
    """Most nodes that a network may have."""
    max_epochs: int = Field(100_000, ge=1)
    """Most epochs that a job may train."""
    max_memory: int = Field(default_factory=most_memory, ge=64)
    """Most memory, in MiB, that jobs may need, each and together. Default: three quarters of the machine's."""
    max_hours: float = Field(24.0, gt=0)
    """Hours of running after which a job is stopped."""
    max_checkpoints: int = Field(1024, ge=1)
    """Most MiB of checkpoints that a job keeps; of old ones fewer and fewer are left, the newest always."""
    max_dataset: int = Field(500, ge=1)
    """Most MiB that one fetch of a dataset from the Hugging Face hub may bring."""
    max_queued: int = Field(1000, ge=1)
    """Most jobs that may wait."""
    max_queued_each: int = Field(100, ge=1)
    """Most jobs of one owner that may wait."""
    max_running_each: int = Field(64, ge=1)
    """Most jobs of one owner that may run at once; further ones wait."""
    max_body: int = Field(2**20, ge=1024)
    """Most bytes in the body of a request."""
    max_sockets: int = Field(500, ge=1)
    """Most websockets that one owner may have open at once."""
    max_messages: int = Field(20, ge=1)
    """Most messages a second over one websocket; three seconds' worth may come at once."""
    patience: float = Field(30, gt=0)
    """Seconds in which a request must have arrived and in which a reader must take something of what is sent; then the line is cut."""
    question_seconds: float = Field(20, gt=0)
    """Longest time to answer a prediction or draw a view."""
    question_memory: int = Field(4096, ge=256)
    """Most memory, in MiB, of a process that answers such questions."""

    @field_validator("token")
    @classmethod
    def _long_enough(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None and not token.get_secret_value():
            return None
        if token is not None and len(token.get_secret_value()) < 8:
            raise ValueError("the token must have at least 8 characters; `openssl rand -hex 24` makes a good one")
        return token

    @model_validator(mode="after")
    def _guarded(self) -> Settings:
        if self.token is None and not is_loopback(self.host):
            raise ValueError(
                f"listening on {self.host} would let everybody in who reaches this machine: set PLAYGROUND_TOKEN to a secret first"
                " (`export PLAYGROUND_TOKEN=$(openssl rand -hex 24)`), or let"
                " one be made with PLAYGROUND_TOKEN=generate, or leave the host at 127.0.0.1"
            )
        return self

    @property
    def jobs_folder(self) -> Path:
        """Where each job has its folder."""
        return self.data / "jobs"

    @property
    def datasets_folder(self) -> Path:
        """Where fetched datasets are kept."""
        return self.data / "datasets"

    @property
    def database_url(self) -> str:
        """The database's SQLAlchemy address."""
        return self.database or f"sqlite:///{(self.data / 'playground.sqlite').resolve()}"

    @property
    def further_names(self) -> frozenset[str]:
        """`names`, taken apart."""
        return frozenset(name.strip().lower() for name in self.names.split(",") if name.strip())
