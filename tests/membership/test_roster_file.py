"""The association's roster as a file: what is read and what is refused, what is shown, applied and undone."""

from __future__ import annotations

import csv
import io
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from app.core import jobs
from app.core.access import system
from app.core.errors import Conflict, Refusal
from app.mail.models import OutboxMessage
from app.membership.models import Application, Evidence, Member, MemberRole
from app.membership.roster_file import applying, planning, reading, undoing
from tests.membership.cases import act, code_on, letters, link_in, make_ready, state_of, status_link, text_of
from tests.world import World

HEAD = ",".join(reading.COLUMNS)
BEXLEY = "CS0020000"
LEAVES = f"analyst@bexley.example,Priya Nair,,{BEXLEY},civilian,separated"
JOINS = f"zoe.rowe@bexley.example,Zoë Rowe,Deputy,{BEXLEY},sworn,active"


def roster(*rows: str) -> reading.Roster:
    return reading.parse("\n".join([HEAD, *rows]).encode(), "roster.csv")


def planned(world: World, *rows: str) -> planning.Plan:
    with world.db.write() as session:
        return planning.plan(session, roster(*rows))


def applied(world: World, *rows: str) -> int:
    with world.db.write() as session:
        return applying.apply(session, system("commands"), roster(*rows))[0]


def undone(world: World, number: int) -> undoing.Undone:
    with world.db.write() as session:
        return undoing.undo(session, system("commands"), number)


def reasons(plan: planning.Plan) -> list[str]:
    return [conflict.reason for conflict in plan.conflicts]


def case_of(world: World, address: str = "zoe.rowe@bexley.example"):
    return world.one(select(*Application.__table__.c).where(Application.email == address))


# Reading ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (f"{HEAD}\n{JOINS}\n".encode(), "UTF-8"),
        (f"{HEAD}\r\n{JOINS}\r\n".encode("utf-8-sig"), "UTF-8"),
        (f"{HEAD}\n{JOINS}".encode("latin-1"), "Latin-1"),
        (f"{HEAD}\n{JOINS}".encode("utf-16"), "UTF-16"),
        (f"sep=;\n{HEAD}\n{JOINS}".replace(",", ";").encode(), "UTF-8"),
        (f"{HEAD}\n{JOINS}".replace(",", "\t").encode(), "UTF-8"),
    ],
)
def test_what_spreadsheets_write_is_read(data: bytes, encoding: str) -> None:
    read = reading.parse(data, "roster.csv")
    assert (read.rows[0].name, read.rows[0].email, read.encoding, read.conflicts) == ("Zoë Rowe", "zoe.rowe@bexley.example", encoding, [])


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "The file is empty"),
        (b"mail,who\nx,y\n", "The columns are not those of a roster"),
        (f"{HEAD},phone\n".encode(), "The columns are not those of a roster"),
        (f"{HEAD}\nx@y.example,Zo\x91,,X,sworn,active".encode("latin-1"), "encoding is not certain"),
        (b"PK\x03\x04\x00\x00", "is no text"),
        (b"\xff\xfe\x00", "UTF-16"),
    ],
)
def test_what_is_not_certain_is_refused_in_words(data: bytes, says: str) -> None:
    with pytest.raises(reading.NotARoster, match=says):
        reading.parse(data, "roster.csv")


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("alice@x.example(<bob@evil.example>,A B,,X,sworn,active", "the address must be a plain address"),
        (",A B,,X,sworn,active", "the address must be"),
        ("a@x.example,,,X,sworn,active", "the name or rank is missing"),
        ("a@x.example,A\x07B,,X,sworn,active", "can't be shown"),
        ("a@x.example,A B,,X,wizard,active", "'wizard' is no member class"),
        ("a@x.example,A B,,X,sworn,gone", "'gone' is no status"),
        ("a@x.example,A B", "has 2 cells and not 6"),
        ('a@x.example,"A B,,X,sworn,active', "can't be read"),
    ],
)
def test_a_broken_row_is_named_and_leaves_the_others_in(row: str, says: str) -> None:
    read = roster(row, JOINS)
    assert [row.name for row in read.rows] == ["Zoë Rowe"]
    assert [(conflict.line, says in conflict.reason) for conflict in read.conflicts] == [(2, True)]


@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: f"{HEAD}\n{text}".encode("utf-8", "surrogatepass")))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(Refusal):
        assert all(row.email and row.name for row in reading.parse(data, "roster.csv").rows)


_WORDS = st.text(st.characters(categories=["Lu", "Ll"], max_codepoint=0x24F), min_size=1, max_size=12)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.from_regex(r"[a-z]{1,9}", fullmatch=True), _WORDS), unique_by=lambda one: one[0], max_size=8))
def test_good_rows_come_through_as_they_are(people: list[tuple[str, str]]) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([reading.COLUMNS, *[[f"{key}@x.example", name, "", "CS0000001", "sworn", "active"] for key, name in people]])
    read = reading.parse(out.getvalue().encode("utf-8-sig"), "roster.csv")
    assert [row.email for row in read.rows] == [f"{key}@x.example" for key, _ in people]
    assert read.conflicts == []


# Planning ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_plan_says_who_joins_moves_and_leaves_and_changes_nothing(world: World) -> None:
    colleague = "colleague@alderwood.example,Tom Reyes,Lieutenant,CS0010100,sworn,active"
    moved = "sheriff@bexley.example,Dale Okafor,Chief,CS0010100,head,active"
    same = "chief@alderwood.example,Ellen Marchetti,Chief,CS0010100,head,active"
    plan = planned(world, LEAVES, JOINS, colleague, moved, same)
    assert [(step.kind, step.row.line) for step in plan.steps] == [("leave", 2), ("join", 3), ("move", 4), ("move", 5)]
    assert "rank from Sergeant to Lieutenant" in plan.steps[2].said
    assert "access waits until it is confirmed there" in plan.steps[3].said
    assert (plan.conflicts, plan.unchanged) == ([], 1)
    assert [row.email for row in plan.absent] == ["retired@alderwood.example"]
    assert world.count(Application) == 0
    assert world.script("analyst").call("GET", "/me").status_code == 200


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([JOINS, JOINS], "stands in line 2 already"),
        ([JOINS, JOINS.replace("sworn", "head")], "lines 2, 3 say different things"),
        ([JOINS.replace(BEXLEY, "CS0099999")], "no agency here has the ORI CS0099999"),
        ([JOINS.replace(BEXLEY, "")], "has no ORI"),
        ([f"chief@alderwood.example,Ann Other,,{BEXLEY},sworn,active"], "the address belongs to Ellen Marchetti, at another agency"),
        (["chief@alderwood.example,Ann Other,,CS0010100,sworn,active"], "was the mailbox given to somebody else?"),
        (["suspended@corvane.example,Owen Marsh,,CS0030100,sworn,active"], "a file lets nobody back in"),
        (["vendor@association.example,Casey Lund,,CS0010100,sworn,active"], "only an administrator changes that"),
        (["admin@association.example,Ray Fontaine,,,staff,separated"], "is the last administrator"),
        (["admin@association.example,Ray Fontaine,,,staff,retired"], "is the last administrator"),
    ],
)
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_conflict_is_named_and_not_applied(world: World, rows: list[str], says: str) -> None:
    plan = planned(world, *rows)
    assert any(says in reason for reason in reasons(plan)), reasons(plan)
    assert len(plan.steps) == (1 if "already" in says else 0)
    before = world.one(select(Member.status, Member.name).where(Member.id == world.id("admin")))
    applied(world, *rows)
    assert world.one(select(Member.status, Member.name).where(Member.id == world.id("admin"))) == before
    assert world.one(select(Member.status).where(Member.id == world.id("suspended"))).status == "suspended"


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_of_two_administrators_who_leave_by_one_file_one_stays(world: World) -> None:  # L6
    with world.db.write() as session:
        session.add(MemberRole(member_id=world.id("chief"), role="admin"))
    both = ["admin@association.example,Ray Fontaine,,,staff,separated", "chief@alderwood.example,Ellen Marchetti,,CS0010100,head,separated"]
    applied(world, *both)
    left = select(Member.id).join(MemberRole, MemberRole.member_id == Member.id)
    with world.db.read() as conn:
        assert len(conn.execute(left.where(MemberRole.role == "admin", Member.status == "active")).all()) == 1


# Applying and undoing ---------------------------------------------------------------------------------------------------------


def test_applied_it_ends_access_and_opens_cases_and_undone_all_is_as_before(world: World) -> None:  # V11
    script, before = world.script("analyst"), world.one(select(*Member.__table__.c).where(Member.id == world.id("analyst")))
    assert script.call("GET", "/me").status_code == 200
    number = applied(world, LEAVES, JOINS)
    assert script.call("GET", "/me").status_code == 401
    case = case_of(world)
    assert (case.state, case.purpose, case.member_id) == ("submitted", "join", None)
    assert undone(world, number).left == []
    after = world.one(select(*Member.__table__.c).where(Member.id == world.id("analyst")))
    assert (after.status, after.member_class, after.left_as) == (before.status, before.member_class, before.left_as)
    assert after.version > before.version
    assert world.script("analyst").call("GET", "/me").json()["id"] == world.id("analyst")
    assert state_of(world, case.id) == "withdrawn"
    with pytest.raises(Conflict, match="was undone already"):
        undone(world, number)


def test_roles_and_groups_that_a_mistaken_file_took_come_back_with_its_undoing(world: World) -> None:
    rows = [
        "moderator@corvane.example,Teresa Bohannon,,CS0030100,sworn,retired",
        "reviewer2@corvane.example,Gwen Tallis,,CS0030100,head,suspended",
        "colleague@alderwood.example,Tom Reyes,Chief,CS0030100,head,active",
    ]
    forums = {key: world.script(key).call("GET", "/forums").json() for key in ("moderator", "colleague")}
    number = applied(world, *rows)
    assert world.one(select(Member.status, Member.left_as).where(Member.id == world.id("colleague"))) == ("suspended", "moved")
    assert undone(world, number).members == 3
    assert {key: world.script(key).call("GET", "/forums").json() for key in forums} == forums
    assert world.script("reviewer2", "read,write,moderate").call("GET", "/applications").status_code == 200
    assert world.script("colleague").call("GET", "/me").json()["agency"]["ori"] == "CS0010100"


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_what_was_changed_since_is_named_and_left(world: World) -> None:
    number = applied(world, LEAVES, JOINS)
    act(world, "reviewer1", case_of(world).id, "claim")
    with world.db.write() as session:
        session.execute(update(Member).where(Member.id == world.id("analyst")).values(rank="Senior Analyst"))
    done = undone(world, number)
    assert (done.members, done.cases) == (0, 0)
    assert [one.reason for one in sorted(done.left, key=lambda one: one.line)] == [
        "Priya Nair was changed since, and stays as they are now", "the case has gone on since, and stays",
    ]  # fmt: skip
    assert state_of(world, case_of(world).id) == "in_review"


# Who joins --------------------------------------------------------------------------------------------------------------------


def test_the_roster_is_one_kind_of_evidence_and_no_more(world: World) -> None:  # V3
    applied(world, JOINS)
    case = case_of(world)
    shown = world.script("reviewer1", "read,write,moderate").call("GET", f"/applications/{case.id}").json()
    assert [(e["kind"], e["by_applicant"]) for e in shown["evidence"]] == [("roster", False)]
    answer = act(world, "reviewer1", case.id, "decisions", verdict="approve", reason="Named.")
    assert answer.status_code == 422
    assert "Call the agency back" in answer.text
    assert "accept the statement" in answer.text
    with pytest.raises(DBAPIError), world.db.write() as session:  # and the database says so too
        session.execute(update(Application).where(Application.id == case.id).values(state="approved"))
    assert world.count(Evidence, Evidence.source == "roster") == 1


def test_who_is_named_gets_a_letter_and_only_the_screen_shows_the_code(world: World) -> None:  # V9
    applied(world, JOINS)
    assert letters(world, "zoe.rowe@bexley.example") == []
    jobs.run_due(world.db)
    jobs.run_due(world.db)
    (letter,) = letters(world, "zoe.rowe@bexley.example")
    assert "Rowe" not in text_of(letter)
    link, visitor = link_in(letter, "/apply/confirm/"), world.outsider()
    asked = visitor.post(link, page=link)
    assert "You are named for membership" in asked.text
    assert "enrolment-code" not in asked.text
    page = visitor.post(link, {"statement": "yes"}, page=link)
    code = code_on(page)
    assert visitor.get(status_link(page)).status_code == 200
    again = world.outsider().post(link, {"statement": "yes"}, page=link)
    assert (again.status_code, code in again.text) == (303, False)  # shown once
    case = make_ready(world, case_of(world).id)
    for key in ("reviewer1", "reviewer2"):
        assert act(world, key, case, "decisions", verdict="approve", reason="Reached by phone.").status_code == 201
    enrol = link_in(letters(world, "zoe.rowe@bexley.example")[-1], "/enrol/")
    wrong = world.outsider().post(enrol, {"enrolment_code": "AAAA", "password": "granite otter 47 lantern"}, page=enrol)
    assert wrong.status_code == 422
    right = world.outsider().post(enrol, {"enrolment_code": code, "password": "granite otter 47 lantern"}, page=enrol)
    assert right.status_code == 303
    with world.db.read() as conn:
        raws = b"".join(conn.execute(select(OutboxMessage.raw)).scalars())
    assert code.encode() not in raws


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_who_never_answers_is_forgotten_after_a_month(world: World) -> None:
    applied(world, JOINS)
    world.later(days=29)
    jobs.run_due(world.db)
    assert state_of(world, case_of(world).id) == "submitted"
    world.later(days=1, minutes=1)
    jobs.run_due(world.db)
    assert state_of(world, case_of(world).id) == "expired"
