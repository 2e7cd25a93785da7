"""Who runs next: never more than there is room for, in turn between owners, in order within one, and nobody waits for ever."""

from __future__ import annotations

from collections import Counter
from itertools import count, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from server.slots import Need, Slots

SIZES = {"cpu": 4, "cuda:0": 1}
BUDGET = 100
EACH = 3

OWNERS = st.sampled_from(["ann", "bo", "cy"])
NEEDS = st.one_of(
    st.builds(Need, st.just("cpu"), st.integers(1, 4), st.integers(0, 100), OWNERS),
    st.builds(Need, st.just("cuda:0"), st.just(1), st.integers(0, 100), OWNERS),
)


def cpu(owner: str, *, slots: int = 1, memory: int = 0) -> Need:
    return Need("cpu", slots, memory, owner)


def one_by_one(slots: Slots) -> list[str]:
    """Every job in the order of admission, when each time the job that has run longest ends."""
    running = list(slots.admit())
    for job in running:
        slots.leave(job)
        running += slots.admit()
    return running


class Line(RuleBasedStateMachine):
    """Jobs come, are admitted, rest, end and give up in any order; `needs` are all that are here."""

    def __init__(self) -> None:
        super().__init__()
        self.slots = Slots(SIZES, BUDGET, EACH)
        self.needs: dict[str, Need] = {}
        self.running: list[str] = []
        self.resting: set[str] = set()
        """Running jobs that have lent their slots."""
        self.waking: set[str] = set()
        """Those of them that want them back."""
        self.numbers = count()

    @property
    def waiting(self) -> list[str]:
        return [job for job in self.needs if job not in self.running or job in self.waking]

    @property
    def computing(self) -> list[str]:
        return [job for job in self.running if job not in self.resting]

    @rule(need=NEEDS)
    def come(self, need: Need) -> None:
        job = f"job{next(self.numbers)}"
        self.needs[job] = need
        self.slots.wait(job, need)

    @rule()
    def admit(self) -> None:
        places = {job: self.slots.position(job) for job in self.waiting}
        admitted = self._admit()
        assert [places[job] for job in admitted] == list(range(1, len(admitted) + 1)), "as the positions said"
        assert list(self.slots.admit()) == []

    def _admit(self) -> list[str]:
        admitted = list(self.slots.admit())
        self.running += [job for job in admitted if job not in self.resting]
        self.resting -= set(admitted)
        self.waking -= set(admitted)
        return admitted

    @precondition(lambda self: self.computing)
    @rule(data=st.data())
    def rest(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from(self.computing))
        self.slots.rest(job)
        self.resting.add(job)

    @precondition(lambda self: self.resting)
    @rule(data=st.data())
    def wake(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from(sorted(self.resting)))
        if self.slots.wake(job):
            self.resting.remove(job)
            self.waking.discard(job)
        else:
            self.waking.add(job)

    @precondition(lambda self: self.running)
    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        self._leave(data.draw(st.sampled_from(self.running)))

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def give_up(self, data: st.DataObject) -> None:
        self._leave(data.draw(st.sampled_from(self.waiting)))

    def _leave(self, job: str) -> None:
        self.slots.leave(job)
        del self.needs[job]
        self.running = [other for other in self.running if other != job]
        self.resting.discard(job)
        self.waking.discard(job)

    @invariant()
    def room_for_all(self) -> None:
        needs = [self.needs[job] for job in self.computing]
        for device, size in SIZES.items():
            leased = sum(need.slots for need in needs if need.device == device)
            assert leased == self.slots.busy(device) <= size
            wanted = sum(self.needs[job].slots for job in self.waiting if self.needs[job].device == device)
            assert self.slots.load(device) == leased + wanted
        assert sum(self.needs[job].memory for job in self.running) <= BUDGET
        assert all(running <= EACH for running in Counter(need.owner for need in needs).values())

    @invariant()
    def the_books_are_right(self) -> None:
        assert (self.slots.running, self.slots.waiting) == (len(self.computing), len(self.waiting))
        owners = Counter(self.needs[job].owner for job in self.waiting if job not in self.waking)
        assert all(self.slots.waiting_of(owner) == owners[owner] for owner in ("ann", "bo", "cy"))

    @invariant()
    def positions_are_1_to_n(self) -> None:
        places = {job: self.slots.position(job) for job in self.needs}
        assert all(places[job] is None for job in self.running if job not in self.waking)
        assert sorted(places[job] or 0 for job in self.waiting) == list(range(1, len(self.waiting) + 1))

    @invariant()
    def first_come_first_within_an_owner_on_a_device(self) -> None:
        for owner in ("ann", "bo", "cy"):
            for device in SIZES:
                begun = self.waking
                own = [
                    job for job in self.waiting if (self.needs[job].owner, self.needs[job].device) == (owner, device) and job not in begun
                ]
                places = [self.slots.position(job) or 0 for job in own]
                assert places == sorted(places)

    def teardown(self) -> None:
        """All who wait are admitted in the end, in just the order that their positions told."""
        told = sorted(self.waiting, key=lambda job: self.slots.position(job) or 0)
        # `running` is in the order of admission, as the foreseen ends are.
        admitted = self._admit()
        while self.running:
            self._leave((self.computing or self.running)[0])
            admitted += self._admit()
        assert admitted == told
        assert (self.slots.running, self.slots.waiting) == (0, 0)


TestLine = Line.TestCase
TestLine.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)


@settings(deadline=None)
@given(
    before=st.lists(NEEDS, max_size=8),
    patient=NEEDS,
    stream=st.lists(NEEDS, min_size=1, max_size=6),
    strangers=st.booleans(),
)
def test_nobody_waits_for_ever(before: list[Need], patient: Need, stream: list[Need], strangers: bool) -> None:
    """However jobs stream in behind it, also from ever new owners, a job is admitted after a bounded number of others."""
    slots = Slots(SIZES, BUDGET, EACH)
    for number, need in enumerate(before):
        slots.wait(f"before{number}", need)
    running = list(slots.admit())
    slots.wait("patient", patient)
    running += slots.admit()
    for turn in range(200):
        if "patient" in running:
            break
        need = stream[turn % len(stream)]
        if strangers:
            need = Need(need.device, need.slots, need.memory, f"stranger{turn}")
        slots.wait(f"later{turn}", need)
        running += slots.admit()
        if running and running[0] != "patient":
            slots.leave(running.pop(0))
        running += slots.admit()
    assert "patient" in running


@settings(deadline=None)
@given(st.permutations(["ann"] * 6 + ["bo"] * 6))
def test_two_owners_take_turns(comers: list[str]) -> None:
    """Whatever the order in which they come, while one job runs: while both wait, no owner has two admissions running."""
    slots = Slots({"cpu": 1}, BUDGET, EACH)
    slots.wait("first", cpu(comers[0]))
    assert list(slots.admit()) == ["first"]
    for number, owner in enumerate(comers):
        slots.wait(f"{owner}{number}", cpu(owner))
    slots.leave("first")
    order = [job.rstrip("0123456789") for job in one_by_one(slots)]
    assert order[0] != comers[0], "the one who has just had a turn lets the other go first"
    assert all(one != other for one, other in pairwise(order))


def test_one_owner_with_a_hundred_jobs_does_not_stand_before_another() -> None:
    slots = Slots({"cpu": 2}, BUDGET, EACH)
    for number in range(100):
        slots.wait(f"ann{number}", cpu("ann"))
    assert list(slots.admit()) == ["ann0", "ann1"]
    slots.wait("bo0", cpu("bo"))
    slots.wait("cy0", cpu("cy"))
    assert [slots.position(job) for job in ("bo0", "ann2", "cy0", "ann3")] == [1, 2, 3, 4]
    slots.leave("ann1")
    assert list(slots.admit()) == ["bo0"]


def test_a_large_job_waits_for_its_slots_and_lets_nobody_past() -> None:
    slots = Slots({"cpu": 4, "cuda:0": 1}, BUDGET, EACH)
    slots.wait("small", cpu("ann"))
    slots.wait("large", cpu("bo", slots=4))
    slots.wait("behind", cpu("cy"))
    slots.wait("card", Need("cuda:0", 1, 0, "cy"))
    assert list(slots.admit()) == ["small", "card"]
    slots.leave("small")
    assert list(slots.admit()) == ["large"]


def test_a_job_that_waits_for_memory_holds_up_all_devices() -> None:
    slots = Slots({"cpu": 4, "cuda:0": 1}, BUDGET, EACH)
    slots.wait("running", cpu("ann", memory=60))
    slots.wait("large", cpu("bo", memory=50))
    slots.wait("card", Need("cuda:0", 1, 10, "cy"))
    assert list(slots.admit()) == ["running"]
    slots.leave("running")
    assert list(slots.admit()) == ["large", "card"]


def test_an_owner_at_its_limit_holds_nobody_up() -> None:
    slots = Slots({"cpu": 8}, BUDGET, 2)
    for number in range(4):
        slots.wait(f"ann{number}", cpu("ann", slots=2))
    slots.wait("bo0", cpu("bo"))
    assert list(slots.admit()) == ["ann0", "bo0", "ann1"]
    assert [slots.position(job) for job in ("ann2", "ann3")] == [1, 2]
    slots.leave("ann0")
    assert list(slots.admit()) == ["ann2"]


def test_what_needs_more_than_the_machine_has_runs_alone() -> None:
    slots = Slots({"cpu": 2}, BUDGET, EACH)
    slots.wait("small", cpu("ann", memory=1))
    slots.wait("huge", cpu("bo", slots=9, memory=10 * BUDGET))
    slots.wait("behind", cpu("cy", memory=1))
    assert one_by_one(slots) == ["small", "huge", "behind"]
    assert (slots.running, slots.waiting) == (0, 0)


def test_a_paused_job_lends_its_slots_and_gets_them_back_before_those_that_have_not_begun() -> None:
    slots = Slots({"cpu": 1}, 100, EACH)
    for job in ("a", "b", "c"):
        slots.wait(job, cpu("ann", memory=40))
    assert list(slots.admit()) == ["a"]
    slots.rest("a")
    assert list(slots.admit()) == ["b"]
    assert not slots.wake("a")
    assert [slots.position(job) for job in ("a", "b", "c")] == [1, None, 2]
    slots.leave("b")
    assert list(slots.admit()) == ["a"]
    slots.rest("a")
    # Its memory it keeps: all three together would need more than there is.
    slots.wait("d", cpu("ann", memory=61))
    assert list(slots.admit()) == ["c"]
    slots.leave("c")
    assert list(slots.admit()) == []
    assert slots.wake("a"), "one that waits for this job's memory cannot hold it up"
