"""Verbs on one's own mail: change what comes, make old stop links worthless. Stopping by a link: stopping.py."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.addresses import access as addresses
from app.core import audit, clock
from app.core.access import Actor
from app.core.errors import Invalid
from app.core.site import Site
from app.core.sql import insert_into
from app.mail import defaults, queries
from app.mail.digest import told
from app.mail.forms import SubscriptionsForm
from app.mail.models import DigestSettings
from app.mail.queries import Subscriptions
from app.membership import access as members

SCHEDULE = frozenset({"on", "hour", "weekday", "time_zone"})
"""What decides when a digest is due: a change counts from the next slot."""


def change_subscriptions(session: Session, actor: Actor, site: Site, form: SubscriptionsForm) -> Subscriptions:
    """Take the parts that are given and keep the rest. A forum that the member doesn't see is refused like one that isn't there."""
    before = queries.subscriptions(session.connection(), actor, site)
    changed: dict[str, Any] = {name: value for name, value in form.given.items() if value != getattr(before, name)}
    levels = _levels(before, form)
    if changed:
        known = {name: value for name, value in changed.items() if name != "sent_to"}
        if "sent_to" in changed:
            known["address_id"] = _address(session, actor, changed["sent_to"])
        change(session, settings_of(session, actor.member_id), known, clock.now())
    told.set_levels(session, actor.member_id, levels)
    if changed or levels:
        audit.record(session, actor, "subscriptions.change", ("member", actor.id), digest=changed, forums=levels)
    session.flush()
    return queries.subscriptions(session.connection(), actor, site)


def _levels(before: Subscriptions, form: SubscriptionsForm) -> dict[int, str]:
    """The levels that are new, by forum id."""
    given, known = form.forums or {}, {forum.slug: forum for forum in before.forums}
    unknown = {f"forums.{slug}": "There is no such forum." for slug in given if slug not in known}
    if unknown:
        raise Invalid(unknown)
    return {known[slug].id: level.value for slug, level in given.items() if level != known[slug].level}


def _address(session: Session, actor: Actor, email: str | None) -> int | None:
    """The id of a confirmed address of one's own; the one that all mail goes to needs no row."""
    mine = {row.email: row for row in addresses.my_addresses(session.connection(), actor.member_id)}
    if email is not None and email not in mine:
        raise Invalid({"sent_to": "Please choose a confirmed address of your own. You can add one under Sign-in, Addresses."})
    return None if email is None or mine[email].is_primary else int(mine[email].id)


def settings_of(session: Session, member_id: int) -> DigestSettings:
    """The member's row, made with the defaults if there is none, locked until the transaction ends."""
    member_class = members.class_of(session, member_id)
    ours = asdict(defaults.of_class(session, member_class)) | defaults.moments_of(session, member_class)
    del ours["level"]
    fresh = {"weekday": 0, "time_zone": "", "serial": 0, **ours}
    session.connection().execute(
        insert_into(session, DigestSettings.__table__).values(member_id=member_id, **fresh).on_conflict_do_nothing()
    )
    return session.execute(select(DigestSettings).where(DigestSettings.member_id == member_id).with_for_update()).scalar_one()


def change(session: Session, row: DigestSettings, changed: dict[str, Any], now: dt.datetime) -> None:
    for name, value in changed.items():
        setattr(row, name, value)
    if SCHEDULE & changed.keys():
        row.changed_at = now
    if changed.get("on"):
        row.counts_from = now  # what was posted while it was off is not sent


def revoke_links(session: Session, actor: Actor) -> None:
    """Make the stop links in all earlier mails worthless: a digest that was passed on can then not be stopped by who got it."""
    row = settings_of(session, actor.member_id)
    row.serial += 1
    audit.record(session, actor, "digest.revoke_links", ("member", actor.id))
