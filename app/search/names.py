"""Members and agencies among the results, by the rules of their own lists; and a name that may have been meant.

Their lists are read from end to end, a few milliseconds each. So what was found for some words is kept for a moment, by numbers alone:
who may be shown is asked again.
"""

from __future__ import annotations

import datetime as dt
import difflib
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row

from app.agencies import access as agency_access
from app.agencies import queries as agencies
from app.agencies.models import Agency
from app.core.access import Actor
from app.core.db import leave_loop, serial_of
from app.core.kept import Kept
from app.core.matching import words
from app.forum.searching import access as forum
from app.membership import directory
from app.membership.models import Member
from app.search.asking import Asked

MOST = 5
NONE_KEPT_FOR = 20  # seconds
_none: Kept[tuple[Any, ...], bool] = Kept(5_000)
_spelled: Kept[tuple[Any, ...], list[str]] = Kept(40)


class Names(NamedTuple):
    people: list[Row[Any]]
    agencies: list[Row[Any]]


def find(conn: Connection, actor: Actor, asked: Asked, wanted: frozenset[str], now: dt.datetime) -> Names:
    """Up to MOST of each, where what was asked can be a name. That there is nobody of a name is kept for a moment."""
    text = " ".join(asked.typed)
    if not words(text) or asked.is_about_messages or asked.sworn is not None or asked.agencies or asked.agency_id is not None:
        return Names([], [])
    kind = agency_access.may_see_agencies(actor)
    key = (serial_of(conn), kind, text, asked.states, wanted, int(now.timestamp()) // NONE_KEPT_FOR)
    if _none.get(key):
        return Names([], [])
    leave_loop()
    found = Names(_people(conn, actor, text, asked.states) if "people" in wanted else [], [])
    if "agencies" in wanted and kind:
        found = found._replace(agencies=_agencies(conn, actor, text, asked.states))
    if not found.people and not found.agencies:
        _none.put(key, True)
    return found


def _people(conn: Connection, actor: Actor, text: str, states: tuple[str, ...]) -> list[Row[Any]]:
    rows = directory.find(conn, actor, directory.Ask(" ".join([text, *states[:1]]), MOST)).items
    return [row for row in rows if not states or row.state in states]


def _agencies(conn: Connection, actor: Actor, text: str, states: tuple[str, ...]) -> list[Row[Any]]:
    return agencies.search(conn, actor, agencies.Ask(text, state=states[0] if states else "", limit=MOST)).items


# A name that may have been meant --------------------------------------------------------------------------------------------


def meant(conn: Connection, actor: Actor, asked: Asked, now: dt.datetime) -> str:
    """What was typed with each unknown word put right, where a name that the actor may see is much like it; empty where none is."""
    typed = words(" ".join(asked.typed))
    if not typed or len(typed) > MOST:
        return ""
    leave_loop()
    known = _names(conn, actor, now)
    better = [word if word in known or len(word) < 4 else _nearest(word, known) for word in typed]
    return " ".join(better) if better != typed else ""


def _nearest(word: str, known: list[str]) -> str:
    """Among words of about that length which begin or end alike: comparing all of them would take too long."""
    near = [one for one in known if abs(len(one) - len(word)) <= 2 and (one[0] == word[0] or one[-2:] == word[-2:])]
    return next(iter(difflib.get_close_matches(word, near, 1, 0.78)), word)


def _names(conn: Connection, actor: Actor, now: dt.datetime) -> list[str]:
    """Words of names that this actor may see: of members and agencies by their lists' own rules, read once a minute for all to whom these
    are the same, and of the forums that they read."""
    sees_agencies = agency_access.may_see_agencies(actor)
    key = (serial_of(conn), directory.visible_members(actor), sees_agencies, int(now.timestamp()) // 60)
    found = _spelled.get(key)
    if found is None:
        members = directory.visible_members(actor).with_only_columns(Member.name, Member.organization, maintain_column_froms=True)
        texts = [f"{row.name} {row.organization}" for row in conn.execute(members)]
        if sees_agencies:
            texts += conn.execute(agency_access.visible_agencies(actor).with_only_columns(Agency.name)).scalars()
        found = _spelled_words(texts)
        _spelled.put(key, found)
    return [*found, *_spelled_words([row.title for row in forum.readable(conn, actor.member_id)[0]])]


def _spelled_words(texts: list[str]) -> list[str]:
    return sorted({word for text in texts for word in words(text) if len(word) > 3})
