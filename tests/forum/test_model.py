"""The visibility rule against a model of a few lines: whatever is done in whatever order, who sees which threads agrees."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete, select

from app.core.access import Right
from app.core.errors import Forbidden, Invalid, NotFound
from app.forum import access
from app.forum.administering.operations import EditForumForm, edit_forum, set_grants
from app.forum.forms import ChangeMarking, NewReply, NewThread
from app.forum.markings import Marking
from app.forum.models import Forum, GrantRight, Thread
from app.forum.operations import moderating, writing
from app.forum.queries import forums, fresh, replies, threads
from app.forum.queries.threads import Listing
from app.membership.models import GroupMember
from tests.crowd import seen_by_many
from tests.databases import SqliteTemplate
from tests.people import CAST, FORUMS
from tests.world import World

WHO = sorted(set(CAST) - {"suspended"})
PEOPLE, SLUGS, MARKINGS = st.sampled_from(WHO), st.sampled_from(sorted(FORUMS)), st.sampled_from(list(Marking))
READERS = st.lists(PEOPLE, max_size=2, unique=True)
TEAM = "patrol-moderators"


class Model:
    """What the rule says, in Python: a grant for one of the groups, and for TLP:RED author or named."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.groups = {key: {CAST[key].member_class.value} for key in WHO}
        self.groups["moderator"].add("patrol-moderators")
        self.groups["other_moderator"].add("command-moderators")
        self.grants = {(group, slug): int(right) for slug, (_, _, rights) in FORUMS.items() for group, right in rights.items()}
        self.floors: dict[str, Marking | None] = {slug: floor for slug, (_, floor, _) in FORUMS.items()}
        self.threads: dict[int, dict[str, Any]] = {}

    def right(self, key: str, slug: str) -> int:
        return max((self.grants.get((group, slug), 0) for group in self.groups[key]), default=0)

    def sees(self, key: str, thread: int) -> bool:
        t = self.threads[thread]
        named = t["marking"] < Marking.RED or key == t["author"] or key in t["readers"]
        return self.right(key, t["slug"]) >= GrantRight.READ and named


class ForumMachine(RuleBasedStateMachine):
    opened = Bundle("opened")
    template: SqliteTemplate
    compared = 0  # how often everyone's view was

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.world = World(self.template.fresh(), self.template.ids, self.folder)
        self.model = Model(self.world)

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.close()
            shutil.rmtree(self.folder)

    def try_(self, act: Any) -> Any:
        """The act's answer, or the kind of its refusal."""
        self.world.later(seconds=1)
        try:
            with self.world.db.write() as session:
                return act(session)
        except (NotFound, Forbidden, Invalid) as refusal:
            return type(refusal)

    def ids(self, keys: list[str]) -> list[int]:
        return [self.world.id(key) for key in keys]

    def may_mark(self, slug: str, marking: Marking, readers: list[str]) -> bool:
        floor = self.model.floors[slug]
        if floor is not None and marking < floor:
            return False
        if marking is Marking.RED:
            return bool(readers) and all(self.model.right(key, slug) for key in readers)
        return not readers

    @rule(target=opened, key=PEOPLE, slug=SLUGS, marking=MARKINGS, readers=READERS)
    def open(self, key: str, slug: str, marking: Marking, readers: list[str]) -> int:
        return self.opened_by(key, slug, marking, readers)

    def opened_by(self, key: str, slug: str, marking: Marking, readers: list[str]) -> int:
        form = NewThread(kind="question", title="T", body="B", marking=marking.label, readers=self.ids(readers))
        done = self.try_(lambda session: writing.open_thread(session, self.world.actor(key), slug, form))
        right = self.model.right(key, slug)
        if right == 0:
            assert done is NotFound
        elif right < GrantRight.POST:
            assert done is Forbidden
        elif not self.may_mark(slug, marking, readers):
            assert done is Invalid
        else:
            self.model.threads[done.thread_id] = {"slug": slug, "author": key, "marking": marking, "readers": set(readers), "last": 0}
            return int(done.thread_id)
        return 0

    @rule(target=opened, key=st.sampled_from(["chief", "sheriff", "colleague"]), slug=st.sampled_from(["patrol", "command-staff"]))
    def open_red(self, key: str, slug: str) -> int:
        """What chance seldom makes: a RED thread that can be opened."""
        return self.opened_by(key, slug, Marking.RED, ["moderator"])

    @rule(thread=opened, key=PEOPLE)
    def reply(self, thread: int, key: str) -> None:
        done = self.try_(lambda session: writing.reply(session, self.world.actor(key), thread, NewReply(body="R")))
        if not thread or not self.model.sees(key, thread):
            assert done is NotFound
        elif self.model.right(key, self.model.threads[thread]["slug"]) < GrantRight.POST:
            assert done is Forbidden
        else:
            self.model.threads[thread]["last"] += 1
            assert done.position == self.model.threads[thread]["last"]

    @rule(thread=opened, key=PEOPLE, marking=MARKINGS, readers=READERS)
    def mark(self, thread: int, key: str, marking: Marking, readers: list[str]) -> None:  # H1
        form = ChangeMarking(marking=marking.label, readers=self.ids(readers))
        done = self.try_(lambda session: moderating.change_marking(session, self.world.actor(key), thread, form))
        if not thread or not self.model.sees(key, thread):
            assert done is NotFound
            return
        t = self.model.threads[thread]
        is_author = key == t["author"]
        wider = marking < t["marking"] or (t["marking"] is Marking.RED and not set(readers) <= t["readers"])
        if not is_author and self.model.right(key, t["slug"]) < GrantRight.MODERATE:
            assert done is Forbidden
        elif not self.may_mark(t["slug"], marking, readers):
            assert done is Invalid
        elif not is_author and wider:
            assert done is Forbidden
        else:
            assert done is None
            t |= {"marking": marking, "readers": set(readers)}

    @rule(slug=SLUGS, group=st.sampled_from(["head", "sworn", "civilian", "partner", TEAM]), right=st.integers(0, 3))
    def grant(self, slug: str, group: str, right: int) -> None:
        forum = self.world.one(select(Forum.id, Forum.version).where(Forum.slug == slug))
        rights = {self.world.ids.groups[group]: right}
        self.try_(lambda session: set_grants(session, self.world.actor("admin"), forum.id, rights, forum.version))
        self.model.grants[group, slug] = right

    @rule(slug=SLUGS, floor=st.sampled_from([None, *list(Marking)[:-1]]))
    def floor(self, slug: str, floor: Marking | None) -> None:
        """Threads that are there keep their marking; new ones stand at the floor or above."""
        forum = self.world.one(select(Forum.id, Forum.version).where(Forum.slug == slug))
        form = EditForumForm(title=slug, marking_floor=None if floor is None else floor.label, version=forum.version)
        self.try_(lambda session: edit_forum(session, self.world.actor("admin"), forum.id, form))
        self.model.floors[slug] = floor

    @rule(key=PEOPLE, joins=st.booleans())
    def team(self, key: str, joins: bool) -> None:
        row = {"member_id": self.world.id(key), "group_id": self.world.ids.groups[TEAM]}
        with self.world.db.write() as session:
            session.execute(delete(GroupMember).filter_by(**row))
            if joins:
                session.add(GroupMember(**row))
        (self.model.groups[key].add if joins else self.model.groups[key].discard)(TEAM)

    @invariant()
    def everyone_sees_what_the_model_says(self) -> None:  # L9
        if not hasattr(self, "world"):
            return
        ForumMachine.compared += 1
        everyone = {self.world.id(key): key for key in WHO}
        with self.world.db.read() as conn:
            at_once = {(everyone[m], t) for m, t in seen_by_many(conn, list(everyone))}
            for key in WHO:
                expected = {t for t in self.model.threads if self.model.sees(key, t)}
                actor = self.world.actor(key)
                assert set(conn.execute(access.visible_threads(Thread.id, member=self.world.id(key))).scalars()) == expected, key
                assert {t for member, t in at_once if member == key} == expected, key
                assert {row.id for row in fresh.new_for(conn, actor)[0]} <= expected, key
                assert actor.may(Right.MODERATE) == any(self.model.right(key, slug) == GrantRight.MODERATE for slug in FORUMS)
                self.lists_agree(conn, actor, key, expected)

    def lists_agree(self, conn: Any, actor: Any, key: str, expected: set[int]) -> None:
        seen = {forum.slug: forum for forum in forums.forums_of(conn, actor)}
        assert {slug: forum.right for slug, forum in seen.items()} == {
            s: self.model.right(key, s) for s in FORUMS if self.model.right(key, s)
        }
        for slug, forum in seen.items():
            mine = {t for t in expected if self.model.threads[t]["slug"] == slug}
            rows, _ = threads.in_forum(conn, actor, forum.id, Listing(limit=100))
            assert {row.id for row in rows} == mine
            assert {row.id: row.marking for row in rows} == {
                t: int(self.model.threads[t]["marking"]) for t in mine
            }  # label(reply) is its thread's
            assert forum.unread == sum(row.unread for row in rows)
        for thread in self.model.threads:
            try:
                replies.thread_for(conn, actor, thread)
                assert thread in expected
            except NotFound:
                assert thread not in expected


def test_the_machine_agrees_with_the_model(tmp_path: Path) -> None:  # H1 L9
    ForumMachine.template = SqliteTemplate(tmp_path)
    chosen = settings(max_examples=8, stateful_step_count=16, deadline=None, derandomize=True, database=None)
    run_state_machine_as_test(ForumMachine, settings=chosen)
    assert ForumMachine.compared > 8, "at each step everyone's view was compared with the model's"


@pytest.mark.parametrize("status", ["active", "restricted"])
def test_the_set_wise_form_agrees_with_the_single_one_for_the_whole_cast(world: World, status: str) -> None:  # L9
    with world.db.write() as session:
        for slug, who, marking, readers in (
            ("patrol", "chief", "TLP:GREEN", []), ("command-staff", "chief", "TLP:AMBER", []), ("notices", "admin", "TLP:CLEAR", []),
            ("patrol", "analyst", "TLP:RED", ["sheriff", "retired"]), ("command-staff", "sheriff", "TLP:RED", ["chief"]),
        ):  # fmt: skip
            form = NewThread(kind="lesson", title="T", body="B", marking=marking, readers=[world.id(r) for r in readers])
            writing.open_thread(session, world.actor(who), slug, form)
        session.connection().exec_driver_sql(f"UPDATE members SET status = '{status}' WHERE id = {world.id('chief')}")
    ids = [world.id(key) for key in CAST]
    with world.db.read() as conn:
        at_once = seen_by_many(conn, ids)
        one_by_one = {(m, t) for m in ids for t in conn.execute(access.visible_threads(Thread.id, member=m)).scalars()}
    assert at_once == one_by_one
    counts = {key: sum(m == world.id(key) for m, _ in at_once) for key in ("chief", "sheriff", "retired", "vendor", "admin")}
    assert counts == {"chief": 4, "sheriff": 5, "retired": 3, "vendor": 1, "admin": 2}
