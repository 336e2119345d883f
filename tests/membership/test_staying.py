"""Staying: everyone is asked once a year, who is away for long is asked by mail, and what follows if nobody answers."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select, update

from app.accounts.models import Account
from app.core.site import read
from app.mail.digest.readers import Period, these
from app.mail.models import Detail, OutboxMessage
from app.membership.models import Member, MemberRole, Role
from app.membership.staying import daily
from tests.membership.cases import letters, text_of
from tests.people import CAST
from tests.world import World


def standing(world: World, key: str):
    return world.one(select(*Member.__table__.c).where(Member.id == world.id(key)))


def change(world: World, key: str, **values: object) -> None:
    with world.db.write() as session:
        session.execute(update(Member).where(Member.id == world.id(key)).values(**values))


def seen(world: World, *keys: str) -> None:
    """They sign in now."""
    with world.db.write() as session:
        session.execute(update(Account).where(Account.id.in_([world.id(key) for key in keys])).values(last_sign_in_at=world.now))


def daily_pass(world: World) -> int:
    return daily.run(world.db, world.settings)


def go_to(world: World, date: str) -> None:
    world.now = dt.datetime.fromisoformat(f"{date}T18:00:00+00:00")
    daily_pass(world)


def subjects(world: World, key: str) -> list[str]:
    return [str(letter["Subject"]) for letter in letters(world, CAST[key].email)]


def test_thirteen_months_without_an_answer(world: World) -> None:  # V11
    browser, told = world.browser("sheriff"), {}
    begun = dt.date(2026, 11, 23)
    near = {begun + dt.timedelta(days=n) for n in range(0, 312, 30)}  # every month, and each day beside one on which something comes
    for date in ("10-01", "10-17", "10-28", "11-01", "11-15", "12-08", "12-15"):
        near |= {dt.date.fromisoformat(f"2027-{date}") + dt.timedelta(days=n) for n in (-1, 0, 1)}
    for date in sorted(near):
        world.now = dt.datetime.combine(date, dt.time(18), dt.UTC)
        seen(world, "sheriff")
        before = len(subjects(world, "sheriff"))
        daily_pass(world)
        if found := subjects(world, "sheriff")[before:]:
            assert len(found) == 1
            told[world.now.date().isoformat()] = found[0], standing(world, "sheriff").status
    assert told == {
        "2027-10-01": ("Please confirm your membership by October 31, 2027", "active"),
        "2027-10-17": ("Please confirm your membership by October 31, 2027", "active"),
        "2027-10-28": ("Please confirm your membership by October 31, 2027", "active"),
        "2027-11-01": ("Your membership is not confirmed: nothing changes until November 15, 2027", "active"),
        "2027-11-15": ("You can read, but not post, until you confirm your membership", "restricted"),
        "2027-12-08": ("Your access ends on December 15, 2027", "restricted"),
        "2027-12-15": ("Your access has ended, because your membership was not confirmed", "suspended"),
    }
    assert browser.get("/forums").status_code == 303
    assert standing(world, "sheriff").way_back
    assert "/return" in text_of(letters(world, CAST["sheriff"].email)[-1])


def test_the_same_day_again_does_nothing(world: World) -> None:  # V11
    for date in ("2026-11-24", "2027-10-20", "2027-12-09", "2027-12-29"):
        go_to(world, date)
        before = world.count(OutboxMessage)
        assert daily_pass(world) == 0
        assert world.count(OutboxMessage) == before
    assert standing(world, "chief").status == "restricted", "late letters move the rest: nobody falls without notice"


def test_who_is_asked_late_is_still_given_notice(world: World) -> None:  # V11
    daily_pass(world)
    go_to(world, "2027-10-25")
    assert "Please confirm your membership by November 8, 2027" in subjects(world, "vendor")
    assert subjects(world, "vendor")[0] == "Please confirm your membership by November 8, 2027"
    go_to(world, "2028-03-01")
    assert standing(world, "vendor").status == "active"
    go_to(world, "2028-03-15")
    assert standing(world, "vendor").status == "restricted"


def test_the_last_administrator_is_never_asked_out(world: World) -> None:  # V11 L6
    second = {"member_id": world.id("chief"), "role": Role.ADMIN}
    with world.db.write() as session:
        session.add(MemberRole(**second))
    for months in range(24):
        go_to(world, f"{2027 + months // 12}-{months % 12 + 1:02}-28")
    assert sorted(standing(world, key).status for key in ("admin", "chief")) == ["active", "suspended"]
    stayed = "admin" if standing(world, "admin").status == "active" else "chief"
    assert "The only administrator is not confirmed" in subjects(world, stayed)
    assert standing(world, stayed).confirm_first == ""
    assert standing(world, "sheriff").status == "suspended"


def test_who_is_away_for_90_days_is_asked_and_then_confirms_first(world: World) -> None:  # V11
    seen(world, "sheriff")
    go_to(world, "2026-11-23")
    go_to(world, "2027-02-20")
    assert subjects(world, "sheriff") == []
    go_to(world, "2027-02-21")
    assert subjects(world, "sheriff") == ["Are you still there? One sign-in is enough"]
    go_to(world, "2027-03-06")
    assert standing(world, "sheriff").confirm_first == ""
    go_to(world, "2027-03-07")
    found = standing(world, "sheriff")
    assert (found.status, found.confirm_first) == ("active", "quiet")
    assert subjects(world, "sheriff")[-1] == "Please confirm your membership at your next visit"


def test_a_sign_in_or_an_answer_by_mail_is_enough(world: World) -> None:  # V11
    go_to(world, "2026-11-23")
    go_to(world, "2027-02-21")
    assert len(subjects(world, "sheriff")) == len(subjects(world, "chief")) == 1
    seen(world, "sheriff")
    change(world, "chief", heard_at=world.now)
    go_to(world, "2027-03-07")
    assert {standing(world, key).confirm_first for key in ("sheriff", "chief")} == {""}
    assert standing(world, "sheriff").quiet_on == dt.date(2027, 5, 22)
    assert standing(world, "analyst").confirm_first == "quiet"


def test_a_strict_association_suspends_who_is_away(world: World) -> None:  # V11
    strict = world.settings.model_copy(update={"profile": "strict"})
    for date in ("2026-11-23", "2027-02-21", "2027-03-07"):
        world.now = dt.datetime.fromisoformat(f"{date}T18:00:00+00:00")
        daily.run(world.db, strict)
    found = standing(world, "sheriff")
    assert (found.status, found.way_back, found.confirm_first) == ("suspended", True, "")
    assert (standing(world, "admin").status, standing(world, "admin").confirm_first) == ("active", "")


@pytest.mark.parametrize("values", [{"status": "restricted"}, {"confirm_first": "quiet"}])
def test_mail_shrinks_to_links(world: World, values: dict[str, str]) -> None:  # V11
    def content() -> Detail:
        with world.db.read() as conn:
            yesterday = world.now - dt.timedelta(days=1)
            period = Period(world.now, yesterday, None, yesterday)
            return these(conn, {world.id("sheriff"): period}, read(conn, world.settings))[world.id("sheriff")].content

    assert content() is Detail.FULL
    change(world, "sheriff", **values)
    assert content() is Detail.LINKS


def test_a_pass_that_is_killed_between_batches_repeats_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:  # V11 L12
    daily_pass(world)
    world.now = dt.datetime(2027, 10, 1, 18, tzinfo=dt.UTC)
    seen(world, *CAST)
    with pytest.raises(ZeroDivisionError):
        daily.run(world.db, world.settings, stop=_dies_after(3), batch=4)  # type: ignore[arg-type]
    half = world.count(OutboxMessage)
    assert 0 < half < len(CAST) - 1
    daily_pass(world)
    assert world.count(OutboxMessage) == len(CAST) - 1  # the suspended one is asked nothing
    with world.db.read() as conn:
        assert len(set(conn.execute(select(OutboxMessage.recipient)).scalars())) == len(CAST) - 1


class _dies_after:  # noqa: N801
    """Asked before each batch: the process ends there."""

    def __init__(self, batches: int) -> None:
        self.left = batches

    def is_set(self) -> bool:
        self.left -= 1
        return bool(1 / self.left) and False
