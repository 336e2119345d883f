"""How agencies are called: the short name beside a person, the words that search reads, and the tidying of names from files."""

from __future__ import annotations

import re
from itertools import pairwise

from app.agencies.facts import STATES
from app.core import matching

_RUN_TOGETHER = re.compile(r"(?<=[a-z0-9])(?<!\bMc)(?<!\bMac)(?<!\bDe)(?<!\bLa)(?<!\bLe)(?<!\bDu)(?=[A-Z])")
# Longest first. What a file says of a kind of agency, and what people say.
_SHORT = (
    (re.compile(r"\bPolice Department\b"), "PD"),
    (re.compile(r"\bSheriff's (Office|Department)\b"), "SO"),
    (re.compile(r"\bDepartment of Public Safety\b"), "DPS"),
    (re.compile(r"\bDepartment of Natural Resources\b"), "DNR"),
    (re.compile(r"\bDepartment of Environmental Protection, Division of Law Enforcement\b"), "DEP Law Enforcement"),
    (re.compile(r"^(?:Independent School District): ?(.+)$"), r"\1 ISD"),
)
# These stand in every state's list under the same name, so the state's letters go in front.
_OF_A_STATE = re.compile(
    r"^(State (Police|Patrol|Highway Patrol|Park|Fire|Transport)|Highway Patrol|Department of|Bureau of|Division of)\b"
)
_SAYS_POLICE = re.compile(r"\b(PD|SO|Police|Sheriff|Marshal|Constable|Safety|Patrol|DPS)\b", re.IGNORECASE)
_CITY = re.compile(r"^(?P<city>.+?) Police Department\b")


def tidy(name: str) -> str:
    """A file's name with single blanks, and with blanks between words that were run together (CherryValley)."""
    name = " ".join(name.split())
    if " " not in name:
        name = _RUN_TOGETHER.sub(" ", name)
    return re.sub(r"([:,])(?=[A-Za-z])", r"\1 ", name)


def city_of(name: str, agency_type: str) -> str:
    """The town of a town's police department, from its name."""
    found = _CITY.match(name) if agency_type == "city" else None
    return found["city"][:100] if found else ""


def short_name(name: str, state: str, agency_type: str) -> str:
    """At most 100 characters: Kalamazoo PD, Bexley County SO, MI State Police, Kalamazoo County."""
    short = name
    for pattern, instead in _SHORT:
        short = pattern.sub(instead, short)
    if _OF_A_STATE.match(name):
        short = f"{state} {short}"
    if agency_type == "city" and not _SAYS_POLICE.search(short):
        short = f"{short} PD"
    return short.replace(": ", ", ")[:100].rstrip(" ,")


# Search ---------------------------------------------------------------------------------------------------------------------

_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])")
# Names begin in one way only, so that "Saint Louis" and "St. Louis" start alike.
_ONE_FORM = {"saint": "st", "sainte": "ste", "mount": "mt", "fort": "ft", "dept": "department"}
_OTHER_FORMS = {short: long for long, short in _ONE_FORM.items()} | {
    "township": "twp", "county": "co", "university": "univ", "airport": "apd", "tribal": "tribe",
}  # fmt: skip
_JOINED = frozenset({"de", "la", "le", "du", "mc", "mac", "van", "el", "o"})
_PHRASES = (("police department", "pd"), ("sheriffs office", "so"), ("sheriffs office", "sheriff department"),
            ("highway patrol", "hp"), ("public safety", "dps"), ("school district", "isd"))  # fmt: skip


def words(text: str) -> list[str]:
    """A text's words, each in its one form: "Saint Mary's" gives st, marys."""
    return [_ONE_FORM.get(word, word) for word in matching.words(text)]


def search_text(name: str, state: str, *others: str) -> str:
    """What agency search reads: the name's words first, then other forms of them, the state and the other texts, each after a blank.

    Search looks for a blank and a word, so that a word is found by its beginning.
    """
    named = words(name)
    said = " ".join(named)
    more = [_OTHER_FORMS[word] for word in named if word in _OTHER_FORMS]
    more += [abbreviation for phrase, abbreviation in _PHRASES if phrase in said]
    more += [one + two for one, two in pairwise(named) if one in _JOINED]
    more += words(_HUMPS.sub(" ", name.replace("'", " ")))
    for text in (state, STATES.get(state, ""), *others):
        more += words(text)
    rest = [word for word in dict.fromkeys(" ".join(more).split()) if word not in named]
    return f" {said} {' '.join(rest)} "
