"""The sponsor: whoever is named neither calls, nor asks, nor records, nor decides, by whichever address and since whenever."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy import select, update

from app.accounts.addresses.models import AccountAddress
from app.agencies.models import Agency
from app.membership.models import Application, MemberStatus
from app.membership.sponsors.models import SponsorAnswer
from app.membership.sponsors.operations import LETTERS
from tests.membership.cases import CALL, FIELDS, REVIEW, act, apply, case_id, decide, letters, link_in, submitted
from tests.membership.test_review import waiting_list
from tests.membership.test_staying import change
from tests.people import CAST
from tests.world import World


def second_address(world: World, key: str, email: str) -> None:
    with world.db.write() as session:
        session.add(AccountAddress(account_id=world.id(key), email=email, confirmed_at=world.now))


@pytest.mark.parametrize("since", ["before", "after"])
def test_a_sponsor_named_by_another_of_their_addresses_does_not_decide(world: World, since: str) -> None:  # V1
    if since == "before":
        second_address(world, "reviewer2", "gwen@home.example")
    number = submitted(world, sponsor="gwen@home.example")
    if since == "after":
        assert "Hollis Crane" in waiting_list(world.browser("reviewer2").get("/moderation").text), "nobody knew yet"
        second_address(world, "reviewer2", "gwen@home.example")
    assert world.script("reviewer1", REVIEW).call("GET", f"/applications/{number}").json()["sponsor"]["name"] == "Gwen Tallis"
    assert "Hollis Crane" not in waiting_list(world.browser("reviewer2").get("/moderation").text)
    assert decide(world, "reviewer2", number).status_code == 403
    assert act(world, "reviewer2", number, "claim").status_code == 403
    assert act(world, "reviewer2", number, "call-backs", **CALL).status_code == 403
    assert act(world, "reviewer2", number, "questions", text="Which unit?").status_code == 403, "it would hold up the case"
    assert decide(world, "reviewer1", number).status_code == 201
    assert world.one(select(Application.sponsor_id)).sponsor_id == world.id("reviewer2"), "the database's own rule reads it"


def test_a_case_has_no_sponsor_because_another_case_names_one(world: World) -> None:  # V1
    """By an address that was confirmed later: whose it is, is looked for with the case, and with that case alone."""
    other = submitted(world, sponsor="gwen@home.example")
    number = submitted(world, name="Robin Marsh", email="r.marsh@larkspur.example")
    second_address(world, "reviewer2", "gwen@home.example")
    script = world.script("reviewer1", REVIEW)
    assert script.call("GET", f"/applications/{other}").json()["sponsor"]["name"] == "Gwen Tallis"
    assert script.call("GET", f"/applications/{number}").json()["sponsor"] is None
    assert decide(world, "reviewer2", number).status_code == 201


def test_a_sponsor_who_is_let_in_again_after_the_application_does_not_decide(world: World) -> None:  # V1
    change(world, "reviewer2", status=MemberStatus.SUSPENDED)
    number = submitted(world, sponsor="reviewer2@corvane.example")
    change(world, "reviewer2", status=MemberStatus.ACTIVE)
    assert decide(world, "reviewer2", number).status_code == 403
    assert decide(world, "reviewer1", number).status_code == 201


def test_who_signed_and_turns_out_to_be_the_sponsor_ends_the_case(world: World) -> None:  # V1
    number = submitted(world, sponsor="gwen@home.example")
    assert decide(world, "reviewer2", number).status_code == 201
    second_address(world, "reviewer2", "gwen@home.example")
    answer = decide(world, "reviewer1", number)
    assert (answer.status_code, "sponsor has signed" in answer.text) == (409, True)
    assert decide(world, "reviewer1", number, "decline").status_code == 201


# What their word counts for ---------------------------------------------------------------------------------------------------


def note_it(world: World, number: int) -> httpx.Response:
    """A reviewer records the sponsor as evidence."""
    return act(world, "reviewer1", number, "evidence", kind="sponsor", note="Says that they served together.")


def say(world: World, key: str, number: int, word: str) -> int:
    return world.browser(key).post(f"/sponsored/{number}", {"word": word}, page="/sponsored").status_code


def sponsored(world: World, key: str = "moderator") -> int:
    """A case whose sponsor, at the same agency, stands by the applicant."""
    number = submitted(world, sponsor=CAST[key].email)
    assert say(world, key, number, "yes") == 303
    return number


def shown(world: World, number: int) -> tuple[str, str]:
    (check,) = (
        c for c in world.script("reviewer1", REVIEW).call("GET", f"/applications/{number}").json()["checks"] if c["key"] == "sponsor"
    )
    return check["state"], check["reason"]


def test_nobody_named_and_one_call_are_no_two_kinds(world: World) -> None:  # V3
    number = submitted(world)
    act(world, "reviewer1", number, "call-backs", **CALL)
    answer = note_it(world, number)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "kind")
    assert act(world, "reviewer1", number, "decisions", verdict="approve", reason="x").status_code == 422


def test_a_sponsor_counts_by_their_own_word_alone(world: World) -> None:  # V3
    number = submitted(world, sponsor="moderator@corvane.example")
    assert shown(world, number)[0] == "unknown"
    assert "has not answered yet" in note_it(world, number).text
    assert say(world, "moderator", number, "no") == 303
    assert shown(world, number)[0] == "attention"
    assert note_it(world, number).status_code == 422
    assert say(world, "moderator", number, "yes") == 303
    state, reason = shown(world, number)
    assert (state, "Captain Teresa Bohannon, of the same agency" in reason) == ("pass", True)
    act(world, "reviewer1", number, "call-backs", **CALL)
    assert note_it(world, number).status_code == 201
    for key in ("reviewer1", "reviewer2"):
        assert act(world, key, number, "decisions", verdict="approve", reason="Reached the chief.").status_code == 201


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({}, ""),
        ({"county": "Corvane"}, "of the same county"),
        ({"region": "North"}, "of the same region"),
        ({"region": "North", "state": "OR"}, ""),
    ],
)
def test_one_from_elsewhere_counts_for_nothing(world: World, values: dict[str, str], says: str) -> None:  # V3
    with world.db.write() as session:
        session.execute(update(Agency).where(Agency.id == world.ids.agencies["corvane"]).values(region="North"))
        if values:
            session.execute(update(Agency).where(Agency.id == world.ids.agencies["bexley"]).values(**values))
    number = sponsored(world, "sheriff")
    state, reason = shown(world, number)
    assert (state, (says or "another county and region") in reason) == ("pass" if says else "attention", True)
    assert note_it(world, number).status_code == (201 if says else 422)


@pytest.mark.parametrize("what", ["takes it back", "leaves"])
def test_what_a_sponsor_said_counts_as_of_the_signature(world: World, what: str) -> None:  # V3
    number = sponsored(world)
    act(world, "reviewer1", number, "call-backs", **CALL)
    assert note_it(world, number).status_code == 201
    assert act(world, "reviewer1", number, "decisions", verdict="approve", reason="x").status_code == 201
    if what == "leaves":
        change(world, "moderator", status=MemberStatus.SUSPENDED)
    else:
        assert say(world, "moderator", number, "no") == 303
    answer = act(world, "reviewer2", number, "decisions", verdict="approve", reason="x")
    assert (answer.status_code, "1 more kind" in answer.text) == (422, True)
    assert "1 more kind" in str(world.script("reviewer2", REVIEW).call("GET", f"/applications/{number}").json()["missing"])


# How they are asked -----------------------------------------------------------------------------------------------------------


def test_a_sponsor_is_told_once_by_fixed_words_and_only_after_the_address_is_confirmed(world: World) -> None:  # V9
    client = world.outsider()
    apply(world, client, sponsor="moderator@corvane.example", rank="Zwicky", agency="", agency_name="Zwicky PD", agency_state="CS")
    assert not letters(world, "moderator@corvane.example")
    link = link_in(letters(world, FIELDS["email"])[0], "/apply/confirm/")
    client.post(link, page=link)
    (letter,) = letters(world, "moderator@corvane.example")
    assert all(word not in letter.as_string() for word in ("Zwicky", "Crane", FIELDS["email"]))
    act(world, "reviewer1", case_id(world), "claim")
    assert len(letters(world, "moderator@corvane.example")) == 1


def test_who_becomes_a_member_later_is_asked_when_the_case_is_claimed(world: World) -> None:  # V1 V3
    number = submitted(world, sponsor="gwen@home.example")
    second_address(world, "reviewer2", "gwen@home.example")
    assert "Nobody whose application is open" in world.browser("reviewer2").get("/sponsored").text
    act(world, "reviewer1", number, "claim")
    assert "Hollis Crane" in world.browser("reviewer2").get("/sponsored").text


def test_one_sponsor_gets_few_letters_a_day_and_sees_all_that_name_them(world: World) -> None:  # V9
    for n in range(LETTERS + 2):
        submitted(world, email=f"a{n}@larkspur.example", sponsor="moderator@corvane.example")
    assert len(letters(world, "moderator@corvane.example")) == LETTERS
    browser = world.browser("moderator")
    browser.get("/sponsored")
    with world.count_queries() as queries:
        page = browser.get("/sponsored").text
    assert page.count("I know this person and stand by it</button>") == LETTERS + 2
    assert queries.count <= 3


def test_only_the_sponsor_sees_and_answers_and_only_while_the_case_is_open(world: World) -> None:  # C3
    number = submitted(world, sponsor="moderator@corvane.example")
    assert "Hollis Crane" in world.browser("moderator").get("/sponsored").text
    for key in ("chief", "other_moderator", "admin"):
        assert "Crane" not in world.browser(key).get("/sponsored").text
    assert world.browser("chief").post(f"/sponsored/{number}", {"word": "yes"}, page="/settings/profile").status_code == 404
    assert say(world, "moderator", number, "perhaps") in (422, 404)
    decide(world, "reviewer1", number, "decline")
    assert "Crane" not in world.browser("moderator").get("/sponsored").text
    answer = world.browser("moderator").post(f"/sponsored/{number}", {"word": "yes"}, page="/settings/profile")
    assert answer.status_code == 404
    assert world.count(SponsorAnswer, SponsorAnswer.stands_by.is_not(None)) == 0
