"""The places where jobs may run, and the line of those that wait for one: fair between owners, and nobody waits for ever."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Need:
    """What a job leases while it runs: slots of a device and bytes of the machine's memory, for its owner."""

    device: str
    slots: int
    memory: int
    owner: str


@dataclass(frozen=True)
class Ticket:
    """A waiting job's need, and the number that it drew when it came."""

    number: int
    need: Need


class Slots:
    """Leases of the devices' slots and of memory.

    On each device the owners take turns, and within one owner who came first is first. A job whose turn has come but for which
    there is no room yet holds up its device, and one that lacks only memory holds up all that came after it: so a large job is
    not overtaken for ever by small ones. Of an owner's jobs only so many have a turn, the oldest, as its limit leaves room for;
    the rest hold nobody up. A job that rests keeps its memory but lends its slots to others. Not safe for threads; its owner has
    a lock.
    """

    def __init__(self, sizes: Mapping[str, int], memory_budget: int, max_running_each: int) -> None:
        self.sizes = dict(sizes)
        self.memory_budget = memory_budget
        self.max_running_each = max_running_each
        self._leased: dict[str, Need] = {}
        self._resting: set[str] = set()
        """Jobs with a lease that have lent their slots."""
        self._waking: list[str] = []
        """Those of them that want their slots back, in the order in which they asked."""
        self._waiting: dict[str, Ticket] = {}
        self._drawn = 0
        self._queues: dict[str, list[str]] = {}
        """Waiting jobs of each owner who has some, in the order in which they came."""
        self._turns: dict[str, list[str]] = {device: [] for device in sizes}
        """For each device the owners who wait for it; the first is next."""
        self._served: dict[str, str] = {}
        """For each device the owner who was admitted last."""
        self._places: dict[str, int] | None = None
        """Positions of the waiting jobs, until something changes."""

    def busy(self, device: str) -> int:
        """Slots of a device that are leased."""
        return sum(need.slots for job, need in self._leased.items() if need.device == device and job not in self._resting)

    def load(self, device: str) -> int:
        """Slots of a device that are leased or waited for."""
        waited = [*(ticket.need for ticket in self._waiting.values()), *(self._leased[job] for job in self._waking)]
        return self.busy(device) + sum(need.slots for need in waited if need.device == device)

    def wait(self, job: str, need: Need) -> None:
        """Put a job into the line. What needs more than there is takes all there is: it runs alone."""
        need = replace(need, slots=min(need.slots, self.sizes[need.device]), memory=min(need.memory, self.memory_budget))
        self._places = None
        self._drawn += 1
        self._waiting[job] = Ticket(self._drawn, need)
        self._queues.setdefault(need.owner, []).append(job)
        turns = self._turns[need.device]
        if need.owner not in turns:
            # Whoever comes when only the one who was admitted last is in line goes first; else behind all.
            turns.insert(0 if turns == [self._served.get(need.device)] else len(turns), need.owner)

    def rest(self, job: str) -> None:
        """Lend the slots of a job that has a lease to others, as long as it does not compute."""
        if job in self._leased:
            self._places = None
            self._resting.add(job)

    def wake(self, job: str) -> bool:
        """Take back the slots of a job that rests; where others have them now it waits for them, before all that have not begun.
        Whether it has them."""
        if job in self._resting and job not in self._waking:
            self._places = None
            self._waking.append(job)
            if self._next() == job:
                self.take_back(job)
        return job not in self._resting

    def take_back(self, job: str) -> None:
        """Count the slots of a job again that has rested, whether there is room or not."""
        self._places = None
        self._resting.discard(job)
        if job in self._waking:
            self._waking.remove(job)

    def leave(self, job: str) -> None:
        """Give back what the job leases, and its place in the line."""
        self._places = None
        self.take_back(job)
        self._leased.pop(job, None)
        self._take_out(job)

    def position(self, job: str) -> int | None:
        """Place in the order in which the waiting jobs are admitted if those that run end one after the other as they began; the
        next one is 1. None when the job does not wait."""
        if self._places is None:
            self._places = {waiting: place for place, waiting in enumerate(self._foreseen(), start=1)}
        return self._places.get(job)

    @property
    def waiting(self) -> int:
        """Jobs in the line."""
        return len(self._waiting) + len(self._waking)

    def waiting_of(self, owner: str) -> int:
        """Jobs of one owner in the line."""
        return len(self._queues.get(owner, ()))

    @property
    def running(self) -> int:
        """Jobs that lease slots and do not rest."""
        return len(self._leased) - len(self._resting)

    def admit(self) -> Iterator[str]:
        """Lease to the jobs whose turn it is and for which there is room, and name them."""
        while (job := self._next()) is not None:
            self._places = None
            if job in self._resting:
                self.take_back(job)
                yield job
                continue
            need = self._waiting[job].need
            self._take_out(job)
            turns = self._turns[need.device]
            if need.owner in turns:
                turns.remove(need.owner)
                turns.append(need.owner)
            self._served[need.device] = need.owner
            self._leased[job] = need
            yield job

    def _next(self) -> str | None:
        running = self._running()
        held: set[str] = set()
        for job in self._waking:
            need = self._leased[job]
            if need.device not in held and running[need.owner] < self.max_running_each:
                if self.busy(need.device) + need.slots <= self.sizes[need.device]:
                    return job
                held.add(need.device)
        heads = [head for device in self._turns if device not in held and (head := self._head(device, running)) is not None]
        used = sum(need.memory for need in self._leased.values())
        for job in sorted(heads, key=lambda head: self._waiting[head].number):
            need = self._waiting[job].need
            if self.busy(need.device) + need.slots > self.sizes[need.device]:
                continue
            return job if used + need.memory <= self.memory_budget else None
        return None

    def _running(self) -> Counter[str]:
        """Jobs of each owner that lease slots and do not rest."""
        return Counter(need.owner for job, need in self._leased.items() if job not in self._resting)

    def _head(self, device: str, running: Counter[str]) -> str | None:
        """The job whose turn it is on a device."""
        for owner in self._turns[device]:
            for job in self._queues[owner][: max(0, self.max_running_each - running[owner])]:
                if self._waiting[job].need.device == device:
                    return job
        return None

    def _take_out(self, job: str) -> None:
        ticket = self._waiting.pop(job, None)
        if ticket is None:
            return
        owner, device = ticket.need.owner, ticket.need.device
        queue = self._queues[owner]
        queue.remove(job)
        if not any(self._waiting[other].need.device == device for other in queue):
            self._turns[device].remove(owner)
        if not queue:
            del self._queues[owner]

    def _foreseen(self) -> Iterator[str]:
        """The waiting jobs in the order in which they will be admitted."""
        future = deepcopy(self)
        yield from future.admit()
        while future.waiting:
            # Those that rest may do so for long.
            future.leave(next((job for job in future._leased if job not in future._resting), next(iter(future._leased))))
            yield from future.admit()
