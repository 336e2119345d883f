"""Every change of how someone signs in is told to every confirmed address, and none is made on a factor shown a while ago (A10)."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select

from app.accounts.disavow.models import Disavowal
from app.accounts.models import SignInSession
from app.core.signing import token_hash
from app.mail.models import OutboxMessage
from tests.accounts.events import ANY_PAGE, BOTH, EVENTS, PROVEN, Owner
from tests.accounts.person import PASSWORD
from tests.accounts.test_recover import NEW
from tests.membership.cases import letters, link_in, text_of
from tests.world import World

JUST_IN_TIME, TOO_LATE = dt.timedelta(minutes=4, seconds=59), dt.timedelta(minutes=5)


def after_the_factor(world: World, delta: dt.timedelta) -> None:
    """Let it be so long since the chief's factor was last shown."""
    shown = select(func.max(SignInSession.stepped_up_at).label("at")).where(SignInSession.account_id == world.id("chief"))
    world.now = world.one(shown).at + delta


def newest(world: World) -> int:
    with world.db.read() as conn:
        return conn.execute(select(OutboxMessage.id).order_by(OutboxMessage.id.desc()).limit(1)).scalar_one()


def told_since(world: World, start: int) -> list[str]:
    """Who got a letter since then, in the order of their addresses; but for membership's, which ask whether all is still so."""
    asks = OutboxMessage.key.startswith("staying:")
    statement = select(OutboxMessage.recipient).where(OutboxMessage.id > start, OutboxMessage.kind == "account", ~asks)
    with world.db.read() as conn:
        return sorted(conn.execute(statement).scalars())


def each_has_the_words_and_a_link_of_its_own(world: World, to: list[str], words: str) -> None:
    last = [letters(world, one)[-1] for one in to]
    for one in last:
        assert words in " ".join(text_of(one).split())
    links = {link_in(one, "/not-me/") for one in last}
    assert len(links) == len(to)
    hashes = [token_hash(one.rpartition("/")[2]) for one in links]
    assert world.count(Disavowal, Disavowal.token_hash.in_(hashes), Disavowal.account_id == world.id("chief")) == len(to)


@pytest.mark.parametrize("name", EVENTS)
def test_each_change_is_told_to_all_addresses_with_a_way_to_stop_it(world: World, name: str) -> None:  # A10
    o, event = Owner(world), EVENTS[name]
    given = event.before(o)
    start = newest(world)
    after_the_factor(world, JUST_IN_TIME)
    done = event.happens(o, given)
    assert (done.status_code, "/step-up" in done.headers.get("location", "")) in [(200, False), (303, False)]
    everybody = sorted([*BOTH, *event.also])
    assert told_since(world, start) == everybody
    each_has_the_words_and_a_link_of_its_own(world, everybody, event.says)


@pytest.mark.parametrize("name", EVENTS)
def test_no_change_is_made_five_minutes_after_the_factor_was_shown(world: World, name: str) -> None:  # A10
    o, event = Owner(world), EVENTS[name]
    given = event.before(o)
    after_the_factor(world, TOO_LATE)
    before = what_counts(world)
    refused = event.happens(o, given)
    assert (refused.status_code, refused.headers["location"].partition("?")[0]) == (303, "/step-up")
    assert what_counts(world) == before
    assert not [row for row in world.all_rows()["kept_forms"] if PASSWORD in row or NEW in row]
    assert o.browser.get(ANY_PAGE).status_code == 200, "the session itself goes on"


def what_counts(world: World) -> dict[str, list[str]]:
    """All rows, but for when the session was last seen, and the form that is kept until the factor is shown."""
    return {table: rows for table, rows in world.all_rows().items() if table not in ("sessions", "kept_forms")}


@pytest.mark.parametrize("name", PROVEN)
def test_a_change_with_proofs_of_its_own_is_told_as_well(world: World, name: str) -> None:  # A10 A9
    o = Owner(world)
    words, happens = PROVEN[name]
    start = newest(world)
    happens(o)
    assert set(BOTH) <= set(told_since(world, start))
    each_has_the_words_and_a_link_of_its_own(world, list(BOTH), words)
