"""An association in which every kind of hidden field holds a word that stands nowhere else, and who may meet which word.

The rows are written straight into the tables, so that no form's rule decides what is there to leak.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.forum.markings import Marking
from app.forum.models import Forum, Grant, GrantRight, Reply, ReplyRevision, Thread, ThreadReader
from app.membership.models import (
    Group,
    GroupMember,
    Member,
    MemberStatus,
)
from tests.closedness.audiences import IN_COMMAND, NOT_PARTNERS
from tests.closedness.case import case
from tests.closedness.files import files
from tests.closedness.lessons import lessons
from tests.closedness.machinery import machinery
from tests.closedness.mail import mail
from tests.people import LONG_AGO
from tests.world import World


class Scene:
    """`may[word]` says who may meet a word; `ids` fills the parameters of addresses."""

    def __init__(self, world: World) -> None:
        self.world, self.may, self.what = world, {}, {}
        self.ids: dict[str, list[Any]] = {}
        with world.db.write() as session:
            self._session = session
            _people(self, session)
            _forums(self, session)
            files(self, session)
            lessons(self, session)
            case(self, session)
            machinery(self, session)
            mail(self, session)

    def word(self, what: str, *who: str) -> str:
        word = f"canary{len(self.may):02d}{what.replace(' ', '')}"
        self.may[word], self.what[word] = frozenset(who), what
        return word

    def id(self, key: str) -> int:
        return self.world.id(key)

    def thread(self, forum: int, marking: Marking, words: tuple[str, str], replies: tuple[str, ...] = ()) -> int:
        """A thread of the colleague's, who also wrote the replies."""
        now, author = self.world.now, self.id("colleague")
        thread = Thread(
            forum_id=forum,
            kind="question",
            title=words[0],
            author_id=author,
            created_at=now,
            marking=marking,
            last_position=len(replies),
            last_reply_at=now,
            last_reply_by=author,
        )
        self._session.add(thread)
        self._session.flush()
        for position, body in enumerate((words[1], *replies)):
            self.message(thread.id, position, body)
        self.ids.setdefault("thread_id", []).append(thread.id)
        return thread.id

    def message(self, thread: int, position: int, body: str) -> None:
        values = {"thread_id": thread, "position": position, "author_id": self.id("colleague"), "created_at": self.world.now}
        self._session.add(Reply(body=body, html=f"<p>{body}</p>", **values))
        self._session.flush()

    def of(self, key: str, **values: Any) -> None:
        self._session.execute(update(Member).where(Member.id == self.id(key)).values(**values))


def _people(scene: Scene, session: Session) -> None:
    """What stands of people: entries, addresses, and a former member whose name is in no directory."""
    scene.of("colleague", phone=scene.word("phone", "colleague"), about=scene.word("about", *NOT_PARTNERS))
    email = scene.word("email", "colleague", "admin") + "@alderwood.example"
    session.execute(update(Account).where(Account.id == scene.id("colleague")).values(email=email))
    scene.of("suspended", status_reason=scene.word("status reason", "admin"))
    scene.of("analyst", name=scene.word("member name", *NOT_PARTNERS), rank=scene.word("rank", *NOT_PARTNERS))
    account = Account(email=scene.word("former email", "admin") + "@corvane.example", created_at=LONG_AGO)
    session.add(account)
    session.flush()
    named = ("colleague", "reviewer2", "admin")  # the RED thread's author and reader; the administrator lists all members
    former = Member(
        id=account.id,
        name=scene.word("named reader", *named),
        phone=scene.word("former phone"),
        about=scene.word("former about"),
        member_class="sworn",
        status=MemberStatus.SEPARATED,
        read_before=LONG_AGO,
        approved_at=LONG_AGO,
    )
    session.add(former)
    session.flush()
    session.add(GroupMember(member_id=account.id, group_id=scene.world.ids.groups["sworn"]))
    scene.ids["member"] = [*scene.world.ids.members.values(), account.id]
    session.flush()


def _forums(scene: Scene, session: Session) -> None:
    group = Group(slug="task-force", name=scene.word("group name", "admin"), description=scene.word("group description", "admin"))
    force = ("colleague", "reviewer2")
    forum = Forum(
        slug="task-force", title=scene.word("forum title", *force, "admin"), description=scene.word("forum description", *force, "admin")
    )
    session.add_all([group, forum])
    session.flush()
    session.add(Grant(group_id=group.id, forum_id=forum.id, right=GrantRight.POST))
    session.add_all(GroupMember(member_id=scene.id(key), group_id=group.id) for key in force)
    _threads(scene, session, forum.id)
    scene.ids["slug"] = ["patrol", "command-staff", "notices", "task-force"]
    scene.ids["group"], scene.ids["forum"] = [group.id], [forum.id, *scene.world.ids.forums.values()]


def _threads(scene: Scene, session: Session, task_force: int) -> None:
    forums, force = scene.world.ids.forums, ("colleague", "reviewer2")
    both = lambda what, *who: (scene.word(f"{what} title", *who), scene.word(f"{what} body", *who))  # noqa: E731
    scene.thread(task_force, Marking.GREEN, both("task force", *force), (scene.word("task force reply", *force),))
    scene.thread(forums["command-staff"], Marking.AMBER, both("command", *IN_COMMAND), (scene.word("command reply", *IN_COMMAND),))
    red = scene.thread(forums["patrol"], Marking.RED, both("red", *force), (scene.word("red reply", *force),))
    session.add_all(ThreadReader(thread_id=red, member_id=reader) for reader in (scene.id("reviewer2"), scene.ids["member"][-1]))
    open_ = scene.thread(
        forums["patrol"], Marking.GREEN, both("patrol", *NOT_PARTNERS), (scene.word("hidden reply", "colleague", "moderator"),)
    )
    session.execute(
        update(Reply)
        .where(Reply.thread_id == open_, Reply.position == 1)
        .values(
            hidden_at=scene.world.now, hidden_by=scene.word("hider", *NOT_PARTNERS), hidden_reason=scene.word("hide reason", *NOT_PARTNERS)
        )
    )
    reason = scene.word("lock reason", *NOT_PARTNERS)
    session.execute(update(Thread).where(Thread.id == open_).values(locked_at=scene.world.now, locked_by="A moderator", lock_reason=reason))
    earlier = {
        (open_, 0): scene.word("history", *NOT_PARTNERS),
        (open_, 1): scene.word("hidden history", "colleague", "moderator"),
        (red, 0): scene.word("red history", *force),
    }
    for (thread, position), body in earlier.items():
        session.execute(
            update(Reply).where(Reply.thread_id == thread, Reply.position == position).values(version=2, edited_at=scene.world.now)
        )
        reply = session.query(Reply.id).where(Reply.thread_id == thread, Reply.position == position).scalar()
        session.add(
            ReplyRevision(
                reply_id=reply,
                version=1,
                body=body,
                html=f"<p>{body}</p>",
                written_at=LONG_AGO,
                replaced_at=scene.world.now,
                replaced_by=scene.id("colleague"),
            )
        )
    scene.ids["position"] = [0, 1]
