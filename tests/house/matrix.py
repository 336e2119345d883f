"""Role × route × method (C2): who gets which status where, asked of the running application.

The expected answers stand in matrix.csv. `python -m tests.house.matrix --write` asks the application and writes them anew; the
difference is then read line by line before it is kept: each changed cell is a changed permission.
"""

from __future__ import annotations

import csv
import re
import sys
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.models import Factor, SessionLevel, SignInSession
from app.core.signing import new_token, token_hash
from app.forum.markings import Marking
from app.forum.models import Reply, ReplyRevision, Thread, ThreadKind
from app.membership.models import Application, ApplicationState
from app.web import csrf
from tests.house.census import LAST, Line, sample, walk
from tests.world import ORIGIN, World

FILE = Path(__file__).with_name("matrix.csv")
# An applicant has no account: to the site they are anonymous, with a link of their own (the sample token).
ROLES = (
    "anonymous", "password", "suspended", "retired", "chief", "colleague", "sheriff", "vendor", "moderator", "other_moderator",
    "reviewer1", "admin",
)  # fmt: skip
# What a route with a thread or a forum in its path is tried on: a forum that most read, one that few read, and a TLP:RED thread.
SAMPLES = {"patrol": "patrol", "command": "command-staff", "red": "patrol"}
# What is sent where an empty form would be refused before anyone looks at rights.
FIELDS: dict[str, dict[str, Any]] = {
    "/forums/{slug}/new": {"kind": "question", "title": "A title", "body": "Text.", "marking": "TLP:AMBER"},
    "/forums/{slug}/new/preview": {"kind": "question", "title": "A title", "body": "Text.", "marking": "TLP:AMBER"},
    "/threads/{thread_id}/replies": {"body": "A reply."},
    "/threads/{thread_id}/preview": {"body": "A reply."},
    "/threads/{thread_id}/watch": {"level": "watch"},
    "/threads/{thread_id}/answer": {"position": "1"},
    "/threads/{thread_id}/read": {"position": "0"},
    "/threads/{thread_id}/outcome": {"outcome": "It went well."},
    "/threads/{thread_id}/adoption": {"state": "considering"},
    "/threads/{thread_id}/adoptions/{agency_id}/remove": {"reason": "Names a suspect."},
    "/threads/{thread_id}/practice": {"problem": "Too slow.", "version": "0"},
    "/threads/{thread_id}/lock": {"reason": "It is settled."},
    "/threads/{thread_id}/marking": {"marking": "TLP:AMBER", "reason": "As agreed."},
    "/api/v1/threads/{thread_id}/subjects": {"subjects": []},
    "/threads/{thread_id}/replies/{position}/edit": {"body": "Other words.", "version": "2"},
    "/threads/{thread_id}/replies/{position}/hide": {"reason": "Off the point."},
    "/threads/{thread_id}/replies/{position}/unmask": {"reason": "A threat."},
    "/threads/{thread_id}/replies/{position}/revisions/{version}/strike": {"reason": "Names a juvenile."},
    "/api/v1/threads/{thread_id}/replies/{position}/revisions/{version}/strike": {"reason": "Names a juvenile."},
    "/threads/{thread_id}/replies/{position}/flag": {"reason": "conduct"},
    "/api/v1/threads/{thread_id}/replies/{position}/flags": {"reason": "conduct"},
    "/moderation/flags/{id}": {"resolution": "dismiss", "reason": "It may stay."},
    "/api/v1/flags/{id}/resolution": {"resolution": "dismiss", "reason": "It may stay."},
    "/threads/{thread_id}/poll": {"question": "Which?", "choices": "One\nTwo"},
    "/api/v1/threads/{thread_id}/poll": {"question": "Which?", "choices": ["One", "Two"]},
    "/api/v1/threads/{thread_id}/poll/vote": {"choices": []},
    "/drafts/{key}": {"body": "Half a sentence."},
    "/api/v1/drafts/{key}": {"body": "Half a sentence."},
    "/api/v1/threads/{thread_id}/bookmark": {},
    "/api/v1/threads/{thread_id}/replies/{position}/unmask": {"reason": "A threat."},
    "/api/v1/forums/{slug}/threads": {"kind": "question", "title": "A title", "body": "Text."},
    "/api/v1/threads/{thread_id}/replies": {"body": "A reply."},
    "/api/v1/threads/{thread_id}/replies/{position}": {"body": "Other words.", "version": 2},
    "/api/v1/threads/{thread_id}/outcome": {"outcome": "It went well."},
    "/api/v1/threads/{thread_id}/read": {"position": 1},
    "/api/v1/threads/{thread_id}/watch": {"level": "watch"},
    "/api/v1/threads/{thread_id}/answer": {"position": 1},
    "/api/v1/threads/{thread_id}/adoption": {"state": "considering"},
    "/saved-searches": {"q": "camera policy", "deliver": "digest"},
    "/api/v1/saved-searches": {"q": "camera policy"},
    "/saved-searches/{id}": {"deliver": "each"},
    "/api/v1/saved-searches/{id}": {"deliver": "each"},
    "/api/v1/threads/{thread_id}/practice": {"problem": "Too slow.", "version": 0},
}
Cells = dict[tuple[str, str, str], dict[str, str]]


class Asker:
    """One world in which each role asks every route, always in the same order; each question in a fresh session."""

    def __init__(self, world: World) -> None:
        self.world = world
        # HEAD is GET without its body, which test_matrix.py shows apart; it would double the file.
        lines = [line for line in walk(world.app) if line.method != "HEAD" or line.path == LAST]
        self.lines = sorted(lines, key=lambda line: (line.path == LAST, not line.is_safe, line.path, line.method))
        with world.db.write() as session:
            self.threads = {name: _thread(session, world, name) for name in SAMPLES}
            self.application = _application(session, world)

    def samples(self, line: Line) -> list[str]:
        if "{thread_id}" in line.path:
            return list(SAMPLES)
        return ["patrol", "command"] if "/forums/{slug}" in line.path else [""]

    def values(self, which: str) -> dict[str, str]:
        world = self.world
        return {
            "thread_id": str(self.threads[which or "patrol"]), "slug": SAMPLES[which or "patrol"], "position": "1", "version": "1",
            "token": "sample-token",
            "step": "away", "key": "forum-patrol", "of": "forum", "about_id": "1",
            "name": "squadroom.css", "path": "no/such/page", "/members/{id}": str(world.id("colleague")),
            "/api/v1/members/{id}": str(world.id("colleague")), "/admin/members/{id}": str(world.id("colleague")),
            "/agencies/{id}": str(world.ids.agencies["alderwood"]), "/api/v1/agencies/{id}": str(world.ids.agencies["alderwood"]),
            "/admin/agencies/{id}": str(world.ids.agencies["alderwood"]), "/moderation/applications/{id}": str(self.application),
            "/api/v1/applications/{id}": str(self.application),
        }  # fmt: skip

    def ask(self, role: str) -> dict[tuple[str, str, str], str]:
        """Each route's answer to this role: a status, and where to with a redirect, numbers and query left out."""
        found: dict[tuple[str, str, str], str] = {}
        for line in self.lines:
            for which in self.samples(line):
                found[line.method, line.path, which] = self.answer(role, line, which)
        return found

    def answer(self, role: str, line: Line, which: str) -> str:
        path = sample(line.path, self.values(which))
        client, key = self._client(role, line.is_api)
        fields = FIELDS.get(line.path, {})
        if line.is_safe:
            answer = client.request(line.method, path)
        elif line.is_api:
            answer = client.request(line.method, path, json=fields)
        else:
            fields = {"csrf": csrf.issue(self.world.platform.signer, key), **fields}
            answer = client.request(line.method, path, headers={"origin": ORIGIN}, data=fields)
        client.close()
        where = re.sub(r"\d+", "N", answer.headers.get("location", "").split("?")[0].removeprefix(ORIGIN).replace("/v1/", "/vN/"))
        return f"{answer.status_code} {where}".strip()

    def _client(self, role: str, is_api: bool) -> tuple[Any, bytes]:
        world = self.world
        if role not in ("anonymous", "password") and is_api:
            return world.script(role, "read,write,moderate,admin"), b""
        client, token = world.outsider(), new_token()
        if role == "anonymous":
            client.cookies.set(world.platform.browser_cookie_name, token)
        else:
            with world.db.write() as session:
                session.add(_session(world, role, token))
            client.cookies.set(world.platform.cookie_name, token)
        return client, token_hash(token)


def _session(world: World, role: str, token: str) -> SignInSession:
    import datetime as dt

    whole = role != "password"
    return SignInSession(
        account_id=world.id(role if whole else "chief"), token_hash=token_hash(token), created_at=world.now, last_seen_at=world.now,
        level=SessionLevel.FULL if whole else SessionLevel.PASSWORD, expires_at=world.now + dt.timedelta(hours=24),
        stepped_up_at=world.now if whole else None, factor=Factor.PASSKEY if whole else "",
    )  # fmt: skip


def _thread(session: Session, world: World, name: str) -> int:
    """A thread of the colleague's (in command-staff too), with one reply by the same."""
    author, now = world.id("colleague"), world.now
    thread = Thread(
        forum_id=world.ids.forums[SAMPLES[name]], kind=ThreadKind.QUESTION, title=f"Sample {name}", author_id=author, created_at=now,
        marking=Marking.RED if name == "red" else Marking.AMBER, last_position=1, last_reply_at=now, last_reply_by=author,
    )  # fmt: skip
    session.add(thread)
    session.flush()
    messages = [
        Reply(thread_id=thread.id, position=position, author_id=author, body="x", html="<p>x</p>", created_at=now, version=1 + position)
        for position in (0, 1)
    ]
    session.add_all(messages)
    session.flush()
    earlier = {"version": 1, "body": "y", "html": "<p>y</p>", "written_at": now, "replaced_at": now, "replaced_by": author}
    session.add(ReplyRevision(reply_id=messages[1].id, **earlier))
    return thread.id


def _application(session: Session, world: World) -> int:
    row = Application(
        state=ApplicationState.SUBMITTED, name="Ann Applicant", email="ann@bexley.example", member_class="sworn", created_at=world.now,
        submitted_at=world.now, status_token_hash=token_hash("sample-token"), confirm_token_hash=token_hash("another-token"),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


def read() -> Cells:
    """The expected answers: (method, path, sample) → role → answer."""
    with FILE.open(newline="") as file:
        return {(row["method"], row["path"], row["sample"]): {role: row[role] for role in ROLES} for row in csv.DictReader(file)}


def write(cells: Cells) -> None:
    with FILE.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["method", "path", "sample", *ROLES])
        for (method, path, which), answers in sorted(cells.items(), key=lambda cell: (cell[0][1], cell[0][0], cell[0][2])):
            writer.writerow([method, path, which, *[answers[role] for role in ROLES]])


def _ask_all() -> Cells:
    import tempfile

    from tests.databases import SqliteTemplate

    cells: Cells = {}
    with tempfile.TemporaryDirectory() as folder:
        template = SqliteTemplate(Path(folder))
        for role in ROLES:
            world = World(template.fresh(), template.ids, Path(folder) / role)
            for key, answer in Asker(world).ask(role).items():
                cells.setdefault(key, {})[role] = answer
            world.close()
    return cells


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit("usage: python -m tests.house.matrix --write")
    write(_ask_all())
