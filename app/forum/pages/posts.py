"""The messages on a thread's page: each message's fragment around what this reader may do with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup
from sqlalchemy import Row

from app.core.access import Actor
from app.core.db import serial_of
from app.core.kept import Kept
from app.forum import fragments
from app.forum.history import access as history
from app.forum.markings import Marking
from app.forum.operations import writing
from app.forum.own import access as own
from app.forum.withdrawing import access as undoing
from app.web import humane
from app.web.request import Read

_lists: Kept[tuple[Any, ...], Markup] = Kept(3_000_000)


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


def range_of(thread: Row[Any], start: int, keys: list[Row[Any]]) -> str:
    """Which of a thread's replies a page shows, in words."""
    last = keys[-1].position if keys else 0
    return f"Replies {max(start, 1)}-{last} of {thread.last_position}" if thread.last_position and last else "No reply yet"


@dataclass(slots=True)
class Posts:
    """One page's messages for one reader. `rights` are what the page found that they may: may_reply, may_moderate, may_answer."""

    ctx: Read
    thread: Row[Any]
    keys: list[Row[Any]]
    number: int | None
    rights: dict[str, bool]
    zone_name: str
    _thanked: set[int] = field(init=False)  # positions of messages that this reader said helped
    _token: str = ""

    def __post_init__(self) -> None:
        some = [key.position for key in self.keys if key.thanks]
        self._thanked = own.thanked_on(self.ctx.conn, self.ctx.actor, self.thread.id, min(some), max(some)) if some else set()

    def one(self, key: Row[Any]) -> Markup:
        """A message that stands apart from the list: the answer, or what a question began with."""
        return self._drawn([key])[0]

    def listed(self, keys: list[Row[Any]], folded: int | None, new_from: int | None) -> Markup:
        """The list of messages: a line before the first new one, and a link in place of the answer, which is shown above (`folded`). What
        is the same for many readers, as it is where they may only read, reply, thank and report, is kept as a whole."""
        if self._has_controls or self._mine(keys):
            return self._joined(keys, folded, new_from)
        shown = (serial_of(self.ctx.conn), self.zone_name, self.thread.id, folded, new_from, *map(tuple, keys))
        key = (self.ctx.actor.may_write, frozenset(self._thanked), *shown)
        found = _lists.get(key)
        if found is None:
            found = self._joined(keys, folded, new_from)
            _lists.put(key, found, len(found))
        return found

    def _mine(self, keys: list[Row[Any]]) -> bool:
        actor, number = self.ctx.actor, self.number
        return any(is_own(key, actor, number) for key in keys)

    @property
    def _has_controls(self) -> bool:
        return self.rights["may_moderate"] or self.rights["may_answer"]

    def _joined(self, keys: list[Row[Any]], folded: int | None, new_from: int | None) -> Markup:
        parts: list[Markup] = []
        for key, post in zip(keys, self._drawn(keys), strict=True):
            if key.position == new_from:
                parts.append(self._part("forum/_since.html"))
            parts.append(self._part("forum/_folded.html", position=folded) if key.position == folded else post)
        return fragments.NOTHING.join(parts)

    def _drawn(self, keys: list[Row[Any]]) -> list[Markup]:
        pieces = fragments.of_page(self.ctx.conn, self.ctx.platform.renderer, keys, self.thread, self.zone_name)
        return [self._post(key, *pieces[key.id]) for key in keys]

    def _post(self, key: Row[Any], before: Markup, after: Markup) -> Markup:
        mine = is_own(key, self.ctx.actor, self.number)
        controls = self._controls(key, is_own=mine) if mine or self._has_controls else fragments.NOTHING
        return before + self._thank(key, is_own=mine) + controls + after

    def _thank(self, key: Row[Any], *, is_own: bool) -> Markup:
        """The button that says it helped. It belongs to a form of the page, so the same one is kept for all readers."""
        if not self.ctx.actor.may_write or key.hidden_at is not None or (is_own and not key.thanks):
            return fragments.NOTHING
        state = "own" if is_own else "given" if key.position in self._thanked else ""
        return self._part("forum/_thank.html", thread_id=self.thread.id, position=key.position, state=state)

    def _controls(self, key: Row[Any], *, is_own: bool) -> Markup:
        """What else this reader may do with this message. `undo` is the seconds for which its author may still take it back."""
        ctx, thread = self.ctx, self.thread
        return fragments.part(
            ctx.platform.renderer, "forum/_controls.html", thread=thread, position=key.position, message_id=key.id,
            is_hidden=key.hidden_at is not None,
            csrf=self._csrf, undo=undoing.seconds_left(key.created_at, ctx.now) if is_own and not key.arrived_by else 0,
            may_edit=is_own and history.may_edit_at(ctx.actor, thread.right, key.created_at, thread.edit_hours),
            by_mail=key.arrived_by == writing.BY_MAIL and (not key.mask or is_own), **self.rights,
        )  # fmt: skip

    @property
    def _csrf(self) -> str:
        """One for all forms of the list."""
        self._token = self._token or self.ctx.csrf_token()
        return self._token

    def _part(self, template: str, **values: Any) -> Markup:
        return fragments.kept_part(self.ctx.platform.renderer, template, **values)
