"""How members leave: the words that stand in `members.left_as`."""

from __future__ import annotations

import enum


class LeftAs(enum.StrEnum):
    """How a member's access came to end. Nothing stands for who is here, or is suspended for another reason."""

    MOVED = "moved"  # to another agency: access waits until that one is confirmed
    SEPARATED = "separated"
    DECEASED = "deceased"
    REMOVED = "removed"  # for cause
