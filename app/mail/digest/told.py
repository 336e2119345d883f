"""Up to where a member was told of a forum. Its level may be changed between two digests: the next one begins where the last that took the
forum in ended, so that nothing is lost and nothing told again."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, func, select
from sqlalchemy.orm import Session

from app.core.sql import insert_into
from app.mail.defaults import since_when
from app.mail.digest.schedule import WEEK
from app.mail.models import DigestSettings, DigestSlot, ForumLevel, Level, MailDefault
from app.membership.models import Member


class Turn(NamedTuple):
    """A changed level: up to when the forum's messages were told by then, and the last slot that was done then."""

    told_until: dt.datetime
    changed_after: dt.datetime

    def begin(self, level: Level, slot: dt.datetime, since: dt.datetime, weekly_since: dt.datetime | None) -> dt.datetime | None:
        """After which moment the forum's messages count in a digest, whose other forums begin where it is said; None for none of them."""
        if level is Level.NONE:
            return None
        if self.changed_after >= slot:  # this digest had been made: it tells what it told, and the next one the rest
            before = since if level is Level.WEEKLY else weekly_since or since
            return before if self.told_until >= slot else None
        usual = weekly_since if level is Level.WEEKLY else since
        return self.told_until if usual is not None and usual <= self.changed_after else usual


_LAST = DigestSlot.member_id == Member.id


def of_last(column: Any) -> Any:
    """Of a member's last slot that is done."""
    return select(column).where(_LAST).order_by(DigestSlot.slot_at.desc()).limit(1).scalar_subquery()


DONE = (
    select(func.max(DigestSlot.slot_at)).where(_LAST).scalar_subquery().label("done"),
    of_last(DigestSlot.weekly_at).label("weekly_done"),
    of_last(DigestSlot.class_at).label("class_done"),
)
CLASS_LEVEL = func.coalesce(MailDefault.level, Level.DAILY).label("level")


def class_done(row: Row[Any]) -> dt.datetime | None:
    """The slot that took in the forums of which they said nothing last, of a row with what is above."""
    done: dt.datetime | None = row.class_done or (row.weekly_done if row.level == Level.WEEKLY else row.done)
    return done


_MINE = (
    select(*DONE, CLASS_LEVEL, since_when("counts_from"))
    .select_from(Member)
    .outerjoin(DigestSettings, DigestSettings.member_id == Member.id)
    .outerjoin(MailDefault, MailDefault.member_class == Member.member_class)
    .where(Member.id == bindparam("me"))
)


def set_levels(session: Session, member_id: int, levels: Mapping[int, str]) -> None:
    """Their levels of these forums are others from now on."""
    if not levels:
        return
    mine = session.execute(_MINE, {"me": member_id}).one()
    chosen = select(ForumLevel).where(ForumLevel.member_id == member_id, ForumLevel.forum_id.in_(levels)).with_for_update()
    before = {row.forum_id: row for row in session.execute(chosen).scalars()}
    rows = [
        {"member_id": member_id, "forum_id": forum_id, "level": level, "told_until": _until(mine, before.get(forum_id)),
         "changed_after": mine.done}
        for forum_id, level in levels.items()
    ]  # fmt: skip
    statement = insert_into(session, ForumLevel.__table__)
    new = {name: statement.excluded[name] for name in ("level", "told_until", "changed_after")}
    session.connection().execute(statement.on_conflict_do_update(index_elements=["member_id", "forum_id"], set_=new), rows)


def _until(mine: Row[Any], before: ForumLevel | None) -> dt.datetime | None:
    """Up to when they were told of a forum by its level of before; None if no slot was done yet."""
    if mine.done is None:
        return None
    usual = class_done(mine) if before is None else mine.weekly_done if before.level == Level.WEEKLY else mine.done
    found: dt.datetime = usual or mine.done - WEEK
    if before is not None and before.told_until and before.changed_after and found <= before.changed_after:
        found = before.told_until  # it was changed twice between two digests
    return max(found, mine.counts_from or found)


_TURNS = select(ForumLevel.member_id, ForumLevel.forum_id, ForumLevel.told_until, ForumLevel.changed_after).where(
    ForumLevel.member_id.in_(bindparam("ids", expanding=True, literal_execute=True)), ForumLevel.changed_after >= bindparam("since")
)


def turns(conn: Connection, ids: Iterable[int], since: dt.datetime) -> dict[int, dict[int, Turn]]:
    """By member and forum; those changes that no digest may have told of before `since`."""
    found: dict[int, dict[int, Turn]] = defaultdict(dict)
    for row in conn.execute(_TURNS, {"ids": list(ids), "since": since}):
        found[row.member_id][row.forum_id] = Turn(row.told_until, row.changed_after)
    return found
