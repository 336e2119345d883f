"""What a forum's moderators do in it: pin, lock, hide, mark. Each with a reason where it takes something away."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.access import Actor
from app.core.errors import Conflict, Forbidden
from app.forum import access, listening
from app.forum.forms import ChangeMarking
from app.forum.markings import Marking
from app.forum.masks import access as masks
from app.forum.masks import byline
from app.forum.models import Forum, Reply, Thread, ThreadReader
from app.forum.operations import answering
from app.forum.operations.writing import check_readers, forum_changed, marking_in


def _moderated(session: Session, actor: Actor, thread_id: int) -> Thread:
    thread, _slug, right = access.thread_for_act(session, actor, thread_id)
    access.require_moderate(actor, right)
    return thread


def pin(session: Session, actor: Actor, thread_id: int, *, pinned: bool) -> None:
    thread = _moderated(session, actor, thread_id)
    thread.pinned, thread.version = pinned, thread.version + 1
    audit.record(session, actor, "thread.pin" if pinned else "thread.unpin", ("thread", thread_id))


def lock(session: Session, actor: Actor, thread_id: int, reason: str) -> None:
    """Nobody but moderators can reply or edit from now on; the reason stands in the thread."""
    thread = _moderated(session, actor, thread_id)
    thread.locked_at, thread.locked_by, thread.lock_reason = clock.now(), signed(actor), reason
    thread.version += 1
    audit.record(session, actor, "thread.lock", ("thread", thread_id), reason=reason)


def unlock(session: Session, actor: Actor, thread_id: int) -> None:
    thread = _moderated(session, actor, thread_id)
    thread.locked_at, thread.locked_by, thread.lock_reason = None, "", ""
    thread.version += 1
    audit.record(session, actor, "thread.unlock", ("thread", thread_id))


def hide(session: Session, actor: Actor, thread_id: int, position: int, reason: str) -> None:
    """Readers see a stub with the reason; the text is kept for its author and the moderators."""
    thread = _moderated(session, actor, thread_id)
    message = access.reply_for_act(session, thread, position)
    if message.hidden_at is not None:
        raise Conflict("It is hidden already.")
    take_out(session, thread, message, by=signed(actor), reason=reason)
    audit.record(session, actor, "reply.hide", ("thread", thread_id), position=position, reason=reason)


def show(session: Session, actor: Actor, thread_id: int, position: int) -> None:
    thread = _moderated(session, actor, thread_id)
    message = access.reply_for_act(session, thread, position)
    bring_back(session, thread, message)
    audit.record(session, actor, "reply.show", ("thread", thread_id), position=position)


def take_out(session: Session, thread: Thread, message: Reply, *, by: str, reason: str) -> None:
    """A message of a thread that was reached, and whose hiding was allowed, out of view; hidden already, it is with this word."""
    answering.set_aside(thread, message)
    message.hidden_at, message.hidden_by, message.hidden_reason = clock.now(), by, reason
    message.version += 1
    listening.messages_changed(session, [message.id])
    forum_changed(session, thread.forum_id)


def bring_back(session: Session, thread: Thread, message: Reply) -> None:
    answering.put_back(session, thread, message)
    message.hidden_at, message.hidden_by, message.hidden_reason = None, "", ""
    message.version += 1
    listening.messages_changed(session, [message.id])
    forum_changed(session, thread.forum_id)


def change_marking(session: Session, actor: Actor, thread_id: int, form: ChangeMarking) -> None:
    """Moderators may mark a thread stricter; only its author may widen it again (H1). Readers are named anew each time."""
    thread, slug, right = access.thread_for_act(session, actor, thread_id)
    is_own = masks.is_own(session, actor, thread_id, thread)
    access.require_mark(actor, right, is_own=is_own)
    before = Marking(thread.marking)
    marking = marking_in(session.get_one(Forum, thread.forum_id).marking_floor, form.marking)
    readers = check_readers(session, thread.forum_id, marking, form.readers)
    if not is_own:
        _require_no_wider(session, thread, marking, readers)
    session.execute(delete(ThreadReader).where(ThreadReader.thread_id == thread_id))
    session.add_all(ThreadReader(thread_id=thread_id, member_id=reader) for reader in readers)
    thread.marking, thread.version = marking, thread.version + 1
    listening.thread_changed(session, thread_id)
    forum_changed(session, thread.forum_id)
    said: dict[str, Any] = {"before": before.label, "after": marking.label, "readers": readers, "forum": slug}
    audit.record(session, byline.veiled(actor, thread) if is_own else actor, "thread.marking", ("thread", thread_id), **said)


def _require_no_wider(session: Session, thread: Thread, marking: Marking, readers: list[int]) -> None:
    """A wider marking, or another reader of what was TLP:RED already, is the author's to give."""
    if marking < thread.marking:
        raise Forbidden("Only a thread's author can widen its marking.")
    if thread.marking == Marking.RED:
        named = set(session.execute(select(ThreadReader.member_id).where(ThreadReader.thread_id == thread.id)).scalars())
        if not named.issuperset(readers):
            raise Forbidden("Only a thread's author can name another reader.")


def signed(actor: Actor) -> str:
    """How a moderator's word is signed in a thread."""
    return f"{actor.rank} {actor.name}".strip()
