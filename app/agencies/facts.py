"""What is known of all agencies: states and kinds, and what an ORI must look like."""

from __future__ import annotations

import re

from app.agencies.models import AgencyType

STATES: dict[str, str] = {
    "AK": "Alaska", "AL": "Alabama", "AR": "Arkansas", "AS": "American Samoa", "AZ": "Arizona", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "CZ": "Canal Zone", "DC": "District of Columbia", "DE": "Delaware", "FL": "Florida", "GA": "Georgia",
    "GU": "Guam", "HI": "Hawaii", "IA": "Iowa", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "KS": "Kansas", "KY": "Kentucky",
    "LA": "Louisiana", "MA": "Massachusetts", "MD": "Maryland", "ME": "Maine", "MI": "Michigan", "MN": "Minnesota", "MO": "Missouri",
    "MP": "Northern Mariana Islands", "MS": "Mississippi", "MT": "Montana", "NC": "North Carolina", "ND": "North Dakota",
    "NE": "Nebraska", "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico", "NV": "Nevada", "NY": "New York", "OH": "Ohio",
    "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania", "PR": "Puerto Rico", "RI": "Rhode Island", "SC": "South Carolina",
    "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VA": "Virginia", "VI": "Virgin Islands", "VT": "Vermont",
    "WA": "Washington", "WI": "Wisconsin", "WV": "West Virginia", "WY": "Wyoming",
}  # fmt: skip

TYPE_NAMES: dict[str, str] = {
    AgencyType.CITY: "City or town",
    AgencyType.COUNTY: "County",
    AgencyType.STATE: "State",
    AgencyType.TRIBAL: "Tribal",
    AgencyType.UNIVERSITY: "University or college",
    AgencyType.FEDERAL: "Federal",
    AgencyType.OTHER: "Other",
}

_ORI = re.compile(r"[A-Z]{2}[A-Z0-9]{7}")
_UCR = re.compile(r"[A-Z]{2}[A-Z0-9]{5}")
# The FBI's own letters where they are not the post office's; US and the like stand for federal agencies whatever their state.
_ALIASES = {"NB": "NE", "GM": "GU"}
_FEDERAL = frozenset({"US", "DC"})


def ori_state(ori: str) -> str:
    """The state an ORI's first two letters stand for; empty for a federal code and for what is no code at all."""
    code = _ALIASES.get(ori[:2], ori[:2])
    return code if code in STATES and code not in _FEDERAL else ""


def ori_problem(ori: str, state: str) -> str:
    """What speaks against this ORI for an agency of this state, as a sentence; empty if nothing does (V8).

    It is a public code: that it fits proves nothing. The demo's invented state has codes that begin with its own letters.
    """
    if not _ORI.fullmatch(ori):
        hint = f" Did you mean {ori}00?" if _UCR.fullmatch(ori) and not ori_problem(f"{ori}00", state) else ""
        return f"An ORI is two letters and seven letters or digits, such as MI3913900.{hint}"
    if ori[:2] == state or ori[:2] in _FEDERAL or ori_state(ori) == state:
        return ""
    other = STATES.get(ori_state(ori))
    return f"This ORI is one of {other}, not of {STATES.get(state, state)}." if other else f"No ORI begins with {ori[:2]}."
