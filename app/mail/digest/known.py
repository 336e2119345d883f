"""What is each reader's own: where they read, what they chose, what they know already. Three statements for a whole batch, however many."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Select, String, bindparam, cast, literal, select, union_all

from app.core.sql import joined_texts
from app.forum.crowd import access
from app.forum.crowd.access import Reach
from app.forum.models import ReadMark, Watch, WatchLevel
from app.mail.models import ForumLevel, Level, MailedAtOnce

MUTED = 1 << 60
"""As far read as can be."""


@dataclass(slots=True)
class Known:
    """What a reader has chosen and knows. Of `levels` those are left out that are daily anyway; `read` is the position read to, by
    thread."""

    reach: Reach
    levels: dict[int, Level] = field(default_factory=dict)
    read: dict[int, int] = field(default_factory=dict)
    mailed: set[int] = field(default_factory=set)
    named: set[int] = field(default_factory=set)


# Numbers that stand in the statement's text: thousands of parameters take longer to be bound than the statement takes to be read.
_IDS: Any = bindparam("ids", expanding=True, literal_execute=True)
_SINCE: Any = bindparam("since")
_READ, _MUTE, _MAILED, _NAMED = (f"{n}" for n in range(4))
_named = access.named_of_many(_IDS).subquery()


def _gathered(what: str, member: Any, about: Any, *where: Any) -> Select[Any]:
    """One row for each member that has any: many small rows take longer than all else about them."""
    return select(literal(what), member, joined_texts(about)).where(*where).group_by(member)


_CHOSEN = [
    _gathered(level.value, ForumLevel.member_id, ForumLevel.forum_id, ForumLevel.member_id.in_(_IDS), ForumLevel.level == level.value)
    for level in (Level.NONE, Level.WEEKLY)
]
_DAILY = _gathered(
    Level.DAILY.value, ForumLevel.member_id, ForumLevel.forum_id, ForumLevel.member_id.in_(_IDS),
    ForumLevel.level.in_((Level.DAILY.value, Level.EACH.value)),
)  # fmt: skip
_PARTS = [
    _gathered(
        _READ, ReadMark.member_id, cast(ReadMark.thread_id, String) + ":" + cast(ReadMark.position, String),
        ReadMark.member_id.in_(_IDS), ReadMark.read_at > _SINCE,
    ),
    _gathered(_MUTE, Watch.member_id, Watch.thread_id, Watch.member_id.in_(_IDS), Watch.level == literal(WatchLevel.MUTE.value)),
    _gathered(_MAILED, MailedAtOnce.member_id, MailedAtOnce.reply_id, MailedAtOnce.member_id.in_(_IDS), MailedAtOnce.at > _SINCE),
    _gathered(_NAMED, _named.c[0], _named.c[1]),
    *_CHOSEN,
]  # fmt: skip
_FACTS: Any = union_all(*_PARTS)
_ALL_FACTS: Any = union_all(*_PARTS, _DAILY)


def known_of(conn: Connection, ids: list[int], since: dt.datetime, all_daily: bool = True) -> dict[int, Known]:
    """By member; of those that read any forum at all. Not `all_daily`: for some of them a forum is not daily before they say so."""
    found = {member: Known(reach) for member, reach in access.reach_of_many(conn, ids, since).items()}
    for what, member, about in conn.execute(_FACTS if all_daily else _ALL_FACTS, {"ids": list(found) or [0], "since": since}).all():
        _note(found[member], what, about.split(","))
    return found


def _note(known: Known, what: str, about: list[str]) -> None:
    if what == _READ:
        marks = (one.partition(":") for one in about)
        known.read |= {int(thread): max(int(position), known.read.get(int(thread), -1)) for thread, _, position in marks}
    elif what == _MUTE:
        known.read |= dict.fromkeys(map(int, about), MUTED)
    elif what in (_MAILED, _NAMED):
        (known.mailed if what == _MAILED else known.named).update(map(int, about))
    else:
        known.levels |= dict.fromkeys(map(int, about), Level(what))
