"""`squadroom doctor`: looks at the installation, changes nothing, and says what is well, what to look at, and what is wrong."""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from app.accounts import blocklist
from app.commands import schema
from app.commands.running import one_line, settings_of, tell
from app.core import clock
from app.core.config import LOOPBACK, ConfigError, Settings
from app.core.db import Database, open_database
from app.core.ports.scanner import ScannerDown
from app.core.storage import storage_of

SEALED_WITHIN = dt.timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Finding:
    state: Literal["well", "look", "wrong"]
    what: str
    said: str


def doctor(as_json: bool) -> None:
    """Exit 1 if anything is wrong; what is only to be looked at doesn't count."""
    settings = settings_of("doctor")
    findings = [*_files(settings), _scanner(settings), _passwords(settings), *_site(settings), *_database(settings)]
    tell(findings, as_json, _print)


def _print(findings: list[Finding]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False)
    for finding in findings:
        table.add_row({"well": "well", "look": "LOOK", "wrong": "WRONG"}[finding.state], finding.what, finding.said)
    Console().print(table)


def _files(settings: Settings) -> Iterator[Finding]:
    yield _private(settings.data_dir, "data folder")
    if not settings.secret_key:
        yield _private(settings.data_dir / "secret.key", "secret key")
    if settings.checkpoint_dir is None:
        yield Finding("look", "audit checkpoints", "CHECKPOINT_DIR is not set: set it to a folder that another system keeps")
    elif _inside(settings.checkpoint_dir, settings.data_dir):
        yield Finding("look", "audit checkpoints", "CHECKPOINT_DIR lies in DATA_DIR: keep it where the data's owner can't write")
    elif not os.access(settings.checkpoint_dir, os.W_OK):
        yield Finding("wrong", "audit checkpoints", f"{settings.checkpoint_dir} can't be written")
    else:
        yield Finding("well", "audit checkpoints", f"copied to {settings.checkpoint_dir}")
    yield _private(settings.evidence_key, "evidence key")
    if _inside(settings.evidence_key, settings.data_dir):
        yield Finding("look", "evidence key", "EVIDENCE_KEY_FILE lies in DATA_DIR: keep it elsewhere, out of the backups")


def _scanner(settings: Settings) -> Finding:
    from app.attachments.clamd import scanner_of  # late, as are other packages' parts in here

    what = "virus scanner"
    try:
        scanner = scanner_of(settings)
        storage_of(settings)
        if scanner is None:
            return Finding("look", what, "CLAMD is not set: what members attach is not scanned")
        return (
            Finding("well", what, "asked, and it answered")
            if not scanner.scan([b"doctor"])
            else Finding("wrong", what, "it finds what is not there")
        )
    except ConfigError as error:
        return Finding("wrong", what, str(error))
    except ScannerDown as error:
        return Finding("wrong", what, f"{error}: what members attach is held")


def _passwords(settings: Settings) -> Finding:
    blocklist.use(settings.data_dir)
    known = blocklist.current()
    said = f"{len(known.words):,} common ones are refused; the list is of {known.dated:%Y-%m-%d}"
    if known.is_stale(clock.now()):
        return Finding("look", "passwords", f"{said}: put a newer one into {settings.data_dir / blocklist.OWN}, or upgrade")
    return Finding("well", "passwords", said)


def _private(path: Path, what: str) -> Finding:
    if not path.exists():
        return Finding("look", what, f"{path} is not there yet; it is made when first needed")
    open_to_others = stat.S_IMODE(path.stat().st_mode) & 0o077
    if open_to_others:
        return Finding("wrong", what, f"{path} can be read by others: chmod {'700' if path.is_dir() else '600'} {path}")
    if not os.access(path, os.W_OK if path.is_dir() else os.R_OK):
        return Finding("wrong", what, f"{path} can't be used by this user")
    return Finding("well", what, str(path))


def _inside(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _site(settings: Settings) -> Iterator[Finding]:
    if settings.is_https:
        yield Finding("well", "address", settings.origin)
    else:
        yield Finding("look", "address", f"{settings.origin} is for this machine only: set BASE_URL to an https address")
    if _is_number(settings):
        state: Literal["look", "wrong"] = "wrong" if settings.is_https else "look"  # without https it is this machine's own
        yield Finding(state, "passkeys", f"{settings.origin} is no name: nobody with a role can sign in, since passkeys need one")
    if not settings.smtp_url:
        yield Finding("look", "mail", f"SMTP_URL is not set: mail is written to {settings.data_dir / 'mail'} and sent to nobody")
    if settings.is_https and not settings.trusted_proxies:
        yield Finding("look", "proxy", "TRUSTED_PROXIES is not set: the log shows the proxy's address instead of people's")
    host = settings.host.rsplit(":", 1)[0].strip("[]")
    if settings.env == "demo" and host in LOOPBACK:
        yield Finding("look", "demo", "ENV=demo: anyone on this machine signs in with one click")


def _is_number(settings: Settings) -> bool:
    try:
        ipaddress.ip_address(urlsplit(settings.origin).hostname or "")
    except ValueError:
        return False
    return True


def _database(settings: Settings) -> Iterator[Finding]:
    try:
        differences = schema.drift(settings)
    except Exception as error:  # whatever keeps the database from being used is the finding
        yield Finding("wrong", "database", one_line(error) or f"{type(error).__name__}: {error}")
        return
    if differences:
        yield Finding("wrong", "tables", differences[0])
        return
    yield Finding("well", "tables", f"at migration {schema.needed()}")
    db = open_database(settings, pool_size=1)
    try:
        checks: tuple[Callable[[Database], Finding], ...] = (_sound, _sealed, _people, _registry)
        for check in checks:
            yield check(db)
        yield _evidence(db, settings)
    finally:
        db.close()


def _sound(db: Database) -> Finding:
    if not db.is_sqlite:
        return Finding("well", "database", "PostgreSQL answers")
    with db.read() as conn:
        said = conn.exec_driver_sql("PRAGMA quick_check").scalar_one()
    return Finding("well" if said == "ok" else "wrong", "database", "SQLite is sound" if said == "ok" else f"SQLite: {said}")


def _sealed(db: Database) -> Finding:
    """A row that waits for minutes means that no worker runs."""
    from sqlalchemy import func, select

    from app.core.audit import AuditEvent, AuditLink

    waiting = select(func.count(), func.min(AuditEvent.at)).outerjoin(AuditLink, AuditLink.event_id == AuditEvent.id)
    with db.read() as conn:
        count, oldest = conn.execute(waiting.where(AuditLink.seq.is_(None))).one()
    if count and clock.now() - oldest > SEALED_WITHIN:
        return Finding("wrong", "worker", f"{count} rows of the audit log wait to be sealed: does a worker run?")
    return Finding("well", "worker", "the audit log is sealed")


def _evidence(db: Database, settings: Settings) -> Finding:
    """Whether the key file has the key of the newest file: after a restore it may be another one."""
    from app.core.errors import Refusal
    from app.core.vault import Stored
    from app.membership.evidence.access import newest_key
    from app.membership.evidence.intake import vault_of

    with db.read() as conn:
        newest = newest_key(conn)
    if newest is None:
        return Finding("well", "evidence", "no files are kept")
    try:
        is_open = vault_of(settings).opens(Stored(newest.stored_as, newest.sealed_key, newest.size, newest.sha256))
    except Refusal:
        is_open = False
    if not is_open:
        return Finding(
            "wrong", "evidence", f"{settings.evidence_key} does not open the newest of {newest.count} files: put the right key back"
        )
    if not (settings.evidence_folder / newest.stored_as).is_file():
        return Finding("wrong", "evidence", f"the newest of {newest.count} files is not in {settings.evidence_folder}")
    return Finding("well", "evidence", f"{newest.count} files, and the key opens the newest")


def _registry(db: Database) -> Finding:
    from app.agencies.dotgov import registry

    with db.read() as conn:
        copy = registry.age(conn)
    if copy is None:
        return Finding("look", ".gov registry", "was not imported yet: squadroom import dotgov FILE (docs/operators.md)")
    said = f"{copy.size:,} names, of {copy.dated:%Y-%m-%d}"
    if registry.is_stale(copy.dated, clock.now()):
        return Finding("look", ".gov registry", f"{said}, more than a week old: squadroom import dotgov FILE, daily")
    return Finding("well", ".gov registry", said)


def _people(db: Database) -> Finding:
    from sqlalchemy import func, select

    from app.membership.models import Member, MemberRole, MemberStatus, Role
    from app.membership.staying.calendar import Stage

    with db.read() as conn:
        having = select(MemberRole.role, func.count()).join(Member, Member.id == MemberRole.member_id)
        counts = dict(conn.execute(having.where(Member.status == MemberStatus.ACTIVE).group_by(MemberRole.role)).all())
        unconfirmed = having.where((Member.verify_stage >= Stage.GRACE) | (Member.confirm_first != ""))
        late = dict(conn.execute(unconfirmed.where(Member.status == MemberStatus.ACTIVE).group_by(MemberRole.role)).all())
    if not counts.get(Role.ADMIN):
        return Finding("wrong", "people", "there is no administrator: run `squadroom admin create`")
    if counts.get(Role.ADMIN) == 1 == late.get(Role.ADMIN):
        return Finding(
            "look", "people", "the only administrator has not confirmed their membership: they do so at /verify; appoint another"
        )
    if counts.get(Role.REVIEWER, 0) < 2:
        return Finding("look", "people", "there are fewer than two reviewers: nobody new can be let in")
    return Finding("well", "people", f"{counts[Role.ADMIN]} administrator(s), {counts[Role.REVIEWER]} reviewers")
