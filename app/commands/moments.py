"""A moment as it is typed at a command."""

from __future__ import annotations

import datetime as dt

import typer


def moment(text: str) -> dt.datetime | None:
    """None where nothing was typed; a moment without its zone is in UTC. A usage error for anything else."""
    if not text:
        return None
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("is not an ISO 8601 moment, such as 2026-11-23T07:00:00Z") from None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
