"""A choice as a message. What is the same for many readers (a message's text, a thread with its new replies) is made once a run."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from markupsafe import escape
from sqlalchemy import Connection

from app.core import clock
from app.core.config import Settings
from app.core.signing import Signer
from app.core.site import Site
from app.forum.crowd import access
from app.forum.markings import Marking
from app.forum.models import Reply
from app.mail import outbox, reply_tokens, templates, unsubscribe
from app.mail.digest import schedule
from app.mail.digest.choose import Choice, Pick
from app.mail.digest.finds import Find
from app.mail.digest.rank import Tier
from app.mail.digest.readers import Reader
from app.mail.digest.window import Item, Message
from app.mail.message import message_bytes, piece
from app.mail.models import Detail
from app.mail.pieces import Frame, Gaps, Kept, Part, Token, filled, part
from app.mail.words import NOTHING, Words, words_of, wrapped
from app.membership.models import Member

REPLIES_SHOWN = 5
OWN = ("total", "preview", "called", "stop", "body")
"""What stands in a digest's frame for each reader alone."""

_TEXTS = access.messages_by_id(
    Reply.id, Reply.body, Reply.position, Reply.author_rank, Reply.author_class, Reply.author_agency, Member.name
).join(Member, Member.id == Reply.author_id)


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
    told = {pick.item.subject.marking if pick.item else Marking.RED for pick in choice.picks}  # a forum's line says no more than RED may
    told |= {line.marking if line.title else Marking.RED for find in choice.finds for line in find.lines}
    points = choice.more > 0 or not all(marking.may_be_mailed for marking in told)
    return max([marking for marking in told if marking.may_be_mailed] + ([Marking.GREEN] if points else []))


def plural(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _total(choice: Choice) -> str:
    if not choice.picks:
        return "New for your saved searches"
    return f"{plural(choice.messages, 'new message', 'new messages')} in {plural(len(choice.counts), 'forum', 'forums')}"


class Press:
    """Renders the digests of one run."""

    def __init__(self, settings: Settings, site: Site) -> None:
        self._settings, self._site = settings, site
        self._gaps, self._token = Gaps(), Token(reply_tokens.LENGTH)
        self._signer = Signer(settings.keys)
        self._words, self._parts, self._frames = Kept(2000), Kept(2000), Kept(200)
        self._leaving = f"{settings.origin}/leaving?to="

    def prepare(self, conn: Connection, choices: Iterable[Choice]) -> None:
        """Read the texts that these choices show in full and that were not read yet: one statement."""
        items = {pick.item for choice in choices for pick in choice.picks if pick.item is not None and pick.detail is Detail.FULL}
        wanted = {(m.id, m.version) for item in items if item.subject.marking.may_be_mailed for m in _shown(item)}
        missing = {ident: version for ident, version in wanted if (ident, version) not in self._words}
        if not missing:
            return
        for row in conn.execute(_TEXTS, {"ids": list(missing)}):
            self._words.get((row.id, missing[row.id]), lambda row=row: words_of(row, self._leaving))  # type: ignore[misc]

    def message(self, choice: Choice, ident: str, token: str) -> bytes:
        """The whole message; `ident` is its Message-ID, `token` what it may be answered by, or nothing."""
        settings, site, reader = self._settings, self._site, choice.reader
        stop = f"{settings.origin}/unsubscribe/{unsubscribe.token(self._signer, reader.id, reader.serial)}"
        marking = strictest(choice)
        total = _total(choice)
        own = {
            "total": _both(total), "called": (piece(reader.called), piece(escape(reader.called))), "stop": _both(stop),
            "body": self._body(choice), "preview": _preview(choice),
        }  # fmt: skip
        text, html = filled(self._frame(reader, choice.since, marking, bool(token)), own)
        letter = ("digest", reader.email, f"[{marking.label}] {total}")
        headers = [
            *outbox.standing_headers(settings, site.name, letter, ident),
            ("List-Id", f"Digest <digest.{settings.mail_domain}>"), ("List-Archive", f"<{settings.origin}/>"),
            ("List-Help", f"<{settings.origin}/settings/mail>"), ("List-Unsubscribe", f"<{stop}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"), ("Precedence", "list"),
        ]  # fmt: skip
        return message_bytes(headers, self._token.put(text, token), self._token.put(html, token), clock.now())

    def _frame(self, reader: Reader, since: dt.datetime, marking: Marking, answers: bool) -> tuple[Frame, Frame]:
        """The text and the HTML around it all, the same for readers of one zone and hour, cut where their own words come in."""
        key = (reader.slot, since, reader.hour, reader.zone, reader.quiet_weekend, marking, answers)
        return self._frames.get(key, lambda: self._cut(reader, since, marking, answers))

    def _cut(self, reader: Reader, since: dt.datetime, marking: Marking, answers: bool) -> tuple[Frame, Frame]:
        zone = schedule.zone(reader.zone)
        day = day_name(reader.slot, zone)
        near = reader.slot - since < schedule.WEEK  # further back the day of the week says too little
        begun = (hour_name if near else day_name)(since, zone)
        coming = hour_name(schedule.coming_slot(reader.slot, reader.hour, zone, reader.quiet_weekend), zone)
        text, html = templates.render(
            "mail/digest", site=self._site, origin=self._settings.origin, subject=f"Daily digest, {day}", marking=marking.label,
            since=begun, next=coming, answers=answers, **self._gaps.marks(*OWN),
        )  # fmt: skip
        return self._gaps.cut(text), self._gaps.cut(html)

    def _body(self, choice: Choice) -> Part:
        """The sections in their order, each with its threads, and how much more there is."""
        sections: list[list[Part]] = []
        for heading, picks in _sections(choice):
            last = len(picks) - 1
            sections.append([self._small("mail/_digest_head", heading=heading)])
            sections[-1] += [self._pick(choice, pick, n == last) for n, pick in enumerate(picks)]
        if choice.finds:
            sections.append([self._small("mail/_digest_head", heading="Your saved searches"), *map(self._find, choice.finds)])
        if choice.more:
            sections.append([self._small("mail/_digest_more", more=choice.more, url=f"{self._settings.origin}/")])
        text = b"\r\n\r\n\r\n".join(b"\r\n\r\n".join(text for text, _ in parts) for parts in sections)
        return text, b"\r\n".join(html for parts in sections for _, html in parts)

    def _find(self, find: Find) -> Part:
        origin = self._settings.origin
        lines = tuple((line.marking.label, line.title, line.path) for line in find.lines)
        url = f"{origin}/saved-searches/{find.search_id}"
        return self._small("mail/_digest_find", q=find.q, lines=lines, more=find.more, origin=origin, url=url)

    def _pick(self, choice: Choice, pick: Pick, is_last: bool) -> Part:
        if pick.item is not None:
            return self._item(pick, pick.item, is_last)
        place = pick.place
        url = f"{self._settings.origin}/forums/{place.slug}"
        return self._small("mail/_digest_line", title=place.title, messages=choice.counts[place.id], url=url)

    def _small(self, template: str, **values: Any) -> Part:
        return self._parts.get((template, *values.values()), lambda: part(template, values))

    def _item(self, pick: Pick, item: Item, is_last: bool) -> Part:
        key = (item, pick.detail, pick.may_answer, is_last)
        return self._parts.get(key, lambda: self._made(pick, item, is_last))

    def _made(self, pick: Pick, item: Item, is_last: bool) -> Part:
        """A thread with its new messages."""
        subject, opening = item.subject, item.messages[0].position == 0
        replies = len(item.messages) - opening
        answer = reply_tokens.address(self._token.gap, self._settings.mail_domain, subject.id) if pick.may_answer else ""
        values: dict[str, Any] = {
            "url": f"{self._settings.origin}/threads/{subject.id}", "marking": subject.marking.label, "kind": subject.kind,
            "opening": opening, "replies": replies, "first": item.messages[0].position, "last": is_last,
        }  # fmt: skip
        if not subject.marking.may_be_mailed:
            return part("mail/_digest_link", values)  # neither title nor name: they are not even given to the template (M6)
        full = pick.detail is Detail.FULL
        shown = [self._words_of(m) for m in _shown(item) if m.position] if full else []
        words = self._words_of(item.messages[0]) if full and opening else NOTHING
        values |= {"title": subject.title, "by": subject.by, "words": words, "shown": shown, "left_out": replies - len(shown)}
        title = wrapped(f"[{subject.marking.label}] {subject.title}")
        return self._token.part("mail/_digest_item", {**values, "title_text": title, "full": full, "answer": answer})

    def _words_of(self, message: Message) -> Words:
        """Nothing for a message that was taken away between choosing and reading: it is asked about again before it is sent."""
        return self._words.get((message.id, message.version), lambda: NOTHING)


_HEADINGS = {Tier.TOOK_PART: "Where you took part", Tier.UNANSWERED: "Can you answer this?"}


def _sections(choice: Choice) -> Iterator[tuple[str, list[Pick]]]:
    """What is the reader's own and what waits for an answer stand first, the rest by forum: each where its first thread ranks, or its
    line, which ranks as high as anything that it stands for and must not stand above what is told."""
    found: dict[tuple[int, str, int], list[Pick]] = {}
    for pick in choice.picks:
        heading, place = _HEADINGS.get(pick.tier), pick.place
        key: tuple[int, str, int] = (
            (pick.tier, heading, 0) if heading else (Tier.REST, f"{place.title} ({choice.counts[place.id]:,})", place.id)
        )
        found.setdefault(key, []).append(pick)
    for key in sorted(found, key=lambda key: key[0]):
        yield key[1], found[key]


_TOLD = (
    (Tier.TOOK_PART, "thread where you took part", "threads where you took part"),
    (Tier.UNANSWERED, "question to answer", "questions to answer"),
    (Tier.LESSON, "lesson", "lessons"),
)  # fmt: skip


def _both(text: str) -> Part:
    """The same in text and HTML: nothing in it is written otherwise there."""
    quoted = piece(text)
    return quoted, quoted


def _preview(choice: Choice) -> Part:
    """What a list of mails shows beside the subject."""
    tiers = Counter(pick.tier for pick in choice.picks)
    said = ", ".join(plural(tiers[tier], one, many) for tier, one, many in _TOLD if tiers[tier]).encode()
    return said, said


def _shown(item: Item) -> tuple[Message, ...]:
    """The opening message if it is new, and the newest few replies."""
    replies = [m for m in item.messages if m.position]
    return (*[m for m in item.messages if not m.position], *replies[-REPLIES_SHOWN:])
