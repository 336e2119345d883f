"""`squadroom search …`."""

from __future__ import annotations

from app.commands.running import database, settings_of
from app.web.humane import plural


def rebuild() -> None:
    """Some hundred messages a transaction, so that nobody waits long. What is posted meanwhile goes in by itself."""
    from app.search import indexing

    with database(settings_of("search")) as db:
        indexing.empty(db)
        count = indexing.everything(db)
    print(f"The index is made anew, of {plural(count, 'message')}.")
