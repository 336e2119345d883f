"""From an empty database to an association with forums and two reviewers, and that the way in closes behind them."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import delete, select, update

from app.accounts.addresses.models import AccountAddress
from app.accounts.models import Account, BearerToken, Enrolment, SignInSession
from app.association import operations
from app.association.models import Founding
from app.core.access import Actor
from app.core.audit import AuditEvent
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.signing import token_hash
from app.core.site import SiteRow
from app.forum.models import Forum, Grant, GrantRight
from app.membership.actors import actor_of
from app.membership.models import Application, Decision, Group, GroupMember, Member, MemberRole, Role
from app.membership.roster.models import AgencyContact
from tests.membership.cases import code_on, letters, link_in, text_of
from tests.world import Client, World

OF_MEMBERS, OF_ACCOUNTS = (AgencyContact,), (AccountAddress,)  # what the cast's rows are pointed at by
FOUNDER = {"name": "Joan Firth", "rank": "Chief", "email": "joan.firth@firth.example", "member_class": "head"}


@pytest.fixture
def fresh(world: World) -> World:
    """An association whose only person is the administrator made from the console: `boss`."""
    with world.db.write() as session:
        for model in (*OF_MEMBERS, SignInSession, BearerToken, MemberRole, GroupMember, Grant, Forum, Group, Member, *OF_ACCOUNTS, Account):
            session.execute(delete(model))
    with world.db.write() as session:
        operations.create_admin(session, "Boss@association.example", "Ray Fontaine")
    row = world.one(select(Member.id))
    world.ids.members["boss"] = row.id
    return world


def boss(world: World) -> Actor:
    return world.actor("boss")


def found(world: World, number: int) -> str:
    with world.db.write() as session:
        form = operations.FounderForm(name=f"Founder {number}", email=f"f{number}@firth.example", member_class="head")  # type: ignore[arg-type]
        return operations.invite_founder(session, boss(world), form)


def test_the_first_administrator_is_made_from_the_console(fresh: World) -> None:
    member = fresh.one(
        select(Member.name, Member.member_class, Account.email, Account.password_hash).join(Account, Account.id == Member.id)
    )
    assert member == ("Ray Fontaine", "staff", "boss@association.example", None)
    assert fresh.count(Group) == 6
    assert fresh.count(MemberRole, MemberRole.role == Role.ADMIN) == 1
    assert fresh.one(select(Enrolment.code_hash)).code_hash is None
    with fresh.db.write() as session:
        token = operations.create_admin(session, "second@association.example", "Second")
    assert fresh.count(Enrolment, Enrolment.token_hash == token_hash(token)) == 1
    actors = select(AuditEvent.actor_name).where(AuditEvent.verb == "admin.create")
    with fresh.db.read() as conn:
        assert set(conn.execute(actors).scalars()) == {"system:commands"}


def test_an_address_that_exists_is_refused(fresh: World) -> None:
    with pytest.raises(Conflict), fresh.db.write() as session:
        operations.create_admin(session, "boss@association.example", "Again")
    with pytest.raises(Invalid), fresh.db.write() as session:
        operations.create_admin(session, "not an address", "Again")
    assert fresh.count(Member) == 1


def steps(world: World) -> Client:
    return world.browser("boss")


def test_first_steps_from_nothing_to_two_reviewers(fresh: World) -> None:
    admin = steps(fresh)
    assert "First steps" in admin.get("/admin").text
    page = "/admin/first-steps"
    assert "Partners and Products" in admin.get(page).text  # shown before it is done
    assert fresh.count(Forum) == 0
    assert admin.post(page + "/forums", page=page).status_code == 303
    assert fresh.count(Forum) == 9
    assert admin.post(page + "/forums", page=page).status_code == 409
    assert fresh.count(Forum) == 9
    answer = admin.post(page + "/founders", FOUNDER, page=page)
    assert answer.status_code == 200
    code = code_on(answer)
    letter = letters(fresh, FOUNDER["email"])[0]
    assert code not in text_of(letter)
    token = link_in(letter, "/enrol/").rpartition("/")[2]
    row = fresh.one(select(Enrolment.code_hash).where(Enrolment.token_hash == token_hash(token)))
    assert row.code_hash == token_hash(code.replace("-", ""))
    case = fresh.one(
        select(Application.founding, Application.state, Decision.reviewer_id, Decision.verdict).join(
            Decision, Decision.application_id == Application.id
        )
    )
    assert tuple(case) == (True, "approved", fresh.id("boss"), "approve")
    assert fresh.count(MemberRole, MemberRole.role == Role.REVIEWER) == 1
    assert admin.post(page + "/founders", FOUNDER, page=page).status_code == 409  # the same address
    second = FOUNDER | {"name": "Ada Kerr", "email": "ada.kerr@kerr.example"}
    assert admin.post(page + "/founders", second, page=page).status_code == 200
    assert "Founding is closed" in admin.get(page).text
    assert admin.post(page + "/founders", FOUNDER | {"email": "third@kerr.example"}, page=page).status_code == 403
    assert "First steps" not in admin.get("/admin").text


def test_forums_of_the_preset_hold_what_the_page_says(fresh: World) -> None:
    admin = steps(fresh)
    admin.post("/admin/first-steps/forums", page="/admin/first-steps")
    rights = (
        select(Forum.slug, Group.slug, Grant.right)
        .join(Grant, Grant.forum_id == Forum.id)
        .join(Group, Group.id == Grant.group_id)
        .where(Forum.slug == "command-staff")
    )
    with fresh.db.read() as conn:
        assert {tuple(row) for row in conn.execute(rights)} == {
            ("command-staff", "head", GrantRight.POST),
            ("command-staff", "forum-moderators", GrantRight.MODERATE),
        }
    assert "Command Staff" not in admin.get("/forums").text  # staff have no grant there, administrator or not
    assert "Association Notices" in admin.get("/forums").text


def test_founding_stays_closed_when_a_reviewer_leaves(fresh: World) -> None:
    found(fresh, 1)
    found(fresh, 2)
    with fresh.db.write() as session:
        session.execute(delete(MemberRole).where(MemberRole.role == Role.REVIEWER))
    with pytest.raises(Forbidden):
        found(fresh, 3)


def test_founding_never_opens_where_no_administrator_was_made_on_the_console(world: World) -> None:
    assert world.count(Founding) == 0
    form = operations.FounderForm(**FOUNDER)  # type: ignore[arg-type]
    with pytest.raises(Forbidden), world.db.write() as session:
        operations.invite_founder(session, world.actor("admin"), form)


def test_many_invitations_at_once_make_two_reviewers(fresh: World) -> None:  # L6
    actor, barrier, ends = boss(fresh), threading.Barrier(12), []

    def invite(n: int) -> None:
        form = operations.FounderForm(name=f"Founder {n}", email=f"f{n}@firth.example", member_class="head")  # type: ignore[arg-type]
        barrier.wait()
        try:
            with fresh.db.write() as session:
                operations.invite_founder(session, actor, form)
            ends.append("done")
        except Forbidden:
            ends.append("refused")

    threads = [threading.Thread(target=invite, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (ends.count("done"), ends.count("refused")) == (2, 10)
    assert fresh.count(MemberRole, MemberRole.role == Role.REVIEWER) == 2


def test_a_role_given_by_the_administrator_closes_the_founding_too(fresh: World) -> None:
    found(fresh, 1)
    admin, path = steps(fresh), f"/admin/members/{fresh.id('boss')}"
    fields = [("version", "1"), ("roles", "admin"), ("roles", "reviewer"), ("reason", "For a start."), ("confirmed", "yes")]
    assert admin.post(path + "/roles", fields, page=path).status_code == 303
    assert fresh.one(select(Founding.closed_at)).closed_at is not None


def test_only_the_administrator_founds(fresh: World) -> None:
    found(fresh, 1)
    with fresh.db.read() as conn:
        reviewer = actor_of(conn, fresh.one(select(Member.id).where(Member.name == "Founder 1")).id)
    for act in (
        lambda s: operations.make_first_forums(s, reviewer),
        lambda s: operations.invite_founder(s, reviewer, operations.FounderForm(**FOUNDER)),
    ):  # type: ignore[arg-type]
        with pytest.raises(Forbidden), fresh.db.write() as session:
            act(session)
    assert fresh.count(Forum) == 0


def test_the_association_says_who_it_is(world: World) -> None:
    admin = world.browser("admin")
    fields = {
        "name": "Harbor Chiefs",
        "address": "1 Pier Road, Port Ellery",
        "time_zone": "America/Denver",
        "rules": "Be **kind**. <script>alert(1)</script>",
        "welcome": "Hello.",
    }
    assert admin.post("/admin/settings", fields, page="/admin/settings").status_code == 303
    page = world.browser("chief").get("/rules").text
    assert "<strong>kind</strong>" in page
    assert "<script>alert" not in page
    assert "Harbor Chiefs" in page
    assert world.one(select(SiteRow.time_zone, SiteRow.welcome)) == ("America/Denver", "Hello.")
    assert "Be **kind**." in admin.get("/admin/settings").text
    answer = admin.post("/admin/settings", fields | {"time_zone": "Mars/Olympus", "rules": "Still here."}, page="/admin/settings")
    assert answer.status_code == 422
    assert "Still here.</textarea>" in answer.text


def test_the_handling_page_explains_every_label_and_what_it_is_not(world: World) -> None:
    page = world.browser("vendor").get("/handling").text
    for label in ("TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"):
        assert label in page
    assert "no effect on public-records laws" in page
    for path in ("/rules", "/handling"):
        assert world.outsider().get(path).status_code == 303


def test_a_member_who_missed_the_link_gets_a_new_one_and_nobody_else_does(fresh: World) -> None:  # A9
    old = found(fresh, 1)
    member = fresh.one(select(Member.id).where(Member.name == "Founder 1")).id
    admin, path = steps(fresh), f"/admin/members/{member}"
    answer = admin.post(path + "/invite", page=path)
    assert answer.status_code == 200
    code = code_on(answer)
    assert code != old
    first, second = letters(fresh, "f1@firth.example")
    assert link_in(first, "/enrol/") != link_in(second, "/enrol/")
    assert code not in second.as_string()
    live = fresh.one(select(Enrolment.code_hash).where(Enrolment.account_id == member, Enrolment.used_at.is_(None)))
    assert live.code_hash == token_hash(code.replace("-", ""))
    with fresh.db.write() as session:
        session.execute(update(Account).where(Account.id == member).values(password_set_at=fresh.now))
    assert admin.post(path + "/invite", page=path).status_code == 409
    assert fresh.count(Enrolment, Enrolment.account_id == member) == 2
