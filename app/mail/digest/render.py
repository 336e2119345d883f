"""A choice as a message. What is the same for many readers (a message's text, a thread with its new replies) is made once a run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from markupsafe import escape
from sqlalchemy import Connection

from app.core import clock
from app.core.config import Settings
from app.core.signing import Signer
from app.core.site import Site
from app.forum import access
from app.forum.markings import Marking
from app.forum.models import Reply
from app.mail import outbox, templates, unsubscribe
from app.mail.digest import schedule
from app.mail.digest.choose import Choice, Item, Section
from app.mail.digest.readers import Reader
from app.mail.message import message_bytes, piece
from app.mail.models import Detail
from app.mail.pieces import Frame, Gaps, Kept, Part, filled, part
from app.mail.words import NOTHING, Words, words_of, wrapped
from app.membership.models import Member

REPLIES_SHOWN = 5
OWN = ("total", "called", "stop", "body")
"""What stands in a digest's frame for each reader alone."""

_TEXTS = access.messages_by_id(Reply.id, Reply.body, Reply.position, Reply.author_rank, Reply.author_agency, Member.name).join(
    Member, Member.id == Reply.author_id
)


def day_name(moment: dt.datetime, zone: dt.tzinfo) -> str:
    """Monday, November 23."""
    local = moment.astimezone(zone)
    return f"{local:%A, %B} {local.day}"


def hour_name(moment: dt.datetime, zone: dt.tzinfo) -> str:
    """Friday 7:00 AM."""
    local = moment.astimezone(zone)
    return f"{local:%A} {local.hour % 12 or 12}:{local.minute:02d} {'AM' if local.hour < 12 else 'PM'}"


def strictest(choice: Choice) -> Marking:
    """The strictest marking of what the message shows (H3). A line that only points at something is worth TLP:GREEN."""
    told = [section for section in choice.sections if choice.detail(section) is not Detail.LINKS]
    shown = [item.subject.marking for section in told for item in section.items]
    whole = len(told) == len(choice.sections) and all(marking.may_be_mailed for marking in shown)
    whole = whole and not any(section.left_out for section in choice.sections)
    return max([marking for marking in shown if marking.may_be_mailed] + ([] if whole and shown else [Marking.GREEN]))


def plural(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


class Press:
    """Renders the digests of one run."""

    def __init__(self, settings: Settings, site: Site) -> None:
        self._settings, self._site = settings, site
        self._gaps = Gaps()
        self._signer = Signer(settings.keys)
        self._words, self._parts, self._frames = Kept(), Kept(), Kept()
        self._leaving = f"{settings.origin}/leaving?to="

    def prepare(self, conn: Connection, choices: Iterable[Choice]) -> None:
        """Read the texts that these choices show in full and that were not read yet: one statement."""
        wanted = {
            (message.id, message.version)
            for choice in choices
            for section in choice.sections
            if choice.detail(section) is Detail.FULL
            for item in section.items
            if item.subject.marking.may_be_mailed
            for message in _shown(item)
        }
        missing = {ident: version for ident, version in wanted if (ident, version) not in self._words}
        if not missing:
            return
        for row in conn.execute(_TEXTS, {"ids": list(missing)}):
            self._words.get((row.id, missing[row.id]), lambda row=row: words_of(row, self._leaving))  # type: ignore[misc]

    def message(self, choice: Choice, ident: str) -> bytes:
        """The whole message; `ident` is its Message-ID."""
        settings, site, reader = self._settings, self._site, choice.reader
        stop = f"{settings.origin}/unsubscribe/{unsubscribe.token(self._signer, reader.id, reader.serial)}"
        marking = strictest(choice)
        total = f"{plural(choice.messages, 'new message', 'new messages')} in {plural(len(choice.sections), 'forum', 'forums')}"
        own = {
            "total": (piece(total), piece(total)), "called": (piece(reader.called), piece(escape(reader.called))),
            "stop": (piece(stop), piece(stop)), "body": self._body(choice),
        }  # fmt: skip
        frames = self._frame(reader, marking)
        text, html = filled(frames, own)
        letter = ("digest", reader.email, f"[{marking.label}] {total}")
        headers = [
            *outbox.standing_headers(settings, site.name, letter, ident),
            ("List-Id", f"Digest <digest.{settings.mail_domain}>"), ("List-Archive", f"<{settings.origin}/>"),
            ("List-Help", f"<{settings.origin}/settings/mail>"), ("List-Unsubscribe", f"<{stop}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"), ("Precedence", "list"),
        ]  # fmt: skip
        return message_bytes(headers, text, html, clock.now())

    def _frame(self, reader: Reader, marking: Marking) -> tuple[Frame, Frame]:
        """The text and the HTML around it all, the same for readers of one zone and hour, cut where their own words come in."""
        zone = schedule.zone(reader.zone)
        day = day_name(reader.slot, zone)
        near = reader.slot - reader.since < schedule.WEEK  # further back the day of the week says too little
        since = (hour_name if near else day_name)(reader.since, zone)
        coming = hour_name(schedule.next_slot(reader.slot, reader.hour, zone), zone)
        return self._frames.get((day, since, coming, marking), lambda: self._cut(day, since, coming, marking))

    def _cut(self, day: str, since: str, coming: str, marking: Marking) -> tuple[Frame, Frame]:
        text, html = templates.render(
            "mail/digest", site=self._site, origin=self._settings.origin, subject=f"Daily digest, {day}", marking=marking.label,
            since=since, next=coming, **self._gaps.marks(*OWN),
        )  # fmt: skip
        return self._gaps.cut(text), self._gaps.cut(html)

    def _body(self, choice: Choice) -> Part:
        """The forums, each with its threads."""
        parts = []
        for section in choice.sections:
            content = choice.detail(section)
            parts.append(self._forum("mail/_digest_forum", section, 0))
            if content is Detail.LINKS:
                parts.append(self._forum("mail/_digest_more", section, 0))
                continue
            parts += [self._item(item, content) for item in section.items]
            if section.left_out:
                parts.append(self._forum("mail/_digest_more", section, section.left_out))
        return b"\r\n\r\n".join(text for text, _ in parts), b"\r\n".join(html for _, html in parts)

    def _forum(self, template: str, section: Section, left_out: int) -> Part:
        """A forum's heading, or the line below its threads."""
        place = section.place
        url = f"{self._settings.origin}/forums/{place.slug}"
        values = {"title": place.title, "url": url, "messages": section.messages, "left_out": left_out}
        return self._parts.get((template, *values.values()), lambda: part(template, values))

    def _item(self, item: Item, content: Detail) -> Part:
        subject = item.subject
        key = ("item", subject.id, subject.version, content, tuple((m.id, m.version) for m in item.messages))
        return self._parts.get(key, lambda: self._made(item, content))

    def _made(self, item: Item, content: Detail) -> Part:
        """A thread with its new messages."""
        subject, opening = item.subject, item.messages[0].position == 0
        replies = len(item.messages) - opening
        values: dict[str, Any] = {
            "url": f"{self._settings.origin}/threads/{subject.id}", "marking": subject.marking.label, "kind": subject.kind,
            "opening": opening, "replies": replies, "first": item.messages[0].position,
        }  # fmt: skip
        if not subject.marking.may_be_mailed:
            return part("mail/_digest_link", values)  # neither title nor name: they are not even given to the template (M6)
        full = content is Detail.FULL
        shown = [self._words_of(m) for m in _shown(item) if m.position] if full else []
        words = self._words_of(item.messages[0]) if full and opening else NOTHING
        values |= {"title": subject.title, "by": subject.by, "words": words, "shown": shown, "left_out": replies - len(shown)}
        return part("mail/_digest_item", {**values, "title_text": wrapped(f"[{subject.marking.label}] {subject.title}"), "full": full})

    def _words_of(self, message: Any) -> Words:
        """Nothing for a message that was taken away between choosing and reading: it is asked about again before it is sent."""
        return self._words.get((message.id, message.version), lambda: NOTHING)


def _shown(item: Item) -> tuple[Any, ...]:
    """The opening message if it is new, and the newest few replies."""
    replies = [m for m in item.messages if m.position]
    return (*[m for m in item.messages if not m.position], *replies[-REPLIES_SHOWN:])
