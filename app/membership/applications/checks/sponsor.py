"""Whether the word of a case's sponsor counts: a current member of the same or an adjoining agency who stands by the applicant (V3)."""

from __future__ import annotations

from typing import Any

from app.membership.actors import CURRENT
from app.membership.applications.checks.check import Check

KIND = "sponsor"


def check(case: Any) -> list[Check]:
    """Nothing where no sponsor is named."""
    if case.sponsor_id is None and not case.sponsor_named:
        return []
    if case.sponsor_id is None:
        return [Check("sponsor", "unknown", f"{case.sponsor_named} is no member's address.")]
    if case.sponsor_status in CURRENT and _relation(case) and case.sponsor_stands_by is None:
        return [Check("sponsor", "unknown", problem(case))]
    if said := problem(case):
        return [Check("sponsor", "attention", said)]
    said = f"{_who(case)}, {_relation(case)}, knows the applicant and stands by them. One kind of evidence, and no more."
    return [Check("sponsor", "pass", said)]


def problem(case: Any) -> str:
    """Why the sponsor is no evidence, as a sentence; nothing if they are one kind."""
    if case.sponsor_id is None:
        return "No member is named as the sponsor of this applicant."
    who, relation = _who(case), _relation(case)
    if case.sponsor_status not in CURRENT:
        return f"{who} is no current member."
    if case.sponsor_stands_by is False:
        return f"{who} says that they do not know the applicant, or do not stand by them."
    if not relation:
        return f"{who} is of another county and region than the applicant's agency, or that is not known: this counts for nothing."
    if case.sponsor_stands_by is None:
        return f"{who}, {relation}, has not answered yet. They answer on a page of their own."
    return ""


def counted(kinds: set[str], case: Any) -> set[str]:
    """The kinds of evidence as of now: a sponsor may have left, or taken their word back, since it was recorded."""
    return kinds - {KIND} if KIND in kinds and problem(case) else kinds


def _who(case: Any) -> str:
    return f"{case.sponsor_rank} {case.sponsor}".strip()


def _relation(case: Any) -> str:
    """How the sponsor's agency stands to the applicant's; nothing where it is another place, or not known."""
    if case.agency_id is None or case.sponsor_agency_id is None:
        return ""
    if case.agency_id == case.sponsor_agency_id:
        return "of the same agency"
    if case.agency_record_state != case.sponsor_state:
        return ""
    if case.agency_county and case.agency_county == case.sponsor_county:
        return "of the same county"
    return "of the same region" if case.agency_region and case.agency_region == case.sponsor_region else ""
