"""A member's switches for the kinds of notifications: on the site and by mail. What concerns security can't be switched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.orm import Session

from app.core import audit
from app.core.access import Actor
from app.core.errors import Invalid
from app.core.sql import insert_into
from app.mail.notices import kinds
from app.mail.notices.kinds import Kind
from app.mail.notices.models import NoticeChoice

_MINE = select(NoticeChoice.kind, NoticeChoice.on_site, NoticeChoice.by_mail).where(NoticeChoice.member_id == bindparam("me"))


@dataclass(frozen=True, slots=True)
class Switch:
    """A kind and where the member has it."""

    kind: Kind
    on_site: bool
    by_mail: bool


def switches(conn: Connection, actor: Actor) -> list[Switch]:
    chosen = {row.kind: row for row in conn.execute(_MINE, {"me": actor.member_id})}
    return [
        Switch(k, *((chosen[k.name].on_site, chosen[k.name].by_mail) if k.name in chosen else (True, True))) for k in kinds.known(actor)
    ]


def switch(session: Session, member_id: int, kind: Kind, **to: bool) -> None:
    """Set one or both of on_site and by_mail; the other stays."""
    values: dict[str, Any] = {"member_id": member_id, "kind": kind.name, "on_site": True, "by_mail": True} | to
    statement = insert_into(session, NoticeChoice.__table__).values(values)
    session.connection().execute(statement.on_conflict_do_update(index_elements=["member_id", "kind"], set_=to))


def choose(session: Session, actor: Actor, wanted: dict[str, dict[str, bool]]) -> None:
    """Take the switches that differ from what stands; Invalid for a kind that isn't there or can't be switched."""
    now = {one.kind.name: one for one in switches(session.connection(), actor)}
    wrong = {name: "This can't be switched." for name in wanted if name not in now or now[name].kind.fixed}
    if wrong:
        raise Invalid(wrong)
    changed = {name: to for name, to in wanted.items() if any(getattr(now[name], where) != value for where, value in to.items())}
    for name, to in changed.items():
        switch(session, actor.member_id, kinds.named(name), **to)
    if changed:
        audit.record(session, actor, "notices.choose", ("member", actor.id), changed=changed)
