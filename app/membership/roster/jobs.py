"""The daily work on rosters: whose month has come is asked, who did not answer is reminded, and then the reviewers are told."""

from __future__ import annotations

from app.core import clock
from app.core.db import Database
from app.membership.roster import access, asking, contacts


def run(db: Database) -> None:
    """Do all that is due now, each agency in a transaction of its own. Doing it again finds nothing."""
    now = clock.now()
    with db.read() as conn:
        gone = access.contacts_gone(conn)
        due = [contact.agency_id for contact in access.contacts_in_office(conn) if asking.is_due(contact, now)]
    for contact_id in gone:
        with db.write() as session:
            contacts.note_gone(session, contact_id)
    for agency_id in due:
        with db.write() as session:
            asking.ask_yearly(session, agency_id)
    with db.read() as conn:
        waiting = access.rounds_open_since(conn, now - asking.REMIND_AFTER[0])
    for one in waiting:
        with db.write() as session:
            asking.remind(session, one.agency_id)
