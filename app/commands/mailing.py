"""`squadroom digest …` and `squadroom mail …`."""

from __future__ import annotations

import datetime as dt
import ipaddress
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands.running import Failed, database, settings_of, tell
from app.core import clock

if TYPE_CHECKING:
    from app.mail.records.answers import FileAnswers
    from app.mail.records.findings import Finding


def run_digests(at: dt.datetime | None, member: str | None) -> None:
    """What the worker would do at that time; everything is sent before this returns."""
    from app.mail.digest.run import run_digests as run

    settings = settings_of("digest")
    with database(settings) as db:
        sent = run(db, settings, at or clock.now(), member)
    print(f"{sent} digest{'' if sent == 1 else 's'} sent.")


def accept(sender: str, recipient: str, at: dt.datetime | None) -> int:
    """Take one message in from standard input, as a mail server's pipe transport brings it; the exit code it understands."""
    from app import wiring_posting
    from app.mail import envelope as envelopes
    from app.mail.inbound.accept import accept as take
    from app.mail.inbound.envelope import MOST_BYTES, Envelope

    settings = settings_of("mail")
    envelope = Envelope(sender, recipient, sys.stdin.buffer.read(MOST_BYTES + 1))
    wire = None if envelopes.is_for(envelope.local) else wiring_posting.wire  # a report may concern a membership, an answer does not
    with database(settings, wire) as db, clock.at(at) if at else nullcontext():
        return int(take(db, settings, envelope))


def check_records(as_json: bool, answers: Path | None, addresses: tuple[str, ...]) -> None:
    """Exit 1 if something that is needed is missing; what is only to be looked at doesn't count."""
    from app.mail.records.answers import FileAnswers, Resolver
    from app.mail.records.findings import Check

    settings = settings_of("mail")
    for one in addresses:
        _require_address(one)
    findings = Check(settings, _from_file(FileAnswers, answers) if answers else Resolver(), addresses).run()
    tell(findings, as_json, _print)


def _require_address(text: str) -> None:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        raise Failed(f"--ip: {text} is no address") from None


def _from_file(kind: type[FileAnswers], path: Path) -> FileAnswers:
    try:
        return kind(path)
    except (ValueError, AttributeError):
        raise Failed(f"--answers: {path} is not a JSON object of answers") from None


def _print(findings: list[Finding]) -> None:
    """Records stand on lines of their own, whole, so that they can be copied."""
    for finding in findings:
        print(f"{ {'well': 'well ', 'look': 'LOOK ', 'wrong': 'WRONG'}[finding.state] }  {finding.what}: {finding.said}")
    if records := [finding.add for finding in findings if finding.add]:
        print("\nRecords to add:")
        print("\n".join(records))
