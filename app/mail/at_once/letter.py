"""A message as a mail of its own. All but the stop link and the address to answer to is the same for everyone with the same choices, so
it is rendered once for each of those and cut."""

from __future__ import annotations

from typing import Any

from markupsafe import escape
from sqlalchemy import Row

from app.core import clock
from app.core.config import Settings
from app.core.signing import Signer
from app.core.site import Site
from app.mail import outbox, reply_tokens, templates, unsubscribe
from app.mail.at_once.hearers import Hearer
from app.mail.at_once.subject import place_of
from app.mail.lists import List
from app.mail.message import message_bytes, piece
from app.mail.models import Detail, strictest
from app.mail.pieces import Frame, Gaps, Kept, filled
from app.mail.words import NOTHING, by_line, words_of

KIND = "reply"


def key_of(reply_id: int) -> str:
    return f"message:{reply_id}"


def stopped_by(to: Hearer, message: Any) -> tuple[List, int]:
    """The list that this mail came by, which its stop link ends."""
    return (List.THREAD, message.thread_id) if to.by_watch else (List.FORUM, message.forum_id)


class Sheet:
    """One message, for all who are mailed it."""

    def __init__(self, settings: Settings, site: Site, message: Row[Any], opening_id: int) -> None:
        self._settings, self._site, self._message, self._opening_id = settings, site, message, opening_id
        self._signer, self._gaps, self._frames = Signer(settings.keys), Gaps(), Kept(20)
        self._place = place_of(message)

    def ident(self, email: str) -> str:
        return outbox.message_id(self._signer, self._settings.mail_domain, email, key_of(self._message.id))

    def made(self, to: Hearer, token: str) -> bytes:
        """The whole message. `token` is the one to answer by, or nothing."""
        settings, m = self._settings, self._message
        where = stopped_by(to, m)
        stop = f"{settings.origin}/unsubscribe/{unsubscribe.token(self._signer, to.id, to.serial, *where)}"
        answer = reply_tokens.address(token, settings.mail_domain) if token else ""
        own = {"stop": (piece(stop), piece(str(escape(stop)))), "answer": (piece(answer), piece(answer))}
        text, html = filled(self._frame(self._detail(to), bool(token), to.by_watch), own)
        headers = [
            *outbox.standing_headers(settings, self._site.name, (KIND, to.email, self._subject(to)), self.ident(to.email)),
            *self._thread_headers(to), *list_headers(settings, m, stop),
        ]  # fmt: skip
        if answer:
            headers.append(("Reply-To", answer))
        return message_bytes(headers, text, html, clock.now())

    def _detail(self, to: Hearer) -> Detail:
        return strictest(to.detail, Detail(self._site.mail_most)) if self._place.is_open else Detail.LINKS

    def _subject(self, to: Hearer) -> str:
        m = self._message
        if self._detail(to) is Detail.LINKS:
            return f"New message in {m.forum}"
        return f"[{self._place.marking.label}] {'Re: ' if m.position else ''}{m.title}"

    def _thread_headers(self, to: Hearer) -> list[tuple[str, str]]:
        """The opening message's Message-ID is the same whether it was mailed or not, so that mail programs keep a thread together."""
        if self._message.position == 0:
            return []
        opening = outbox.message_id(self._signer, self._settings.mail_domain, to.email, key_of(self._opening_id))
        return [("In-Reply-To", opening), ("References", opening)]

    def _frame(self, detail: Detail, may_answer: bool, by_watch: bool) -> tuple[Frame, Frame]:
        return self._frames.get((detail, may_answer, by_watch), lambda: self._cut(detail, may_answer, by_watch))

    def _cut(self, detail: Detail, may_answer: bool, by_watch: bool) -> tuple[Frame, Frame]:
        m, origin = self._message, self._settings.origin
        shown = detail is not Detail.LINKS
        marking = self._place.marking.label if shown or not self._place.is_open else "TLP:GREEN"
        values: dict[str, Any] = {
            "marking": marking, "kind": m.kind, "is_reply": m.position > 0,
            "url": f"{origin}/threads/{m.thread_id}" + (f"/replies/{m.position}" if m.position else ""),
            "title": m.title if shown else "", "by": by_line(m, m.name) if shown else "",
            "words": words_of(m, f"{origin}/leaving?to=", 20_000) if detail is Detail.FULL else NOTHING,
        }  # fmt: skip
        text, html = templates.render(
            "mail/one_message", site=self._site, origin=origin, subject=f"New in {m.forum}", forum=m.forum, may_answer=may_answer,
            by_watch=by_watch, **values, **self._gaps.marks("stop", "answer"),
        )  # fmt: skip
        return self._gaps.cut(text), self._gaps.cut(html)


def list_headers(settings: Settings, message: Row[Any], stop: str) -> list[tuple[str, str]]:
    """A forum is a list to mail programs."""
    return [
        ("List-Id", f"<{message.slug}.{settings.mail_domain}>"), ("List-Archive", f"<{settings.origin}/forums/{message.slug}>"),
        ("List-Help", f"<{settings.origin}/settings/mail>"), ("List-Unsubscribe", f"<{stop}>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"), ("Precedence", "list"),
    ]  # fmt: skip
