"""One click ends a list: the digest, one forum's mail, one thread's, or what notifications it came with. Without a session, by a signed
link."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.access import Origin, system
from app.core.errors import NotFound
from app.core.signing import Signer
from app.forum.operations import reading
from app.mail import operations, unsubscribe
from app.mail.digest import told
from app.mail.lists import List
from app.mail.models import DigestSettings, Level
from app.mail.notices import kinds
from app.mail.notices.kinds import Kind
from app.mail.notices.switching import switch
from app.mail.unsubscribe import Link


def require_link(session: Any, signer: Signer, token: str) -> Link:
    """The list that this link stops; NotFound for any link that is not genuine, whatever is wrong with it."""
    link = unsubscribe.link_of(token)
    serial = None
    if link is not None:
        serial = session.execute(select(DigestSettings.serial).where(DigestSettings.member_id == link.member_id)).scalar_one_or_none()
    if link is None or not unsubscribe.is_genuine(signer, token, serial or 0):
        raise NotFound
    return link


def stop(session: Session, signer: Signer, token: str, origin: Origin) -> Link:
    """End the list at once. Doing it again changes nothing."""
    link = require_link(session, signer, token)
    end(session, link, origin)
    return link


def end(session: Session, link: Link, origin: Origin | None = None, by: str = "unsubscribe") -> None:
    """The same for a list that is known: who complains of a mail wants no more of its kind, either."""
    if _ENDS[link.list](session, link):
        actor = system(by) if origin is None else system(by).seen_from(origin)
        verb = "digest.stop" if link.list is List.DIGEST else "mail.stop"
        audit.record(session, actor, verb, ("member", link.member_id), list=link.list.name.lower(), number=link.number)


def _digest(session: Session, link: Link) -> bool:
    row = operations.settings_of(session, link.member_id)
    if not row.on:
        return False
    operations.change(session, row, {"on": False}, clock.now())
    return True


def _forum(session: Session, link: Link) -> bool:
    """Nothing of the forum comes by mail any more, in the digest neither."""
    told.set_levels(session, link.member_id, {link.number: Level.NONE.value})
    return True


def _thread(session: Session, link: Link) -> bool:
    return reading.unwatch(session, link.member_id, link.number)


def _notices(session: Session, link: Link) -> bool:
    kind = kinds.numbered(link.number)
    return kind is not None and _end(session, link, [kind])


def _kinds(session: Session, link: Link) -> bool:
    return _end(session, link, kinds.in_bits(link.number))


def _end(session: Session, link: Link, wanted: list[Kind]) -> bool:
    """No mail of these kinds any more; whether any of them can be switched."""
    ended = [kind for kind in wanted if not kind.fixed]
    for kind in ended:
        switch(session, link.member_id, kind, by_mail=False)
    return bool(ended)


_ENDS: dict[List, Callable[[Session, Link], bool]] = {
    List.DIGEST: _digest,
    List.FORUM: _forum,
    List.THREAD: _thread,
    List.NOTICES: _notices,
    List.KINDS: _kinds,
}
