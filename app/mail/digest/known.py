"""What is each reader's own: where they read, what they chose, what they know already. Three statements for a whole batch."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, literal, null, select, union_all

from app.forum.crowd import access
from app.forum.crowd.access import Reach
from app.forum.models import ReadMark, Watch, WatchLevel
from app.mail.models import ForumLevel, Level, MailedAtOnce

MUTED = 1 << 60
"""As far read as can be."""


@dataclass(slots=True)
class Known:
    """What a reader has chosen and knows. Forums at daily stand not in `levels`; `read` is the position read to, by thread."""

    reach: Reach
    levels: dict[int, Level] = field(default_factory=dict)
    read: dict[int, int] = field(default_factory=dict)
    mailed: set[int] = field(default_factory=set)
    took_part: set[int] = field(default_factory=set)
    named: set[int] = field(default_factory=set)


_IDS: Any = bindparam("ids", expanding=True)
_SINCE: Any = bindparam("since")
_READ, _MUTE, _MAILED, _PART, _NAMED = range(5)
_part, _named = access.took_part(_IDS).subquery(), access.named_of_many(_IDS).subquery()
_FACTS: Any = union_all(
    select(literal(_READ), ReadMark.member_id, ReadMark.thread_id, ReadMark.position).where(
        ReadMark.member_id.in_(_IDS), ReadMark.read_at > _SINCE
    ),
    select(literal(_MUTE), Watch.member_id, Watch.thread_id, null()).where(
        Watch.member_id.in_(_IDS), Watch.level == literal(WatchLevel.MUTE.value)
    ),
    select(literal(_MAILED), MailedAtOnce.member_id, MailedAtOnce.reply_id, null()).where(
        MailedAtOnce.member_id.in_(_IDS), MailedAtOnce.at > _SINCE
    ),
    select(literal(_PART), _part.c[0], _part.c[1], null()),
    select(literal(_NAMED), _named.c[0], _named.c[1], null()),
)
_LEVELS = select(ForumLevel.member_id, ForumLevel.forum_id, ForumLevel.level).where(
    ForumLevel.member_id.in_(_IDS), ForumLevel.level.in_((Level.NONE.value, Level.WEEKLY.value))
)  # fmt: skip
_LEVEL = {level.value: level for level in Level}


def known_of(conn: Connection, ids: list[int], since: dt.datetime) -> dict[int, Known]:
    """By member; of those that read any forum at all."""
    found = {member: Known(reach) for member, reach in access.reach_of_many(conn, ids, since).items()}
    values = {"ids": list(found) or [0], "since": since}
    for member, forum, level in conn.execute(_LEVELS, values).all():
        found[member].levels[forum] = _LEVEL[level]
    for what, member, about, position in conn.execute(_FACTS, values).all():
        _note(found[member], what, about, position)
    return found


def _note(known: Known, what: int, about: int, position: int | None) -> None:
    if what == _READ:
        known.read[about] = max(position or 0, known.read.get(about, -1))
    elif what == _MUTE:
        known.read[about] = MUTED
    else:
        (known.mailed, known.took_part, known.named)[what - _MAILED].add(about)
