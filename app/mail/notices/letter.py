"""Several notifications of one member as one mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.core import clock
from app.core.config import Settings
from app.core.signing import Signer
from app.core.site import Site
from app.forum.markings import Marking
from app.mail import outbox, reply_tokens, templates, unsubscribe
from app.mail.at_once.letter import key_of
from app.mail.at_once.subject import place_of
from app.mail.lists import List
from app.mail.message import message_bytes, quoted
from app.mail.models import Detail, strictest
from app.mail.notices import kinds
from app.mail.notices.gathering import Piece
from app.mail.words import NOTHING, by_line, words_of, wrapped

KIND = "notification"


@dataclass(frozen=True, slots=True)
class Bundle:
    """What one member is told at once. `key` names it among their mails."""

    pieces: list[Piece]
    key: str

    @property
    def one_thread(self) -> int | None:
        threads = {piece.message.thread_id for piece in self.pieces}
        return threads.pop() if len(threads) == 1 else None

    @property
    def stopped_by(self) -> tuple[List, int]:
        """What its stop link ends: every kind that it holds, since who wants no more of it can't tell them apart."""
        held = {(piece.hearer.kind or kinds.WATCHED).number for piece in self.pieces}
        return (List.NOTICES, held.pop()) if len(held) == 1 else (List.KINDS, kinds.bits_of(held))

    @property
    def may_answer(self) -> bool:
        return self.one_thread is not None and self.pieces[-1].hearer.may_answer


class Writer:
    """Makes the mails of one run."""

    def __init__(self, settings: Settings, site: Site) -> None:
        self._settings, self._site, self._signer = settings, site, Signer(settings.keys)

    def ident(self, email: str, key: str) -> str:
        return outbox.message_id(self._signer, self._settings.mail_domain, email, key)

    def made(self, bundle: Bundle, token: str) -> bytes:
        """The whole message. `token` is the one to answer by, or nothing."""
        settings, to = self._settings, bundle.pieces[0].hearer
        stop = f"{settings.origin}/unsubscribe/{unsubscribe.token(self._signer, to.id, to.serial, *bundle.stopped_by)}"
        answer = reply_tokens.address(token, settings.mail_domain) if token else ""
        items = [self._item(piece) for piece in bundle.pieces]
        values = {"items": items, "marking": self._marking(bundle).label, "answer": answer, "stop": stop}
        subject = self._subject(bundle)
        text, html = templates.render("mail/notices", site=self._site, origin=settings.origin, subject=subject, **values)
        headers = [
            *outbox.standing_headers(settings, self._site.name, (KIND, to.email, subject), self.ident(to.email, bundle.key)),
            *self._thread_headers(bundle), ("List-Id", f"<notices.{settings.mail_domain}>"), ("List-Archive", f"<{settings.origin}/>"),
            ("List-Help", f"<{settings.origin}/settings/mail>"), ("List-Unsubscribe", f"<{stop}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"), ("Precedence", "list"), *([("Reply-To", answer)] if answer else []),
        ]  # fmt: skip
        return message_bytes(headers, quoted(text), quoted(html), clock.now())

    def _detail(self, piece: Piece) -> Detail:
        is_open = place_of(piece.message).is_open
        return strictest(piece.hearer.detail, Detail(self._site.mail_most)) if is_open else Detail.LINKS

    def _marking(self, bundle: Bundle) -> Marking:
        shown = [place_of(piece.message).marking for piece in bundle.pieces if self._detail(piece) is not Detail.LINKS]
        return max([*shown, Marking.GREEN]) if len(shown) < len(bundle.pieces) else max(shown)

    def _subject(self, bundle: Bundle) -> str:
        count, last = len(bundle.pieces), bundle.pieces[-1]
        said = "A new reply" if count == 1 else f"{count} new replies"
        if bundle.one_thread is None or self._detail(last) is Detail.LINKS:
            return f"{said} for you"
        return f"[{self._marking(bundle).label}] {said}: {last.message.title}"

    def _thread_headers(self, bundle: Bundle) -> list[tuple[str, str]]:
        if bundle.one_thread is None:
            return []
        opening = self.ident(bundle.pieces[0].hearer.email, key_of(bundle.pieces[0].opening_id))
        return [("In-Reply-To", opening), ("References", opening)]

    def _item(self, piece: Piece) -> dict[str, Any]:
        m, detail = piece.message, self._detail(piece)
        origin, shown = self._settings.origin, detail is not Detail.LINKS
        place = place_of(m)
        return {
            "url": f"{origin}/threads/{m.thread_id}/replies/{m.position}", "title": m.title if shown else "",
            "title_text": wrapped(f"[{place.marking.label}] {m.title}") if shown else "", "forum": m.forum,
            "by": by_line(m, m.name) if shown else "",
            "marking": place.marking.label if shown or not place.is_open else "TLP:GREEN",
            "words": words_of(m, f"{origin}/leaving?to=") if detail is Detail.FULL else NOTHING,
        }  # fmt: skip
