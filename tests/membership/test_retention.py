"""What is left of evidence after a decision, and what of a file that nobody can vouch for any more (V13)."""

from __future__ import annotations

import os

import pytest
from sqlalchemy import select

from app.commands import doctoring
from app.core import jobs
from app.core.audit import AuditEvent
from app.core.vault.keys import new_key
from app.membership.evidence import retention
from app.membership.evidence.models import EvidenceFile
from tests.membership.cases import FIELDS, act, apply, case_id, decide, letters, status_link, submitted, version_of
from tests.membership.papers import jpeg, pdf, png, send
from tests.membership.test_evidence import added, on_disk, own_page
from tests.world import World

ONE_ENGINE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def run(world: World) -> int:
    return retention.run(world.db, world.settings)


def test_identity_documents_go_30_days_after_the_decision_and_the_record_stays(world: World) -> None:  # V13
    number, link = own_page(world)
    send(world.outsider(), link + "/evidence", {"note": "My card."}, ("card.jpg", jpeg()), page=link)
    card = int(world.one(select(EvidenceFile.id)).id)
    passport = added(world, number, ("passport.png", png()), shows_identity="yes")
    letter = added(world, number, ("letter.pdf", pdf()))
    world.later(days=200)
    assert run(world) == 0  # not decided: still needed
    decide(world, "reviewer1", number, "decline", "The agency does not know you.")
    world.later(days=29, hours=23)
    assert run(world) == 0
    assert len(on_disk(world)) == 3
    world.later(hours=2)
    assert run(world) == 2
    assert run(world) == 0
    with world.db.read() as conn:
        rows = {row.id: row for row in conn.execute(select(EvidenceFile.__table__))}
        log = conn.execute(select(AuditEvent.subject_id).where(AuditEvent.verb == "evidence.delete")).scalars().all()
    assert {id for id, row in rows.items() if row.deleted_at == world.now and row.sealed_key == b""} == {card, passport}
    assert all(row.sha256 and row.name and row.size for row in rows.values())
    assert [path.name for path in on_disk(world)] == [rows[letter].stored_as]
    assert list(log) == [number, number]
    browser = world.browser("reviewer2")
    page = browser.get(f"/moderation/applications/{number}")
    assert "under the rule for identity documents" in page.text
    assert "card.jpg" in page.text
    assert browser.get(f"/moderation/applications/{number}/evidence/{card}").status_code == 404
    assert browser.get(f"/moderation/applications/{number}/evidence/{letter}").status_code == 200
    assert "The agency does not know you." in page.text


@ONE_ENGINE
@pytest.mark.parametrize("how", ["approved", "withdrawn", "expired"])
def test_the_rule_holds_however_a_case_ends(world: World, how: str) -> None:  # V13
    client = world.outsider()
    if how == "expired":
        page = send(client, "/apply", FIELDS | {"agency": str(world.ids.agencies["corvane"])}, ("card.png", png()), page="/apply")
        assert page.status_code == 200
        world.later(days=3, minutes=1)
        jobs.run_due(world.db)
        assert run(world) == 1  # nobody confirmed whose it is: it goes at once
        return
    number, link = own_page(world)
    send(client, link + "/evidence", {}, ("card.png", png()), page=link)
    if how == "withdrawn":
        client.post(link + "/withdraw", {"withdraw": "yes"}, page=link)
    else:
        decide(world, "reviewer1", number)
        assert decide(world, "reviewer2", number).json()["state"] == "approved"
    assert run(world) == 0
    world.later(days=30, minutes=1)
    assert run(world) == 1
    assert on_disk(world) == []


@ONE_ENGINE
def test_a_file_without_a_case_is_collected_after_an_hour(world: World) -> None:  # V13
    number = submitted(world)
    added(world, number)
    kept = on_disk(world)[0]
    half, whole = world.settings.evidence_folder / ("a" * 32 + ".part"), world.settings.evidence_folder / ("b" * 32)
    for path, minutes in ((kept, 120), (half, 61), (whole, 59)):
        path.touch()
        os.utime(path, (world.now.timestamp() - 60 * minutes,) * 2)
    assert run(world) == 1
    assert on_disk(world) == sorted([kept, whole])


@ONE_ENGINE
def test_a_file_that_was_changed_is_not_shown(world: World) -> None:  # V13
    number = submitted(world)
    file = added(world, number)
    path, place = f"/moderation/applications/{number}/evidence/{file}", on_disk(world)[0]
    browser, raw = world.browser("reviewer2"), on_disk(world)[0].read_bytes()
    assert browser.get(path).content == pdf()
    for spoilt in (raw[:-1], raw[:400] + bytes([raw[400] ^ 1]) + raw[401:], b""):
        place.write_bytes(spoilt)
        answer = browser.get(path)
        assert answer.status_code == 409
        assert "This file was changed on the disk" in answer.text.replace("&#39;", "'")
    place.write_bytes(raw)
    world.settings.evidence_key.write_text(new_key())
    assert "not in the key file" in browser.get(path).text
    assert world.count(AuditEvent, AuditEvent.verb == "evidence.view") == 5  # who tried is in the log, too


@ONE_ENGINE
def test_without_its_key_the_store_takes_nothing_and_keeps_what_was_typed(world: World) -> None:
    number, link = own_page(world)
    added(world, number)
    world.settings.evidence_key.unlink()
    client = world.outsider()
    answer = send(client, link + "/evidence", {"note": "My chief wrote this."}, ("card.png", png()), page=link)
    assert answer.status_code == 422
    assert "taken at the moment" in answer.text
    assert "My chief wrote this." in answer.text
    assert not world.settings.evidence_key.exists()
    assert len(on_disk(world)) == 1


@ONE_ENGINE
def test_the_doctor_says_whether_the_key_is_the_right_one(world: World) -> None:
    assert doctoring._evidence(world.db, world.settings).state == "well"
    added(world, submitted(world))
    assert doctoring._evidence(world.db, world.settings).said == "1 files, and the key opens the newest"
    key = world.settings.evidence_key.read_text()
    world.settings.evidence_key.write_text(new_key())
    assert "does not open the newest" in doctoring._evidence(world.db, world.settings).said
    world.settings.evidence_key.write_text(new_key() + "\n" + key)
    on_disk(world)[0].unlink()
    assert "is not in" in doctoring._evidence(world.db, world.settings).said


@ONE_ENGINE
def test_no_letter_and_no_log_line_holds_a_file_or_its_name(world: World) -> None:  # V9 V13
    number, link = own_page(world)
    send(world.outsider(), link + "/evidence", {"note": "Zwicky note"}, ("zwicky.png", png()), page=link)
    act(world, "reviewer1", number, "questions", text="Which unit?")
    decide(world, "reviewer1", number, "decline", "Zwicky")
    sent = letters(world, FIELDS["email"])
    assert [str(letter["Subject"]) for letter in sent] == [
        "Confirm your application for membership",
        "Reviewers have your application for membership",
        "A question about your application",
        "Your application for membership was decided",
    ]
    assert all(b"wicky" not in letter.as_bytes() and not list(letter.iter_attachments()) for letter in sent)
    assert status_link(apply(world, email="other@larkspur.example")) not in sent[1].as_string()
    assert link in sent[1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    with world.db.read() as conn:
        assert "wicky" not in "".join(conn.execute(select(AuditEvent.detail)).scalars())


@ONE_ENGINE
def test_each_end_of_a_case_is_mailed_with_fixed_words(world: World) -> None:  # V9
    client = world.outsider()
    link = own_page(world)[1]
    client.post(link + "/withdraw", {"withdraw": "yes"}, page=link)
    assert str(letters(world, FIELDS["email"])[-1]["Subject"]) == "Your application for membership was withdrawn"
    link = status_link(apply(world, client, email="never@larkspur.example"))
    client.post(link + "/withdraw", {"withdraw": "yes"}, page=link)
    assert len(letters(world, "never@larkspur.example")) == 1  # nobody knows yet whose mailbox it is
    apply(world, email="late@larkspur.example")
    world.later(days=3, minutes=1)
    jobs.run_due(world.db)
    assert str(letters(world, "late@larkspur.example")[-1]["Subject"]) == "An application for membership has lapsed"
    assert case_id(world, "late@larkspur.example")


def _mark(world: World, key: str, number: int, what: str, **body: object) -> int:
    page = f"/moderation/applications/{number}"
    values = {"version": version_of(world, number)} | body
    return world.browser(key).post(f"{page}/evidence/{what}", values, page="/settings").status_code


def test_a_file_is_marked_as_an_identity_document_afterwards(world: World) -> None:  # V13
    number = submitted(world)
    card, letter = added(world, number, ("card.png", png())), added(world, number, ("letter.pdf", pdf()))
    decide(world, "reviewer1", number, "decline", "The agency does not know you.")
    world.later(days=40)
    assert run(world) == 0
    page, reviewer = f"/moderation/applications/{number}", world.browser("reviewer2")
    assert "Mark a file as an identity document" in reviewer.get(page).text
    version = version_of(world, number)
    answer = reviewer.post(f"{page}/evidence/mark", {"version": version, "to_mark": card}, page=page, follow=True)
    assert "Marked." in answer.text
    assert version_of(world, number) == version + 1
    assert run(world) == 1
    assert [path.name for path in on_disk(world)] == [world.one(select(EvidenceFile.stored_as).where(EvidenceFile.id == letter)).stored_as]
    row = world.one(select(AuditEvent.actor_id, AuditEvent.subject_id, AuditEvent.detail).where(AuditEvent.verb == "evidence.mark"))
    assert (row.actor_id, row.subject_id, row.detail) == (world.id("reviewer2"), number, f'{{"file": {card}}}')
    assert _mark(world, "reviewer2", number, "mark", to_mark=card) == 404  # it is gone


def test_the_mark_is_taken_back_with_a_reason(world: World) -> None:  # V13
    number, link = own_page(world)
    send(world.outsider(), link + "/evidence", {"note": "My card."}, ("card.jpg", jpeg()), page=link)
    sent = int(world.one(select(EvidenceFile.id)).id)
    letter = added(world, number, ("letter.pdf", pdf()), shows_identity="yes")
    page, reviewer = f"/moderation/applications/{number}", world.browser("reviewer2")
    refused = reviewer.post(f"{page}/evidence/unmark", {"version": version_of(world, number), "to_unmark": letter, "why": " "}, page=page)
    assert refused.status_code == 422
    assert '<details class="panel-body fold-out" open>' in refused.text
    assert _mark(world, "reviewer2", number, "unmark", to_unmark=sent, why="It is a letter.") == 422  # what the applicant sent goes
    assert _mark(world, "reviewer2", number, "unmark", to_unmark=letter, why="It is a letter.") == 303
    assert "letter.pdf is not marked as an identity document any more: It is a letter." in reviewer.get(page).text
    decide(world, "reviewer1", number, "decline", "The agency does not know you.")
    world.later(days=31)
    assert run(world) == 1
    assert world.count(EvidenceFile, EvidenceFile.id == letter, EvidenceFile.deleted_at.is_(None)) == 1
    assert world.count(AuditEvent, AuditEvent.verb == "evidence.unmark", AuditEvent.actor_id == world.id("reviewer2")) == 1


@ONE_ENGINE
def test_marking_is_a_reviewers_act_on_the_case_as_it_stands(world: World) -> None:  # V13
    number = submitted(world, sponsor="reviewer2@corvane.example")
    other = submitted(world, email="other@larkspur.example", name="Somebody Else")
    file, elsewhere = added(world, number), added(world, other)
    stale = version_of(world, number) - 1
    assert _mark(world, "reviewer1", number, "mark", to_mark=file, version=stale) == 409
    assert _mark(world, "reviewer1", number, "mark", to_mark=elsewhere) == 404
    for key, status in (("admin", 404), ("chief", 404), ("reviewer2", 403)):  # the last is the sponsor
        assert _mark(world, key, number, "mark", to_mark=file) == status
    assert world.count(EvidenceFile, EvidenceFile.shows_identity) == 0
    assert _mark(world, "reviewer1", number, "mark", to_mark=file) == 303
    version = version_of(world, number)
    assert _mark(world, "reviewer1", number, "mark", to_mark=file) == 303  # again: nothing new
    assert (version_of(world, number), world.count(AuditEvent, AuditEvent.verb == "evidence.mark")) == (version, 1)
