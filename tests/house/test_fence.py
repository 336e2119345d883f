"""Rows past access.py: the lint over the whole application, and the lint's own test."""

from __future__ import annotations

import pytest

from app.core.db import Base
from tests.house.fence import GUARDED, TABLES, offences
from tests.house.source import APP, ROOT, name, python_files

# A named, shrinking list: file → tables that it reads by itself, and why that shows nobody more than they may see.
EXCEPTIONS: dict[str, tuple[set[str], str]] = {
    "app/agencies/above.py": ({"Agency"}, "a SELECT of nothing, until membership registers its own"),
    "app/association/access.py": ({"Agency", "Member"}, "the demo's cast, for ENV=demo alone"),
    "app/association/demo/writing.py": ({"Thread", "Forum"}, "the demo's builder, on a database that it made"),
    "app/forum/adoptions/access.py": ({"Agency", "Member"}, "who said something of a thread that access gave; one member's agency"),
    "app/forum/administering/operations.py": ({"Forum"}, "the highest sort number, for a new forum"),
    "app/forum/mentions/access.py": ({"Agency", "Member"}, "whom a message may name: under access.is_visible, or a forum's grant"),
    "app/forum/masks/circle.py": ({"Agency"}, "how many agencies something fits, and the state of the actor's own"),
    "app/forum/operations/moderating.py": ({"Forum", "ThreadReader"}, "the forum and the readers of a thread that access gave"),
    "app/forum/operations/reading.py": ({"Member", "Thread"}, "the actor's own row; threads under access.is_visible"),
    "app/forum/queries/forums.py": ({"Member", "Thread"}, "the actor's own row; counts of forums and under access.is_readable"),
    "app/forum/queries/fresh.py": ({"Forum", "Thread"}, "titles of visible threads; one date over all threads"),
    "app/forum/queries/replies.py": ({"Member", "Reply"}, "messages, authors and readers of a thread that access gave"),
    "app/forum/queries/threads.py": ({"Member", "Thread"}, "titles and authors of visible threads"),
    "app/forum/telling/access.py": ({"Member"}, "who hears of a message, and its author; under access.is_visible"),
    "app/moderation/flags/access.py": ({"Member"}, "who reported, whose message it is, and a forum's moderators"),
    "app/mail/at_once/hearers.py": ({"Member"}, "who asked to hear of it; whether they may, forum/telling/access.py asks"),
    "app/mail/notices/queries.py": ({"Member"}, "authors of messages in visible threads"),
    "app/mail/digest/readers.py": ({"Member"}, "the worker asks whose digest is due; what is in it starts from the forum's rule"),
    "app/membership/applications/queries.py": ({"Member"}, "claimers and sponsors of visible applications"),
    "app/membership/profile.py": ({"Member"}, "the actor's own row, locked"),
    "app/membership/sign_in.py": ({"Agency", "Member"}, "the name of whom a password is checked against, by the account's id"),
    "app/worker.py": (
        {"AddressRequest", "Disavowal", "KeptForm", "PasskeyChallenge", "Recovery", "SignInSession"},
        "clears away what is old",
    ),
}

GOOD = {
    "starts from the rule": "from app.forum.models import Thread\nvisible_threads(Thread.id).where(Thread.kind == 'lesson')",
    "adds a row": "from app.forum.models import Thread\nsession.add(Thread(title='x'))",
    "many rows": "from app.forum.models import Reply\nsession.execute(insert(Reply), rows)",
    "joins what is visible": "from app.forum.models import Forum, Thread\nvisible_threads(Thread.id).join(Forum)",
    "changes a row that it was given": "from app.forum.models import Thread\ndef lock(thread: Thread):\n    thread.locked_at = now",
    "changes many, as its package's verb": "from app.forum.models import Thread\nsession.execute(update(Thread).where(Thread.id == 5))",
    "another get": "from app.forum.models import Thread\nvalues.get('Thread')",
    "other tables": "from app.core.jobs import Job\nselect(Job.id)",
    "SQL of other tables": "text('SELECT 1 FROM alembic_version')",
}
BAD = {
    "the table": ("from app.forum.models import Thread\nselect(Thread)", "Thread"),
    "a column": ("from app.forum.models import Thread\nselect(Thread.title)", "Thread"),
    "a labelled column": ("from app.forum.models import Thread\nselect(Thread.title.label('x'))", "Thread"),
    "a function of a column": ("from app.forum.models import Thread\nselect(func.count(Thread.id))", "Thread"),
    "by key": ("from app.forum.models import Reply\nsession.get(Reply, 5)", "Reply"),
    "by key, or fail": ("from app.forum.models import Reply\nsession.get_one(Reply, 5)", "Reply"),
    "the old way": ("from app.forum.models import Thread\nsession.query(Thread)", "Thread"),
    "another name": ("from app.forum.models import Thread as T\nselect(T.id)", "Thread"),
    "a local name": ("from app.accounts.models import BearerToken\nt = BearerToken\nselect(t.id)", "BearerToken"),
    "by module": ("from app.forum import models\nselect(models.Thread.id)", "Thread"),
    "a list of columns": ("from app.forum.models import Thread\nselect(*[Thread.id, Thread.title])", "Thread"),
    "a sub-select": ("from app.membership.models import Member\nvisible_threads().where(x.in_(select(Member.id)))", "Member"),
    "through SQLAlchemy": ("import sqlalchemy as sa\nfrom app.forum.models import Thread\nsa.select(Thread)", "Thread"),
    "existence tells, too": ("from app.forum.models import Thread\nexists(Thread)", "Thread"),
    "an alias": ("from app.forum.models import Thread\nother = aliased(Thread)", "Thread"),
    "plain SQL": ("conn.exec_driver_sql('SELECT title FROM threads')", "threads"),
    "plain SQL, put together": ("text('SELECT title ' 'FROM threads WHERE id = :id')", "threads"),
}


@pytest.mark.parametrize("sample", GOOD)
def test_the_lint_lets_through(sample: str) -> None:
    assert offences(GOOD[sample], "app/forum/operations/lock.py") == []


@pytest.mark.parametrize(
    "path", ["app/forum/operations/lock.py", "app/forum/queries.py", "app/search/index.py", "app/forum/pages/reading.py"]
)
@pytest.mark.parametrize("sample", BAD)
def test_the_lint_finds(sample: str, path: str) -> None:
    source, model = BAD[sample]
    assert [offence.model for offence in offences(source, path)] == [model]


@pytest.mark.parametrize("path", ["app/forum/queries.py", "app/forum/pages.py", "app/mail/operations.py"])
def test_the_lint_finds_changes_of_many_rows_where_no_verb_lives(path: str) -> None:
    source = "from app.forum.models import Thread\nsession.execute(delete(Thread).where(Thread.id == 5))"
    assert [offence.call for offence in offences(source, path)] == ["delete"]


@pytest.mark.parametrize("path", ["app/membership/access.py", "app/mail/access.py"])
def test_access_is_the_owners_alone(path: str) -> None:
    assert offences(BAD["the table"][0], "app/forum/access.py") == []
    assert [offence.model for offence in offences(BAD["the table"][0], path)] == ["Thread"]


def test_the_lint_knows_its_tables() -> None:
    import app.tables

    assert app.tables.metadata is Base.metadata
    owners = {mapper.class_.__name__: mapper for mapper in Base.registry.mappers}
    assert {owners[model].local_table.name for model in GUARDED} == TABLES
    assert [m for m, folder in GUARDED.items() if not owners[m].class_.__module__.startswith(folder.rstrip("/").replace("/", "."))] == []


def test_rows_are_reached_through_access() -> None:
    found: dict[str, set[str]] = {}
    for path in python_files():
        seen = offences(path.read_text(), name(path))
        if seen:
            found[name(path)] = {offence.model for offence in seen}
    extra = {path: sorted(models - EXCEPTIONS.get(path, (set(), ""))[0]) for path, models in found.items()}
    assert {path: models for path, models in extra.items() if models} == {}
    gone = {path: sorted(models - found.get(path, set())) for path, (models, _why) in EXCEPTIONS.items()}
    assert {path: models for path, models in gone.items() if models} == {}, "no longer needed"
    assert APP.is_relative_to(ROOT)
