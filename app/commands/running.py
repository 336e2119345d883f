"""What every command needs: settings, a database at the right migration, and how a failure is said."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Protocol, TypeVar

from app.core.config import ConfigError, Settings, load
from app.core.db import Database, open_database
from app.core.errors import Invalid, Refusal


class Failed(Exception):
    """A command that did not do what was asked; the message is one line."""


def settings_of(command: str) -> Settings:
    """The settings, with the log going to standard error. `command` is one of those that write files of their own."""
    from app.core import logs

    settings = load()
    logs.configure(settings if command in ("serve", "worker") else settings.model_copy(update={"log_level": "warning"}))
    return settings


@contextmanager
def database(settings: Settings, wire: Callable[[Settings], None] | None = None) -> Iterator[Database]:
    """The database, at this program's migration, with what the packages tell each other registered as in the web server, or by `wire`."""
    from app.commands import schema

    if wire is None:
        from app import wiring  # late: a command that needs a part of it loads that part

        wire = wiring.wire
    db = open_database(settings)
    try:
        with db.read() as conn:
            now = schema.present(conn)
        if now is None:
            raise Failed("the database is empty: run `squadroom db upgrade`, or `squadroom demo`")
        if now != schema.needed():
            raise Failed(f"the database is at migration {now}, and this program needs {schema.needed()}: run `squadroom db upgrade`")
        wire(settings)
        yield db
    finally:
        db.close()


class Found(Protocol):
    """One thing that was looked at: `state` is well, look or wrong."""

    @property
    def state(self) -> str: ...

    @property
    def what(self) -> str: ...

    @property
    def said(self) -> str: ...


F = TypeVar("F", bound=Found)


def tell(findings: list[F], as_json: bool, in_words: Callable[[list[F]], None]) -> None:
    """All that was found; a failure if anything is wrong. What is only to be looked at doesn't count."""
    if as_json:
        show({"findings": [asdict(finding) for finding in findings]})  # type: ignore[call-overload]  # each is a dataclass
    else:
        in_words(findings)
    wrong = [finding for finding in findings if finding.state == "wrong"]
    if wrong:
        raise Failed(f"{len(wrong)} thing(s) wrong, the first: {wrong[0].what}: {wrong[0].said}")


def show(value: Any) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def one_line(error: Exception) -> str | None:
    """What is said of a failure that is not a bug; None for one that is."""
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError

    if isinstance(error, Invalid):
        return "; ".join(f"{name}: {message}" if name else message for name, message in error.errors.items())
    if isinstance(error, ConfigError | Failed | Refusal | OSError):
        return " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, DBAPIError):
        return "the database said: " + " ".join(str(error.orig).split())
    if isinstance(error, SQLAlchemyError):
        return "the database can't be used: " + " ".join(str(error).split())
    return None
