"""The second fence for questions' rounds. Whom a question went to is told to nobody: the page says how many. Who is asked sees the thread
by the rule of all threads, may answer in it, and agreed to be asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, case, exists, false, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from app.agencies import like
from app.agencies.models import Agency
from app.core import clock
from app.core.access import Actor
from app.core.errors import Forbidden
from app.core.sql import constant
from app.forum.access import ME, right_in
from app.forum.masks import access as masks
from app.forum.models import Forum, GrantRight, Reply, Thread, ThreadKind, Watch, WatchLevel
from app.forum.practices import access as practices
from app.forum.rounds.models import Askable, Asked, Course, MemberSubject
from app.forum.rounds.timing import WEEK
from app.forum.telling import access as telling
from app.membership.models import Member, MemberClass, MemberStatus

SHORTLIST = 60  # more than are asked: some may have had their two of this week when their turn comes
_THREAD: Any = bindparam("thread")
_SUBJECTS: Any = bindparam("subjects", expanding=True)
Quiet = Callable[[Any, Any], ColumnElement[bool]]
_quiet: Quiet = lambda _member, _forum: false()  # noqa: E731
_away: Callable[[Any], ColumnElement[bool]] = lambda _member: false()  # noqa: E731


def register_quiet(condition: Quiet, away: Callable[[Any], ColumnElement[bool]]) -> None:
    """A package above says by SQL which members (a column) want to hear nothing now of a forum (a column), and which of them because they
    are away; with the value `today`."""
    global _quiet, _away
    _quiet, _away = condition, away
    _shortlist.cache_clear()


def _today() -> dt.date:
    """Away until the day has come wherever they are."""
    return (clock.now() - dt.timedelta(hours=12)).date()


def is_away(session: Session, member_id: int) -> bool:
    return bool(session.execute(select(_away(literal(member_id))), {"today": _today()}).scalar())


def is_muted(session: Session, member_id: int, thread_id: int) -> bool:
    muted = (Watch.member_id == member_id, Watch.thread_id == thread_id, Watch.level == WatchLevel.MUTE)
    return session.execute(select(Watch.level).where(*muted)).first() is not None


# What one says of oneself ---------------------------------------------------------------------------------------------------

_ASKABLE = select(Askable.may_ask).where(Askable.member_id == bindparam("member"))


def subjects_of(member_id: Any) -> Select[Any]:
    """The ids of the subjects that a member says they know about: every member may see them."""
    return select(MemberSubject.subject_id).where(MemberSubject.member_id == member_id)


def may_be_asked(conn: Connection | Session, member_id: int) -> bool:
    return bool(conn.execute(_ASKABLE, {"member": member_id}).scalar())


def has_chosen() -> ColumnElement[bool]:
    """Whether the member `me` has said yet whether they may be asked."""
    return exists().where(Askable.member_id == ME)


def require_choose(actor: Actor) -> None:
    if not actor.may_write:
        raise Forbidden("While your membership is restricted, nobody asks you.")


# A question as it stands ----------------------------------------------------------------------------------------------------

_QUESTION: Any = (
    select(
        Thread.id, Thread.forum_id, Thread.kind, Thread.marking, Thread.mask, Thread.author_id, Thread.answer_position, Thread.locked_at,
        Reply.author_agency.label("words"), Reply.author_agency_id.label("agency_id"),
    )
    .join(Reply, (Reply.thread_id == Thread.id) & (Reply.position == 0))
    .join(Forum, Forum.id == Thread.forum_id)
    .where(
        Thread.id == _THREAD, Thread.kind == ThreadKind.QUESTION, Thread.author_class != MemberClass.PARTNER, Reply.hidden_at.is_(None),
        Forum.archived_at.is_(None),
    )
)  # fmt: skip


def question(conn: Connection | Session, thread_id: int) -> Row[Any] | None:
    """A question that stands, for the worker alone; None where it is hidden, its forum closed, or it is a partner's: that goes nowhere."""
    return conn.execute(_QUESTION, {"thread": thread_id}).first()


def is_answered_elsewhere(conn: Connection, asked: Row[Any]) -> bool:
    """Whether somebody at another agency has replied. Of a masked question any reply of another counts: that one of its asker's own
    agency counted for nothing would tell which it is."""
    stands = (Reply.thread_id == asked.id, Reply.position > 0, Reply.hidden_at.is_(None))
    if asked.mask:
        others = Reply.mask != asked.mask
    else:
        own_agency = false() if asked.agency_id is None else func.coalesce(Reply.author_agency_id == asked.agency_id, False)
        others = and_(Reply.author_id != asked.author_id, ~own_agency)
    return conn.execute(select(Reply.id).where(*stands, others).limit(1)).first() is not None


# Whom to ask ----------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def _shortlist(alike: str, by_subject: bool) -> Select[Any]:
    """Built once for each way: alike "agency" (the asker's own, by name), "size" (what a mask says), or "" (nothing is known)."""
    fits = {"agency": like.IS_ALIKE, "size": Agency.sworn.between(bindparam("least"), bindparam("most"))}.get(alike, false())
    fits = func.coalesce(fits, False)
    mine = select(func.min(MemberSubject.subject_id)).where(
        MemberSubject.member_id == Member.id, MemberSubject.subject_id.in_(_SUBJECTS) if by_subject else false()
    )
    subject = mine.scalar_subquery()
    rank = case((fits & subject.is_not(None), 0), (subject.is_not(None), 1), else_=2)
    near = like.NEAREST if alike == "agency" else ()
    statement = (
        telling.hearers(Member.id, subject.label("subject_id"))
        .join(Askable, Askable.member_id == Member.id)
        .outerjoin(Agency, Agency.id == Member.agency_id)
        .where(Askable.may_ask, or_(fits, subject.is_not(None)), *_can_answer(), *_not_yet())
    )
    return statement.order_by(rank, *near, func.coalesce(Askable.last_at, bindparam("never")), Member.id).limit(constant(SHORTLIST))


def _can_answer() -> tuple[ColumnElement[bool], ...]:
    """Of those who see the thread: they may write in it, want to hear of its forum at this time, and have nothing to sell."""
    muted = exists().where(Watch.member_id == Member.id, Watch.thread_id == Thread.id, Watch.level == WatchLevel.MUTE)
    return (
        Member.status == MemberStatus.ACTIVE, Member.confirm_first == "", Member.member_class != MemberClass.PARTNER,
        right_in(Thread.forum_id, Member.id) >= GrantRight.POST, ~muted, ~_quiet(Member.id, Thread.forum_id),
    )  # fmt: skip


def _not_yet() -> tuple[ColumnElement[bool], ...]:
    """Neither the asker nor who was asked it, nor who had their two of this week; nor the asker's colleagues, who can be asked at work.
    A masked question has no agency, so its asker's colleagues are asked like others: who is left out would tell where it comes from."""
    had_it = exists().where(Asked.thread_id == Thread.id, Asked.member_id == Member.id)
    asker = or_(Member.id == Thread.author_id, (Thread.mask > 0) & masks.is_asker(Thread.id, Member.id))
    colleague = func.coalesce(Member.agency_id == bindparam("agency", type_=Member.agency_id.type), False)
    return (~had_it, ~asker, ~colleague, or_(Askable.before_at.is_(None), Askable.before_at <= bindparam("week_ago")))


Alike = tuple[str, dict[str, Any]]
"""How agencies are compared, and with what."""
_NEVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def shortlist(conn: Connection, asked: Row[Any], alike: Alike, subjects: list[int]) -> list[Row[Any]]:
    """Who may be asked this question, the best first."""
    how, values = alike
    now = clock.now()
    values = {**values, "today": _today(), "week_ago": now - WEEK, "never": _NEVER}
    values |= {"subjects": subjects} if subjects else {}
    return list(conn.execute(_shortlist(how, bool(subjects)), {**values, "thread": asked.id, "agency": asked.agency_id}))


def course_for_act(session: Session, thread_id: int) -> Course | None:
    """The row, locked until the transaction ends."""
    statement = select(Course).where(Course.thread_id == thread_id).with_for_update()
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


def number_asked(session: Session, thread_id: int, number: int) -> int:
    return session.execute(select(func.count()).where(Asked.thread_id == thread_id, Asked.number == number)).scalar_one()


# What its page says ---------------------------------------------------------------------------------------------------------

_Theirs = aliased(Reply)
_ANSWERED = (
    select(func.count(_Theirs.author_id.distinct()))
    .join(Asked, Asked.member_id == _Theirs.author_id)
    .where(Asked.thread_id == Course.thread_id, _Theirs.thread_id == Course.thread_id, _Theirs.position > 0, _Theirs.hidden_at.is_(None))
    .correlate(Course)
)
_COURSE = select(
    Course.first_at, Course.again_at, Course.outcome, Course.outcome_at, Course.outcome_asked_at,
    select(func.count()).where(Asked.thread_id == Course.thread_id).correlate(Course).scalar_subquery().label("asked"),
    _ANSWERED.scalar_subquery().label("answered"),
    exists().where(Asked.thread_id == Course.thread_id, Asked.member_id == ME).correlate(Course).label("is_asked"),
).where(Course.thread_id == _THREAD)  # fmt: skip


def course_of(conn: Connection, actor: Actor, thread_id: int) -> Row[Any] | None:
    """How far a question went that was reached through the actor: how many were asked and answered, never who."""
    return conn.execute(_COURSE, {"thread": thread_id, "me": actor.member_id}).first()


def was_asked(thread_id: Any, member: Any = ME) -> ColumnElement[bool]:
    """Whether this question went to the member, for a statement about threads."""
    return exists().where(Asked.thread_id == thread_id, Asked.member_id == member)


def was_ever_asked() -> ColumnElement[bool]:
    """Whether any question went to the member `me`."""
    return exists().where(Asked.member_id == ME)


KNOWING: Any = select(MemberSubject.member_id).where(MemberSubject.subject_id.in_(practices.with_slug(bindparam("subject"))))
"""The ids of the members who say that they know about the subject with this slug: every member may see them."""


def knows_about(thread_id: Any, member: Any = ME) -> ColumnElement[bool]:
    """Whether the thread is about something that the member says they know, likewise."""
    return practices.is_about(thread_id, subjects_of(member))


def asked_of(member: Any) -> Select[Any]:
    """The ids of the twenty threads that went to the member last."""
    latest = select(Asked.thread_id).where(Asked.member_id == member).order_by(Asked.at.desc()).limit(constant(20)).subquery()
    return select(latest.c.thread_id)
