"""Finding out whom a message names, when it is written."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, delete, insert
from sqlalchemy.orm import Session

from app.core import markup
from app.core.markup import Rendered
from app.forum.mentions import access, placing
from app.forum.mentions.finding import Candidate, candidates, quotes
from app.forum.mentions.models import Mention

Where = tuple[str, int]
"""("thread", its id), or ("forum", its id) for a thread that is not there yet."""
_INSERT = insert(Mention.__table__)  # type: ignore[arg-type]


@dataclass(slots=True)
class Named:
    """Paths by label, as core.markup takes them."""

    links: dict[str, str] = field(default_factory=dict)

    def of_kind(self, linked: frozenset[str], kind: str) -> dict[str, int]:
        """Those that stand in the text: label to id."""
        start = f"/{kind}/"
        return {label: int(self.links[label].removeprefix(start)) for label in linked if self.links[label].startswith(start)}


def named(conn: Connection | Session, where: Where, text: str, before: list[Row[Any]] | None = None) -> Named:
    """Whom and what a text names. `before`: its mentions so far, which stay what they were."""
    found = Named({row.label: _path(row) for row in before or () if row.label})
    places = candidates(text)
    if not places:
        return found
    every = [candidate for there in places for candidate in there]
    people: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in access.members_named(conn, where, {candidate.key for candidate in every}):
        people[row.name_key].append(row)
    agencies: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in access.agencies_named(conn, {candidate.name for candidate in every}):
        for name in {row.name, row.short_name}:
            agencies[name].append(row)
    for there in places:
        for candidate in there:
            path = found.links.get(candidate.label) or _member(candidate, people) or _agency(candidate, agencies)
            if path:
                found.links[candidate.label] = path
                break
    return found


def _path(row: Row[Any]) -> str:
    return f"/members/{row.member_id}" if row.member_id is not None else f"/agencies/{row.agency_id}"


def _member(candidate: Candidate, people: dict[str, list[Row[Any]]]) -> str | None:
    """The one of that name; of several the one at the agency in the brackets."""
    if not candidate.key.count(" "):
        return None  # a first name alone says too little
    fitting = [row for row in people[candidate.key] if candidate.which in ("", row.agency)]
    return f"/members/{fitting[0].id}" if len(fitting) == 1 else None


def _agency(candidate: Candidate, agencies: dict[str, list[Row[Any]]]) -> str | None:
    fitting = [row for row in agencies[candidate.name] if candidate.which in ("", row.state)]
    return f"/agencies/{fitting[0].id}" if len(fitting) == 1 else None


def render(conn: Connection | Session, where: Where, text: str, before: list[Row[Any]] | None = None) -> tuple[Rendered, Named]:
    if "@" not in text:
        return markup.render(text), Named()
    found = named(conn, where, text, before)
    return markup.render(text, mentions=found.links), found


@dataclass(frozen=True, slots=True)
class Written:
    """A message's text as it is kept, whom it names, and which messages of the thread it quotes."""

    text: str
    rendered: Rendered
    found: Named
    quoted: list[int] = field(default_factory=list)


def written(conn: Connection | Session, where: Where, text: str, before: list[Row[Any]] | None = None) -> Written:
    """`where` is the message's thread."""
    text, quoted = _quoted(conn, where[1], text)
    rendered, found = render(conn, where, text, before)
    return Written(text, rendered, found, quoted)


def _quoted(conn: Connection | Session, thread_id: int, text: str) -> tuple[str, list[int]]:
    """The text, and those messages of which it really holds a line: a heading alone tells nobody anything."""
    said = quotes(text)
    bodies = access.bodies(conn, thread_id, list(said)) if said else {}
    found = [position for position, line in said.items() if line in " ".join(bodies.get(position, "").split())]
    lost = {position: line for position, line in said.items() if position not in found}
    if not lost:
        return text, found
    text, moved = placing.placed(conn, thread_id, text, lost)
    return text, [*found, *moved]


def keep_first(session: Session, reply_id: int, message: Written) -> None:
    """Of a message that is new: most name nobody, and cost nothing then."""
    if message.rendered.linked or message.quoted:
        keep(session, reply_id, message)


def keep(session: Session, reply_id: int, message: Written) -> list[int]:
    """Keep whom a message names now, in place of whom it named before; the members that are new to it."""
    before = access.mentions_of(session, reply_id)
    people = message.found.of_kind(message.rendered.linked, "members")
    agencies = message.found.of_kind(message.rendered.linked, "agencies")
    rows: list[dict[str, Any]] = [_row(reply_id, member_id=number, label=label) for label, number in people.items()]
    rows += [_row(reply_id, agency_id=number, label=label) for label, number in agencies.items()]
    rows += [_row(reply_id, quoted=position) for position in message.quoted]
    if before:
        session.execute(delete(Mention).where(Mention.reply_id == reply_id))
    if rows:
        session.connection().execute(_INSERT, rows)
    return sorted(set(people.values()) - {row.member_id for row in before})


def _row(reply_id: int, **values: Any) -> dict[str, Any]:
    return {"reply_id": reply_id, "member_id": None, "agency_id": None, "label": "", "quoted": None, **values}
