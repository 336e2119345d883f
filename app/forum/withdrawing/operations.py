"""Taking back what one posted a moment ago. It leaves nothing that anybody sees: no message, no count, no notification, no mail, since
nothing about a message is told before it can no longer be taken back. The log says that it was done; the words are the author's again, as
a draft, and its files theirs to use.

Positions have no gap: what others wrote in those seconds moves up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.attachments.operations import detach
from app.core import audit, jobs
from app.core.access import Actor
from app.core.errors import Conflict, NotFound
from app.forum import access as forum
from app.forum import listening
from app.forum.adoptions.models import Adoption
from app.forum.attached import access as attached
from app.forum.attached.access import MESSAGE
from app.forum.masks import access as masks
from app.forum.masks import byline
from app.forum.masks.models import Mask
from app.forum.mentions.models import Mention
from app.forum.models import ReadMark, Reply, ReplyRevision, Thread, ThreadReader, Watch
from app.forum.operations import answering
from app.forum.operations.writing import forum_changed, job_of
from app.forum.own import drafting
from app.forum.own.forms import DraftForm
from app.forum.own.models import AlsoAsks, Bookmark, Draft, DraftOf, Thanks
from app.forum.polls import operations as polls
from app.forum.practices.models import Practice, PracticeRevision, ThreadSubject
from app.forum.withdrawing import access, links

STAYS = "Something came of it meanwhile, so it stays. You can edit it instead."
Holds = Callable[[Session, int], bool]
Moved = Callable[[Session, int, int], None]
_holds: list[Holds] = []
_moved: list[Moved] = []


def register(holds: Holds, moved: Moved) -> None:
    """A package above says whether something of its own hangs on a message (by id), and keeps up when messages of a thread from a
    position on are now each one before."""
    _holds.append(holds)
    _moved.append(moved)


def withdraw_reply(session: Session, actor: Actor, thread_id: int, position: int, message_id: int | None = None) -> None:
    """`message_id`: which one the page meant, where it was seen before others moved."""
    thread, message = _own(session, actor, thread_id, position)
    if position == 0 or message_id not in (None, message.id):
        raise NotFound
    later = access.after(session, message)
    sent = _sent(session, message)
    links.follow(session, thread, message)
    _take_out(session, actor, message)
    _close_up(session, thread, position, later)
    drafting.put_back(session, actor, (DraftOf.THREAD, thread_id), sent)
    forum_changed(session, thread.forum_id)
    audit.record(session, byline.veiled(actor, message), "reply.withdraw", ("thread", thread_id), position=position, moved=len(later))


def _sent(session: Session, message: Reply) -> DraftForm:
    """A reply as its form held it."""
    files = attached.ids_of(session, message.id)
    fields = {"anonymous": ["yes" if message.mask else ""]}
    return DraftForm.model_construct(title="", body=message.body, fields=fields, attachments=files)


def withdraw_thread(session: Session, actor: Actor, thread_id: int, sent: DraftForm) -> None:
    """Only as long as nobody has replied: else their words would be gone, too. `sent`: the composer as it was, which is a draft again."""
    thread, message = _own(session, actor, thread_id, 0)
    if thread.last_position > 0:
        raise Conflict("Somebody has replied, so the thread stays. You can edit it instead.")
    if session.execute(access.anything_about(Adoption.thread_id, thread_id)).first() or masks.is_looked_at(session, thread_id):
        raise Conflict(STAYS)
    _take_out(session, actor, message)
    drafting.put_back(session, actor, (DraftOf.FORUM, thread.forum_id), sent)
    veiled = byline.veiled(actor, message)
    _take_thread_out(session, thread)
    audit.record(session, veiled, "thread.withdraw", ("thread", thread_id))


def _own(session: Session, actor: Actor, thread_id: int, position: int) -> tuple[Thread, Reply]:
    thread, _slug, _right = forum.thread_for_act(session, actor, thread_id)
    message = forum.reply_for_act(session, thread, position)
    access.require_withdraw(actor, message, is_own=masks.is_own(session, actor, thread_id, message))
    return thread, message


def _take_out(session: Session, actor: Actor, message: Reply) -> None:
    """Its job is taken back first: a worker that has begun with it has begun to tell people."""
    if any(holds(session, message.id) for holds in _holds):
        raise Conflict(STAYS)
    if not jobs.take_back(session, job_of(message.id)):
        raise Conflict(access.TOO_LATE)
    detach(session, actor, (MESSAGE, message.id))
    for table in (Thanks, ReplyRevision, Mention):
        session.execute(delete(table).where(table.reply_id == message.id))
    session.delete(message)
    session.flush()
    listening.messages_changed(session, [message.id])


def _close_up(session: Session, thread: Thread, position: int, later: list[Reply]) -> None:
    for reply in later:  # one by one: no two may have a position even for a moment
        reply.position -= 1
        session.flush()
    last = access.last_of(session, thread.id, thread.last_position + 1)
    thread.last_position, thread.last_reply_at, thread.last_reply_by = last.position, last.created_at, last.author_id
    if thread.answer_position is not None and thread.answer_position >= position:
        if thread.answer_position == position:
            answering.forget(thread)
        else:
            thread.answer_position -= 1
        thread.version += 1
    there = (ReadMark.thread_id == thread.id, ReadMark.position >= position)
    session.execute(update(ReadMark).where(*there).values(position=ReadMark.position - 1).execution_options(synchronize_session=False))
    for moved in _moved:
        moved(session, thread.id, position)


def _take_thread_out(session: Session, thread: Thread) -> None:
    session.execute(delete(Draft).where(Draft.of == DraftOf.THREAD, Draft.about_id == thread.id))
    polls.take_out(session, thread.id)
    tables: tuple[Any, ...] = (ThreadReader, ReadMark, Watch, Bookmark, AlsoAsks, ThreadSubject, PracticeRevision, Practice, Mask)
    for table in tables:
        session.execute(delete(table).where(table.thread_id == thread.id).execution_options(synchronize_session=False))
    session.delete(thread)
    session.flush()
    forum_changed(session, thread.forum_id)
