"""Drafts: kept on the server from the first words on, the same on each device, and gone once they were sent."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, delete
from sqlalchemy.orm import Session

from app.core import clock
from app.core.access import Actor
from app.core.errors import Conflict, Forbidden
from app.core.sql import insert_into
from app.core.together import Said, write
from app.forum.own import access
from app.forum.own.forms import DraftForm
from app.forum.own.models import Draft, DraftOf

MOST = 100
_DRAFTS: Any = Draft.__table__
_GONE = delete(_DRAFTS).where(
    _DRAFTS.c.member_id == bindparam("me"), _DRAFTS.c.of == bindparam("place"), _DRAFTS.c.about_id == bindparam("about")
)


def save(session: Session, actor: Actor, key: str, form: DraftForm) -> None:
    """In place of what was kept for this place; nothing typed is nothing kept."""
    of, about = access.place_of(session, actor, key)
    if not actor.may_write:
        raise Forbidden("You can read here, but not write.")
    if not form.title.strip() and not form.body.strip():
        forget(session, actor, of, about)
        return
    if access.draft_of(session, actor, of, about) is None and access.count_drafts(session, actor) >= MOST:
        raise Conflict(f"You keep {MOST} drafts already. Send or delete one first.")
    _keep(session, actor, (of, about), form)


def _keep(session: Session, actor: Actor, place: tuple[DraftOf, int], form: DraftForm) -> None:
    kept = {"title": form.title, "body": form.body, "saved_at": clock.now()}
    row = {"member_id": actor.member_id, "of": place[0], "about_id": place[1]}
    statement = insert_into(session, Draft.__table__).values({**row, **kept})
    session.execute(statement.on_conflict_do_update(index_elements=list(row), set_=kept))


def put_back(session: Session, actor: Actor, place: tuple[DraftOf, int], title: str, body: str) -> None:
    """Words that were sent and taken back. What was begun there since stands before them."""
    begun = access.draft_of(session, actor, *place)
    if begun is not None and begun.body.strip():
        title, body = begun.title or title, f"{begun.body.rstrip()}\n\n{body}"
    _keep(session, actor, place, DraftForm.model_construct(title=title, body=body))


def delete_one(session: Session, actor: Actor, key: str) -> None:
    forget(session, actor, *access.place_of(session, actor, key))


def forget(session: Session, actor: Actor, of: DraftOf, about_id: int) -> None:
    """Of one's own: also where the place was closed since, and in the act that sends it."""
    write(session, gone(actor, of, about_id))


def gone(actor: Actor, of: DraftOf, about_id: int) -> Said:
    """The same, to be done with other things."""
    return Said(_GONE, {"me": actor.member_id, "place": of, "about": about_id})
