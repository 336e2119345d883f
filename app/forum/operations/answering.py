"""A question's answer: the asker or a moderator says which reply it is, and may change their mind."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.access import Actor
from app.core.errors import Conflict, Invalid
from app.core.ports import mail
from app.core.ports.mail import Letter
from app.forum import access
from app.forum.history import access as history
from app.forum.masks import access as masks
from app.forum.masks import byline
from app.forum.models import Reply, Thread, ThreadKind
from app.forum.operations.writing import forum_changed
from app.membership import access as members

BY_ASKER = "the asker"


def accept(session: Session, actor: Actor, thread_id: int, position: int) -> None:
    """This reply is the answer, in place of any other."""
    thread, is_own = _question(session, actor, thread_id)
    if not 0 < position <= thread.last_position:
        raise Invalid(position="There is no such reply.")
    reply = access.reply_for_act(session, thread, position)
    if reply.hidden_at is not None:
        raise Conflict("A moderator has hidden this reply.")
    thread.answer_position, thread.answered_at = position, clock.now()
    thread.answered_by = BY_ASKER if is_own else f"{actor.rank} {actor.name}".strip()
    _changed(session, actor, thread, "thread.answer", is_own=is_own, position=position)
    _tell(session, thread, reply)


def take_back(session: Session, actor: Actor, thread_id: int) -> None:
    thread, is_own = _question(session, actor, thread_id)
    if thread.answer_position is None:
        return
    forget(thread)
    _changed(session, actor, thread, "thread.unanswer", is_own=is_own)


def forget(thread: Thread) -> None:
    thread.answer_position, thread.answered_at, thread.answered_by = None, None, ""


def set_aside(thread: Thread, message: Reply) -> None:
    """A hidden answer is none: its question is open again wherever it stands. When and by whom it was accepted is kept meanwhile."""
    if message.position == thread.answer_position:
        thread.answer_position, thread.version = None, thread.version + 1


def put_back(session: Session, thread: Thread, message: Reply) -> None:
    """Called while the message is still hidden. It is the answer again if it must have been: of several that were hidden since one was
    accepted, nobody can tell which that was, and the asker may accept it anew."""
    if thread.answer_position is not None or thread.answered_at is None or message.hidden_at is None:
        return
    if message.hidden_at < thread.answered_at:
        return
    if history.only_one_hidden_since(session, message, thread.answered_at):
        thread.answer_position = message.position
    else:
        forget(thread)
    thread.version += 1


def _question(session: Session, actor: Actor, thread_id: int) -> tuple[Thread, bool]:
    thread, _slug, right = access.thread_for_act(session, actor, thread_id)
    is_own = masks.is_own(session, actor, thread_id, thread)
    access.require_answer(actor, right, is_own=is_own)
    if thread.kind != ThreadKind.QUESTION:
        raise Conflict("Only a question has an answer.")
    return thread, is_own


def _changed(session: Session, actor: Actor, thread: Thread, verb: str, *, is_own: bool, **detail: Any) -> None:
    thread.version += 1
    forum_changed(session, thread.forum_id)
    audit.record(session, byline.veiled(actor, thread) if is_own else actor, verb, ("thread", thread.id), **detail)


def _tell(session: Session, thread: Thread, reply: Reply) -> None:
    """Whoever wrote it, also without a name; unless it was the asker. Neither title nor words: the marking needs no asking then."""
    author = masks.author_of(session, reply)
    to = members.address_of_current(session, author)
    if to is None or author == masks.author_of(session, thread):
        return
    path = f"/threads/{thread.id}/replies/{reply.position}"
    subject, values = "Your reply was accepted as the answer", {"path": path}
    mail.queue(session, Letter("notification", to, "accepted", subject, f"answer:{reply.id}", values, author, topic="answer", page=path))
