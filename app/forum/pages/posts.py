"""The messages on a thread's page: each message's fragment around what this reader may do with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from markupsafe import Markup
from sqlalchemy import Row

from app.core.access import Actor
from app.core.db import serial_of
from app.core.kept import Kept
from app.forum import fragments
from app.forum.history import access as history
from app.forum.markings import Marking
from app.forum.models import ThreadKind
from app.forum.operations import writing
from app.forum.own import access as own
from app.forum.withdrawing import access as undoing
from app.web import humane
from app.web.request import Read

_lists: Kept[tuple[Any, ...], Markup] = Kept(1_500_000)


def is_own(written: Row[Any], actor: Actor, number: int | None) -> bool:
    """Whether the actor wrote this thread or message. `number` is theirs among those without a name in the thread."""
    return bool(written.mask == number if written.mask else written.author_id == actor.id)


def head(ctx: Read, thread: Row[Any], *, is_answered: bool) -> dict[str, Markup]:
    """The way to a thread, and its title with who began it when: the same for all readers, so they are kept."""
    renderer, marking = ctx.platform.renderer, Marking(thread.marking)
    zone = humane.zone(ctx.platform.site.get(ctx.conn).time_zone)
    by = f"{thread.author_rank} {thread.author}{' (Retired)' if thread.author_class == 'retired' else ''}"
    title = fragments.kept_part(
        renderer, "forum/_thread_title.html", label=marking.label, meaning=marking.meaning, kind_of=thread.kind, is_answered=is_answered,
        title=thread.title, by=f"{by}, {thread.author_agency}" if thread.author_agency else by,
        posted=thread.created_at.isoformat(timespec="minutes"), posted_words=humane.exact(thread.created_at, zone, ctx.now),
    )  # fmt: skip
    return {"head": title, "way": fragments.kept_part(renderer, "forum/_way.html", slug=thread.forum_slug, title=thread.forum_title)}


class _May(NamedTuple):
    """What a reader may do with one message. `thank`: None for nothing, else the button's state. `controls`: of _controls.html, if any.
    `undo`: seconds for which its author may still take it back."""

    thank: str | None = ""
    controls: tuple[bool, ...] | None = None
    undo: int = 0


_CONTROLS = ("is_hidden", "is_answer", "edit", "by_mail", "accept", "moderate")
_READER = _May()
_NOTHING = _May(None)


@dataclass(slots=True)
class Posts:
    """One page's messages for one reader. `rights` are what the page found that they may: may_reply, may_moderate, may_answer."""

    ctx: Read
    thread: Row[Any]
    keys: list[Row[Any]]
    number: int | None
    rights: dict[str, bool]
    zone_name: str
    record: Row[Any] | None = None  # of a lesson, where the page shows it
    _actor: Actor = field(init=False)
    _thanked: set[int] = field(init=False)  # positions of messages that this reader said helped

    def __post_init__(self) -> None:
        self._actor = self.ctx.actor
        some = [key.position for key in self.keys if key.thanks]
        self._thanked = own.thanked_on(self.ctx.conn, self._actor, self.thread.id, min(some), max(some)) if some else set()

    def one(self, key: Row[Any]) -> Markup:
        """A message that stands apart from the list: the answer, or what a question began with."""
        return fragments.NOTHING.join(self._drawn([key], [self._may(key)])[0])

    def listed(self, keys: list[Row[Any]], folded: int | None, new_from: int | None) -> Markup:
        """The list of messages: a line before the first new one, and a link in place of the answer, which is shown above (`folded`). It is
        the same for all who may do the same with each of them, so it is kept as a whole; not for the seconds of an undo."""
        may = [self._may(key) for key in keys]
        if any(one.undo for one in may):
            return self._joined(keys, may, folded, new_from)
        asked = tuple(self._asked(key) for key in keys[:1])
        place = (serial_of(self.ctx.conn), self.zone_name, self.thread.id, None if self.record is None else self.record.version)
        key = (*place, folded, new_from, asked, *may, *map(tuple, keys))
        found = _lists.get(key)
        if found is None:
            found = self._joined(keys, may, folded, new_from)
            if fragments.are_kept(self.ctx.conn, keys, self._place):
                _lists.put(key, found, len(found))
        return found

    def _may(self, key: Row[Any]) -> _May:
        mine = is_own(key, self._actor, self.number)
        if not mine and not self.rights["may_moderate"] and not self.rights["may_answer"]:
            if key.hidden_at is not None or not self._actor.may_write:
                return _NOTHING
            return _READER if key.position not in self._thanked else _May("given")
        return _May(self._thank(key, is_own=mine), self._controls(key, is_own=mine), self._undo(key) if mine else 0)

    def _thank(self, key: Row[Any], *, is_own: bool) -> str | None:
        if not self._actor.may_write or key.hidden_at is not None or (is_own and not key.thanks):
            return None
        return "own" if is_own else "given" if key.position in self._thanked else ""

    def _asked(self, key: Row[Any]) -> tuple[str, int] | None:
        """Of a question, how its "I ask this too" stands for this reader, and how many said so; None for every other message."""
        thread = self.thread
        if key.position > 0 or thread.kind != ThreadKind.QUESTION or key.hidden_at is not None:
            return None
        if is_own(key, self._actor, self.number):
            return "own", thread.also_ask
        return "reader" if not self._actor.may_write else "given" if thread.asks_too else "", thread.also_ask

    def _controls(self, key: Row[Any], *, is_own: bool) -> tuple[bool, ...]:
        """In the order of `_CONTROLS`."""
        actor, thread, rights, is_hidden = self._actor, self.thread, self.rights, key.hidden_at is not None
        may_edit = is_own and rights["may_reply"] and not is_hidden
        by_mail = key.arrived_by == writing.BY_MAIL and (not key.mask or is_own)
        return (
            is_hidden and (is_own or rights["may_moderate"]), key.position == thread.answer_position,
            may_edit and history.may_edit_at(actor, thread.right, key.created_at, thread.edit_hours), by_mail,
            rights["may_answer"] and key.position > 0 and not is_hidden, rights["may_moderate"],
        )  # fmt: skip

    def _undo(self, key: Row[Any]) -> int:
        is_alone = key.position > 0 or not self.thread.last_position  # what was answered stays
        return undoing.seconds_left(key.created_at, self.ctx.now) if is_alone and not key.arrived_by and key.hidden_at is None else 0

    def _joined(self, keys: list[Row[Any]], may: list[_May], folded: int | None, new_from: int | None) -> Markup:
        parts: list[Markup] = []
        for key, drawn in zip(keys, self._drawn(keys, may), strict=True):
            if key.position == new_from:
                parts.append(self._part("forum/_since.html"))
            parts += [self._part("forum/_folded.html", position=folded)] if key.position == folded else drawn
        return fragments.NOTHING.join(parts)

    def _drawn(self, keys: list[Row[Any]], may: list[_May]) -> list[list[Markup]]:
        """Each message in pieces; none of one that was taken back meanwhile."""
        found = fragments.of_page(self.ctx.conn, self.ctx.platform.renderer, keys, self._place)
        pieces = [found.get(key.id) for key in keys]
        return [[one[0], *self._buttons(key, does), one[1]] if one else [] for key, does, one in zip(keys, may, pieces, strict=True)]

    @property
    def _place(self) -> fragments.Place:
        return fragments.Place(self.thread, self.zone_name, self.record)

    def _buttons(self, key: Row[Any], may: _May) -> list[Markup]:
        """They belong to a form of the page, so the same are kept for all readers; but for an undo, which has its own."""
        at: dict[str, Any] = {"thread_id": self.thread.id, "position": key.position}
        asked = self._asked(key)
        found = [self._part("forum/_also_ask.html", thread_id=self.thread.id, state=asked[0], count=asked[1])] if asked else []
        found += [self._part("forum/_thank.html", **at, state=may.thank)] if may.thank is not None else []
        if may.undo:
            token, renderer = self.ctx.csrf_token(), self.ctx.platform.renderer
            found.append(fragments.part(renderer, "forum/_undo.html", **at, message_id=key.id, seconds=may.undo, csrf=token))
        if may.controls is not None and any(may.controls):
            found.append(self._part("forum/_controls.html", **at, **dict(zip(_CONTROLS, may.controls, strict=True))))
        return found

    def _part(self, template: str, **values: Any) -> Markup:
        return fragments.kept_part(self.ctx.platform.renderer, template, **values)
