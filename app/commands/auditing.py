"""`squadroom audit …`."""

from __future__ import annotations

import datetime as dt

from app.commands.running import Failed, database, settings_of, show


def verify(as_json: bool) -> None:
    """One line if the log is as it was sealed; else the first problem on standard error, with all of them on standard output."""
    from app.core.audit_chain import Verified, verify_fully
    from app.core.signing import Signer

    settings = settings_of("audit")
    with database(settings) as db:
        found: Verified = verify_fully(db, Signer(settings.keys), settings)
    if as_json:
        show({
            "rows": found.rows, "sealed_to": found.sealed_to and found.sealed_to.isoformat(), "not_sealed_yet": found.waiting,
            "checkpoints": found.checkpoints, "copies": found.copies, "problems": found.problems, "untold": found.untold,
        })  # fmt: skip
    elif not found.problems:
        print(_line(found.rows, found.sealed_to, found.waiting))
    else:
        print("\n".join(found.problems))
    if found.problems:
        count = len(found.problems) + found.untold
        raise Failed(f"the audit log does not verify: {count} problem{'s' if count > 1 else ''}, the first: {found.problems[0]}")


def _line(rows: int, sealed_to: dt.datetime | None, waiting: int) -> str:
    sealed = f"sealed to {sealed_to:%Y-%m-%d %H:%M:%S} UTC" if sealed_to else "nothing sealed yet"
    return f"audit log verifies: {rows:,} rows, {sealed}" + (f", {waiting:,} not sealed yet" if waiting else "")
