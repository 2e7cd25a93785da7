"""What is kept: the database of jobs, and a folder of artifacts for each."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, BigInteger, Float, Integer, String, Text, create_engine, delete, event, inspect, or_, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from models.events import State
from server.migrations import VERSION, migrate
from server.states import BEFORE, FINAL


class StoreError(Exception):
    """The store cannot be used; the message says why and what to do."""


class Base(DeclarativeBase):
    """The tables."""


class Meta(Base):
    """What the store says of itself."""

    __tablename__ = "meta"
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class Job(Base):
    """One job as it was last written down; a live one's newest numbers are in its feed."""

    __tablename__ = "jobs"
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    """Counts up in the order of creation, which is the order of the queue."""
    id: Mapped[str] = mapped_column(String(16), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    owner: Mapped[str] = mapped_column(String(64))
    shared: Mapped[bool] = mapped_column(default=False)
    """Whether others may look at it."""
    state: Mapped[State] = mapped_column(String(16))
    reason: Mapped[dict[str, str] | None] = mapped_column(JSON)
    experiment: Mapped[str] = mapped_column(Text)
    """The experiment's JSON text; the worker gets this very text."""
    options: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Commands that were given while the job waited, and how it is to start or to go on."""
    key: Mapped[str | None] = mapped_column(String(200), unique=True)
    """SHA-256 of the owner and the owner's Idempotency-Key."""
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    """SHA-256 of the request that came with the key."""
    created: Mapped[str] = mapped_column(String(32))
    started: Mapped[str | None] = mapped_column(String(32))
    finished: Mapped[str | None] = mapped_column(String(32))
    step: Mapped[int] = mapped_column(Integer, default=0)
    steps: Mapped[int | None] = mapped_column(Integer)
    steps_per_epoch: Mapped[int | None] = mapped_column(Integer)
    parameters: Mapped[int] = mapped_column(Integer)
    device: Mapped[str] = mapped_column(String(32))
    threads: Mapped[int] = mapped_column(Integer)
    memory: Mapped[int] = mapped_column(BigInteger, default=0)
    """Bytes that it is estimated to need."""
    resumes: Mapped[int] = mapped_column(Integer, default=0)
    """How often it has gone on after an interruption."""
    seconds: Mapped[float] = mapped_column(Float, default=0.0)
    """Time for which it has had its slot, in all."""
    check_in: Mapped[str | None] = mapped_column(String(32))
    """When its worker has promised to be heard of next; null while none runs."""
    training: Mapped[dict[str, float | None] | None] = mapped_column(JSON)
    validation: Mapped[dict[str, float | None] | None] = mapped_column(JSON)
    last_seq: Mapped[int] = mapped_column(Integer, default=0)


class DuplicateKey(Exception):
    """There is a job with this Idempotency-Key already."""


class Store:
    """The database. Every method is one short transaction and may be called from any thread."""

    def __init__(self, url: str, jobs_folder: Path) -> None:
        """Open the store, or make it; raises StoreError when it cannot be used."""
        self.jobs_folder = jobs_folder
        try:
            jobs_folder.mkdir(parents=True, exist_ok=True)
            self._engine = create_engine(url)
            if self._engine.dialect.name == "sqlite":
                event.listen(self._engine, "connect", _settle_sqlite)
                event.listen(self._engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
            self._prepare()
        except (OSError, DBAPIError) as fault:
            raise StoreError(
                f"The store in {jobs_folder.parent} cannot be opened: {fault}. Check that the folder can be written and is not full."
            ) from fault

    def _prepare(self) -> None:
        new = not inspect(self._engine).has_table(Meta.__tablename__)
        with Session(self._engine) as session, session.begin():
            Base.metadata.create_all(session.connection())
            if new:
                session.add(Meta(name="version", value=str(VERSION)))
                return
            row = session.get(Meta, "version")
            written = int(row.value) if row and row.value.isdigit() else 0
            if row is None or not 1 <= written <= VERSION:
                raise StoreError(
                    f"This store was written in format {row.value if row else 'unknown'}; this server reads formats 1 to {VERSION}."
                    " Start the release that wrote it, or give another folder by PLAYGROUND_DATA."
                )
            migrate(session.connection(), written)
            row.value = str(VERSION)

    def folder(self, job_id: str) -> Path:
        """Where a job's log and checkpoints lie."""
        return self.jobs_folder / job_id

    def create(self, job: Job) -> Job:
        """Add a job and its folder; raises DuplicateKey."""
        folder = self.folder(job.id)
        (folder / "checkpoints").mkdir(parents=True)
        with Session(self._engine, expire_on_commit=False) as session:
            session.add(job)
            try:
                session.commit()
            except IntegrityError as fault:
                shutil.rmtree(folder)
                raise DuplicateKey from fault
        return job

    def get(self, job_id: str) -> Job | None:
        """The job of that id."""
        with Session(self._engine) as session:
            return session.scalar(select(Job).where(Job.id == job_id))

    def with_key(self, key: str) -> Job | None:
        """The job that was created with that Idempotency-Key."""
        with Session(self._engine) as session:
            return session.scalar(select(Job).where(Job.key == key))

    def newest(self, limit: int, owner: str) -> Sequence[Job]:
        """The newest jobs of an owner, newest first."""
        with Session(self._engine) as session:
            return session.scalars(select(Job).where(Job.owner == owner).order_by(Job.number.desc()).limit(limit)).all()

    def unfinished(self) -> Sequence[Job]:
        """All jobs that may still have to be done, oldest first: those that are not in a final state, and the interrupted ones."""
        with Session(self._engine) as session:
            wanted = or_(Job.state.not_in(FINAL), Job.state == "interrupted")
            return session.scalars(select(Job).where(wanted).order_by(Job.number)).all()

    def move(self, job_id: str, to: State, **values: Any) -> bool:
        """Enter a state if the one that the job is in allows it (compare-and-set), and write `values` with it."""
        with Session(self._engine) as session, session.begin():
            change = update(Job).where(Job.id == job_id, Job.state.in_(BEFORE[to])).values(state=to, **values)
            return bool(session.connection().execute(change).rowcount)

    def note(self, job_id: str, **values: Any) -> None:
        """Write values that are not the state."""
        with Session(self._engine) as session, session.begin():
            session.execute(update(Job).where(Job.id == job_id).values(**values))

    def delete(self, job_id: str) -> bool:
        """Forget a job that is in a final state, with its folder; False when it is alive or unknown."""
        with Session(self._engine) as session, session.begin():
            gone = bool(session.connection().execute(delete(Job).where(Job.id == job_id, Job.state.in_(FINAL))).rowcount)
        if gone:
            shutil.rmtree(self.folder(job_id), ignore_errors=True)
        return gone

    def close(self) -> None:
        """Let the database go."""
        self._engine.dispose()


def _settle_sqlite(connection: Any, _record: object) -> None:
    # Transactions begin when SQLAlchemy says so, not at the first write as Python's driver would: changes of tables are in them too.
    connection.isolation_level = None
    cursor = connection.cursor()
    # WAL: readers and the writer do not wait for each other, and a commit survives a killed process without an fsync.
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA busy_timeout=10000")
    cursor.close()
