"""The second fence for attachments: a file is seen by whoever sees what it hangs on, at the moment of asking; one that hangs on nothing
by its uploader. The worker reaches what is due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, bindparam, case, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session

from app.attachments import owners
from app.attachments.limits import UNUSED_LIVES
from app.attachments.models import Attachment, AttachmentText, State
from app.attachments.owners import Seen
from app.core.access import Actor
from app.core.errors import Forbidden, NotFound
from app.membership.access import is_masked

_A = Attachment
_COLUMNS: tuple[Any, ...] = (
    _A.id, _A.name, _A.size, _A.media_type, _A.state, _A.why, _A.is_scanned, _A.width, _A.height, _A.thumb_as, _A.owner_id,
)  # fmt: skip
_ONE: Any = select(
    *_COLUMNS, _A.stored_as, _A.uploaded_by, _A.owner_kind, _A.says, _A.bare_as, _A.bare_size, is_masked(_A.uploaded_by).label("is_masked")
).where(_A.id == bindparam("id"), _A.name == bindparam("name"))
_OF_OWNERS: Any = (
    select(*_COLUMNS)
    .where(_A.owner_kind == bindparam("kind"), _A.owner_id.in_(bindparam("owners", expanding=True)))
    .order_by(_A.owner_id, _A.position)
)


class HandedOut(NamedTuple):
    file: Row[Any]
    seen: Seen | None  # None: the uploader's own, that hangs on nothing yet
    stored_as: str
    size: int


def file_for(conn: Connection, actor: Actor, attachment_id: int, name: str) -> HandedOut:
    """A released file by its whole address; NotFound for who may not see it now, as for one that never was."""
    row = conn.execute(_ONE, {"id": attachment_id, "name": name}).first()
    if row is None or row.state != State.READY:
        raise NotFound
    if not row.owner_kind and row.uploaded_by == actor.id:
        return HandedOut(row, None, row.stored_as, row.size)
    seen = owners.seen(conn, actor, row.owner_kind, row.owner_id)
    if seen is None:
        raise NotFound
    if row.is_masked and row.says != []:  # of a message without a name the copy goes out that says nothing of anybody
        if not row.bare_as:
            raise Forbidden("What this file says of its author could not be taken out, so nobody is given it.")
        return HandedOut(row, seen, row.bare_as, row.bare_size)
    return HandedOut(row, seen, row.stored_as, row.size)


def of_owners(conn: Connection, kind: str, owner_ids: Iterable[int]) -> dict[int, list[Row[Any]]]:
    """The files of these owners, which were reached through the actor, in order."""
    found: dict[int, list[Row[Any]]] = {}
    ids = list(owner_ids)
    for row in conn.execute(_OF_OWNERS, {"kind": kind, "owners": ids}) if ids else ():
        found.setdefault(row.owner_id, []).append(row)
    return found


def has_any(kind: str, owner_id: Any, *, not_refused: bool = False) -> ColumnElement[bool]:
    """The condition that something (by a column of its id) has a file that is handed out, or may be yet; for lists that started from what
    is visible."""
    state = _A.state != State.REFUSED if not_refused else _A.state == State.READY
    return exists().where(_A.owner_kind == kind, _A.owner_id == owner_id, state)


def texts_of(conn: Connection, kind: str, owner_ids: list[int]) -> list[Row[Any]]:
    """(owner_id, id, name, text) of the released files of these owners, for the search; the text is empty where there is none."""
    columns: tuple[Any, ...] = (_A.owner_id, _A.id, _A.name, func.coalesce(AttachmentText.text, "").label("text"))
    statement = select(*columns).outerjoin(AttachmentText, AttachmentText.attachment_id == _A.id)
    return list(conn.execute(statement.where(_A.owner_kind == kind, _A.owner_id.in_(owner_ids), _A.state == State.READY).order_by(_A.id)))


_MINE: Any = (
    select(*_COLUMNS, _A.says, _A.bare_as, _A.owner_kind, _A.created_at)
    .where(_A.uploaded_by == bindparam("me"), tuple_(_A.created_at, _A.id) < tuple_(bindparam("at"), bindparam("id")))
    .order_by(_A.created_at.desc(), _A.id.desc())
    .limit(bindparam("limit"))
)


def mine(conn: Connection, actor: Actor, before: tuple[dt.datetime, int], limit: int) -> list[Row[Any]]:
    """What the actor sent under their name, the newest first."""
    at, attachment_id = before
    return list(conn.execute(_MINE, {"me": actor.member_id, "at": at, "id": attachment_id, "limit": limit}).all())


def own_for_act(session: Session, actor: Actor, attachment_id: int) -> Attachment:
    statement = select(_A).where(_A.id == attachment_id, _A.uploaded_by == actor.member_id).with_for_update()
    found: Attachment | None = session.execute(statement).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def is_usable(actor: Actor) -> Any:
    """The condition under which the actor may hang a file on something: their own, not used yet, not refused."""
    return (_A.uploaded_by == actor.member_id) & (_A.owner_kind == "") & (_A.state != State.REFUSED)


def usable(conn: Connection, actor: Actor, ids: list[int]) -> list[Row[Any]]:
    """Those of these files that the actor may hang on something: what a form holds that is drawn again."""
    if not ids:
        return []
    return list(conn.execute(select(_A.id, _A.name, _A.size).where(_A.id.in_(ids), is_usable(actor)).order_by(_A.created_at, _A.name)))


def held_by(session: Session, actor: Actor) -> Row[Any]:
    """How many bytes the actor's files take, and how many of them no message has yet."""
    unused = func.coalesce(func.sum(case((_A.owner_kind == "", 1), else_=0)), 0)
    statement = select(func.coalesce(func.sum(_A.size), 0).label("bytes"), unused.label("unused"))
    return session.execute(statement.where(_A.uploaded_by == actor.member_id)).one()


def is_taken(session: Session, attachment_id: int) -> bool:
    return session.execute(select(_A.id).where(_A.id == attachment_id)).first() is not None


def held(conn: Connection) -> int:
    """For the administrator: how many files wait for a scanner that gives no answer."""
    statement = select(func.count()).where(_A.check_at.is_not(None), _A.state == State.HELD)
    return conn.execute(statement).scalar_one()


# For the worker -------------------------------------------------------------------------------------------------------------


def due(conn: Connection, now: dt.datetime) -> int | None:
    """The file that waits longest to be looked at; those that are released, and scanned once more, come after all others."""
    for states in ((State.CHECKING, State.HELD), (State.READY,)):
        some = select(_A.id).where(_A.check_at.is_not(None), _A.check_at <= now, _A.state.in_(states))
        found: int | None = conn.execute(some.order_by(_A.check_at).limit(1)).scalar()
        if found is not None:
            return found
    return None


def file_to_check(session: Session, attachment_id: int) -> Attachment | None:
    """Locked until the transaction ends, unless another worker has it or it is done."""
    statement = select(_A).where(_A.id == attachment_id, _A.check_at.is_not(None)).with_for_update()
    return session.execute(statement).scalar_one_or_none()


def unused(conn: Connection, now: dt.datetime) -> list[int]:
    """Files that no message has and no draft holds, a day after they came."""
    old = (_A.owner_kind == "", _A.created_at < now - UNUSED_LIVES, ~owners.is_wanted(_A.id, _A.uploaded_by))
    statement = select(_A.id).where(*old).order_by(_A.created_at).limit(200)
    return list(conn.execute(statement).scalars())


def file_to_drop(session: Session, attachment_id: int) -> Attachment | None:
    still = (_A.id == attachment_id, _A.owner_kind == "", ~owners.is_wanted(_A.id, _A.uploaded_by))
    statement = select(_A).where(*still).with_for_update()
    return session.execute(statement).scalar_one_or_none()


def kept_names(conn: Connection, names: list[str]) -> set[str]:
    """Those of these stored names that a row refers to."""
    stored = (_A.stored_as, _A.thumb_as, _A.bare_as)
    rows = conn.execute(select(*stored).where(or_(*(column.in_(names) for column in stored))))
    return {name for row in rows for name in row}
