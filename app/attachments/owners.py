"""What attachments can hang on. Whoever owns such things registers at the start who may see one; a kind that nobody registered is
denied, so that nothing is handed out by default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection
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


def seen(conn: Connection, actor: Actor, kind: str, owner_id: int | None) -> Seen | None:
    owner = _owners.get(kind)
    return None if owner is None or owner_id is None else owner.seen(conn, actor, owner_id)


def changed(session: Session, kind: str, owner_id: int | None) -> None:
    owner = _owners.get(kind)
    if owner is not None and owner_id is not None:
        owner.changed(session, owner_id)
