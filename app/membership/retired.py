"""What a retired member has to have of their own (V12): a passkey, which no agency takes back, and a confirmed address that is no agency's.

The passkey is asked for with that of roles (actors.needs_passkey). Both are asked for at sign-in, and retiring ends what was open.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from app.accounts.addresses import access as addresses
from app.agencies.access import on_any_record
from app.agencies.addresses.public_mail import public_mail_service
from app.membership import access
from app.membership.models import MemberClass

_OFFICIAL = re.compile(r"(?:^|\.)(?:gov|mil|[a-z]{2}\.us)$")  # a government's names, and those of localities such as ci.town.wa.us


def lacks_address(conn: Connection, account_id: int, beside: str = "") -> bool:
    """Whether this is a retired member without an address of their own, also if they had one more `beside` what they have."""
    if access.class_of(conn, account_id) != MemberClass.RETIRED:
        return False
    mine = addresses.my_addresses(conn, account_id)
    hosts = {_host(row.email) for row in mine} | ({_host(beside)} if beside else set())
    return all(_is_official(conn, host) for host in hosts - _of_service(conn, account_id, mine))


def _of_service(conn: Connection, account_id: int, mine: Sequence[Row[Any]]) -> set[str]:
    """Where they had a mailbox in service, by what vetting saw: any address there is the agency's. Who came without a case has said
    which it is. A public service is nobody's agency."""
    vetted = access.vetted_in_service(conn, account_id)
    hosts = {_host(email) for email in vetted} if vetted is not None else {_host(row.email) for row in mine if row.is_agency}
    return {host for host in hosts if not public_mail_service(host)}


def _host(email: str) -> str:
    return email.rpartition("@")[2]


def _is_official(conn: Connection, host: str) -> bool:
    return bool(_OFFICIAL.search(host)) or on_any_record(conn, {host})
