"""An association in which every kind of hidden field holds a word that stands nowhere else, and who may meet which word.

The rows are written straight into the tables, so that no form's rule decides what is there to leak.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.accounts.models import Account, Authenticator, BearerToken, KeptForm, SignInSession
from app.agencies.models import Agency, AgencyDomain
from app.core import audit
from app.core.access import system
from app.core.jobs import Job
from app.core.signing import token_hash
from app.core.site import SiteRow
from app.forum.markings import Marking
from app.forum.models import Forum, Grant, GrantRight, Reply, ReplyRevision, Thread, ThreadReader
from app.mail.models import MailState, OutboxMessage
from app.membership.models import (
    Application,
    ApplicationState,
    CallBack,
    CaseNote,
    Decision,
    Evidence,
    Group,
    GroupMember,
    Member,
    MemberStatus,
    Question,
    Waiver,
)
from app.web.idempotency import IdempotencyKey
from tests.people import LONG_AGO
from tests.world import World

MEMBERS = frozenset(
    {"chief", "colleague", "sheriff", "analyst", "retired", "vendor", "moderator", "other_moderator", "reviewer1", "reviewer2", "admin"}
)
NOT_PARTNERS = MEMBERS - {"vendor"}
IN_COMMAND = frozenset({"chief", "colleague", "sheriff", "moderator", "other_moderator", "reviewer2"})
REVIEWERS = frozenset({"reviewer1", "reviewer2"})
NOBODY: frozenset[str] = frozenset()


class Scene:
    """`may[word]` says who may meet a word; `ids` fills the parameters of addresses."""

    def __init__(self, world: World) -> None:
        self.world, self.may, self.what = world, {}, {}
        self.ids: dict[str, list[Any]] = {}
        with world.db.write() as session:
            self._session = session
            _people(self, session)
            _forums(self, session)
            _case(self, session)
            _machinery(self, session)

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


def _case(scene: Scene, session: Session) -> None:
    """An application in review. Its own status page is reached by its token, which the crawl has too."""
    word = lambda what: scene.word(f"applicant's {what}", *REVIEWERS)  # noqa: E731
    case = Application(
        state=ApplicationState.IN_REVIEW,
        name=word("name"),
        rank=word("rank"),
        email=word("email") + "@nowhere.example",
        agency_name=scene.word("agency as claimed", *REVIEWERS, "admin"),  # who waives a call-back sees whose it is
        member_class="sworn",
        supervisor=word("supervisor"),
        phone=scene.word("applicant's phone"),
        sponsor_named=scene.word("sponsor named", *REVIEWERS),
        created_at=LONG_AGO,
        submitted_at=LONG_AGO,
        status_token_hash=token_hash("status-token"),
        confirm_token_hash=token_hash("confirm-token"),
    )
    session.add(case)
    session.flush()
    at, reviewer = scene.world.now, scene.id("reviewer1")
    session.add_all(
        [
            Evidence(application_id=case.id, kind="letter", note=scene.word("evidence", *REVIEWERS), added_by=reviewer, created_at=at),
            CallBack(
                application_id=case.id,
                number=scene.word("call back number", *REVIEWERS),
                found_at=scene.word("call back source", *REVIEWERS),
                person=scene.word("call back person", *REVIEWERS),
                spoke_at=at,
                caller_id=reviewer,
                caller_name="J",
                created_at=at,
            ),
            Waiver(
                application_id=case.id, admin_id=scene.id("admin"), admin_name="A", reason=scene.word("waiver", *REVIEWERS), created_at=at
            ),
            Question(
                application_id=case.id,
                text="Which unit?",  # on the status page, for whoever has its token
                asked_by=reviewer,
                asked_name=scene.word("asker", *REVIEWERS),
                asked_at=at,
                answer=scene.word("answer", *REVIEWERS),
                answered_at=at,
            ),
            CaseNote(application_id=case.id, author_id=reviewer, author_name="J", text=scene.word("case note", *REVIEWERS), created_at=at),
            Decision(
                application_id=case.id,
                step=1,
                reviewer_id=reviewer,
                reviewer_name="J",
                verdict="approve",
                reason=scene.word("decision reason", *REVIEWERS),
                created_at=at,
            ),
        ]
    )
    scene.ids["application"], scene.ids["token"] = [case.id], ["status-token", "confirm-token"]


def _machinery(scene: Scene, session: Session) -> None:
    """Agencies, the association's texts, sign-in things, and what only the program itself reads."""
    me, now = scene.id("colleague"), scene.world.now
    agency = scene.world.ids.agencies["alderwood"]
    session.execute(update(Agency).where(Agency.id == agency).values(region=scene.word("agency region", *NOT_PARTNERS)))
    domain = scene.word("agency domain", "admin") + ".example"
    session.add(AgencyDomain(agency_id=agency, domain=domain, reason=scene.word("domain reason", "admin")))
    rules, welcome = scene.word("rules", *MEMBERS), scene.word("welcome", *MEMBERS)
    session.add(
        SiteRow(
            id=1,
            name="The Association",
            address="1 Street",
            time_zone="America/Los_Angeles",
            rules=rules,
            rules_html=f"<p>{rules}</p>",
            welcome=welcome,
            welcome_html=f"<p>{welcome}</p>",
        )
    )
    later = now + dt.timedelta(days=30)
    token = BearerToken(
        account_id=me, name=scene.word("token name", "colleague"), token_hash=b"t" * 32, scopes="read", created_at=now, expires_at=later
    )
    totp = Authenticator(
        account_id=me, kind="totp", name=scene.word("authenticator", "colleague"), sealed_secret=b"x", confirmed_at=now, created_at=now
    )
    kept = KeptForm(account_id=me, path="/threads/1/replies", fields=[("body", scene.word("kept form", "colleague"))], created_at=now)
    browser = SignInSession(
        account_id=me,
        token_hash=b"s" * 32,
        level="full",
        created_at=now,
        last_seen_at=now,
        expires_at=later,
        browser=scene.word("browser"),
        address=scene.word("address", "colleague"),
    )
    session.add_all([token, totp, kept, browser])
    session.flush()
    scene.ids |= {"form_id": [kept.id], "authenticator_id": [totp.id], "agency": list(scene.world.ids.agencies.values())}
    _unseen(scene, session)


def _unseen(scene: Scene, session: Session) -> None:
    """Rows that no page shows to anyone."""
    now = scene.world.now
    audit.record(session, system("test"), "test.act", reason=scene.word("audit detail"))
    session.add(Job(kind="test", payload={"word": scene.word("job payload")}, run_at=now, state="failed", error=scene.word("job error")))
    session.add(
        OutboxMessage(
            kind="account",
            recipient="a@b.example",
            key="k",
            message_id="<1@b>",
            raw=scene.word("mail").encode(),
            state=MailState.SENT,
            created_at=now,
            next_try_at=now,
            error=scene.word("mail error"),
        )
    )
    session.add(
        IdempotencyKey(
            key=b"k" * 32,
            account_id=scene.id("colleague"),
            body_hash=b"b" * 32,
            status=200,
            answer=scene.word("answer").encode(),
            created_at=now,
        )
    )
