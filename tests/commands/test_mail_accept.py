"""`squadroom mail accept`: what a mail server's pipe transport hears of a message."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import sqlalchemy as sa

from app.accounts.models import Account
from app.forum.models import Thread
from app.mail import reply_tokens
from app.mail.inbound.models import InboundMessage, InboundState
from tests.commands.squadroom import Squadroom
from tests.house.source import ROOT

ME = "n.chavarria@agency.example"
LETTER = (
    "Authentication-Results: {server}; dmarc=pass header.from=agency.example\n"
    "From: {me}\nTo: {to}\nMessage-ID: <{n}@agency.example>\n\nHello.\n"
)


@pytest.fixture(scope="module")
def squadroom(tmp_path_factory: pytest.TempPathFactory) -> Squadroom:
    made = Squadroom(tmp_path_factory.mktemp("accept") / "data")
    assert made.run("demo").returncode == 0
    return made


def answer_address(squadroom: Squadroom) -> tuple[str, str]:
    """A member's address, and where they may answer a thread that they see."""
    token = reply_tokens.new()
    with squadroom.database() as db, db.write() as session:
        row = session.execute(
            sa.select(Thread.author_id, Account.email, Thread.id).join(Account, Account.id == Thread.author_id).order_by(Thread.id)
        ).first()
        assert row is not None
        reply_tokens.keep(session, [reply_tokens.row_of(token, row[0], [row[2]])])
    return row[1], reply_tokens.address(token, "localhost")


def states(squadroom: Squadroom) -> list[str]:
    with squadroom.database() as db, db.read() as conn:
        return [str(state) for state in conn.execute(sa.select(InboundMessage.state).order_by(InboundMessage.id)).scalars()]


def test_a_message_to_nobody_is_not_taken(squadroom: Squadroom) -> None:
    letter = LETTER.format(server="localhost", me=ME, to="reply+unknown@localhost", n=0)
    done = squadroom.run("mail", "accept", "--from", ME, "--to", "reply+unknown@localhost", stdin=letter.encode())
    assert (done.returncode, done.stdout, done.stderr) == (67, "", "")  # EX_NOUSER, by which the server bounces it


@pytest.mark.parametrize("at", [(), ("--at", "2026-11-23T09:00:00Z")], ids=["now", "at a time"])
@pytest.mark.parametrize(
    ("server", "code", "state"), [("localhost", 0, InboundState.POSTED), ("mx.evil.example", 77, InboundState.REFUSED)]
)
def test_an_answer_is_taken_or_refused_by_who_vouches_for_it(
    squadroom: Squadroom, at: tuple[str, ...], server: str, code: int, state: str
) -> None:
    me, to = answer_address(squadroom)
    letter = LETTER.format(server=server, me=me, to=to, n=f"{server}{len(at)}").replace("agency.example\nFrom", f"{me.split('@')[1]}\nFrom")
    done = squadroom.run("mail", "accept", "--from", me, "--to", to, *at, stdin=letter.encode())
    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")
    assert states(squadroom)[-1] == state


def test_what_is_no_message_at_all_is_kept_and_refused(squadroom: Squadroom) -> None:
    me, to = answer_address(squadroom)
    done = squadroom.run("mail", "accept", "--from", me, "--to", to, stdin=bytes(range(256)) * 4)
    assert (done.returncode, done.stdout, done.stderr) == (77, "", "")
    assert states(squadroom)[-1] == InboundState.REFUSED


# What no message needs that is posted or refused: each was a part of the second and more of processor time that every one took.
NOT_FOR_ACCEPTING = (
    "fastapi", "starlette", "uvicorn", "jinja2", "css_inline", "rich", "alembic", "flufl.bounce", "dkim", "dns", "webauthn", "passlib",
    "zxcvbn", "aiosmtpd", "app.wiring", "app.web.work", "app.mail.digest", "app.mail.at_once", "app.mail.health", "app.mail.sending",
    "app.association", "app.membership.applications", "app.membership.roster", "app.membership.recovery", "app.accounts.passkeys",
)  # fmt: skip
PROGRAM = f"""
import gc, json, sys
from app.cli import main
code = main()
print(json.dumps([code, gc.isenabled(), [name for name in {NOT_FOR_ACCEPTING} if name in sys.modules]]))
"""


@pytest.mark.parametrize(("known", "code"), [(True, 0), (False, 67)], ids=["posted", "no such address"])
def test_accepting_loads_what_it_takes_and_no_more(squadroom: Squadroom, known: bool, code: int) -> None:
    """In a process of its own: this one has everything loaded."""
    me, to = answer_address(squadroom) if known else (ME, "reply+unknown@localhost")
    letter = LETTER.format(server="localhost", me=me, to=to, n=f"light{known}").replace("agency.example\nFrom", f"{me.split('@')[1]}\nFrom")
    words = ["mail", "accept", "--from", me, "--to", to]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words], input=letter.encode(), capture_output=True, env=squadroom.env, cwd=ROOT, check=True
    )
    assert json.loads(done.stdout) == [code, True, []]
    assert not known or states(squadroom)[-1] == InboundState.POSTED
