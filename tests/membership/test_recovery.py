"""The long way back: a case about a member, a call-back, two other reviewers, and the code from the screen (A9)."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import update

from app.accounts import totp
from app.accounts.models import Authenticator, RecoveryCode
from app.core.audit import AuditEvent
from app.membership.models import Application, Decision, Evidence, Member, MemberRole, Role
from tests.accounts.person import PASSWORD, Person, person
from tests.accounts.test_recover import ask, link
from tests.membership.cases import CALL, REVIEW, act, case_id, code_on, decide, letters, link_in, state_of, text_of
from tests.world import Client, World

NEW = "orchard lantern 83 gravel"
SAID = {"note": "My phone fell into the river, and the codes with it.", "supervisor": "Deputy Chief Ana Roy"}


class Lost:
    """Someone who lost everything but their mailbox, and has asked."""

    def __init__(self, world: World, key: str = "chief") -> None:
        self.one = person(world, key)
        self.world, self.client = world, world.outsider()
        self.code = code_on(ask(world, self.one.email, self.client))
        self.link = link_in(letters(world, self.one.email)[-1], "/recover/")
        answer = self.client.post(f"{self.link}/case", SAID, page=f"{self.link}/case")
        assert answer.status_code == 303, answer.text
        self.status = answer.headers["location"].partition("?")[0]
        self.case = case_id(world, self.one.email)

    def enrolment_link(self) -> str:
        return link_in(letters(self.world, self.one.email)[-2], "/enrol/")  # the last says that it was approved


def enrol(world: World, path: str, code: str) -> tuple[Client, str]:
    """Both pages of an enrolment; the browser, and the new secret."""
    client = world.outsider()
    assert client.post(path, {"enrolment_code": code, "password": NEW}, page=path).status_code == 303
    page = client.get(f"{path}/authenticator").text
    secret = re.sub(r"\s", "", re.search(r'id="secret"[^>]*>([A-Z2-7 ]+)<', page)[1])  # type: ignore[index]
    shown = {"code": totp.code_at(secret, totp.step_of(world.now))}
    assert client.post(f"{path}/authenticator", shown, page=f"{path}/authenticator").status_code == 200
    return client, secret


def test_two_reviewers_and_the_code_from_the_screen_bring_a_member_back(world: World) -> None:  # A9 A10
    lost = Lost(world)
    browser, script, chief = lost.one.signed_in(), world.script("chief"), lost.one
    assert decide(world, "reviewer1", lost.case).status_code == 201
    assert decide(world, "reviewer2", lost.case).status_code == 201
    path = lost.enrolment_link()
    assert lost.code not in "".join(letter.as_string() for letter in letters(world, chief.email))
    mailbox_only = world.outsider().post(path, {"enrolment_code": "", "password": NEW}, page=path)
    assert mailbox_only.status_code == 422
    assert browser.get("/").status_code == 200  # nothing ends before the member is back
    client, _ = enrol(world, path, lost.code)
    assert client.get("/").status_code == 200
    assert (browser.get("/").status_code, script.call("GET", "/me").status_code) == (303, 401)
    assert "location" not in chief.show_password(world.outsider(), PASSWORD).headers
    assert world.count(Authenticator, Authenticator.account_id == chief.id) == 1
    assert world.count(RecoveryCode, RecoveryCode.account_id == chief.id) == 10
    assert world.count(Member, Member.id == chief.id) == 1
    verbs = {"recovery.ask", "recovery.open", "account.invite", "account.enrol"}
    assert all(world.count(AuditEvent, AuditEvent.verb == verb, AuditEvent.outcome == "done") == 1 for verb in verbs)


def test_nothing_less_lets_anybody_in(world: World) -> None:  # A9 V1 V2 V3
    lost = Lost(world)
    bare = act(world, "reviewer1", lost.case, "decisions", verdict="approve", reason="It sounds like her.")
    assert bare.status_code == 422  # no call-back, and what she says is no evidence
    assert decide(world, "reviewer1", lost.case).status_code == 201
    assert decide(world, "reviewer1", lost.case).status_code == 403
    assert state_of(world, lost.case) == "first_decision"
    assert not any("/enrol/" in text_of(letter) for letter in letters(world, lost.one.email))
    assert world.outsider().get(lost.link).status_code == 404  # the link is spent
    assert lost.one.signed_in().get("/").status_code == 200


def test_the_case_shows_whose_sign_in_it_is_and_how_to_ask(world: World) -> None:  # A9 V2
    lost = Lost(world)
    page = world.browser("reviewer1").get(f"/moderation/applications/{lost.case}").text
    words = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    for said in ("A member who lost their sign-in", "The member’s record", "Head of agency, active", SAID["note"], "Approve a new sign-in"):
        assert said in words
    assert f"it must be {lost.case}" in words
    status = world.outsider().get(lost.status).text
    assert f"<b>{lost.case}</b>" in status
    assert not [word for word in ("Marchetti", lost.one.email, "river") if word in status]
    listed = world.script("reviewer1", REVIEW).call("GET", "/applications?state=submitted").json()["items"]
    assert [(item["id"], item["purpose"]) for item in listed] == [(lost.case, "recover")]


@pytest.mark.parametrize("field", ["phone", "about"])
def test_a_number_from_the_members_own_entry_is_no_call_back(world: World, field: str) -> None:  # V2 A9
    with world.db.write() as session:
        session.execute(update(Member).where(Member.id == world.id("chief")).values(**{field: f"Reach me at {CALL['number']}"}))
    lost = Lost(world)
    assert act(world, "reviewer1", lost.case, "call-backs", **CALL).status_code == 422
    assert act(world, "reviewer1", lost.case, "call-backs", **(CALL | {"number": "360-555-0199"})).status_code == 201


def test_a_reviewer_who_lost_theirs_does_not_even_see_the_case(world: World) -> None:  # A9 V1
    lost = Lost(world, "reviewer2")
    with world.db.write() as session:
        session.add_all(MemberRole(member_id=world.id(key), role=Role.REVIEWER) for key in ("chief", "admin"))
        session.add(MemberRole(member_id=world.id("reviewer2"), role=Role.ADMIN))
    assert world.browser("reviewer1").get(f"/moderation/applications/{lost.case}").status_code == 200
    own = world.browser("reviewer2")
    for path in (f"/moderation/applications/{lost.case}", f"/moderation/applications/{lost.case}/waiver"):
        assert own.get(path).status_code == 404
    assert "Gwen Tallis" not in own.get("/moderation/applications?state=submitted").text.partition("<main")[2]
    for what, body in (("claim", {}), ("notes", {"text": "Me."}), ("decisions", {"verdict": "approve", "reason": "Me."})):
        assert act(world, "reviewer2", lost.case, what, **body).status_code == 404
    assert decide(world, "reviewer1", lost.case).status_code == 201
    assert decide(world, "reviewer2", lost.case).status_code == 404
    assert decide(world, "chief", lost.case).status_code == 201
    assert world.count(Decision) == 2


def test_a_second_request_stands_beside_the_first_and_ends_with_it(world: World) -> None:  # A9
    lost = Lost(world)
    thief = link(world, lost.one)  # somebody who reads the mailbox asks, too: their code is not the member's
    assert world.outsider().post(f"{thief}/case", SAID, page=f"{thief}/case").status_code == 303
    other = case_id(world, lost.one.email)
    assert other != lost.case
    assert "is open for the same person" in world.browser("reviewer1").get(f"/moderation/applications/{lost.case}").text
    for key in ("reviewer1", "reviewer2"):
        assert decide(world, key, lost.case).status_code == 201
    assert (state_of(world, lost.case), state_of(world, other)) == ("approved", "withdrawn")
    assert "nobody gets in by it" in " ".join(text_of(letters(world, lost.one.email)[-3]).split())
    enrol(world, lost.enrolment_link(), lost.code)


def test_the_database_takes_no_recovery_without_two_people(world: World) -> None:  # A9 V1
    lost = Lost(world)
    with pytest.raises(Exception, match="two people"), world.db.write() as session:
        session.execute(update(Application).where(Application.id == lost.case).values(state="approved"))


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_what_was_typed_comes_back_and_the_link_stays_good(world: World) -> None:
    chief: Person = person(world)
    path = link(world, chief)
    answer = world.outsider().post(f"{path}/case", {"note": " ", "supervisor": "Deputy Chief Ana Roy"}, page=f"{path}/case")
    assert answer.status_code == 422
    assert "Deputy Chief Ana Roy" in answer.text
    assert world.outsider().get(path).status_code == 200
    assert world.count(Evidence) == 0


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_decline_and_a_question_speak_of_the_request(world: World) -> None:
    lost = Lost(world)
    assert act(world, "reviewer1", lost.case, "questions", text="Which unit?").status_code == 201
    assert decide(world, "reviewer1", lost.case, "decline", "Nobody there knows of it.").status_code == 201
    asked, declined = letters(world, lost.one.email)[-2:]
    assert "set up your sign-in anew" in text_of(asked).replace("\n", " ")
    assert "set up your sign-in anew" in text_of(declined).replace("\n", " ")
    assert "Nobody there knows of it." in world.outsider().get(lost.status).text
