"""Whether the holder of a .gov name can be the government of the agency that somebody says they work for (V4)."""

from __future__ import annotations

from typing import Any

from app.agencies.facts import STATES
from app.agencies.models import AgencyType
from app.agencies.naming import city_of, words

# They say what kind of body it is, not which.
_KINDS = frozenset({
    "administration", "agency", "and", "authority", "board", "borough", "bureau", "central", "charter", "city", "cnty", "co",
    "commission", "commissioner", "commissioners", "common", "consolidated", "constable", "corporation", "council", "county",
    "courthouse", "department", "dept", "district", "division", "enforcement", "executive", "for", "force", "government", "inc",
    "incorporated", "it", "law", "local", "marshal", "marshals", "metro", "metropolitan", "municipal", "municipality", "of", "office",
    "officer", "parish", "patrol", "pd", "police", "public", "safety", "services", "sheriff", "sheriffs", "so", "state", "supervisors",
    "technology", "the", "town", "township", "unified", "village",
})  # fmt: skip


def holder(registered: Any) -> str:
    """To whom a name is registered: Town of Abingdon, Abingdon, VA."""
    return ", ".join(part for part in (registered.suborganization, registered.organization, registered.city, registered.state) if part)


def claimed(case: Any) -> str:
    return case.agency_full_name or case.agency_name or ""


def problem(case: Any, registered: Any) -> str:
    """Why it can't well be that government, as a sentence; nothing if it can."""
    state = case.agency_record_state or case.agency_state
    kind, name = registered.domain_type, claimed(case)
    if kind.startswith("Federal"):
        return "" if case.agency_type == AgencyType.FEDERAL else "That is a federal body, and the agency named is none."
    if state and registered.state and state != registered.state:
        return f"The agency named is in {STATES.get(state, state)}."
    if not name:
        return ""
    if kind.startswith("State") and case.agency_type in (AgencyType.STATE, AgencyType.UNIVERSITY):
        return ""
    if kind.startswith("County") and case.agency_type == AgencyType.CITY:
        return f"That is a county, and {name} is a town's."
    return "" if _is_of(case, name, registered) else f"Nothing in that says {name}."


def _is_of(case: Any, name: str, registered: Any) -> bool:
    """The same town, or an organisation whose name is all in the agency's."""
    town = case.agency_city or city_of(name, AgencyType.CITY)
    if town and _proper(town) == _proper(registered.city):
        return True
    agency = _proper(f"{name} {case.agency_county or ''}" if case.agency_type == AgencyType.COUNTY else name)
    bodies = (_proper(registered.organization), _proper(registered.suborganization))
    return any(body and body <= agency for body in bodies)


def _proper(text: str) -> set[str]:
    """The words that tell which: "City of Saint Charles" gives st, charles."""
    return set(words(text)) - _KINDS
