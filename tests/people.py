"""The named cast of the tests: who they are, where they work, which forums there are. Written straight into the tables."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.agencies.models import Agency
from app.agencies.naming import search_text
from app.forum.markings import Marking
from app.forum.models import Forum, Grant, GrantRight
from app.membership.models import Group, GroupMember, Member, MemberClass, MemberRole, MemberStatus, Role
from app.membership.roster.models import AgencyContact

NOW = dt.datetime(2026, 11, 23, 16, 0, tzinfo=dt.UTC)  # a Monday, 08:00 in Los Angeles
LONG_AGO = NOW - dt.timedelta(days=400)


@dataclass(frozen=True)
class Person:
    key: str
    name: str
    rank: str
    member_class: MemberClass
    agency: str
    roles: tuple[Role, ...] = ()
    status: MemberStatus = MemberStatus.ACTIVE

    @property
    def email(self) -> str:
        return f"{self.key}@{self.agency or 'association'}.example"


CAST = {
    p.key: p
    for p in (
        Person("chief", "Ellen Marchetti", "Chief", MemberClass.HEAD, "alderwood"),
        Person("colleague", "Tom Reyes", "Sergeant", MemberClass.SWORN, "alderwood"),
        Person("sheriff", "Dale Okafor", "Sheriff", MemberClass.HEAD, "bexley"),
        Person("analyst", "Priya Nair", "Crime Analyst", MemberClass.CIVILIAN, "bexley"),
        Person("retired", "Ruth Halvorsen", "Chief (ret.)", MemberClass.RETIRED, "alderwood"),
        Person("vendor", "Casey Lund", "Sales Engineer", MemberClass.PARTNER, ""),
        Person("moderator", "Teresa Bohannon", "Captain", MemberClass.SWORN, "corvane"),
        Person("other_moderator", "Wade Lindgren", "Lieutenant", MemberClass.SWORN, "corvane"),
        Person("reviewer1", "Joan Whitlock", "Membership Manager", MemberClass.STAFF, "", (Role.REVIEWER,)),
        Person("reviewer2", "Gwen Tallis", "Chief", MemberClass.HEAD, "corvane", (Role.REVIEWER,)),
        Person("admin", "Ray Fontaine", "Executive Director", MemberClass.STAFF, "", (Role.ADMIN,)),
        Person("suspended", "Owen Marsh", "Officer", MemberClass.SWORN, "corvane", (), MemberStatus.SUSPENDED),
    )
}
AGENCIES = {
    "alderwood": ("CS0010100", "Alderwood Police Department", "Alderwood PD", "city", "Alder", 38),
    "bexley": ("CS0020000", "Bexley County Sheriff's Office", "Bexley County SO", "county", "Bexley", 112),
    "corvane": ("CS0030100", "Corvane Police Department", "Corvane PD", "city", "Corvane", 14),
}
# slug: (title, floor, rights by group)
FORUMS: dict[str, tuple[str, Marking | None, dict[str, GrantRight]]] = {
    "patrol": (
        "Patrol & Operations",
        Marking.CLEAR,
        {"head": GrantRight.POST, "sworn": GrantRight.POST, "civilian": GrantRight.POST, "staff": GrantRight.POST,
         "retired": GrantRight.READ, "patrol-moderators": GrantRight.MODERATE},
    ),
    "command-staff": (
        "Command Staff",
        Marking.AMBER,
        {"head": GrantRight.POST, "sworn": GrantRight.POST, "command-moderators": GrantRight.MODERATE},
    ),
    "notices": (
        "Association Notices",
        None,
        {**{c.value: GrantRight.READ for c in MemberClass}, "staff": GrantRight.POST},
    ),
}  # fmt: skip
MODERATORS = {"patrol-moderators": "moderator", "command-moderators": "other_moderator"}


@dataclass(frozen=True)
class Ids:
    """Row ids by key, the same in every test database."""

    members: dict[str, int]
    agencies: dict[str, int]
    groups: dict[str, int]
    forums: dict[str, int]


def build(session: Session) -> Ids:
    agencies = {key: _agency(session, row) for key, row in AGENCIES.items()}
    groups = {c.value: _group(session, c.value, c.value.title(), c.value) for c in MemberClass}
    groups |= {slug: _group(session, slug, slug, None) for slug in MODERATORS}
    members = {p.key: _member(session, p, agencies, groups) for p in CAST.values()}
    for slug, key in MODERATORS.items():
        session.add(GroupMember(member_id=members[key], group_id=groups[slug], since=LONG_AGO))
    session.add(AgencyContact(agency_id=agencies["alderwood"], member_id=members["colleague"], appointed_at=NOW))
    forums: dict[str, int] = {}
    for sort, (slug, (title, floor, rights)) in enumerate(FORUMS.items()):
        forum = Forum(slug=slug, title=title, description=f"About {title}.", sort=sort, marking_floor=floor)
        session.add(forum)
        session.flush()
        forums[slug] = forum.id
        session.add_all(Grant(group_id=groups[g], forum_id=forum.id, right=right, since=LONG_AGO) for g, right in rights.items())
    return Ids(members, agencies, groups, forums)


def _agency(session: Session, row: tuple[str, str, str, str, str, int]) -> int:
    ori, name, short, kind, county, sworn = row
    agency = Agency(
        ori=ori, name=name, short_name=short, agency_type=kind, state="CS", county=county, sworn=sworn,
        search_text=search_text(name, "CS", county, short, kind, ori), updated_at=LONG_AGO,
    )  # fmt: skip
    session.add(agency)
    session.flush()
    return agency.id


def _group(session: Session, slug: str, name: str, member_class: str | None) -> int:
    group = Group(slug=slug, name=name, member_class=member_class)
    session.add(group)
    session.flush()
    return group.id


def _member(session: Session, person: Person, agencies: dict[str, int], groups: dict[str, int]) -> int:
    account = Account(email=person.email, created_at=LONG_AGO)
    session.add(account)
    session.flush()
    session.add(
        Member(
            id=account.id, agency_id=agencies.get(person.agency), name=person.name, rank=person.rank, member_class=person.member_class,
            organization="" if person.agency else "Halden Fleet Systems" if person.key == "vendor" else "",
            status=person.status, read_before=LONG_AGO, approved_at=LONG_AGO, start_done_at=LONG_AGO,
        )
    )  # fmt: skip
    session.flush()
    session.add(GroupMember(member_id=account.id, group_id=groups[person.member_class.value], since=LONG_AGO))
    session.add_all(MemberRole(member_id=account.id, role=role) for role in person.roles)
    return account.id
