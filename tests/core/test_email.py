"""One strict form of an address: whatever is taken is its own normal form, and nothing else can be read into it."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given, settings

from app.core.email import normalise
from app.mail.message import plain_address
from tests.core.addresses import CVE_2023_27043, FOLDED, OTHERS, anything, likely, spoilt

PLAIN = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[a-z0-9-]+(\.[a-z0-9-]+)+"
)  # RFC 5321: dot-string, domain


def taken(text: str) -> str | None:
    try:
        return normalise(text)
    except ValueError:
        return None


@pytest.mark.parametrize("address", [*CVE_2023_27043, *OTHERS, *FOLDED])
def test_what_fooled_other_parsers_is_refused(address: str) -> None:  # V6
    with pytest.raises(ValueError, match=r"must be a plain address such as name@agency\.gov"):
        normalise(address)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" Chief@Alderwood.GOV\r\n", "chief@alderwood.gov"),
        ("r.o'neil+digest@pd.example", "r.o'neil+digest@pd.example"),
        ("a!b%c=d@pd.example", "a!b%c=d@pd.example"),
        ("chief@münchen.example", "chief@xn--mnchen-3ya.example"),
        ("chief@XN--MNCHEN-3YA.example", "chief@xn--mnchen-3ya.example"),
        ("chief@pd。example", "chief@pd.example"),
        ("a" * 64 + "@pd.example", "a" * 64 + "@pd.example"),
    ],
)
def test_what_people_have_is_taken(typed: str, stored: str) -> None:  # V6
    assert taken(typed) == stored


@settings(max_examples=400, deadline=None)
@given(likely | spoilt | anything)
@example("chief@İ.example")
@example("chief@ﬀ.example")
@example("K@example.org")
def test_what_is_taken_is_plain_and_its_own_normal_form(text: str) -> None:  # V6
    found = taken(text)
    if found is None:
        return
    assert normalise(found) == found
    assert found.count("@") == 1
    assert found.isascii()
    assert not any(unicodedata.category(c).startswith(("C", "Z")) for c in found)
    assert len(found) <= 254
    assert PLAIN.fullmatch(found)
    assert "=?" not in found
    assert plain_address(found) == found  # what mail is sent to is judged by the mail package once more


@settings(max_examples=200, deadline=None)
@given(likely)
def test_case_and_blanks_around_it_make_no_other_address(text: str) -> None:  # V6
    assert taken(text) == taken(f"  {text}\n") == taken(text.swapcase() if text.isascii() else text)
