"""Who is told, within the act's own transaction, that messages were written or changed: packages above register at the start."""

from __future__ import annotations

from typing import Any, Protocol

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.core.together import Said


class Listener(Protocol):
    """Everything is read anew from the ids, but for a reply, the forum's hottest write: what is known of it is handed over."""

    def replied(self, session: Session, thread: Row[Any], message: dict[str, Any]) -> list[Said]:
        """A reply to a visible thread (its row as access.thread_for_reply gives it): `id body at files by` (a Byline). What is given
        back is written with the rest of the act."""

    def messages_changed(self, session: Session, reply_ids: list[int]) -> None:
        """These messages are new, edited, hidden, shown again or gone, or their files are."""

    def thread_changed(self, session: Session, thread_id: int) -> None:
        """A thread's marking, forum, subjects or record changed: what is known of each of its messages may."""


_listeners: list[Listener] = []


def register(listener: Listener) -> None:
    if listener not in _listeners:
        _listeners.append(listener)


def replied(session: Session, thread: Row[Any], message: dict[str, Any]) -> list[Said]:
    return [said for listener in _listeners for said in listener.replied(session, thread, message)]


def messages_changed(session: Session, reply_ids: list[int]) -> None:
    for listener in _listeners:
        listener.messages_changed(session, reply_ids)


def thread_changed(session: Session, thread_id: int) -> None:
    for listener in _listeners:
        listener.thread_changed(session, thread_id)
