"""A megabyte that is made to be slow is trimmed in less than a second of the processor's time."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from app.mail.trimming.from_html import to_text
from app.mail.trimming.trim import trim

SIZE = 1_000_000
SLOW = [
    "a", "\n", "a\n", " ", ">", "> \n", ">a\n", "-", "--\n", "-- \n", "____\n", "On ", "On 1:\n", "On 1 wrote: ", "On 1 a@b wrote:\n",
    "On 1 a@b wrote:\n\nx\n", f"On 1 {'wrote ' * 40}:\n", f"On 1 {'x' * 250}:\n", f"Le 1 {'a écrit' * 30}:\n", f"{'Am 1 schrieb ' * 10}:\n",
    "From: a\n", "From: a\nTo: b\nSent: c\n\n", "To: a,\n b\n", "Sent from my ", f"Sent from {'a ' * 80}\n", "Get Outlook for iOS<http://",
    "CONFIDENTIALITY NOTICE: confidential\n\n", "CONFIDENTIALITY NOTICE: ", "This email\n", "may contain ", "received this ", "subject to ",
    "law enforcement ", "CAUTION: ", "CAUTION: this is from outside\n", "Thanks,\nJo Smith\n555-123-4567\n\n", "1 (", "a@", "www.",
    "A B C ",
    "-----Original Message-----\n", ">>> a@b 1:00 >>>\n", "1 a@b.c:\n", "2020年1月1日(水) 1:00 x <a@b>:\n", "\r", "\0", "\ud800",
]  # fmt: skip
SLOW_HTML = ["<b>x</b>", "x<br>", "<table><tr><td>x", "<div>", "<blockquote>x", "<", "<!--", "<style>", "<a href='", "&#9", "[x](", "word "]


@pytest.mark.parametrize("end", ["", "\nx\n> y\n\nSent from my iPhone"])
@pytest.mark.parametrize("shape", SLOW, ids=[repr(shape[:20]) for shape in SLOW])
def test_no_text_is_slow(shape: str, end: str) -> None:  # M16
    assert "Own words." in _quickly(lambda: trim("Own words.\n\n" + shape * (SIZE // len(shape)) + end).kept)


@pytest.mark.parametrize("shape", SLOW_HTML)
def test_no_html_is_slow_and_none_loses_a_word(shape: str) -> None:  # M16
    html = "<p>Own words.</p>" + shape * (SIZE // len(shape))
    assert "Own words." in _quickly(lambda: to_text(html))
    assert "Own words." in _quickly(lambda: trim("Own words.\n\nOn 1 Jo wrote:\nx", html).kept)


@pytest.mark.parametrize("depth", [10, 199, 260, 5_000])
def test_html_nested_too_deep_keeps_its_words(depth: int) -> None:  # M16
    text = to_text(f"<p>first</p>{'<div>' * depth}deep words{'</div>' * depth}<p>last</p>")
    assert text.split() == ["first", "deep", "words", "last"]


def _quickly(act: Callable[[], str]) -> str:
    start = time.process_time()
    result = act()
    assert time.process_time() - start < 2
    return result
