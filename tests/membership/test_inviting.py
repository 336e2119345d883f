"""A member invites a colleague: what the letter says, what its link does and does not, and how many there may be."""

from __future__ import annotations

from sqlalchemy import select

from app.core.audit import AuditEvent
from app.membership.models import Application, MemberStatus
from app.membership.sponsors.inviting import A_DAY
from app.membership.sponsors.models import Invitation
from tests.membership.cases import FIELDS, apply, letters, link_in, text_of
from tests.membership.test_apply import neutral
from tests.membership.test_staying import change
from tests.people import CAST
from tests.world import World

INVITED = FIELDS["email"]


def invite(world: World, key: str = "moderator", email: str = INVITED) -> int:
    return world.browser(key).post("/invite", {"email": email}, page="/invite").status_code


def token(world: World) -> str:
    return link_in(letters(world, INVITED)[-1], "/apply?invited=").partition("=")[2]


def sponsor_of(world: World) -> int | None:
    found: int | None = world.one(select(Application.sponsor_id).order_by(Application.id.desc()).limit(1)).sponsor_id
    return found


def test_who_applies_by_the_link_names_the_member_who_is_then_asked(world: World) -> None:  # V3
    assert invite(world) == 303
    client, link = world.outsider(), f"/apply?invited={token(world)}"
    page = client.get(link).text
    assert f'name="invited" value="{token(world)}"' in page
    assert "Bohannon" not in page
    apply(world, client, invited=token(world), email="crane@larkspur.example")
    assert sponsor_of(world) == world.id("moderator")
    assert not letters(world, "moderator@corvane.example"), "an address that nobody confirmed bothers no member"
    confirm = link_in(letters(world, "crane@larkspur.example")[-1], "/apply/confirm/")
    client.post(confirm, page=confirm)
    assert "named you" in text_of(letters(world, "moderator@corvane.example")[0])
    assert "Hollis Crane" in world.browser("moderator").get("/sponsored").text


def test_the_letter_is_of_fixed_words(world: World) -> None:  # V9
    change(world, "moderator", name="Zwicky Wins", rank="Zwicky")
    assert (
        world.browser("moderator").post("/invite", {"email": INVITED, "subject": "Zwicky", "agency": "Zwicky"}, page="/invite").is_redirect
    )
    letter = letters(world, INVITED)[0]
    assert "Zwicky" not in letter.as_string()
    assert "Corvane PD" in text_of(letter)
    assert token(world).encode() not in world.one(select(Invitation.token_hash)).token_hash


def test_a_link_that_is_old_wrong_or_of_somebody_who_left_names_nobody_and_tells_nothing(world: World) -> None:  # A15
    invite(world)
    good = token(world)
    right = apply(world, invited=good, email="a1@larkspur.example")
    assert sponsor_of(world) == world.id("moderator"), "there is something to lose"
    wrong = apply(world, invited="x" * 40, email="a2@larkspur.example")
    assert (sponsor_of(world), neutral(wrong.text, "")) == (None, neutral(right.text, ""))
    change(world, "moderator", status=MemberStatus.SUSPENDED)
    apply(world, invited=good, email="a3@larkspur.example")
    assert sponsor_of(world) is None
    change(world, "moderator", status=MemberStatus.ACTIVE)
    world.later(days=31)
    apply(world, invited=good, email="a4@larkspur.example")
    assert sponsor_of(world) is None


def test_an_invitation_tells_not_who_is_a_member_and_writes_them_no_letter(world: World) -> None:  # A15
    assert invite(world, email=CAST["chief"].email) == invite(world) == 303
    assert (len(letters(world, CAST["chief"].email)), len(letters(world, INVITED))) == (0, 1)


def test_there_are_few_a_day_and_each_is_in_the_log(world: World) -> None:  # V9
    assert [invite(world, email=f"a{n}@larkspur.example") for n in range(A_DAY + 1)] == [303] * A_DAY + [422]
    assert world.count(AuditEvent, AuditEvent.verb == "member.invite") == A_DAY
    assert sum(invite(world, key) == 303 for key in ("chief", "colleague", "sheriff", "analyst")) == 4
    assert len(letters(world, INVITED)) == 3, "one address gets few, whoever asks"
    change(world, "vendor", status=MemberStatus.RESTRICTED)
    assert invite(world, "vendor") == 403
