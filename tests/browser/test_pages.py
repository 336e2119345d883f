"""Every page in its main states, as the survey found it. Each test names all that is wrong, with the page."""

from __future__ import annotations

import pytest

from tests.browser.survey import Findings

STAYING = ("roster, somebody gone", "verify, answered", "renewal, settled", "return, asked", "the role's passkey", "new rules")
LESSONS = ("lessons, some", "record, with an error", "lesson, own record", "earlier records")
WRITING = (
    "search, filtered",
    "saved searches",
    "keys",
    "thread, may be undone",
    "question, what came of it",
    "thread, voted",
    "poll, with errors",
)
POST = ("mail came back", "mail sent, held", "mail sent, with an error", "what was cut", "admin, mail that failed", "admin, mail paused")


def test_the_walks_reach_every_kind_of_page(findings: Findings) -> None:
    known = ["sign-in refused", "recovery codes", "kept form", "red thread", "history", "a letter"]
    for page in (*known, *STAYING, *LESSONS, *WRITING, *POST, "case, approved", "admin, effect before saving"):
        assert any(stop.endswith(", " + page) for stop in findings.stops), page
    assert len(findings.stops) > 75


# X1, X6: axe's rules for WCAG 2.2 AA and its best practices; contrast again in the dark. Targets by axe's measure too (X3).
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(findings: Findings, scheme: str) -> None:
    assert not findings.made[f"axe, {scheme}"], "\n".join(findings.made[f"axe, {scheme}"])


def test_one_first_heading_and_no_level_left_out(findings: Findings) -> None:  # X1
    assert not findings.made["headings"], "\n".join(findings.made["headings"])


def test_targets_are_at_least_24_pixels(findings: Findings) -> None:  # X3
    assert not findings.made["targets"], "\n".join(findings.made["targets"])


def test_nothing_scrolls_sideways_at_320_pixels(findings: Findings) -> None:  # X6
    assert not findings.made["sideways"], "\n".join(findings.made["sideways"])


def test_text_may_be_spaced_out(findings: Findings) -> None:  # X6
    assert not findings.made["sideways, spaced"], "\n".join(findings.made["sideways, spaced"])


def test_the_header_takes_two_rows_on_a_phone(findings: Findings) -> None:
    assert not findings.made["phone header"], "\n".join(findings.made["phone header"])


def test_no_request_goes_anywhere_else(findings: Findings) -> None:  # C8
    assert not findings.made["foreign requests"], "\n".join(findings.made["foreign requests"])


def test_the_console_is_silent(findings: Findings) -> None:  # C9: a violation of the policy would be told there
    assert not findings.made["complaints"], "\n".join(findings.made["complaints"])


def test_no_inline_style(findings: Findings) -> None:  # C9
    assert not findings.made["inline styles"], "\n".join(findings.made["inline styles"])
