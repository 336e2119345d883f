"""What the mail domain of an application says: on the agency's record, in the .gov registry, public, or made to look like another."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Connection

from app.agencies.addresses.public_mail import public_mail_service
from app.agencies.dotgov import registry
from app.agencies.dotgov.registry import Known
from app.membership.applications.checks import fit
from app.membership.applications.checks.check import Check, State


def checks(conn: Connection, case: Any, now: dt.datetime) -> list[Check]:
    host = case.email.rpartition("@")[2]
    known = registry.known(conn, host, case)
    return [_agency_domain(case, host, known.on_record), _gov_registry(case, known, now), _free_domain(host), _look_alike(known)]


def _agency_domain(case: Any, host: str, on_record: list[str]) -> Check:
    if case.agency_id is None:
        return Check("agency_domain", "unknown", f"No listed agency to compare {host} with.")
    if not on_record:
        return Check("agency_domain", "unknown", f"The agency's record names no mail domain, so {host} can't be compared.")
    if is_on_record(host, on_record):
        return Check("agency_domain", "pass", f"{host} is on the agency's record. One signal, never proof: mailboxes get stolen.")
    return Check("agency_domain", "attention", f"{host} is not on the agency's record, which names {', '.join(on_record)}.")


def is_on_record(host: str, on_record: list[str]) -> bool:
    return any(host == one or host.endswith("." + one) for one in on_record)


def not_evidence(conn: Connection, case: Any, now: dt.datetime) -> str:
    """Why having this mail domain is no evidence, as a sentence; nothing if it is one kind (V5)."""
    found = {check.key: check.state for check in checks(conn, case, now)}
    host = case.email.rpartition("@")[2]
    if found["free_domain"] == "attention":
        return f"{host} is a public mail service: anyone can have an address there, so it never counts."
    if "pass" in (found["agency_domain"], found["gov_registry"]):
        return ""
    return f"{host} is neither on the agency's record nor a .gov name that fits it. Record what else you saw."


def _gov_registry(case: Any, known: Known, now: dt.datetime) -> Check:
    state, reason = _registered(case, known)
    if known.is_stale(now):
        reason += f" The registry here is of {_day(known.dated)}, more than a week old."
    return Check("gov_registry", state, reason)


def _registered(case: Any, known: Known) -> tuple[State, str]:
    if not known.host.endswith(".gov"):
        return "unknown", f"{known.host} is no .gov name, so the registry of these says nothing about it."
    if known.dated is None:
        return "unknown", "The registry of .gov names was not imported here yet, so this is not known."
    if known.registered is None:
        return "attention", f"{known.name} is not in the .gov registry of {_day(known.dated)}: no government had it then."
    holder = fit.holder(known.registered)
    if problem := fit.problem(case, known.registered):
        return "attention", f"{known.name} is registered to {holder}. {problem}"
    if not fit.claimed(case):
        return "unknown", f"{known.name} is registered to {holder}. No agency is named to compare it with."
    return "pass", f"{known.name} is registered to {holder}. That fits. It shows a government, not that they work for its police."


def _day(moment: dt.datetime | None) -> str:
    assert moment is not None
    return f"{moment:%b} {moment.day}, {moment.year}"


def _free_domain(host: str) -> Check:
    if service := public_mail_service(host):
        return Check("free_domain", "attention", f"{service} is a public mail service: anyone can have an address there. It never counts.")
    return Check("free_domain", "pass", f"{host} is none of the public mail services that are known here.")


def _look_alike(known: Known) -> Check:
    twice = "Call back a second time, at another number."
    if known.look_alike is not None:
        said = f"{known.host} {known.look_alike.how} {known.look_alike.other}".rstrip()
        return Check("look_alike", "attention", f"{said}. {twice}")
    if known.registered is not None:
        return Check("look_alike", "pass", f"{known.name} is itself a registered .gov name.")
    if not known.compared:
        return Check("look_alike", "unknown", "There are no registered or approved names here yet to compare it with.")
    return Check("look_alike", "pass", f"{known.host} looks like none of the {known.compared:,} registered and approved names.")
