"""Walks through every page in its main states. Each walk is one person's; it stops where there is something to look at and says where
it is. Pages that come only after an act (an error, a preview, a case that was signed) are reached by that act."""

from __future__ import annotations

from tests.browser.walks.joining import applicant, enrolment, first_reviewer, lost, outsider, second_reviewer
from tests.browser.walks.lessons import author
from tests.browser.walks.members import chief, interrupted, mail, partner
from tests.browser.walks.post import correspondent, postmaster
from tests.browser.walks.staff import admin, moderator
from tests.browser.walks.staying import asked, contact, left_behind, renewing, retired, role, rules
from tests.browser.walks.steps import LONG_THREAD, QUESTION, RED_THREAD, Walk, end_sessions, letter, press, unchecked
from tests.browser.walks.writing import asker, seeker, voter

__all__ = ["LONG_THREAD", "QUESTION", "RED_THREAD", "WALKS", "end_sessions", "letter", "press", "unchecked"]

# Who goes it (nobody is signed in without a name), and the walk. A name that is not of the cast stays signed out, in a profile of its own.
WALKS: tuple[tuple[str, Walk], ...] = (
    ("outsider", outsider), ("outsider", lost), ("applicant", applicant), ("reviewer1", first_reviewer), ("reviewer2", second_reviewer),
    ("applicant", enrolment), ("chief", chief), ("sheriff", asker), ("chief", seeker), ("colleague", voter),
    ("colleague", author), ("colleague", contact), ("colleague", interrupted),
    ("moderator", moderator),
    ("analyst", asked), ("reviewer1", renewing), ("admin", admin), ("vendor", partner), ("outsider", mail),
    ("sheriff", correspondent), ("admin", postmaster),
    ("who was away", left_behind), ("a role at the door", role), ("who has retired", retired), ("whom new rules wait for", rules),
)  # fmt: skip
