"""Status, classes, roles and groups: what changes at once, and what can't be taken away."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select

from app.accounts import hooks
from app.accounts.models import BearerToken, SignInSession
from app.core.audit import AuditEvent
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.mail.models import OutboxMessage
from app.membership import groups, status
from app.membership.models import Group, GroupMember, Member, MemberClass, MemberRole, Role
from tests.world import World


def set_status(world: World, key: str, to: str, by: str = "admin") -> None:
    with world.db.write() as session:
        status.set_status(session, world.actor(by), world.id(key), status.StatusForm(status=to, reason="For the test."))  # type: ignore[arg-type]


def set_roles(world: World, key: str, *roles: Role, by: str = "admin") -> None:
    version = member(world, key).version
    with world.db.write() as session:
        form = status.RolesForm(roles=list(roles), reason="For the test.", version=version)
        status.set_roles(session, world.actor(by), world.id(key), form)


def member(world: World, key: str):
    return world.one(select(*Member.__table__.c).where(Member.id == world.id(key)))


def groups_of(world: World, key: str) -> set[int]:
    with world.db.read() as conn:
        return set(conn.execute(select(GroupMember.group_id).where(GroupMember.member_id == world.id(key))).scalars())


@pytest.mark.parametrize("to", ["suspended", "separated"])
def test_access_ends_in_the_same_moment(world: World, to: str) -> None:  # A11
    browser, script = world.browser("chief"), world.script("chief")
    assert browser.get("/forums").status_code == 200
    assert script.call("GET", "/forums").status_code == 200
    set_status(world, "chief", to)
    assert browser.get("/forums").status_code == 303
    assert script.call("GET", "/forums").status_code == 401
    assert world.count(SignInSession, SignInSession.account_id == world.id("chief"), SignInSession.ended_at.is_(None)) == 0
    assert world.count(BearerToken, BearerToken.account_id == world.id("chief"), BearerToken.revoked_at.is_(None)) == 0


def test_mail_that_waits_is_dropped_in_the_same_moment(world: World) -> None:
    row = {
        "recipient": "chief@alderwood.example",
        "member_id": world.id("chief"),
        "message_id": "<x>",
        "raw": b"x",
        "created_at": world.now,
        "next_try_at": world.now,
    }
    with world.db.write() as session:
        session.add_all([OutboxMessage(kind="digest", key="a", **row), OutboxMessage(kind="account", key="b", **row)])
    set_status(world, "chief", "suspended")
    with world.db.read() as conn:
        found = conn.execute(select(OutboxMessage.kind, OutboxMessage.state, OutboxMessage.raw).order_by(OutboxMessage.key)).all()
    assert [tuple(one) for one in found] == [("digest", "dropped", b""), ("account", "queued", b"x")]


def test_a_suspended_member_may_not_sign_in(world: World) -> None:
    with world.db.read() as conn:
        assert hooks.may_sign_in(conn, world.id("chief"))
        assert not hooks.may_sign_in(conn, world.id("suspended"))
        assert not hooks.may_sign_in(conn, 999_999)
    set_status(world, "chief", "separated")
    with world.db.read() as conn:
        assert not hooks.may_sign_in(conn, world.id("chief"))


def test_a_restricted_member_reads_and_writes_nothing(world: World) -> None:
    browser = world.browser("chief")
    set_status(world, "chief", "restricted")
    assert browser.get("/forums").status_code == 200
    assert not world.actor("chief").may_write


def test_coming_back_needs_a_new_sign_in(world: World) -> None:
    browser = world.browser("chief")
    set_status(world, "chief", "suspended")
    set_status(world, "chief", "active")
    assert browser.get("/forums").status_code == 303
    assert world.browser("chief").get("/forums").status_code == 200


def test_only_an_administrator_changes_a_status(world: World) -> None:
    for key in ("chief", "reviewer1", "moderator"):
        with pytest.raises(Forbidden):
            set_status(world, "analyst", "suspended", by=key)
    assert member(world, "analyst").status == "active"
    with pytest.raises(NotFound), world.db.write() as session:
        status.set_status(session, world.actor("admin"), 999_999, status.StatusForm(status="active", reason="x"))


def test_a_class_moves_the_built_in_group(world: World) -> None:
    before = member(world, "chief")
    set_status(world, "chief", "retired")
    after = member(world, "chief")
    assert (after.member_class, after.former_class, after.status) == ("retired", "head", "active")
    assert (after.version, after.read_version) == (before.version + 1, before.read_version + 1)
    assert groups_of(world, "chief") == {world.ids.groups["retired"]}
    with world.db.write() as session:
        form = status.ClassForm(member_class=MemberClass.HEAD, reason="Back.", version=after.version)
        status.set_class(session, world.actor("admin"), world.id("chief"), form)
    assert groups_of(world, "chief") == {world.ids.groups["head"]}


def test_a_made_group_stays_when_the_class_moves(world: World) -> None:
    with world.db.write() as session:
        form = status.ClassForm(member_class=MemberClass.CIVILIAN, reason="Now a dispatcher.", version=1)
        status.set_class(session, world.actor("admin"), world.id("moderator"), form)
    assert groups_of(world, "moderator") == {world.ids.groups["civilian"], world.ids.groups["patrol-moderators"]}


def test_roles_are_given_and_taken_with_a_trace(world: World) -> None:
    browser = world.browser("reviewer1")
    assert browser.get("/moderation").status_code == 200
    set_roles(world, "reviewer1")
    assert browser.get("/moderation").status_code == 303  # a lost role ends the sessions (A11)
    assert world.browser("reviewer1").get("/moderation").status_code == 404
    set_roles(world, "reviewer1", Role.REVIEWER, Role.RECORDS)
    assert world.browser("reviewer1").get("/moderation").status_code == 200
    with world.db.read() as conn:
        assert list(conn.execute(select(AuditEvent.verb).where(AuditEvent.verb == "member.roles")).scalars()) == ["member.roles"] * 2


def test_a_stale_page_changes_nothing(world: World) -> None:
    with pytest.raises(Conflict), world.db.write() as session:
        status.set_roles(session, world.actor("admin"), world.id("chief"), status.RolesForm(roles=[Role.ADMIN], reason="x", version=99))
    assert world.count(MemberRole, MemberRole.member_id == world.id("chief")) == 0


@pytest.mark.parametrize("to", ["suspended", "separated", "restricted"])
def test_the_last_administrator_stays(world: World, to: str) -> None:
    with pytest.raises(Invalid):
        set_status(world, "admin", to)
    with pytest.raises(Invalid):
        set_roles(world, "admin", Role.REVIEWER)
    assert member(world, "admin").status == "active"
    set_roles(world, "chief", Role.ADMIN)
    set_status(world, "admin", to)
    with pytest.raises(Invalid):
        set_roles(world, "chief", by="chief")


def test_two_administrators_can_not_remove_each_other_at_once(world: World) -> None:  # L6
    set_roles(world, "chief", Role.ADMIN)
    actors = {key: world.actor(key) for key in ("admin", "chief")}
    versions = {key: member(world, key).version for key in actors}
    barrier, refused = threading.Barrier(20), []

    def remove(n: int) -> None:
        key, by = ("admin", "chief") if n % 2 else ("chief", "admin")
        barrier.wait()
        try:
            with world.db.write() as session:
                if n % 4 < 2:
                    status.set_roles(session, actors[by], world.id(key), status.RolesForm(roles=[], reason="x", version=versions[key]))
                else:
                    status.set_status(session, actors[by], world.id(key), status.StatusForm(status="suspended", reason="x"))
        except (Invalid, Conflict) as error:
            refused.append(type(error).__name__)

    threads = [threading.Thread(target=remove, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "Invalid" in refused
    active = select(MemberRole.member_id).join(Member, Member.id == MemberRole.member_id)
    left = world.one(active.where(MemberRole.role == Role.ADMIN, Member.status == "active"))
    assert left.member_id in (world.id("admin"), world.id("chief"))


def test_a_made_group_takes_and_loses_members(world: World) -> None:
    admin = world.actor("admin")
    with world.db.write() as session:
        group = groups.create_group(session, admin, groups.GroupForm(name="Northwest Region", description="Six counties."))
        groups.add_to_group(session, admin, group.id, world.id("chief"))
        groups.add_to_group(session, admin, group.id, world.id("chief"))
    assert group.slug == "northwest-region"
    assert groups_of(world, "chief") == {world.ids.groups["head"], group.id}
    with world.db.write() as session:
        groups.remove_from_group(session, admin, group.id, world.id("chief"))
    assert groups_of(world, "chief") == {world.ids.groups["head"]}


def test_built_in_groups_follow_the_class_alone(world: World) -> None:
    with pytest.raises(Conflict), world.db.write() as session:
        groups.add_to_group(session, world.actor("admin"), world.ids.groups["sworn"], world.id("chief"))
    with pytest.raises(Conflict), world.db.write() as session:
        groups.remove_from_group(session, world.actor("admin"), world.ids.groups["head"], world.id("chief"))
    assert groups_of(world, "chief") == {world.ids.groups["head"]}


def test_group_names_are_once_and_renaming_is_versioned(world: World) -> None:
    admin = world.actor("admin")
    for name in ("Sworn", "!!!"):
        with pytest.raises(Invalid), world.db.write() as session:
            groups.create_group(session, admin, groups.GroupForm(name=name))
    with pytest.raises(Forbidden), world.db.write() as session:
        groups.create_group(session, world.actor("chief"), groups.GroupForm(name="Mine"))
    with world.db.write() as session:
        groups.rename_group(session, admin, world.ids.groups["sworn"], groups.EditGroupForm(name="Officers", version=1))
    with pytest.raises(Conflict), world.db.write() as session:
        groups.rename_group(session, admin, world.ids.groups["sworn"], groups.EditGroupForm(name="Deputies", version=1))
    assert world.one(select(Group.name).where(Group.slug == "sworn")).name == "Officers"


def test_built_in_groups_are_made_once(world: World) -> None:
    before = world.count(Group)
    with world.db.write() as session:
        assert set(groups.ensure_groups(session)) == {c.value for c in MemberClass}
    assert world.count(Group) == before
