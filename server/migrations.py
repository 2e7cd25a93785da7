"""How the tables came to be what they are: a store that an older release wrote is brought up to date when it is opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, text

MIGRATIONS: Mapping[int, Sequence[str]] = {
    2: (
        "ALTER TABLE jobs ADD COLUMN shared BOOLEAN NOT NULL DEFAULT FALSE",
        "ALTER TABLE jobs ADD COLUMN resumes INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE jobs ADD COLUMN check_in VARCHAR(32)",
        "ALTER TABLE jobs ADD COLUMN memory BIGINT NOT NULL DEFAULT 0",
        "ALTER TABLE jobs ADD COLUMN seconds FLOAT NOT NULL DEFAULT 0",
    ),
}
"""Statements that lead from the format before to each format; such as SQLite and PostgreSQL both understand."""

VERSION = max(MIGRATIONS)
"""Format that this release writes."""


def migrate(connection: Connection, version: int) -> None:
    """Bring tables of format `version` up to date, within the transaction of the connection."""
    for number in range(version + 1, VERSION + 1):
        for statement in MIGRATIONS[number]:
            connection.execute(text(statement))
