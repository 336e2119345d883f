"""What a thread is about, changed after it was posted: by its author for as long as they may edit it, and by the forum's moderators."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.core import audit
from app.core.access import Actor
from app.core.errors import Conflict, Forbidden
from app.forum import access as forum
from app.forum import listening
from app.forum.history import access as history
from app.forum.masks import access as masks
from app.forum.masks import byline
from app.forum.models import Reply, ThreadKind
from app.forum.practices import access, operations
from app.forum.practices.forms import SubjectsForm


class Place(NamedTuple):
    """What the rule asks of a thread: its kind, the actor's right in its forum, whether it is locked, for how many hours messages may be
    edited there."""

    kind: str
    right: int
    locked: bool
    hours: int | None


def place_of(thread: Row[Any]) -> Place:
    """Of a row of queries.replies."""
    return Place(thread.kind, thread.right, thread.locked_at is not None, thread.edit_hours)


def may_tag(actor: Actor, thread: Row[Any], *, is_own: bool) -> bool:
    """For the page of a thread, a row of queries.replies that was reached through the actor; that its opening message is hidden is told
    when it is tried."""
    kind, right, locked, hours = place_of(thread)
    if kind == ThreadKind.NOTICE:
        return False
    is_time = kind == ThreadKind.LESSON or history.may_edit_at(actor, right, thread.created_at, hours)
    return forum.may_moderate(actor, right) or (is_own and is_time and forum.may_reply(actor, right, locked=locked))


def require_tag(actor: Actor, place: Place, opening: Reply | Row[Any], *, is_own: bool) -> None:
    """A lesson's author says what it is about as long as they keep its record: the rule is the record's, not the message's."""
    if place.kind == ThreadKind.NOTICE:
        raise Conflict("A notice has no subjects.")
    if forum.may_moderate(actor, place.right):
        return
    if not is_own:
        raise Forbidden("Only this forum's moderators and the thread's author can do that.")
    forum.require_edit(actor, place.right, opening, is_own=True, locked=place.locked)
    if place.kind != ThreadKind.LESSON:
        history.require_edit_at(actor, place.right, opening.created_at, place.hours)


def change(session: Session, actor: Actor, thread_id: int, form: SubjectsForm) -> None:
    """These subjects and no others from now on: in lists, on the page, in the search and for whom a question asks next. A lesson's record
    holds them, so what it said before is kept with it."""
    thread, _slug, right = forum.thread_for_act(session, actor, thread_id)
    opening = forum.reply_for_act(session, thread, 0)
    is_own = masks.is_own(session, actor, thread_id, thread)
    place = Place(thread.kind, right, thread.locked_at is not None, history.edit_hours_of(session, thread))
    require_tag(actor, place, opening, is_own=is_own)
    before = [subject.slug for subject in access.subjects_of(session, thread_id)]
    chosen = operations.chosen_subjects(session, thread_id, form.subjects)
    if set(before) == set(form.subjects):
        return
    record = access.record_for_act(session, thread_id)
    if record is not None:
        operations.keep_revision(session, actor, record)
    operations.put_subjects(session, thread_id, chosen)
    thread.version += 1
    listening.thread_changed(session, thread_id)
    after = [subject.slug for subject in access.subjects_of(session, thread_id)]
    said: dict[str, Any] = {"before": before, "after": after, "by": "author" if is_own else "moderator"}
    audit.record(session, byline.veiled(actor, thread) if is_own else actor, "thread.subjects", ("thread", thread_id), **said)
