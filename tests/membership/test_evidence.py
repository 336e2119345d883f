"""Evidence with files: who adds them, who may look at them, and what is left of them on the disk and in the log (V13)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from app.core.audit import AuditEvent
from app.core.site import SiteRow
from app.membership.evidence.models import EvidenceFile
from app.membership.models import Application, Evidence
from tests.membership.cases import REVIEW, act, apply, case_id, letters, link_in, status_link, submitted, version_of
from tests.membership.papers import call, jpeg, pdf, png, send
from tests.membership.test_apply import neutral
from tests.world import World

ONE_ENGINE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def added(world: World, number: int, file: tuple[str, bytes] = ("letter.pdf", pdf()), **values: object) -> int:
    """A reviewer's file; its id."""
    body = {"version": version_of(world, number), "kind": "letter", "note": "By post."} | values
    answer = call(world.script("reviewer1", REVIEW), f"/applications/{number}/evidence", body, file)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["evidence"][-1]["file"]["id"])


def on_disk(world: World) -> list[Path]:
    folder = world.settings.evidence_folder
    return sorted(folder.iterdir()) if folder.is_dir() else []


def own_page(world: World) -> tuple[int, str]:
    """A confirmed case and its status page."""
    client = world.outsider()
    page = apply(world, client)
    link = link_in(letters(world, "h.crane@larkspur.example")[-1], "/apply/confirm/")
    client.post(link, page=link)
    return case_id(world), status_link(page)


def test_a_reviewer_adds_a_file_and_looks_at_it(world: World) -> None:  # V13
    number = submitted(world)
    file = added(world, number)
    seen = world.browser("reviewer2").get(f"/moderation/applications/{number}/evidence/{file}")
    assert seen.status_code == 200
    assert seen.content == pdf()
    assert seen.headers["content-type"] == "application/pdf"
    assert seen.headers["content-disposition"] == "attachment; filename*=UTF-8''letter.pdf"
    assert (seen.headers["x-content-type-options"], seen.headers["cache-control"]) == ("nosniff", "no-store")
    assert "sandbox" in seen.headers["content-security-policy"]
    page = world.browser("reviewer2").get(f"/moderation/applications/{number}")
    assert "letter.pdf" in page.text
    assert "SHA-256 " in page.text


def test_each_look_at_a_file_is_in_the_log(world: World) -> None:  # V13
    number = submitted(world)
    file = added(world, number)
    for key in ("reviewer1", "reviewer2", "reviewer2"):
        world.browser(key).get(f"/moderation/applications/{number}/evidence/{file}")
    with world.db.read() as conn:
        rows = conn.execute(select(AuditEvent).where(AuditEvent.verb == "evidence.view").order_by(AuditEvent.id)).all()
    assert [row.actor_id for row in rows] == [world.id("reviewer1"), world.id("reviewer2"), world.id("reviewer2")]
    assert {(row.subject_kind, row.subject_id, json.loads(row.detail)["file"]) for row in rows} == {("application", number, file)}
    assert all(row.at == world.now and row.request_id for row in rows)


def test_nobody_but_reviewers_sees_that_there_is_a_file(world: World) -> None:  # V13
    number = submitted(world)
    file = added(world, number)
    path = f"/moderation/applications/{number}/evidence/"
    assert world.browser("reviewer2").get(f"{path}{file}").status_code == 200  # there is something to see
    for key in ("chief", "admin", "moderator", "vendor"):
        browser = world.browser(key)
        real, none = browser.get(f"{path}{file}"), browser.get(f"{path}999999")
        assert real.status_code == none.status_code == 404
        assert neutral(real.text, "") == neutral(none.text, "")
    assert world.outsider().get(f"{path}{file}").status_code == 303
    other = submitted(world, email="other@larkspur.example", name="Somebody Else")
    assert world.browser("reviewer2").get(f"/moderation/applications/{other}/evidence/{file}").status_code == 404
    assert world.count(AuditEvent, AuditEvent.verb == "evidence.view") == 1


def test_the_applicant_adds_a_file_which_counts_once_a_reviewer_takes_it_up(world: World) -> None:  # V3 V13
    number, link = own_page(world)
    client = world.outsider()
    answer = send(client, link + "/evidence", {"note": "My card."}, ("card.jpg", jpeg()), page=link)
    assert answer.status_code == 303
    assert "card.jpg" in client.get(link).text
    case = world.script("reviewer1", REVIEW).call("GET", f"/applications/{number}").json()
    assert [(e["by_applicant"], e["note"], e["file"]["shows_identity"]) for e in case["evidence"]] == [(True, "My card.", True)]
    assert "Record 2 more kinds of evidence." in case["missing"]
    taken = act(world, "reviewer1", number, "evidence", kind="post_id", note="Seen.", file_id=case["evidence"][0]["file"]["id"]).json()
    assert taken["evidence"][1]["file"]["name"] == "card.jpg"
    assert "Record 1 more kind of evidence." in taken["missing"]
    assert world.count(EvidenceFile) == 1
    assert world.count(Evidence) == 2


def test_a_case_of_ones_own_agency_keeps_its_files_where_the_association_says_so(world: World) -> None:  # V13
    number = submitted(world)  # at Corvane, as is the second reviewer
    path = f"/moderation/applications/{number}/evidence/{added(world, number)}"
    assert world.browser("reviewer2").get(path).status_code == 200
    with world.db.write() as session:
        session.add(SiteRow(id=1, name="A", address="B", time_zone="UTC", hides_own_agency=True))
    assert world.browser("reviewer2").get(path).status_code == 404
    assert world.browser("reviewer1").get(path).status_code == 200


@ONE_ENGINE
def test_a_form_that_is_sent_twice_leaves_one_file(world: World) -> None:
    number, link = own_page(world)
    for _ in range(2):
        assert send(world.outsider(), link + "/evidence", {}, ("card.png", png()), page=link).status_code == 303
    assert world.count(EvidenceFile, EvidenceFile.application_id == number) == 1
    script, values = world.script("reviewer1", REVIEW), {"version": version_of(world, number), "kind": "letter", "note": "By post."}
    for _ in range(2):  # the second time with the version that it saw the first
        answer = call(script, f"/applications/{number}/evidence", values, ("letter.pdf", pdf()))
    assert answer.status_code == 409
    assert world.count(EvidenceFile) == 2
    assert len(on_disk(world)) == 3  # the applicant's second is collected within the hour; the reviewer's went with its act


@ONE_ENGINE
def test_what_is_on_the_disk_holds_nothing_of_what_was_sent(world: World) -> None:  # V13
    number, link = own_page(world)
    assert send(world.outsider(), link + "/evidence", {}, ("passport.pdf", pdf("canarypassport")), page=link).status_code == 303
    added(world, number, ("zwicky.png", png()))
    assert b"canarypassport" in pdf("canarypassport")
    whole = b"".join(path.read_bytes() for path in world.folder.rglob("*") if path.is_file() and "squadroom.db" not in path.name)
    assert len(on_disk(world)) == 2
    for words in (b"canarypassport", b"PDF-1.7", b"IHDR", b"passport", b"zwicky"):
        assert words not in whole
    assert {path.stat().st_mode & 0o777 for path in [*on_disk(world), world.settings.evidence_key]} == {0o600}


@ONE_ENGINE
def test_five_files_are_as_many_as_an_applicant_sends(world: World) -> None:
    number, link = own_page(world)
    for n in range(5):
        assert send(world.outsider(), link + "/evidence", {}, (f"{n}.png", png(8, n + 1)), page=link).status_code == 303
    page = world.outsider().get(link)
    assert 'name="file"' not in page.text
    client = world.outsider()
    answer = send(client, link + "/evidence", {}, ("6.png", png(8, 9)), page=link)
    assert answer.status_code == 422
    assert "as many as a case takes" in answer.text
    assert world.count(EvidenceFile, EvidenceFile.application_id == number) == len(on_disk(world)) == 5


@ONE_ENGINE
def test_nothing_is_taken_before_the_address_is_confirmed_or_after_the_decision(world: World) -> None:
    client = world.outsider()
    link = status_link(apply(world, client))
    assert send(client, link + "/evidence", {"note": "Early."}, ("a.png", png()), page=link).status_code == 409
    with world.db.write() as session:
        session.get_one(Application, case_id(world)).state = "declined"
    number = case_id(world)
    late = call(world.script("reviewer1", REVIEW), f"/applications/{number}/evidence",
                {"version": version_of(world, number), "kind": "letter", "note": "Late."}, ("a.png", png()))  # fmt: skip
    assert late.status_code == 409
    assert on_disk(world) == []
