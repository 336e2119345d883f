"""What of a mail is posted: every own word, and as little else as can be told."""

from __future__ import annotations

import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.mail.trimming.lines import Why, has_words
from app.mail.trimming.trim import Trimmed, trim
from tests.mail import replies
from tests.mail.replies import Mail, looks, lost

SHAPES = replies.shapes()
ENOUGH = 0.95


@replies.needs_real_replies
def test_real_replies_come_out_as_a_person_would_post_them(capsys: pytest.CaptureFixture[str]) -> None:  # M9
    mails = list(replies.real())
    kept = {mail.name: trim(mail.words.text, mail.words.html).kept for mail in mails}
    wrong = [mail.name for mail in mails if looks(kept[mail.name]) != looks(mail.wanted)]
    with capsys.disabled():
        right = len(mails) - len(wrong)
        sys.stdout.write(
            f"\n{right} of {len(mails)} real replies trimmed right, {right / len(mails):.1%}; not: {', '.join(wrong) or 'none'}\n"
        )
    assert {mail.name: words for mail in mails if (words := lost(mail.wanted, kept[mail.name]))} == {}
    assert len(mails) == 34
    assert {mail.name for mail in mails} == {f"github/{p.stem}" for p in (replies.REAL / "github").glob("*.txt")} | {
        f"talon/{p.stem}" for p in (replies.REAL / "talon" / "standard_replies").glob("*.eml")
    }
    assert len(mails) - len(wrong) >= ENOUGH * len(mails)


@replies.needs_real_replies
def test_real_html_replies_lose_the_quote_and_keep_the_name() -> None:  # M9
    from app.mail.trimming.from_html import to_text

    found = sorted((replies.REAL / "talon" / "html_replies").glob("*.html"))
    assert len(found) == 9
    for path in found:
        assert trim(to_text(path.read_text())).kept.split() == ["Hi.", "I", "am", "fine.", "Thanks,", "Alex"], path.name


@pytest.mark.parametrize("mail", SHAPES, ids=[mail.name for mail in SHAPES])
def test_a_shape_of_each_program_and_agency(mail: Mail) -> None:  # M9
    trimmed = trim(mail.words.text)
    assert looks(trimmed.kept) == looks(mail.wanted)
    assert (trimmed.cut == ()) == (looks(mail.wanted) == looks(mail.words.text))
    whole(mail.words.text, trimmed)
    assert trim(trimmed.kept).kept == trimmed.kept


def test_what_was_cut_says_why_in_its_order() -> None:  # M9
    pieces = ["[EXTERNAL]", "Yes.", "Sent from my iPhone", "Disclaimer: this e-mail may contain confidential words."]
    text = "\n\n".join([*pieces, "On 1/2/26, Jo <jo@city.example> wrote:\n> Who?", "-- \nJo"])
    assert trim(text) == Trimmed(
        "Yes.",
        (
            ("[EXTERNAL]", Why.BANNER),
            ("Sent from my iPhone", Why.DEVICE),
            (pieces[3], Why.DISCLAIMER),
            ("On 1/2/26, Jo <jo@city.example> wrote:\n> Who?", Why.QUOTE),
            ("-- \nJo", Why.SIGNATURE),
        ),
    )


def test_the_html_tells_what_is_quoted_where_the_text_does_not() -> None:  # M9
    """Without it there is no telling whose the words below are, so they stay."""
    text = "On Monday at 3:15 PM Jo wrote:\nWho has cameras?\nHow long do they last?\n\nWe do. A shift."
    html = "On Monday at 3:15 PM Jo wrote:<blockquote>Who has cameras?<br>How long do they last?</blockquote><p>We do. A shift.</p>"
    assert trim(text).kept == text
    assert trim(text, html).kept == "We do. A shift."


_LINES = st.one_of(
    st.text(st.characters(codec=None), max_size=60),
    st.sampled_from([line for mail in SHAPES for line in mail.words.text.split("\n")]),
)
_MAILS = st.lists(_LINES, max_size=25).map("\n".join)


def whole(text: str, trimmed: Trimmed) -> None:
    """Each line with words is kept or cut, once, as it was and in its order."""

    def lines(piece: str) -> list[str]:
        return [line for line in piece.split("\n") if has_words(line)]

    was = lines(text.replace("\r\n", "\n").replace("\r", "\n"))
    kept, cut = lines(trimmed.kept), [line for piece, _ in trimmed.cut for line in lines(piece)]
    assert sorted(was) == sorted(kept + cut)
    for part in (kept, cut):
        left = iter(was)
        assert all(line in left for line in part)


@given(text=_MAILS, html=st.one_of(st.none(), _MAILS))
@example(text="\r\n\r>", html="<blockquote>")
@example(text="\0\ud800", html="&#xd800;&#" + "9" * 5000)
@settings(max_examples=500, deadline=None)
def test_nothing_is_lost_whatever_comes(text: str, html: str | None) -> None:  # M9 M16
    trimmed = trim(text, html)
    whole(text, trimmed)
    assert has_words(trimmed.kept) or not trimmed.cut


@given(_MAILS)
@example(":\n000@wrote:\n000@wrote:")
@settings(max_examples=500, deadline=None)
def test_a_second_trim_takes_from_the_end_alone(text: str) -> None:  # M9
    """It may find an end that the first, which saw more below, took for something else; it never rewrites what stays."""
    kept = trim(text).kept
    assert kept.startswith(trim(kept).kept)
