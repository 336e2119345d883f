"""The rules of use are accepted by version: with the enrolment, and at the next sign-in when a new version must be. Asked at sign-in
alone, so that no page costs more for it; a session that is open goes on to its end."""

from __future__ import annotations

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from app.accounts.terms.models import TermsAcceptance
from app.core import audit, clock
from app.core.access import Actor
from app.core.config import Settings
from app.core.site import read


def is_due(conn: Connection, settings: Settings, account_id: int) -> bool:
    """Whether this account has yet to accept the version that every member must."""
    required = read(conn, settings).rules_required
    if not required:
        return False
    t = TermsAcceptance
    return conn.execute(select(t.version).where(t.account_id == account_id, t.version >= required).limit(1)).first() is None


def accept(session: Session, actor: Actor, settings: Settings) -> None:
    """The present version, once. Where nothing is written, there is nothing to accept."""
    site = read(session, settings)
    if not site.rules_html or session.get(TermsAcceptance, (actor.member_id, site.rules_version)) is not None:
        return
    session.add(TermsAcceptance(account_id=actor.member_id, version=site.rules_version, accepted_at=clock.now()))
    session.flush()
    audit.record(session, actor, "terms.accept", ("account", actor.member_id), version=site.rules_version)
