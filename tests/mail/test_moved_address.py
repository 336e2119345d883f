"""A member whose address changes while a mail waits to be sent gets it at the new one, once, with what they may read by then."""

from __future__ import annotations

import datetime as dt

import pytest

from app.accounts.models import Account
from app.core.site import SiteRow
from app.forum.models import Reply, Thread
from app.mail.digest.run import queue_digests
from app.mail.health.models import AddressHealth, HealthState
from app.mail.models import MailState, OutboxMessage
from app.membership.models import Member
from tests.forum.steps import open_thread, reply
from tests.mail.helpers import SLOT, change, digests, mails, states, thread, whole
from tests.mail.test_at_once import subscribe, work
from tests.people import CAST
from tests.world import World

OLD, NEW = CAST["sheriff"].email, "dale@new.bexley.example"


def move(world: World, key: str = "sheriff", email: str = NEW) -> None:
    change(world, Account, Account.id == world.id(key), email=email)


def to_both(world: World, kind: str = "digest") -> list[tuple[str, str]]:
    """Whom the sheriff's mails went to, and all that each says."""
    return [(str(m["To"]), whole(m)) for m in mails(world, kind=kind) if m["To"] in (OLD, NEW)]


def test_a_digest_that_waits_goes_to_the_new_address_once(world: World) -> None:  # M5 M12 M13
    thread(world, "Stays")
    gone = thread(world, "Taken away")
    queue_digests(world.db, world.settings, SLOT)
    before = {row.recipient: row.message_id for row in _rows(world)}
    move(world)
    change(world, Reply, Reply.thread_id == gone, hidden_at=world.now)
    for minutes in (1, 5, 60):
        digests(world, SLOT + dt.timedelta(minutes=minutes))
    [(to, said)] = to_both(world)
    assert to == NEW
    assert "Stays" in said
    assert "Taken away" not in said
    [message] = [m for m in mails(world) if m["To"] == NEW]
    assert message["Message-ID"] not in before.values()  # of another recipient it is another message
    assert set(states(world)) == {MailState.SENT}


def _rows(world: World) -> list[OutboxMessage]:
    with world.db.write() as session:
        return list(session.query(OutboxMessage).all())


def test_two_who_take_each_other_s_address_get_each_their_own(world: World) -> None:  # M13
    other = CAST["analyst"].email
    thread(world, "Seen by one", by="analyst")
    thread(world, "Seen by the other", by="sheriff")
    queue_digests(world.db, world.settings, SLOT)
    for key, email in (("sheriff", NEW), ("analyst", OLD), ("sheriff", other)):
        move(world, key, email)
    digests(world)
    found = {str(m["To"]): whole(m) for m in mails(world)}
    assert len([m for m in mails(world) if m["To"] in (OLD, other)]) == 2
    assert ("Seen by one" in found[other], "Seen by the other" in found[other]) == (True, False)
    assert ("Seen by one" in found[OLD], "Seen by the other" in found[OLD]) == (False, True)


@pytest.mark.parametrize("why", ["suspended", "comes back"])
def test_who_may_be_sent_nothing_is_sent_nothing_at_the_new_one_either(world: World, why: str) -> None:  # M10 M13
    thread(world, "Stays")
    queue_digests(world.db, world.settings, SLOT)
    move(world)
    if why == "suspended":
        change(world, Member, Member.id == world.id("sheriff"), status="suspended")
    else:
        with world.db.write() as session:
            session.add(AddressHealth(email=NEW, state=HealthState.SUPPRESSED, said="no", cause="bounce", first_at=SLOT, last_at=SLOT))
    digests(world)
    assert to_both(world) == []
    assert states(world).count(MailState.DROPPED) == 1


@pytest.mark.parametrize("kind", ["reply", "notification"])
def test_so_do_single_messages_and_notices(world: World, kind: str) -> None:  # M13
    if kind == "reply":
        subscribe(world, "sheriff")
    with world.db.write() as session:
        session.add(SiteRow(id=1, name="Cascade", address="410 Harbor Street", time_zone="America/Los_Angeles", mail_paused_at=world.now))
    if kind == "reply":
        open_thread(world, "chief", title="Osprey drill", body="falkonet")
    else:
        reply(world, "chief", open_thread(world, "sheriff", title="Osprey drill"), "falkonet")
    work(world)
    work(world, minutes=11)
    assert [row.recipient for row in _rows(world) if row.kind == kind] == [OLD]
    move(world)
    change(world, SiteRow, SiteRow.id == 1, mail_paused_at=None)
    for minutes in (12, 20):
        work(world, minutes=minutes)
    [(to, said)] = to_both(world, kind)
    assert to == NEW
    assert "falkonet" in said
    assert world.count(Thread) == 1
