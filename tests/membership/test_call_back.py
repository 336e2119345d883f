"""What an approval takes besides two people: a call to the agency at a number the reviewer found, and two kinds of evidence."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from app.core.audit import AuditEvent
from app.membership.applications.policy import Calls, missing
from app.membership.models import Application, ApplicationState, CallBack, Decision, Evidence, Question, Waiver
from app.membership.triggers import KEPT, WORD
from tests.membership.cases import (
    CALL,
    FIELDS,
    REVIEW,
    act,
    apply,
    case_id,
    letters,
    link_in,
    make_ready,
    state_of,
    status_link,
    submitted,
    version_of,
)  # fmt: skip
from tests.world import Client, World


def seen(world: World, number: int) -> dict[str, object]:
    found: dict[str, object] = world.script("reviewer1", REVIEW).call("GET", f"/applications/{number}").json()
    return found


def approve(world: World, key: str, number: int) -> int:
    return act(world, key, number, "decisions", verdict="approve", reason="The chief confirms.").status_code


def test_nothing_is_approved_on_an_empty_case_a_call_alone_or_papers_alone(world: World) -> None:  # V2 V3
    empty, called, papers = (submitted(world, email=f"{name}@larkspur.example") for name in ("empty", "called", "papers"))
    assert act(world, "reviewer1", called, "call-backs", **CALL).status_code == 201
    for kind in ("letter", "dues"):
        assert act(world, "reviewer1", papers, "evidence", kind=kind, note="Seen.").status_code == 201
    for number in (empty, called, papers):
        answer = act(world, "reviewer1", number, "decisions", verdict="approve", reason="Looks right.")
        assert answer.status_code == 422
        assert "verdict" in {e["field"] for e in answer.json()["errors"]}
    assert world.count(Decision) == 0
    assert seen(world, empty)["missing"] == [
        "Call the agency back, at a number that you found yourself.",
        "Record 2 more kinds of evidence.",
    ]
    act(world, "reviewer1", called, "evidence", kind="dues", note="Paid.")
    assert approve(world, "reviewer1", called) == 201
    assert approve(world, "reviewer2", called) == 201
    assert state_of(world, called) == ApplicationState.APPROVED


def test_what_the_applicant_says_of_themselves_is_no_evidence(world: World) -> None:  # V3
    case = submitted(world)
    act(world, "reviewer1", case, "call-backs", **CALL)
    with world.db.write() as session:
        session.add(Evidence(application_id=case, kind="other", note="I am who I say.", added_by=None, created_at=world.now))
    assert approve(world, "reviewer1", case) == 422
    with pytest.raises(sa.exc.DBAPIError, match=WORD):
        bare(world, case, *signed(world, case, "reviewer1", "reviewer2"))


def test_a_number_is_the_same_with_or_without_its_area(world: World) -> None:  # V2
    case = submitted(world, phone="555-0163")
    assert act(world, "reviewer1", case, "call-backs", **(CALL | {"number": "360-555-0163"})).status_code == 422
    assert act(world, "reviewer1", case, "call-backs", **(CALL | {"number": "360-555-0164"})).status_code == 201


def test_two_of_one_kind_are_one_kind() -> None:  # V3
    assert missing(["letter", "letter"], Calls(0, is_waived=True)) == ["Record 1 more kind of evidence."]
    assert missing(["letter"], Calls(1)) == []
    assert missing([], Calls(1, is_waived=True)) == ["Record 1 more kind of evidence."]
    assert missing(["letter", "dues"], Calls(0, is_waived=True)) == []


@pytest.mark.parametrize("number", ["360-555-0176", "+1 (360) 555 0176", "3605550176", "1-360-555-0176", "360.555.0176"])
def test_a_number_that_the_applicant_gave_is_refused_however_it_is_written(world: World, number: str) -> None:  # V2
    case = submitted(world)
    answer = act(world, "reviewer1", case, "call-backs", **(CALL | {"number": number}))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "number"
    assert world.count(CallBack) == 0


def test_a_number_in_another_field_or_in_an_answer_is_the_applicants_too(world: World) -> None:  # V2
    case = submitted(world, supervisor="Chief Norgaard, call (360) 555-0188")
    assert act(world, "reviewer1", case, "call-backs", **(CALL | {"number": "360 555 0188"})).status_code == 422


def test_a_number_in_a_note_or_in_an_earlier_case_is_the_applicants_too(world: World) -> None:  # V2
    before = submitted(world, phone="360-555-0177")
    answer = world.outsider()
    status = status_link(apply(world, answer, email="other@larkspur.example", phone="", supervisor=""))
    answer.post(link := link_in(letters(world, "other@larkspur.example")[-1], "/apply/confirm/"), page=link)
    answer.post(f"{status}/evidence", {"note": "Or ring my desk, 360-555-0144."}, page=status)
    now = case_id(world, "other@larkspur.example")
    assert before != now
    for planted in ("360-555-0144", "360-555-0177"):
        refused = act(world, "reviewer1", now, "call-backs", **(CALL | {"number": planted}))
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "number"), planted
    assert act(world, "reviewer1", now, "call-backs", **CALL).status_code == 201, "another number is taken"


@pytest.mark.parametrize("field", ["number", "found_at", "person", "spoke_at"])
def test_a_call_without_its_proof_is_not_kept(world: World, field: str) -> None:  # V2
    case = submitted(world)
    assert act(world, "reviewer1", case, "call-backs", **(CALL | {field: ""})).status_code == 422
    assert world.count(CallBack) == 0


def test_a_call_that_has_not_come_yet_is_not_kept_and_the_page_gives_the_words_back(world: World) -> None:  # V2
    case = submitted(world)
    path = f"/moderation/applications/{case}"
    fields = CALL | {"version": str(version_of(world, case)), "spoke_at": "2026-11-23T09:30"}
    answer = world.browser("reviewer1").post(path + "/call-backs", fields, page=path)
    assert answer.status_code == 422, "half past nine in the association's zone is an hour and a half from now"
    assert 'value="Sgt. Dana Ridley"' in answer.text
    fields["spoke_at"] = "2026-11-23T07:30"
    assert world.browser("reviewer1").post(path + "/call-backs", fields, page=path).status_code == 303
    assert "Sgt. Dana Ridley, 360-555-0101" in world.browser("reviewer2").get(path).text
    assert world.count(AuditEvent, AuditEvent.verb == "application.call_back") == 1


def bare(world: World, number: int, *rows: object, look_alike: bool | None = False) -> None:
    """Approve a case behind the program's back, with these rows in place."""
    with world.db.write() as session:
        session.add_all(rows)
        session.flush()
        session.execute(sa.update(Application).where(Application.id == number).values(state="approved", look_alike=look_alike))


def signed(world: World, number: int, *keys: str) -> list[Decision]:
    common = {"application_id": number, "reviewer_name": "x", "verdict": "approve", "reason": "x", "created_at": world.now}
    return [Decision(**common, reviewer_id=world.id(key), step=n) for n, key in enumerate(keys, start=1)]


@pytest.mark.parametrize("lacking", ["people", "call", "evidence", "another than the sponsor"])
def test_the_database_itself_refuses_an_approval_that_lacks(world: World, lacking: str) -> None:  # V1 V2 V3
    number = submitted(world, sponsor="reviewer2@cascade.example" if lacking.startswith("another") else "")
    with world.db.write() as session:
        session.execute(
            sa.update(Application)
            .where(Application.id == number)
            .values(sponsor_id=world.id("reviewer2") if lacking.startswith("another") else None)
        )
    common = {"application_id": number, "created_at": world.now}
    call = CallBack(**common, number="1", found_at="x", person="x", spoke_at=world.now, caller_id=world.id("reviewer1"), caller_name="x")
    letter, dues = (Evidence(**common, kind=kind, note="x", added_by=world.id("reviewer1")) for kind in ("letter", "dues"))
    rows = {
        "people": [*signed(world, number, "reviewer1"), call, letter],
        "call": [*signed(world, number, "reviewer1", "reviewer2"), letter, dues],
        "evidence": [*signed(world, number, "reviewer1", "reviewer2"), call],
        "another than the sponsor": [*signed(world, number, "reviewer1", "reviewer2"), call, letter],
    }[lacking]
    with pytest.raises(sa.exc.DBAPIError, match=WORD):
        bare(world, number, *rows)
    assert state_of(world, number) == ApplicationState.SUBMITTED


def test_the_database_takes_an_approval_that_lacks_nothing(world: World) -> None:
    number = make_ready(world, submitted(world))
    bare(world, number, *signed(world, number, "reviewer1", "reviewer2"))
    assert state_of(world, number) == ApplicationState.APPROVED


@pytest.mark.parametrize(
    ("looks", "numbers", "is_waived", "is_taken"),
    [
        (False, ["276-555-0100"], False, True),
        (None, ["276-555-0100"], False, False),  # nobody looked
        (True, ["276-555-0100"], False, False),
        (True, ["276-555-0100", "1 (276) 555.0100", "+1 276/555-0100", "555-0100"], False, False),  # one number in four spellings
        (True, ["276-555-0100", "276-555-0101"], False, True),
        (True, ["555-0100", "1 (276) 555-0101"], False, True),
        (True, ["276-555-0100"], True, True),
    ],
)
def test_the_database_asks_for_a_second_number_of_a_look_alike(
    world: World, looks: bool | None, numbers: list[str], is_waived: bool, is_taken: bool
) -> None:  # V7
    number = submitted(world)
    common = {"application_id": number, "created_at": world.now}
    who = {"found_at": "x", "person": "x", "spoke_at": world.now, "caller_id": world.id("reviewer1"), "caller_name": "x"}
    rows: list[Any] = [CallBack(**common, **who, number=one) for one in numbers]
    rows += [Evidence(**common, kind="letter", note="x", added_by=world.id("reviewer1")), *signed(world, number, "reviewer1", "reviewer2")]
    rows += [Waiver(**common, admin_id=world.id("admin"), admin_name="x", reason="x")] if is_waived else []
    if is_taken:
        bare(world, number, *rows, look_alike=looks)
    else:
        with pytest.raises(sa.exc.DBAPIError, match=WORD):
            bare(world, number, *rows, look_alike=looks)
    assert state_of(world, number) == ("approved" if is_taken else "submitted")


@pytest.mark.parametrize("values", [{"state": "approved", "founding": True}, {"founding": True}])
def test_no_case_becomes_a_founding_reviewers(world: World, values: dict[str, object]) -> None:  # V1 V3
    number = submitted(world)
    with pytest.raises(sa.exc.DBAPIError, match=KEPT), world.db.write() as session:
        session.execute(sa.update(Application).where(Application.id == number).values(**values))
    assert state_of(world, number) == ApplicationState.SUBMITTED
    with world.db.write() as session:  # and what it is may be said once more
        session.execute(sa.update(Application).where(Application.id == number).values(founding=False, rank="Captain"))


def test_a_case_can_not_begin_approved(world: World) -> None:  # V1
    number = submitted(world)
    row = {k: v for k, v in world.one(sa.select(Application.__table__))._mapping.items() if k != "id"}
    copy = row | {"state": "approved", "status_token_hash": b"1" * 32, "confirm_token_hash": b"2" * 32}
    with pytest.raises(sa.exc.DBAPIError, match=WORD), world.db.write() as session:
        session.execute(sa.insert(Application).values(copy))
    assert number


def test_an_administrator_waives_the_call_with_a_reason_and_nobody_else_does(world: World) -> None:  # V2
    case = submitted(world)
    path = f"/moderation/applications/{case}/waiver"
    for key in ("reviewer1", "chief", "moderator"):
        assert world.browser(key).get(path).status_code == 404, key
    admin = world.browser("admin")
    page = admin.get(path).text
    assert "Corvane Police Department" in page
    for secret in (FIELDS["name"], FIELDS["email"], FIELDS["phone"], FIELDS["supervisor"]):
        assert secret not in page, "the case is the reviewers'"
    fields = {"version": str(version_of(world, case)), "reason": ""}
    assert admin.post(path, fields, page=path).status_code == 422
    fields["reason"] = "The agency lost its phones in the flood; the county vouches."
    assert admin.post(path, fields, page=path).status_code == 303
    assert admin.post(path, fields | {"version": str(version_of(world, case))}, page=path).status_code == 409
    assert world.count(Waiver) == 1
    assert "the county vouches" in world.browser("reviewer1").get(f"/moderation/applications/{case}").text
    for kind in ("letter", "dues"):
        act(world, "reviewer1", case, "evidence", kind=kind, note="Seen.")
    assert (approve(world, "reviewer1", case), approve(world, "reviewer2", case)) == (201, 201)


def applied(world: World) -> tuple[Client, str, int]:
    """An applicant's browser, the way to their status page, and their case."""
    client = world.outsider()
    page = apply(world, client)
    link = link_in(letters(world, FIELDS["email"])[-1], "/apply/confirm/")
    assert client.post(link, page=link).status_code == 303
    return client, status_link(page), case_id(world)


@pytest.mark.parametrize(("what", "body"), [("call-backs", CALL), ("questions", {"text": "Which unit?"})])
def test_a_stale_version_is_refused_and_loses_nothing(world: World, what: str, body: dict[str, str]) -> None:
    case = submitted(world)
    stale = version_of(world, case)
    act(world, "reviewer2", case, "notes", text="Looked at it.")
    answer = world.script("reviewer1", REVIEW).call("POST", f"/applications/{case}/{what}", {"version": stale} | body)
    assert answer.status_code == 409
    assert (world.count(CallBack), world.count(Question)) == (0, 0)
    path = f"/moderation/applications/{case}"
    page = world.browser("reviewer1").post(f"{path}/{what}", {"version": str(stale)} | body, page=path)
    assert page.status_code == 409
    for value in body.values():
        if not value.startswith("2026"):
            assert value.replace("'", "&#39;") in page.text, "the words come back"
