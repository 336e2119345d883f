"""What an approval takes besides two people (V2, V3): a call-back or its waiver, and two kinds of evidence; a second call-back where the
address looks like another's (V7). One rule, asked by the page and by the act; the database asks it once more (membership/triggers.py)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.membership import telephone
from app.membership.models import Purpose

KINDS_NEEDED = 2


def kinds(evidence: Iterable[Any]) -> set[str]:
    """The kinds that reviewers saw for themselves, or that the association's own files say: what the applicant says is none."""
    return {e.kind for e in evidence if e.added_by is not None or e.source}


def unanswered(application: Any, evidence: Iterable[Any]) -> list[str]:
    """Who lost a sign-in must have had one. Whom a roster named has not applied: they accept the statement first, and get the code without
    which nobody enrols."""
    if application.purpose == Purpose.RECOVER and application.member_id is None:
        return ["No member has the address that was typed. Decline it, and say so."]
    is_named = any(e.source for e in evidence)
    return ["Wait for them to answer our letter and accept the statement."] if is_named and not application.statement_version else []


def is_waived(application: Any, waiver: Any, *, is_at_new_address: bool) -> bool:
    """Whether a case goes on without a call-back. A sponsor's waiver counts for nothing; none does for a member who asks at an address that
    is none of theirs, as nothing but the call ties them to it (V2)."""
    return waiver is not None and waiver.admin_id != application.sponsor_id and not is_at_new_address


@dataclass(frozen=True, slots=True)
class Calls:
    """The call-backs of a case: to how many different numbers, how many it takes, and whether an administrator waived them."""

    made: int
    needed: int = 1
    is_waived: bool = False

    @classmethod
    def of(cls, numbers: Iterable[str], *, is_waived: bool, is_flagged: bool) -> Calls:
        """`is_flagged`: the address may be meant to be taken for another's, so one call is not enough (V7)."""
        different: list[str] = []
        for number in numbers:
            called = telephone.dialled(number)
            if not any(telephone.is_same(called, one) for one in different):
                different.append(called)
        return cls(len(different), 2 if is_flagged else 1, is_waived)

    @property
    def missing(self) -> str:
        if self.is_waived or self.made >= self.needed:
            return ""
        if self.needed == 1:
            return "Call the agency back, at a number that you found yourself."
        if self.made == 0:
            return "Call the agency back twice, at two numbers that you found yourself: the address looks like another's."
        return "Call the agency back once more, at another number: the address looks like another's."


def missing(evidence_kinds: Iterable[str], calls: Calls) -> list[str]:
    """What is still to be done before a case can be approved, as sentences; nothing if it can."""
    held = set(evidence_kinds) | ({"call_back"} if calls.made else set())
    found = [calls.missing] if calls.missing else []
    if len(held) < KINDS_NEEDED:
        found.append(f"Record {KINDS_NEEDED - len(held)} more kind{'s' if KINDS_NEEDED - len(held) > 1 else ''} of evidence.")
    return found
