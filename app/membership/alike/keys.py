"""What makes two people the same to a search: their name and their phone number without what people write differently."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.accounts.throttle import network_of
from app.core import matching
from app.membership import telephone

SHORTEST = 7  # digits of a number that says whose it is
LONGEST_KEY = 200
NOBODY = "-"  # no key of a name
SUFFIXES = ("jr", "sr", "ii", "iii", "iv")  # behind a family name, and no part of it
NAMES = 15  # that may stand in a text, at most


def name_key(name: str) -> str:
    """A name's words without case, accents and marks: "José  O'Neil-Diaz" gives "jose oneil diaz"."""
    return " ".join(matching.words(name))[:LONGEST_KEY]


def family_key(name: str) -> str:
    """The same with the family name first, to find people by it: "dale okafor" is "okafor dale" here."""
    said = name_key(name).split()
    at = max((n for n, word in enumerate(said) if word not in SUFFIXES), default=0)
    return " ".join([*said[at:], *said[:at]])


def may_be_one(name: str, other: str) -> bool:
    """Whether two names can be one person's: the same family name, and first names that begin alike (Tom, Thomas)."""
    one, two = ([word for word in name_key(_given_first(text)).split() if word not in SUFFIXES] for text in (name, other))
    return bool(one and two) and one[-1] == two[-1] and one[0][0] == two[0][0]


def _given_first(name: str) -> str:
    """What rosters write as "Reyes, Tom"."""
    family, _, given = name.partition(",")
    return f"{given} {family}"


def names_in(text: str) -> list[str]:
    """The keys of names that may stand in a text, such as a rank and a name: two to four words that follow each other. Always as many,
    so that the statement which asks for them is always the same."""
    words = matching.words(text)[:7]
    found = [" ".join(words[at : at + count]) for count in (2, 3, 4) for at in range(len(words) - count + 1)]
    return found + [NOBODY] * (NAMES - len(found))


def phone_key(phone: str) -> str:
    """A number as it is dialled inside the country, without its extension; nothing for one that is none."""
    number = telephone.first_in(phone)
    return number if len(number) >= SHORTEST else ""


def network_key(address: str) -> str:
    """The network that an address is of; nothing where it is not known."""
    return network_of(address) if address else ""


# What a row says, the column that holds its key, and how it is made.
KEYS: dict[str, tuple[str, Callable[[str], str]]] = {
    "name": ("name_key", name_key), "phone": ("phone_key", phone_key), "address": ("network", network_key),
}  # fmt: skip


def keep(row: Any, said: str, value: str) -> str:
    """For a row's validator: its key moves with what it is made of."""
    if said in KEYS:
        column, key = KEYS[said]
        setattr(row, column, key(value))
    return value


def from_insert(said: str) -> Callable[[Any], str]:
    """A column's default for rows that are inserted without the mapped class."""
    _, key = KEYS[said]
    return lambda context: key(context.get_current_parameters().get(said) or "")
