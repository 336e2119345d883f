"""Threads like one that is being written: a package above registers how they are found; nobody did, and there are none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection

from app.core.access import Actor

Find = Callable[[Connection, Actor, str], Sequence[Any]]
_find: list[Find] = []


def register(find: Find) -> None:
    """`find` gives rows (`id title kind last_position answer_position forum_title`) of threads that the actor may see."""
    _find[:] = [find]


def threads(conn: Connection, actor: Actor, title: str) -> Sequence[Any]:
    return _find[0](conn, actor, title) if _find and title.strip() else ()
