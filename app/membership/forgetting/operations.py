"""The worker's part: a case that has ended its time is emptied. Its row stays, with its number, its purpose and its dates, so that no
later case is ever taken for it; the log goes on saying that there was a decision, when, and by whom."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.access import Actor, system
from app.core.config import Settings
from app.core.db import Database
from app.membership.evidence.intake import vault_of
from app.membership.evidence.models import EvidenceFile, EvidenceFileLink
from app.membership.forgetting import access
from app.membership.models import FORGOTTEN, Application, Decision, Evidence
from app.membership.papers import CallBack, CaseNote, Question, Waiver
from app.membership.roster_file import forgetting as rosters

BATCH = 100
_FINDERS = (access.never_confirmed, access.without_a_member, access.of_who_is_gone)
_PAPERS: tuple[Any, ...] = (Evidence, EvidenceFile, CaseNote, CallBack, Waiver, Question, Decision)  # lines before the files they show
_EMPTY = {
    **dict.fromkeys(("name", "rank", "email", "agency_name", "agency_state", "member_class", "supervisor", "reach", "phone"), ""),
    **dict.fromkeys(("statement_version", "sponsor_named", "address"), ""),
    **dict.fromkeys(("agency_id", "sponsor_id", "claimed_by", "claimed_until", "member_id", "enrolment_code_hash"), None),
}


def run(db: Database, settings: Settings, batch: int = BATCH) -> int:
    """How many cases were emptied, a batch a transaction. Doing it again finds nothing. First the rows, then the bytes of their files:
    what a kill leaves on the disk has no key any more, and is collected (evidence/retention.py)."""
    vault, count = vault_of(settings), 0
    for find in _FINDERS:
        while True:
            with db.write() as session:
                cases = find(session, clock.now(), batch)
                names = forget(session, system("membership"), cases)
            for name in names:
                vault.remove(name)
            count += len(cases)
            if len(cases) < batch:
                break
    return count


def forget(session: Session, actor: Actor, cases: list[Application]) -> list[str]:
    """Empty these cases; what the evidence store calls their files, whose keys are gone now."""
    ids = [case.id for case in cases]
    names = access.stored_names(session, ids)
    session.execute(delete(EvidenceFileLink).where(EvidenceFileLink.evidence_id.in_(access.lines_of(ids))))
    for paper in _PAPERS:
        session.execute(delete(paper).where(paper.application_id.in_(ids)).execution_options(synchronize_session=False))
    rosters.forget(session, ids)
    for case in cases:
        audit.record(session, actor, "application.forget", ("application", case.id), was=case.state)
        for column, nothing in _EMPTY.items():
            setattr(case, column, nothing)
        case.state = FORGOTTEN
        case.version += 1
    session.flush()
    return names
