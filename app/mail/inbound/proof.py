"""Who wrote a message, and whether that is proven: one sender in From, and our own mail server's word about it (M7, RFC 8601).

Only the top-most Authentication-Results counts, and only with our name on it: our server writes its own above all that came, and whatever
stands below may be the sender's invention."""

from __future__ import annotations

import re
from functools import lru_cache

from app.agencies.addresses.registrable import registrable
from app.core.email import normalise
from app.mail.inbound.parsing import Parsed, headers

# Each reads on from where it stopped, also over what never ends: a header of 64 KB that a stranger wrote must not take half a minute.
_QUOTED = re.compile(r'"(?:[^"\\]|\\.|\\$)*(?:"|$)')
_BRACKETS = re.compile(r"([()])")
_ONE = re.compile(r"[^<>@,;:]*<([^<>\s]+@[^<>\s]+)>\s*|\s*([^<>\s,;:\"()]+@[^<>\s,;:\"()]+)\s*")
_ANY = re.compile(r"(?<![\w.!#$%&'*+/=?^`{|}~-])[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+")
_RESULT = re.compile(r"(?P<method>[a-z0-9-]+)\s*(?:/\s*\d+\s*)?=\s*(?P<result>[a-z]+)(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_PROPERTY = re.compile(r"(header\.from|header\.d|header\.i)\s*=\s*@?([\w.@+-]+)", re.IGNORECASE)


def author(message: Parsed) -> str | None:
    """The one address in the one From header, as addresses are stored; None for none, several, or anything odd."""
    found = headers(message, "from")
    if len(found) != 1:
        return None
    match = _ONE.fullmatch(_QUOTED.sub("", found[0]))
    if match is None:
        return None
    try:
        return normalise(match[1] or match[2])
    except ValueError:
        return None


def addressed_to(message: Parsed) -> set[str]:
    """All addresses in To, in lower case."""
    return {one.lower() for line in headers(message, "to") for one in _ANY.findall(line)}


def is_proven(message: Parsed, address: str, authserv_id: str) -> bool:
    """Whether our server says that the message is from this address's domain: DMARC passed for it, or, where the domain publishes no
    DMARC, DKIM passed for a domain that is the same organisation's."""
    found = headers(message, "authentication-results")
    if not found:
        return False
    name, *results = _uncommented(found[0]).split(";")
    if not name.split() or name.split()[0].lower() != authserv_id.lower():
        return False
    domain = address.rpartition("@")[2]
    dmarc = [(verdict, said) for method, verdict, said in map(_read, results) if method == "dmarc" and verdict != "none"]
    if dmarc:
        return all(verdict == "pass" and said.get("header.from", "").lower() == domain for verdict, said in dmarc)
    signed = [said for method, verdict, said in map(_read, results) if method == "dkim" and verdict == "pass"]
    return any(_organisation(_domain(said)) == _organisation(domain) for said in signed)


def _uncommented(said: str) -> str:
    """Without what is quoted and what is in comments, one within another too: a sender may have words of theirs there. What opens and
    never ends goes on to the end."""
    kept, depth = [], 0
    for one in _BRACKETS.split(_QUOTED.sub(" ", said)):
        if one == "(":
            depth += 1
        elif one == ")":
            depth = max(0, depth - 1)
        elif depth == 0:
            kept.append(one)
    return " ".join(kept).partition('"')[0]


def _read(result: str) -> tuple[str, str, dict[str, str]]:
    match = _RESULT.match(result.strip())
    if match is None:
        return "", "", {}
    return match["method"].lower(), match["result"].lower(), {name.lower(): value for name, value in _PROPERTY.findall(match["rest"])}


def _domain(said: dict[str, str]) -> str:
    return (said.get("header.d") or said.get("header.i", "")).rpartition("@")[2].lower()


@lru_cache(maxsize=1000)
def _organisation(domain: str) -> str:
    return registrable(domain).name
