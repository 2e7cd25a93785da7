"""A token that the service makes for itself, once, and keeps in its data folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from pydantic import SecretStr

from server.settings import Settings

GENERATE = "generate"
"""What PLAYGROUND_TOKEN says when the service is to make one."""


def with_own_token(settings: Settings) -> tuple[Settings, str | None]:
    """The settings with the token that is meant, and the token itself if it has just been made.

    Raises OSError when it cannot be kept, and ValueError when what was kept is none.
    """
    if settings.token is None or settings.token.get_secret_value() != GENERATE:
        return settings, None
    kept = settings.data / "token"
    made = None if kept.exists() else _make(kept)
    token = made or kept.read_text().strip()
    if len(token) < 8:
        raise ValueError(f"the file {kept} holds no token; delete it, and a new one is made at the next start")
    return settings.model_copy(update={"token": SecretStr(token)}), made


def _make(kept: Path) -> str:
    token = secrets.token_urlsafe(24)
    kept.parent.mkdir(parents=True, exist_ok=True)
    unfinished = kept.with_name("token.new")
    unfinished.unlink(missing_ok=True)
    file = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "w") as writing:
        writing.write(token + "\n")
        writing.flush()
        os.fsync(file)
    unfinished.rename(kept)
    return token
