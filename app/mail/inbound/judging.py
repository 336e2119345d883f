"""Whether a message may be posted, in whose name and where: asked at the moment it comes, by the same rules as on the site (M7 to M9)."""

from __future__ import annotations

import datetime as dt
import zlib
from dataclasses import dataclass

from pydantic import ValidationError
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from app.accounts.addresses import access as addresses
from app.core import audit, clock
from app.core.access import Actor
from app.core.config import Settings
from app.core.errors import Conflict, Invalid, NotFound, Refusal
from app.core.matching import words
from app.forum.forms import NewReply
from app.forum.masks import access as masks
from app.forum.masks import byline
from app.forum.operations import writing
from app.mail import reply_tokens
from app.mail.inbound import access, files, opening, proof
from app.mail.inbound.automatic import is_automatic
from app.mail.inbound.envelope import Envelope
from app.mail.inbound.models import InboundMessage, InboundState
from app.mail.inbound.parsing import Parsed, parse
from app.mail.inbound.refusals import Author, NotTaken, Why
from app.mail.inbound.text import own_words
from app.membership.actors import actor_of
from app.membership.staying.heard import heard

MOST_AN_HOUR = 20


@dataclass(frozen=True, slots=True)
class About:
    """What an address of ours is good for. `shown`: the address without its secret."""

    shown: str
    member_id: int | None = None
    thread_id: int | None = None
    forum_id: int | None = None


def about(conn: Connection, envelope: Envelope) -> About | None:
    """None for an address that we never gave out."""
    answer = reply_tokens.answer_to(conn, envelope.local)
    if answer is not None:
        return About(f"reply+…@{envelope.domain}", answer.member_id, answer.thread_id)
    if not opening.is_for(envelope.local):
        return None
    return About(envelope.address[:320], forum_id=opening.forum_of(conn, envelope.local))


def _why_of(refused: NotTaken | Refusal) -> Why:
    """What the site's own refusal is called in the sender's words."""
    if isinstance(refused, NotTaken):
        return refused.why
    if isinstance(refused, Conflict):
        return Why.LOCKED
    if isinstance(refused, Invalid):
        return Why.TOO_LONG
    return Why.NOT_ALLOWED


def judge(session: Session, settings: Settings, row: InboundMessage, recipient: str) -> None:
    """Post or hold the message, or raise NotTaken."""
    message = parse(zlib.decompress(row.raw))
    if is_automatic(message, row.sender, settings.mail_domain.lower()):
        raise NotTaken(Why.AUTOMATIC)
    found = author(session, settings, row.member_id, message)
    row.member_id = found.member_id
    try:
        _take(_Taking(session, settings, _actor(session, found), row, recipient), message)
    except (NotTaken, Refusal) as refused:
        raise NotTaken(_why_of(refused), found) from refused


@dataclass(frozen=True, slots=True)
class _Taking:
    """A message of somebody who has proven who they are. `recipient`: the address with its secret, empty where that is not known."""

    session: Session
    settings: Settings
    sender: Actor
    row: InboundMessage
    recipient: str


def _take(taking: _Taking, message: Parsed) -> None:
    session, sender, row, recipient = taking.session, taking.sender, taking.row, taking.recipient
    if not _is_to_us(message, recipient, row.recipient.rpartition("@")[2].lower()):
        raise NotTaken(Why.NOT_TO_US)
    if access.posted_since(session, sender.member_id, clock.now() - dt.timedelta(hours=1)) >= MOST_AN_HOUR:
        raise NotTaken(Why.TOO_MANY)
    trimmed = own_words(message)
    row.body, row.cut, row.judged_at = trimmed.body, trimmed.cut, clock.now()
    heard(session, sender.member_id)  # first: whoever takes a member and a thread takes the member first
    if row.thread_id is None:
        opening.hold(session, sender, row, message)
    else:
        _post(taking)


def _is_to_us(message: Parsed, recipient: str, domain: str) -> bool:
    """Whether our very address stands in To. Of a message whose process died its secret part is not known any more: then any of ours."""
    to = proof.addressed_to(message)
    if recipient:
        return recipient.strip("<> ").lower() in to
    return any(one.startswith(("reply+", "forum+")) and one.endswith(f"@{domain}") for one in to)


def author(conn: Connection | Session, settings: Settings, member_id: int | None, message: Parsed) -> Author:
    """The member who wrote it: proven, and the one whom the address was given to, if it was given to one."""
    address = proof.author(message)
    owner = addresses.owner_of(conn, address) if address else None
    if address is None or owner is None or (member_id is not None and owner != member_id):
        raise NotTaken(Why.NOT_THE_MEMBER)
    if not proof.is_proven(message, address, settings.authserv_id or settings.mail_domain):
        raise NotTaken(Why.UNPROVEN)
    return Author(owner, address)


def _actor(session: Session, author: Author) -> Actor:
    """What they may do at this moment; nothing where the account is shut."""
    try:
        return actor_of(session, author.member_id)
    except NotFound:
        raise NotTaken(Why.NOT_ALLOWED) from None


def _require_nameless(session: Session, sender: Actor, thread_id: int, body: str) -> None:
    """A signature that was not cut, and a file's name, would say who is behind a mask."""
    if masks.own_number(session, sender, thread_id) is None:
        return
    said, own = set(words(body)), addresses.confirmed(session, sender.member_id)
    if said & set(words(sender.name)[-1:]) or any(address.lower() in body.lower() for address in own):
        raise NotTaken(Why.NAMED)


def _post(taking: _Taking) -> None:
    session, sender, row, recipient = taking.session, taking.sender, taking.row, taking.recipient
    if recipient:
        answer = reply_tokens.answer_to(session, recipient.strip("<> ").rpartition("@")[0])
        if answer is None or answer.expires_at <= clock.now():
            raise NotTaken(Why.EXPIRED)
    assert row.thread_id is not None
    _require_nameless(session, sender, row.thread_id, "\n".join([row.body, *files.names(row)]))
    try:
        form = NewReply(body=row.body, attachments=files.take(session, taking.settings, sender, row))
    except ValidationError:
        raise NotTaken(Why.TOO_LONG) from None
    posted = writing.reply(session, sender, row.thread_id, form, arrived_by=writing.BY_MAIL)
    row.state, row.position = InboundState.POSTED, posted.position
    audit.record(
        session, byline.veiled(sender, posted), "inbound.post", ("inbound", row.id), thread=posted.thread_id, position=posted.position
    )
