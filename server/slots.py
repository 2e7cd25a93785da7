"""The places where jobs may run, and the line of those that wait for one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Need:
    """What a job leases while it runs."""

    device: str
    slots: int


class Slots:
    """Leases of the devices' slots, first come first served on each device: a large job that waits for several slots is not
    overtaken for ever by small ones. Not safe for threads; its owner has a lock."""

    def __init__(self, sizes: Mapping[str, int]) -> None:
        self.sizes = dict(sizes)
        self._leased: dict[str, Need] = {}
        self._waiting: dict[str, Need] = {}

    def busy(self, device: str) -> int:
        """Slots of a device that are leased."""
        return sum(need.slots for need in self._leased.values() if need.device == device)

    def load(self, device: str) -> int:
        """Slots of a device that are leased or waited for."""
        return self.busy(device) + sum(need.slots for need in self._waiting.values() if need.device == device)

    def wait(self, job: str, need: Need) -> None:
        """Put a job at the end of the line."""
        self._waiting[job] = need

    def leave(self, job: str) -> None:
        """Give back what the job leases, or its place in the line."""
        self._leased.pop(job, None)
        self._waiting.pop(job, None)

    def position(self, job: str) -> int | None:
        """Place in the line, the next one is 1; None when the job does not wait."""
        for position, waiting in enumerate(self._waiting, start=1):
            if waiting == job:
                return position
        return None

    @property
    def waiting(self) -> int:
        """Jobs in the line."""
        return len(self._waiting)

    @property
    def running(self) -> int:
        """Jobs that lease slots."""
        return len(self._leased)

    def admit(self) -> Iterator[str]:
        """Lease slots to the jobs whose turn it is, and name them."""
        held_up: set[str] = set()
        for job, need in list(self._waiting.items()):
            if need.device in held_up:
                continue
            if self.busy(need.device) + need.slots > self.sizes[need.device]:
                held_up.add(need.device)
                continue
            del self._waiting[job]
            self._leased[job] = need
            yield job
