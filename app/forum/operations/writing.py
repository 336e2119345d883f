"""Opening a thread, replying, editing. Text is rendered and sanitised here, once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam, insert, update
from sqlalchemy.orm import Session

from app.attachments.operations import attach
from app.core import audit, clock, jobs, markup
from app.core.access import Actor
from app.core.errors import Conflict, Invalid
from app.core.hot import Hot
from app.core.together import Said, together, write
from app.forum import access, listening
from app.forum.attached.access import MESSAGE
from app.forum.forms import EditReply, NewReply, NewThread
from app.forum.history import access as history
from app.forum.markings import Marking
from app.forum.masks import access as masks
from app.forum.masks import byline
from app.forum.masks.byline import Byline
from app.forum.mentions import access as mentioned
from app.forum.mentions import operations as mentions
from app.forum.models import Forum, Reply, ReplyRevision, Thread, ThreadKind, ThreadReader
from app.forum.operations.reading import mark_read, marks_own, start_mark
from app.forum.own import drafting
from app.forum.own.models import DraftOf
from app.forum.polls import operations as polls
from app.forum.practices import operations as practices
from app.forum.rounds import operations as rounds

_REPLIES: Any = Reply.__table__
_WRITTEN = (
    "thread_id", "position", "body", "html", "render_version", "version", "created_at", "hidden_by", "hidden_reason", "thanks",
    "arrived_by", *byline.COLUMNS,
)  # fmt: skip
_INSERT_REPLY = Hot(
    insert(_REPLIES).values({name: bindparam(f"its_{name}", type_=_REPLIES.c[name].type) for name in _WRITTEN}).returning(_REPLIES.c.id)
)
_FORUM_CHANGED = update(Forum.__table__).where(Forum.id == bindparam("forum")).values(version=Forum.version + 1)  # type: ignore[arg-type]
_THREAD_GREW = (
    update(Thread.__table__)  # type: ignore[arg-type]
    .where(Thread.id == bindparam("thread"))
    .values(last_position=bindparam("position"), last_reply_at=bindparam("at"), last_reply_by=bindparam("author"))
)


BY_MAIL = "mail"
MASKABLE = (ThreadKind.QUESTION, ThreadKind.DISCUSSION)
POSTED = "message.posted"
"""The job that tells whoever wants to hear of a message by mail or on the site: the poster waits for none of it."""
NAMED = "message.named"
"""The job that tells members whom an edit named."""
SETTLES = dt.timedelta(seconds=11)
"""After which a message can no longer be taken back: nothing that tells of one goes out before."""


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a message went. `mask`: 0 under its author's name, else the number that hides it."""

    thread_id: int
    position: int
    mask: int = 0


def _byline(session: Session, actor: Actor, *, anonymous: bool) -> Byline:
    return byline.masked(session, actor) if anonymous else byline.signed(actor)


@dataclass(frozen=True, slots=True)
class _Said:
    """A message's words, when they were posted, and how they came if not on the site."""

    body: str
    at: dt.datetime
    arrived_by: str = ""


def _write(session: Session, by: Byline, where: Posted, said: _Said) -> int:
    """The message's id."""
    words = mentions.written(session, ("thread", where.thread_id), said.body)
    values = {
        "thread_id": where.thread_id, "position": where.position, "body": words.text, "html": words.rendered.html,
        "render_version": markup.RENDER_VERSION, "version": 1, "created_at": said.at, "hidden_by": "", "hidden_reason": "",
        "thanks": 0, "arrived_by": said.arrived_by, **by.columns(),
    }  # fmt: skip
    written: int = _INSERT_REPLY.all(session, {f"its_{name}": value for name, value in values.items()})[0].id
    mentions.keep_first(session, written, words)
    return written


def job_of(message_id: int) -> str:
    """The key of the job that tells of a message."""
    return f"posted:{message_id}"


def _told(posted: Posted, message_id: int, arrived_by: str = "") -> Said:
    """The job. Not before its author can no longer take it back (withdrawing/); what came by mail can't be."""
    where = {"thread": posted.thread_id, "position": posted.position, "message": message_id}
    return jobs.queued(POSTED, where, clock.now() + (dt.timedelta() if arrived_by else SETTLES), job_of(message_id))


def forum_changed(session: Session, forum_id: int) -> None:
    """What anyone counts as unread in this forum is counted anew."""
    write(session, _changed(forum_id))


def _changed(forum_id: int) -> Said:
    return Said(_FORUM_CHANGED, {"forum": forum_id})


def marking_in(floor: int | None, label: str | None) -> Marking:
    """The marking asked for, or the forum's default; Invalid below the forum's floor."""
    least = Marking.GREEN if floor is None else Marking(floor)
    if label is None or label == "":
        return least
    marking = Marking.of(label)
    if floor is not None and marking < floor:
        raise Invalid(marking=f"This forum's threads are {Marking(floor).label} or stricter.")
    return marking


def check_readers(session: Session, forum_id: int, marking: Marking, readers: list[int]) -> list[int]:
    """Named readers belong to a TLP:RED thread alone, and must be able to see the forum; Invalid otherwise."""
    if marking is not Marking.RED:
        if readers:
            raise Invalid(readers="Readers are named for TLP:RED alone.")
        return []
    wanted = sorted(set(readers))
    able = set(session.execute(access.members_of_forum(forum_id)).scalars())
    if not able.issuperset(wanted):
        raise Invalid(readers="Only members who can see this forum can be named.")
    if not wanted:
        raise Invalid(readers="Name at least one reader for TLP:RED.")
    return wanted


def open_thread(session: Session, actor: Actor, slug: str, form: NewThread) -> Posted:
    """A new thread with its opening message at position 0."""
    forum = access.forum_for(session, actor, slug)
    access.require_open_thread(actor, forum.right)
    if form.kind is ThreadKind.NOTICE and not access.may_open_notice(actor, forum.right):
        raise Invalid(kind="Notices are the association's staff's and the forum's moderators'.")
    marking = marking_in(forum.marking_floor, form.marking)
    readers = check_readers(session, forum.id, marking, form.readers)
    if form.anonymous:
        _require_maskable(forum, form.kind, marking)
    by, now = _byline(session, actor, anonymous=form.anonymous), clock.now()
    thread = Thread(
        forum_id=forum.id, kind=form.kind, title=form.title, marking=marking, created_at=now, last_reply_at=now,
        last_reply_by=by.author_id, **by.of_thread(),
    )  # fmt: skip
    session.add(thread)
    session.flush()
    session.add_all(ThreadReader(thread_id=thread.id, member_id=reader) for reader in readers)
    session.flush()
    posted = Posted(thread.id, 0)
    written = _write(session, byline.numbered(session, actor, by, thread.id, begins=True), posted, _Said(form.body, now))
    attach(session, actor, form.attachments, (MESSAGE, written), by.author_id)
    if form.practice is not None:
        practices.keep_first(session, actor, thread, form.practice)
    rounds.begin(session, thread, form.subjects)
    listening.messages_changed(session, [written])
    if form.poll is not None:
        polls.keep_first(session, actor, thread, form.poll)
    mark_read(session, actor, thread.id, 0)
    drafting.forget(session, actor, DraftOf.FORUM, forum.id)
    write(session, _told(posted, written))
    forum_changed(session, forum.id)  # after the author's own row, as a reply does: else each could wait for the other
    said: dict[str, Any] = {"forum": slug, "kind": form.kind, "marking": marking.label, "readers": readers, **_files(form)}
    audit.record(session, byline.veiled(actor, by), "thread.open", ("thread", thread.id), **said)
    return posted


def _files(form: NewThread | NewReply) -> dict[str, Any]:
    """For the log."""
    return {"attachments": form.attachments} if form.attachments else {}


def _require_maskable(forum: Row[Any], kind: ThreadKind, marking: Marking) -> None:
    """What can be asked without one's name: a question or a discussion, for all who read a forum that allows it."""
    if not forum.anonymous_ok:
        raise Invalid(anonymous="This forum takes nothing without a name.")
    if kind not in MASKABLE:
        raise Invalid(anonymous="Only a question or a discussion can be begun without a name.")
    if marking is Marking.RED:
        raise Invalid(anonymous="A TLP:RED thread names who reads it, so its author has a name too.")


def reply(session: Session, actor: Actor, thread_id: int, form: NewReply, arrived_by: str = "") -> Posted:
    """A reply at the next position; `arrived_by` is "mail" for one that came so. Replies to one thread wait for each other at its row, so
    positions have no gap and no double."""
    thread = access.thread_for_reply(session, actor, thread_id)
    access.require_reply(actor, thread.right, locked=thread.locked_at is not None)
    _require_nothing_new(thread.last_position, form.seen)
    by, now = _byline_in(session, actor, thread, form, arrived_by), clock.now()
    posted = Posted(thread_id, thread.last_position + 1, by.mask)
    written = _write(session, by, posted, _Said(form.body, now, arrived_by))
    attach(session, actor, form.attachments, (MESSAGE, written), by.author_id)
    told = listening.replied(session, thread, {"id": written, "body": form.body, "at": now, "files": bool(form.attachments), "by": by})
    logged = audit.line(byline.veiled(actor, by), "reply.post", ("thread", thread_id), position=posted.position, **_files(form))
    # Last: replies to other threads of the forum wait at its row from here to the commit.
    grown = _grown(session, actor, thread, by, posted)
    if thread.has_draft and not arrived_by:
        grown.append(drafting.gone(actor, DraftOf.THREAD, thread_id))
    together(session, [*grown, *told, logged, _told(posted, written, arrived_by), _changed(thread.forum_id)])
    return posted


def _grown(session: Session, actor: Actor, thread: Row[Any], by: Byline, posted: Posted) -> list[Said]:
    """What a reply changes of its thread; and of its author's own mark, if they had read what came before."""
    now, mark = clock.now(), thread.mark
    if mark is None and thread.read_to == thread.last_position >= 0:
        start_mark(session, actor, thread.id, thread.last_position)
        mark = thread.last_position
    at = max(now, thread.last_reply_at)
    grown = Said(_THREAD_GREW, {"thread": thread.id, "position": posted.position, "at": at, "author": by.author_id})
    return [grown, *(marks_own(actor, thread.id, posted.position, now) if mark == thread.last_position else [])]


def _require_nothing_new(last: int, seen: int | None) -> None:
    """Who answers what is settled meanwhile wants to know before, not after. Sent once more, it is posted."""
    new = last - seen if seen is not None else 0
    if new > 0:
        came = f"A reply came, #{last}," if new == 1 else f"{new} replies came, #{last - new + 1} to #{last},"
        raise Conflict(f"{came} while you wrote. Yours is below: change it, or post it as it is.")


def _byline_in(session: Session, actor: Actor, thread: Row[Any], form: NewReply, arrived_by: str) -> Byline:
    """A mail can't say that it is to be anonymous: whoever wrote so in this thread before writes so again."""
    anonymous = form.anonymous or (arrived_by == BY_MAIL and masks.own_number(session, actor, thread.id) is not None)
    if form.anonymous and not thread.anonymous_ok:
        raise Invalid(anonymous="This forum takes nothing without a name.")
    return byline.numbered(session, actor, _byline(session, actor, anonymous=anonymous), thread.id)


def edit(session: Session, actor: Actor, where: Posted, form: EditReply) -> None:
    """Change one's own message; the earlier text is kept. Conflict if it was changed since the version that was edited."""
    thread, _slug, right = access.thread_for_act(session, actor, where.thread_id)
    message = access.reply_for_act(session, thread, where.position)
    access.require_edit(actor, right, message, is_own=masks.is_own(session, actor, thread.id, message), locked=thread.locked_at is not None)
    history.require_edit_at(actor, right, message.created_at, history.edit_hours_of(session, thread))
    if message.version != form.version:
        raise Conflict("It was changed meanwhile. Your text is below; the current text is beside it.")
    if form.title is not None and where.position > 0:
        raise Invalid(title="Only the opening message has a title.")
    now = clock.now()
    session.add(
        ReplyRevision(
            reply_id=message.id, version=message.version, body=message.body, html=message.html,
            written_at=message.edited_at or message.created_at, replaced_at=now, replaced_by=message.author_id,
        )
    )  # fmt: skip
    words = mentions.written(session, ("thread", thread.id), form.body, mentioned.mentions_of(session, message.id))
    message.body, message.html, message.render_version = words.text, words.rendered.html, markup.RENDER_VERSION
    new = mentions.keep(session, message.id, words)
    if new:
        jobs.enqueue(session, NAMED, {"message": message.id, "members": new}, max(now, message.created_at + SETTLES))
    message.version, message.edited_at = message.version + 1, now
    if form.title is not None and form.title != thread.title:
        thread.title, thread.version = form.title, thread.version + 1
    listening.messages_changed(session, [message.id])
    audit.record(
        session, byline.veiled(actor, message), "reply.edit", ("thread", thread.id), position=where.position, version=message.version
    )
    forum_changed(session, thread.forum_id)  # last, as a reply does: what is kept of searches in this forum is out of date
