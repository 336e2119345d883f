"""The second fence for many members at once: the twin of `visible_threads`, in two parts. `reach_of_many` says which forums each of them
reads, with what right and since when; `named_of_many` which TLP:RED threads of those forums are theirs. Tests hold it against the single
form for the whole cast and for a random history."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, exists, func, select

from app.core.sql import joined_texts
from app.forum.archive.models import ArchiveMessage
from app.forum.markings import Marking
from app.forum.masks import access as masks
from app.forum.masks.byline import MASKED
from app.forum.models import FROM_ARCHIVE, Forum, Grant, GrantRight, Reply, Thread, ThreadReader
from app.membership.models import GroupMember, Member


@dataclass(frozen=True, slots=True)
class Access:
    """A member's highest right in a forum, and since when they read there without a break."""

    right: int
    since: dt.datetime


Reach = dict[int, Access]
"""By forum."""
_Group = tuple[int, dt.datetime, int | None, dt.datetime | None]
_Grants = dict[int, Reach]

_GRANTS: Any = select(Grant.group_id, Grant.forum_id, Grant.right, Grant.since).where(Grant.right >= GrantRight.READ)
_GROUPS: Any = select(
    GroupMember.member_id, GroupMember.group_id, GroupMember.since, GroupMember.came_from, GroupMember.came_since
).where(GroupMember.member_id.in_(bindparam("ids", expanding=True, literal_execute=True)))  # fmt: skip


def reach_of_many(conn: Connection, member_ids: Iterable[int], floor: dt.datetime) -> dict[int, Reach]:
    """What each of these members reads. To whoever asks it is all the same what happened before `floor`: many are alike then, and a
    reach may be many members' own, so nobody changes it."""
    grants = _by_group(conn.execute(_GRANTS))
    groups: dict[int, list[_Group]] = defaultdict(list)
    for member, group, since, came_from, came_since in conn.execute(_GROUPS, {"ids": list(member_ids)}):
        groups[member].append((group, floor, None, None) if since <= floor else (group, since, came_from, came_since))
    alike: dict[tuple[_Group, ...], Reach] = {}
    found: dict[int, Reach] = {}
    for member, mine in groups.items():
        key = tuple(mine)
        if key not in alike:
            alike[key] = _reach(grants, key)
        found[member] = alike[key]
    return found


def _by_group(rows: Iterable[Row[Any]]) -> _Grants:
    grants: _Grants = defaultdict(dict)
    for row in rows:
        grants[row.group_id][row.forum_id] = Access(row.right, row.since)
    return grants


def _reach(grants: _Grants, groups: Iterable[_Group]) -> Reach:
    found: Reach = {}
    for group, since, came_from, came_since in groups:
        earlier = grants.get(came_from, {}) if came_from is not None else {}
        for forum, grant in grants.get(group, {}).items():
            begun = max(since, grant.since)
            if came_since is not None and forum in earlier and max(grant.since, earlier[forum].since) <= since:
                begun = max(came_since, earlier[forum].since)
            have = found.get(forum)
            found[forum] = Access(grant.right, begun) if have is None else Access(max(have.right, grant.right), min(have.since, begun))
    return found


def named_of_many(member_ids: Any) -> Select[Any]:
    """(member_id, thread_id) of TLP:RED threads with a message after `since` in which these members are named as readers. The thread's
    author reads it too: `sees`."""
    columns: tuple[Any, ...] = (ThreadReader.member_id, ThreadReader.thread_id)
    named = select(*columns).join(Thread, Thread.id == ThreadReader.thread_id)
    return named.where(
        ThreadReader.member_id.in_(member_ids), Thread.marking >= Marking.RED, Thread.last_reply_at > bindparam("since")
    )  # fmt: skip


def threads_since(*columns: Any) -> Select[Any]:
    """Threads with a message after `since`, with their author and forum, for nobody yet, as above all."""
    joined = select(*columns).join(Forum, Forum.id == Thread.forum_id).join(Member, Member.id == Thread.author_id)
    return joined.where(Thread.last_reply_at > bindparam("since"), Forum.archived_at.is_(None))


def writers() -> Select[Any]:
    """(thread_id, the ids of all who took part, how many agencies they are of) of threads with a message after `since`, for nobody yet.
    Who wrote to an old list is no member and has a name where others have their agency; of whoever is masked `masks_since` says it."""
    columns: tuple[Any, ...] = (Reply.thread_id, Reply.author_id, Reply.author_agency)
    stands = (Thread.last_reply_at > bindparam("since"), Reply.hidden_at.is_(None), Reply.author_class.not_in((FROM_ARCHIVE, MASKED)))
    each = select(*columns).distinct().join(Thread, Thread.id == Reply.thread_id).where(*stands).subquery()
    agencies = func.count(func.nullif(each.c.author_agency, "").distinct())
    return select(each.c.thread_id, joined_texts(each.c.author_id), agencies).group_by(each.c.thread_id)


def masks_since() -> Select[Any]:
    """(thread_id, number, member_id) of threads with a message after `since`: so that nobody is mailed their own, never shown."""
    return masks.behind_many(select(Thread.id).where(Thread.last_reply_at > bindparam("since"), Thread.id.in_(masks.threads())))


def sees(reach: Reach, forum_id: int, marking: int, *, by_them: bool, named: bool) -> bool:
    """The whole rule about one thread, for a member with this reach who wrote it or is named as its reader, or neither."""
    return forum_id in reach and (marking < Marking.RED or by_them or named)


def may_answer(right: int, *, may_write: bool, locked: bool) -> bool:
    """What `may_reply` says on the site, of a member who is told of a message by mail."""
    return may_write and right >= GrantRight.POST and (not locked or right >= GrantRight.MODERATE)


def messages_between(*columns: Any) -> Select[Any]:
    """Messages written in (`since`, `until`] that stand now, for nobody yet: whoever asks sorts them out by the rules above before a word
    of them leaves. What came from an old list's archive is no news, however young it is."""
    return select(*columns).where(
        Reply.created_at > bindparam("since"),
        Reply.created_at <= bindparam("until"),
        Reply.hidden_at.is_(None),
        ~exists().where(ArchiveMessage.reply_id == Reply.id),
    )


def messages_by_id(*columns: Any) -> Select[Any]:
    """Messages by `ids`, for those that were sorted out before."""
    return select(*columns).where(Reply.id.in_(bindparam("ids", expanding=True)), Reply.hidden_at.is_(None))
