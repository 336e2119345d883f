"""What attachments can hang on. Whoever owns such things registers at the start who may see one; a kind that nobody registered is
denied, so that nothing is handed out by default."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, false, or_
from sqlalchemy.orm import Session

from app.core.access import Actor


@dataclass(frozen=True, slots=True)
class Seen:
    """That the actor may see the owner now. `label` is the marking that a look at a file of it is logged under; empty: it is not."""

    subject: tuple[str, int]
    label: str = ""


class Owner(Protocol):
    def seen(self, conn: Connection, actor: Actor, owner_id: int) -> Seen | None:
        """Asked at each look; None: for this actor it isn't there."""

    def changed(self, session: Session, owner_id: int) -> None:
        """One of its attachments was released or refused."""


_owners: dict[str, Owner] = {}


def register(kind: str, owner: Owner) -> None:
    _owners[kind] = owner


Wanted = Callable[[Any, Any], ColumnElement[bool]]
_wanted: list[Wanted] = []


def register_wanted(wanted: Wanted) -> None:
    """A package above says of which files in no message yet their senders still mean to make use: a condition on the columns of a file's id
    and of who sent it."""
    if wanted not in _wanted:
        _wanted.append(wanted)


def is_wanted(attachment_id: Any, uploaded_by: Any) -> ColumnElement[bool]:
    return or_(false(), *[wanted(attachment_id, uploaded_by) for wanted in _wanted])


def seen(conn: Connection, actor: Actor, kind: str, owner_id: int | None) -> Seen | None:
    owner = _owners.get(kind)
    return None if owner is None or owner_id is None else owner.seen(conn, actor, owner_id)


def changed(session: Session, kind: str, owner_id: int | None) -> None:
    owner = _owners.get(kind)
    if owner is not None and owner_id is not None:
        owner.changed(session, owner_id)
