"""Whom a roster names hears of it by a letter with fixed words. Its link shows a statement to accept, and then, once and on the screen
alone, the enrolment code: whoever reads the mailbox later has the approval's link and not the code (V9)."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.accounts.codes import code_hash, new_enrolment_code
from app.core import audit, clock, jobs
from app.core.access import Origin, system
from app.core.db import Database
from app.core.signing import new_token, token_hash
from app.membership.applications.operations import Applied, applicant, status_token
from app.membership.models import Application, ApplicationState
from app.membership.roster_file import access, letters
from app.membership.statements import access as statements

BATCH = 200


def register() -> None:
    """Called once at start-up."""
    jobs.handler("roster.write")(write)
    jobs.handler("roster.lapse")(lapse)


def write(db: Database, payload: dict[str, Any]) -> None:
    """The letters of an import, a batch a transaction: run twice, nobody gets two."""
    while True:
        with db.write() as session:
            rows = access.to_write_to(session, payload["id"], BATCH)
            for change, case in rows:
                _write(session, case)
                change.written_at = clock.now()
        if len(rows) < BATCH:
            return


def _write(session: Session, case: Application) -> None:
    token = new_token()
    case.confirm_token_hash, case.status_token_hash = token_hash(token), token_hash(status_token(token))
    letters.named(session, case, token)


def lapse(db: Database, payload: dict[str, Any]) -> None:
    """Cases of an import whose people did not answer in time are over."""
    while True:
        with db.write() as session:
            cases = access.unanswered(session, payload["id"], BATCH)
            for case, written_at in cases:
                case.state, case.decided_at, case.claimed_until = ApplicationState.EXPIRED, clock.now(), None
                case.version += 1
                if written_at is not None:
                    letters.lapsed(session, case)
                audit.record(session, system("membership"), "application.lapse", ("application", case.id))
        if len(cases) < BATCH:
            return


def is_asked(session: Session, confirm_token: str) -> bool:
    """Whether this letter's link still waits for the statement."""
    return access.named_case(session, confirm_token) is not None


def accept(session: Session, origin: Origin, confirm_token: str, read: str) -> Applied | None:
    """The statement is accepted, in the version that was read: the code and the way to the status page, shown this once. None where it
    was answered already."""
    case = access.named_case(session, confirm_token)
    if case is None:
        return None
    code, version = new_enrolment_code(), statements.accepted(session, read)
    case.statement_version, case.enrolment_code_hash, case.address = version, code_hash(code), origin.address
    case.version += 1
    audit.record(session, applicant(origin), "application.confirm", ("application", case.id), statement=version)
    return Applied(code, status_token(confirm_token))
