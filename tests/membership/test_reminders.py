"""Letters to reviewers about what has waited for longer than a day."""

from __future__ import annotations

import datetime as dt
import re

from sqlalchemy import update

from app import worker
from app.core.site import SiteRow
from app.mail.models import MailState, OutboxMessage
from app.membership.applications import reminders
from app.membership.models import Application, Member
from tests.membership.cases import FIELDS, act, decide, letters, submitted, text_of
from tests.people import CAST
from tests.world import World

REVIEWERS = ("reviewer1", "reviewer2")


def told(world: World) -> dict[str, int]:
    """Run the worker's look; how many letters each reviewer has by now."""
    reminders.run(world.db, world.settings)
    return {key: len(letters(world, CAST[key].email)) for key in REVIEWERS}


def test_once_a_day_and_quiet_if_nothing_waits(world: World) -> None:
    assert told(world) == {"reviewer1": 0, "reviewer2": 0}
    submitted(world)
    world.later(hours=23)
    assert told(world) == {"reviewer1": 0, "reviewer2": 0}
    world.later(hours=2)  # 09:00 where the association is
    assert told(world) == {"reviewer1": 1, "reviewer2": 1}
    assert told(world) == {"reviewer1": 1, "reviewer2": 1}
    world.later(hours=20)  # 05:00: nobody's telephone rings then
    assert told(world) == {"reviewer1": 1, "reviewer2": 1}
    world.later(hours=4)
    assert told(world) == {"reviewer1": 2, "reviewer2": 2}
    assert letters(world, CAST["admin"].email) == []


def test_a_letter_holds_a_number_and_a_link_and_nothing_of_the_applicants(world: World) -> None:  # V9
    submitted(world)
    submitted(world, email="other@larkspur.example", name="Dana Wren")
    world.later(hours=25)
    told(world)
    letter = letters(world, CAST["reviewer1"].email)[0]
    text = text_of(letter)
    assert "2 applications have waited" in text
    assert re.findall(r"http\S+", text) == ["http://localhost:8000/moderation"]
    whole = letter.as_string()
    for theirs in (
        FIELDS["name"],
        FIELDS["email"],
        FIELDS["supervisor"],
        FIELDS["phone"],
        "Lieutenant",
        "Crane",
        "Wren",
        "larkspur",
        "Corvane",
    ):
        assert theirs not in whole, theirs


def test_only_who_may_sign_is_told(world: World) -> None:
    signed, sponsored, held, asked = (submitted(world, email=f"r{n}@larkspur.example") for n in range(4))
    with world.db.write() as session:
        session.execute(update(Application).where(Application.id == sponsored).values(sponsor_id=world.id("reviewer1")))
    act(world, "reviewer1", asked, "questions", text="Which unit?")
    decide(world, "reviewer1", signed)
    world.later(hours=25)
    act(world, "reviewer2", held, "claim")
    told(world)
    assert [len(letters(world, CAST[key].email)) for key in REVIEWERS] == [0, 1]
    assert "3 applications" in text_of(letters(world, CAST["reviewer2"].email)[0])  # also the one that needs a second signature


def test_nobody_is_told_of_a_case_that_is_kept_from_them(world: World) -> None:
    submitted(world)  # at Corvane, as reviewer2
    with world.db.write() as session:
        session.add(SiteRow(id=1, name="A", address="B", time_zone="America/Los_Angeles", hides_own_agency=True))
    world.later(hours=25)
    assert told(world) == {"reviewer1": 1, "reviewer2": 0}


def test_who_must_confirm_first_is_passed_over(world: World) -> None:  # V11
    submitted(world)
    world.later(hours=25)
    with world.db.write() as session:
        session.execute(update(Member).where(Member.id == world.id("reviewer1")).values(confirm_first="quiet"))
    assert told(world) == {"reviewer1": 0, "reviewer2": 1}


def test_the_worker_looks(world: World) -> None:
    submitted(world)
    worker.run_once(world.db, world.settings, world.now + dt.timedelta(hours=25))
    assert world.count(OutboxMessage, OutboxMessage.key.like("review-reminder:%"), OutboxMessage.state == MailState.SENT) == 2
