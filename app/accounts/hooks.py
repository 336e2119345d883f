"""What accounts must ask of packages above: who may sign in, what a person is called, and who the demonstration's cast is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from app.core.access import Actor


@dataclass(frozen=True, slots=True)
class Person:
    """What a person is called in the log, and the words that their password may not lean on (A4)."""

    name: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CastMember:
    id: int
    name: str
    rank: str = ""
    agency: str = ""


Gate = Callable[[Connection, int], bool]  # of an account, by its id
Lacks = Callable[[Connection, int, str], bool]
Describe = Callable[[Connection, int], Person | None]
Cast = Callable[[Connection], Sequence[CastMember]]


def _nobody(conn: Connection, account_id: int) -> bool:
    return False


def _lacks_none(conn: Connection, account_id: int, beside: str) -> bool:
    return False


def _unknown(conn: Connection, account_id: int) -> Person | None:
    return None


def _empty(conn: Connection) -> Sequence[CastMember]:
    return ()


_gate: Gate = _nobody
_needs_passkey: Gate = _nobody
_return_gate: Gate = _nobody
_lacks_address: Lacks = _lacks_none
_describe: Describe = _unknown
_cast: Cast = _empty


def register_gate(gate: Gate) -> None:
    """Membership says whether an account may sign in at this moment. Until it does, nobody may."""
    global _gate
    _gate = gate


def register_needs_passkey(needs: Gate) -> None:
    """Membership says whose role asks for a passkey (A2)."""
    global _needs_passkey
    _needs_passkey = needs


def register_lacks_address(lacks: Lacks) -> None:
    """Membership says who has yet to confirm an address of their own: as things are, or with one more beside those they have (V12)."""
    global _lacks_address
    _lacks_address = lacks


def register_return_gate(gate: Gate) -> None:
    """Membership says whether an account may sign in for one thing alone: to ask to come back."""
    global _return_gate
    _return_gate = gate


def register_person(describe: Describe) -> None:
    global _describe
    _describe = describe


def register_cast(cast: Cast) -> None:
    """Who is shown on the sign-in page of a demonstration."""
    global _cast
    _cast = cast


def may_sign_in(conn: Connection, account_id: int) -> bool:
    return _gate(conn, account_id)


def needs_passkey(conn: Connection, account_id: int) -> bool:
    return _needs_passkey(conn, account_id)


def lacks_address(conn: Connection, account_id: int, beside: str = "") -> bool:
    return _lacks_address(conn, account_id, beside)


def may_enter(conn: Connection, account_id: int) -> bool:
    """Whether a right password leads anywhere: to a whole session, or to one that is good for coming back alone."""
    return _gate(conn, account_id) or _return_gate(conn, account_id)


def person(conn: Connection, account_id: int) -> Person:
    return _describe(conn, account_id) or Person(f"account {account_id}")


def cast(conn: Connection) -> Sequence[CastMember]:
    return _cast(conn)


# What membership is told and asked of changes to an account; nothing, until it registers --------------------------------------

Told = Callable[[Session, int], None]
Alarm = Callable[[Session, int, str], None]
Hold = Callable[[Session, Actor, int], None]

_agency_address: list[Told] = []
_alarms: list[Alarm] = []
_holds: list[Hold] = []


def register_agency_address(told: Told) -> None:
    """Called when the address that vetting saw is no longer the agency's: re-verification may begin there."""
    _agency_address[:] = [told]


def register_alarm(alarm: Alarm) -> None:
    """Called with the account and a sentence when somebody says that a change was not theirs."""
    if alarm not in _alarms:
        _alarms.append(alarm)


def register_recovery_hold(hold: Hold) -> None:
    """Called with a recovery case's id that its member says they never asked for."""
    if hold not in _holds:
        _holds.append(hold)


def agency_address_changed(session: Session, account_id: int) -> None:
    for told in _agency_address:
        told(session, account_id)


def alarm(session: Session, account_id: int, what: str) -> None:
    for one in _alarms:
        one(session, account_id, what)


def hold_recovery(session: Session, actor: Actor, case_id: int) -> None:
    for hold in _holds:
        hold(session, actor, case_id)
