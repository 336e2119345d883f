"""The end of a case's record: nothing of a person is left in the database, and the log still says that there was a decision (V13)."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import String, func, select

from app.core import jobs
from app.core.access import system
from app.core.audit import AuditEvent
from app.membership.evidence.models import EvidenceFile, EvidenceFileLink
from app.membership.forgetting import operations as forgetting
from app.membership.models import Application, Decision, Evidence, Member
from app.membership.papers import CallBack, CaseNote, Question, Waiver
from app.membership.roster_file import undoing
from app.membership.roster_file.models import RosterChange
from app.tables import metadata
from tests.membership.cases import act, apply, case_id, decide, make_ready, state_of, submitted
from tests.membership.papers import jpeg, pdf, send
from tests.membership.test_evidence import added, on_disk, own_page
from tests.membership.test_roster_file import BEXLEY, applied
from tests.world import World

THREE_YEARS = 3 * 365 + 1
KINDS = (Evidence, EvidenceFile, EvidenceFileLink, CaseNote, CallBack, Waiver, Question, Decision)


def run(world: World) -> int:
    return forgetting.run(world.db, world.settings)


def set_status(world: World, member_id: int, status: str, **more: str) -> None:
    body = {"status": status, "reason": "Said so.", **more}
    answer = world.script("admin", "read,write,admin").call("POST", f"/members/{member_id}/status", body)
    assert answer.status_code == 200, answer.text


def whole(world: World, *, but: tuple[str, ...] = ("audit_events", "outbox", "throttles", "jobs")) -> str:
    """Every text of the database, the log and what is kept for days only apart."""
    found: list[str] = []
    with world.db.read() as conn:
        for table in metadata.sorted_tables:
            if table.name not in but:
                columns = [c for c in table.c if isinstance(c.type, String)]
                found += [str(v) for row in conn.execute(select(*columns) if columns else select(func.count())) for v in row if v]
    return " ".join(found)


@pytest.fixture
def full(world: World) -> int:
    """A case with everything in it that a case may hold, of one whose words are found nowhere else."""
    number, link = own_page(world)
    send(world.outsider(), link + "/evidence", {"note": "Wyvernnote of mine."}, ("wyverncard.jpg", jpeg()), page=link)
    added(world, number, ("wyvernletter.pdf", pdf()))
    act(world, "reviewer1", number, "notes", text="Wyvern between us.")
    act(world, "reviewer1", number, "questions", text="Which wyvern?")
    make_ready(world, number)
    with world.db.write() as session:
        session.add(Waiver(application_id=number, admin_id=world.id("admin"), admin_name="A", reason="Wyvern.", created_at=world.now))
    return number


def is_whole(world: World, number: int) -> bool:
    return all(world.count(kind, kind.application_id == number) for kind in KINDS if kind is not EvidenceFileLink)


def test_a_declined_case_is_emptied_after_three_years(world: World, full: int) -> None:  # V13
    assert decide(world, "reviewer1", full, "decline", "The wyvern agency does not know them.").status_code == 201
    assert is_whole(world, full)
    world.later(days=THREE_YEARS, minutes=-1)
    assert run(world) == 0
    before = whole(world)
    assert all(words in before for words in ("Hollis Crane", "h.crane@larkspur.example", "360-555-0176", "Norgaard", "yvern"))
    assert len(on_disk(world)) == 2
    world.later(minutes=2)
    assert run(world) == 1
    assert run(world) == 0
    after = whole(world)
    for words in ("Crane", "crane", "larkspur", "3605550176", "360-555-01", "orgaard", "yvern", "Ridley"):
        assert words not in after
    assert [world.count(kind) for kind in KINDS] == [0] * len(KINDS)
    assert on_disk(world) == []


def test_the_log_goes_on_saying_that_there_was_a_decision(world: World, full: int) -> None:  # V13
    decide(world, "reviewer1", full, "decline", "The wyvern agency does not know them.")
    world.later(days=THREE_YEARS, minutes=1)
    run(world)
    with world.db.read() as conn:
        said = select(AuditEvent).where(AuditEvent.subject_kind == "application", AuditEvent.subject_id == full).order_by(AuditEvent.id)
        rows = {row.verb: row for row in conn.execute(said)}
    decided, ended = rows["application.decide"], rows["application.forget"]
    assert (decided.actor_id, json.loads(decided.detail)["verdict"]) == (world.id("reviewer1"), "decline")
    assert (ended.actor_name, ended.at, json.loads(ended.detail)) == ("system:membership", world.now, {"was": "declined"})
    left = world.one(select(*Application.__table__.c).where(Application.id == full))
    assert left.decided_at == left.created_at  # its number stays taken, and its dates say when
    assert submitted(world) > full


def test_nobody_meets_what_is_left(world: World, full: int) -> None:  # V13 A15
    decide(world, "reviewer1", full, "decline", "No.")
    world.later(days=400)
    number = submitted(world)  # the same person once more: there is something to find
    page, reviewer = f"/moderation/applications/{full}", world.browser("reviewer1")
    assert f"Case {full} of the same person was declined" in reviewer.get(f"/moderation/applications/{number}").text
    assert reviewer.get(page).status_code == 200
    assert page in reviewer.get("/moderation/applications?state=declined").text
    world.later(days=THREE_YEARS - 400, minutes=1)
    reviewer = world.browser("reviewer1")
    assert run(world) == 1
    assert "None by this person." in reviewer.get(f"/moderation/applications/{number}").text
    assert reviewer.get(page).status_code == reviewer.get("/moderation/applications/999999").status_code == 404
    for state in ("declined", "withdrawn", "approved", "expired", "forgotten"):
        assert page not in reviewer.get(f"/moderation/applications?state={state}").text
    assert act(world, "reviewer1", full, "notes", text="Late.").status_code == 404


def test_a_members_case_ends_three_years_after_the_membership(world: World, full: int) -> None:  # V13
    for key in ("reviewer1", "reviewer2"):
        assert decide(world, key, full).status_code == 201
    member = int(world.one(select(Application.member_id).where(Application.id == full)).member_id)
    world.later(days=5 * 365)
    assert run(world) == 0  # a member all the time
    set_status(world, member, "suspended")
    world.later(days=1000)
    set_status(world, member, "active")  # back: nothing counts from before
    world.later(days=300)
    assert run(world) == 0
    set_status(world, member, "separated", left_as="separated")
    world.later(days=THREE_YEARS, minutes=-1)
    assert run(world) == 0
    assert is_whole(world, full)
    world.later(minutes=2)
    assert run(world) == 1
    assert [world.count(kind) for kind in KINDS] == [0] * len(KINDS)
    assert world.count(Member, Member.id == member, Member.name == "Hollis Crane") == 1  # the member's messages stay theirs


@pytest.mark.parametrize("how", ["lapsed", "withdrawn"])
def test_an_address_that_nobody_confirmed_is_kept_for_30_days(world: World, how: str) -> None:  # V13
    client = world.outsider()
    page = apply(world, client)
    number = case_id(world)
    if how == "withdrawn":
        link = page.text.partition('id="status-link">http://localhost:8000')[2].partition("<")[0]
        client.post(link + "/withdraw", {"withdraw": "yes"}, page=link)
    else:
        world.later(days=3, minutes=1)
        jobs.run_due(world.db)
    assert state_of(world, number) == {"lapsed": "expired"}.get(how, how)
    world.later(days=29)
    assert run(world) == 0
    assert "h.crane@larkspur.example" in whole(world)
    world.later(days=1, minutes=1)
    assert run(world) == 1
    assert "crane" not in whole(world).lower()


def test_a_roster_keeps_no_address_of_a_case_that_is_forgotten(world: World) -> None:  # V13
    done = applied(world, f"zoe.rowe@bexley.example,Zoë Rowe,Deputy,{BEXLEY},sworn,active")
    assert world.count(RosterChange, RosterChange.email == "zoe.rowe@bexley.example") == 1
    world.later(days=31)
    jobs.run_due(world.db)
    world.later(days=THREE_YEARS, minutes=1)
    assert run(world) == 1
    assert world.count(RosterChange, RosterChange.email == "", RosterChange.application_id.is_not(None)) == 1
    with world.db.write() as session:  # who undoes it so late is told that there is nothing to undo
        left = undoing.undo(session, system("commands"), done).left
    assert [conflict.reason for conflict in left] == ["the case has gone on since, and stays"]


def test_batches_do_as_much_as_one(world: World) -> None:  # V13 L12
    numbers = [submitted(world, email=f"{n}@larkspur.example", name=f"Wyvern {n}") for n in range(5)]
    for number in numbers:
        decide(world, "reviewer1", number, "decline", "No.")
    world.later(days=THREE_YEARS, minutes=1)
    assert forgetting.run(world.db, world.settings, batch=2) == 5
    assert forgetting.run(world.db, world.settings, batch=2) == 0
    assert world.count(AuditEvent, AuditEvent.verb == "application.forget") == 5
