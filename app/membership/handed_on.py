"""An address that was a member's who left is handed on: to nobody else within a year, and then to a new member, never with what the former
one was (V11). The same person gets it back at any time."""

from __future__ import annotations

import datetime as dt

from app.membership.alike.keys import may_be_one

KEPT = dt.timedelta(days=365)


def same(former: str, name: str) -> bool:
    """Whether who applies may be the member who had the address: then they become the same one again."""
    return may_be_one(former, name)


def refusal(former: str, gone_at: dt.datetime | None, name: str, now: dt.datetime) -> str:
    """Why an applicant of this name does not get the address of a member who left, as a sentence; nothing if they do."""
    if same(former, name) or (gone_at is not None and now - gone_at >= KEPT):
        return ""
    free = "" if gone_at is None else f" before {gone_at + KEPT:%b} {(gone_at + KEPT).day}, {(gone_at + KEPT).year}"
    return (
        f"The address was that of {former}, who was a member and left. Nobody else gets it{free}: decline, and have them apply with "
        "another address. The same person under another name comes back by an administrator."
    )
