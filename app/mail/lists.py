"""The lists that a stop link can end: each mail that comes unasked names the one it belongs to."""

from __future__ import annotations

import enum


class List(enum.IntEnum):
    """Numbers are in links that were sent: they never change. What the list's own number is stands behind each."""

    DIGEST = 0  # none
    FORUM = 1  # a forum's: its messages, each by itself
    THREAD = 2  # a thread's: the same for one thread
    NOTICES = 3  # a kind of notices: its number in notices/kinds.py
    KINDS = 4  # several kinds of notices: a bit for the number of each
