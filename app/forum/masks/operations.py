"""Two officers together, each with a reason, may learn who is behind a mask. The author is told, and the log says that it was done."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.access import Actor
from app.core.errors import Conflict, Forbidden, NotFound
from app.core.ports import mail
from app.core.ports.mail import Letter
from app.forum import access as forum
from app.forum.masks import access
from app.forum.masks.models import Unmasking
from app.forum.models import Reply
from app.membership import access as members
from app.membership.models import Member

ASKING_LIVES = dt.timedelta(days=7)
SHOWN_FOR = dt.timedelta(days=7)  # to the two of them; after that it takes two again


@dataclass(frozen=True, slots=True)
class Standing:
    """How far it has come: nobody asked; one did; both did, and to these two for a while it is told who it is."""

    unmasking: Row[Any] | None
    author: Row[Any] | None = None
    is_mine: bool = False  # the actor is one of the two, and the other must be somebody else

    @property
    def is_asked(self) -> bool:
        return self.unmasking is not None and self.unmasking.agreed_at is None


def standing(conn: Connection | Session, actor: Actor, thread_id: int, number: int) -> Standing:
    """Of a mask in a thread that was reached through the officer; NotFound for anybody else, and where there is no mask."""
    access.require_officer(actor)
    if not number:
        raise NotFound
    found = access.latest_unmasking(conn, thread_id, number)
    if found is None or clock.now() >= _ends(found):
        return Standing(None)
    is_mine = actor.id in (found.asked_by, found.agreed_by)
    return Standing(found, _person(conn, found) if found.agreed_at is not None and is_mine else None, is_mine)


def _ends(unmasking: Row[Any]) -> dt.datetime:
    lives = unmasking.agreed_at + SHOWN_FOR if unmasking.agreed_at is not None else unmasking.asked_at + ASKING_LIVES
    assert isinstance(lives, dt.datetime)
    return lives


def unmask(session: Session, actor: Actor, thread_id: int, position: int, reason: str) -> Standing:
    """The first officer asks, the second agrees; the thread's row is locked, so two at once are one after the other."""
    access.require_officer(actor)
    thread, _slug, _right = forum.thread_for_act(session, actor, thread_id)
    message = forum.reply_for_act(session, thread, position)
    stands = standing(session, actor, thread_id, message.mask)
    if access.own_number(session, actor, thread_id) == message.mask:
        raise Forbidden("This message is your own.")
    if stands.author is not None:
        return stands
    if stands.is_asked and stands.is_mine:
        raise Conflict("You have asked already. Another administrator must agree.")
    if stands.unmasking is not None and stands.is_asked:
        _agree(session, actor, stands.unmasking, reason)
    else:
        _ask(session, actor, message, reason)
    return standing(session, actor, thread_id, message.mask)


def _ask(session: Session, actor: Actor, message: Reply, reason: str) -> None:
    asked = Unmasking(
        thread_id=message.thread_id, number=message.mask, position=message.position, reason=reason, asked_by=actor.member_id,
        asked_name=actor.name, asked_at=clock.now(),
    )  # fmt: skip
    session.add(asked)
    session.flush()
    audit.record(session, actor, "mask.ask", ("thread", message.thread_id), position=message.position, reason=reason)


def _agree(session: Session, actor: Actor, unmasking: Row[Any], reason: str) -> None:
    agreed = {"agreed_by": actor.member_id, "agreed_name": actor.name, "agreed_at": clock.now(), "second_reason": reason}
    session.execute(update(Unmasking).where(Unmasking.id == unmasking.id, Unmasking.agreed_at.is_(None)).values(agreed))
    audit.record(session, actor, "mask.lift", ("thread", unmasking.thread_id), position=unmasking.position, reason=reason)
    _tell_author(session, unmasking.thread_id, unmasking.number)


def _tell_author(session: Session, thread_id: int, number: int) -> None:
    lifted = access.latest_unmasking(session, thread_id, number)
    assert lifted is not None
    author = access.member_behind(session, lifted)
    to = members.address_of_current(session, author)
    if to is not None:
        path = f"/threads/{thread_id}/replies/{lifted.position}"
        subject = "Two administrators looked at who wrote a message without a name"
        mail.queue(session, Letter("account", to, "mask-lifted", subject, f"mask-lifted:{lifted.id}", {"path": path}, author, page=path))


def _person(conn: Connection | Session, unmasking: Row[Any]) -> Row[Any]:
    """Id, name and rank of who it is."""
    wanted = access.member_behind(conn, unmasking)
    columns: tuple[Any, ...] = (Member.id, Member.name, Member.rank)
    return conn.execute(select(*columns).where(Member.id == wanted)).one()
