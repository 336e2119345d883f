"""Verifying: reads the whole chain once, in batches, and says what is not as it was sealed. Writes nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select

from app.core.audit import AuditCheckpoint, AuditEvent, AuditLink
from app.core.audit_chain import files
from app.core.audit_chain.chain import EVENT_COLUMNS, PURPOSE, START, AuditHead, checkpoint_message, head_message, link_hash
from app.core.config import Settings
from app.core.db import Database
from app.core.signing import Signer

BATCH = 5_000
LAST = 2**31 - 1  # the highest place there can be
TOLD = 20  # problems that are told in full; an attack on every row is one line more

_LINKS = (
    select(AuditLink.seq.label("place"), AuditLink.event_id.label("event"), AuditLink.hash.label("sealed"), *EVENT_COLUMNS)
    .outerjoin(AuditEvent, AuditEvent.id == AuditLink.event_id)
    .where(AuditLink.seq > bindparam("after"))
    .order_by(AuditLink.seq)
    .limit(BATCH)
)
_CHECKPOINTS = (
    select(AuditCheckpoint.seq, AuditCheckpoint.at, AuditCheckpoint.hash, AuditCheckpoint.signature)
    .where(AuditCheckpoint.seq > bindparam("after"), AuditCheckpoint.seq <= bindparam("upto"))
    .order_by(AuditCheckpoint.seq)
)


@dataclass(slots=True)
class Verified:
    """What a verification found. `problems` is empty when all is as it was sealed."""

    rows: int = 0  # sealed ones
    waiting: int = 0  # rows that no worker has sealed yet
    sealed_to: dt.datetime | None = None  # the newest sealed row's moment
    checkpoints: int = 0
    copies: int = 0  # lines of the file in CHECKPOINT_DIR
    problems: list[str] = field(default_factory=list)
    untold: int = 0

    def add(self, problem: str) -> None:
        if len(self.problems) < TOLD:
            self.problems.append(problem)
        else:
            self.untold += 1


def verify(db: Database, signer: Signer, settings: Settings) -> list[str]:
    """What is wrong with the log, in words; nothing when all is well."""
    found = verify_fully(db, signer, settings)
    return found.problems + ([f"… and {found.untold} more"] if found.untold else [])


def verify_fully(db: Database, signer: Signer, settings: Settings) -> Verified:
    found = Verified()
    with db.read() as conn:
        _Walk(conn, signer, found).run()
        if settings.checkpoint_dir is not None:
            _check_copies(conn, signer, settings, found)
        waiting = select(func.count()).select_from(AuditEvent).outerjoin(AuditLink, AuditLink.event_id == AuditEvent.id)
        found.waiting = conn.execute(waiting.where(AuditLink.seq.is_(None))).scalar_one()
    return found


class _Walk:
    """Along the chain from its start. After a broken place it goes on from the hash that is stored, so each break is told once."""

    def __init__(self, conn: Connection, signer: Signer, found: Verified) -> None:
        self.conn, self.signer, self.found = conn, signer, found
        self.place, self.hash = 0, START

    def run(self) -> None:
        head = self.conn.execute(select(AuditHead.seq, AuditHead.hash, AuditHead.signature).where(AuditHead.id == 1)).first()
        while batch := self._batch():
            before = self.place
            hashes = {row.place: row.sealed for row in batch}
            for row in batch:
                self._check_link(row)
            self._check_checkpoints(before, self.place, hashes)
            if head is not None and head.seq in hashes:
                self._check_head(head, hashes[head.seq])
        self._check_end(head)

    def _batch(self) -> list[Row[Any]]:
        try:
            return list(self.conn.execute(_LINKS, {"after": self.place}))
        except ValueError:  # a column holds what no row of ours ever held, such as a moment that is none
            self.found.add(f"a row after place {self.place} can't be read: it was changed; nothing after it was looked at")
            return []

    def _check_link(self, row: Row[Any]) -> None:
        if row.place != self.place + 1:
            self.found.add(f"{row.place - self.place - 1} places are missing after place {self.place}")
        elif row.id is None:
            self.found.add(f"row {row.event} was deleted (place {row.place})")
        elif link_hash(self.hash, row[3:]) != row.sealed:
            self.found.add(f"row {row.event} is not what was sealed (place {row.place}): it or its place was changed")
        else:
            self.found.sealed_to = row.at
        self.found.rows += 1
        self.place, self.hash = row.place, row.sealed

    def _check_checkpoints(self, after: int, upto: int, hashes: dict[int, bytes]) -> None:
        for row in self.conn.execute(_CHECKPOINTS, {"after": after, "upto": upto}):
            self.found.checkpoints += 1
            if not self.signer.verify(PURPOSE, checkpoint_message(row.seq, row.at, row.hash), row.signature):
                self.found.add(f"the checkpoint at place {row.seq} was changed, or was signed with a key that is not in SECRET_KEY")
            elif row.seq not in hashes:
                self.found.add(f"rows were cut off: there is a checkpoint at place {row.seq}, and no such place")
            elif hashes[row.seq] != row.hash:
                self.found.add(f"the chain was written anew before place {row.seq}: it does not fit the checkpoint there")

    def _check_head(self, head: Row[int, bytes, bytes], hash_: bytes) -> None:
        if head.hash != hash_:
            self.found.add(f"the chain was written anew before place {head.seq}: it does not fit its signed head")

    def _check_end(self, head: Row[int, bytes, bytes] | None) -> None:
        """Nothing is cut off: the signed head and every checkpoint lie within the chain. Nothing was put on without a signature."""
        if head is None:
            if self.place:
                self.found.add("the chain's signed head is missing")
        elif not self.signer.verify(PURPOSE, head_message(head.seq, head.hash), head.signature):
            self.found.add("the chain's head was changed, or was signed with a key that is not in SECRET_KEY")
        elif head.seq > self.place:
            self.found.add(f"rows were cut off: the chain ends at place {self.place}, and was sealed up to {head.seq}")
        self._check_checkpoints(self.place, LAST, {})
        now = self.conn.execute(select(AuditHead.seq).where(AuditHead.id == 1)).scalar()
        if self.place > (now or 0) and head is not None:
            self.found.add(f"places after {now} were never signed")


def _check_copies(conn: Connection, signer: Signer, settings: Settings, found: Verified) -> None:
    assert settings.checkpoint_dir is not None
    lines = files.lines(settings.checkpoint_dir)
    while batch := list(islice(lines, 500)):
        readable = [line for line in batch if isinstance(line, files.Line)]
        hashes = {
            row.seq: row.hash
            for row in conn.execute(select(AuditLink.seq, AuditLink.hash).where(AuditLink.seq.in_([line.seq for line in readable])))
        }
        for line in batch:
            _check_copy(line, hashes, signer, found)


def _check_copy(line: files.Line | int, hashes: dict[int, bytes], signer: Signer, found: Verified) -> None:
    found.copies += 1
    if isinstance(line, int):
        found.add(f"{files.NAME}, line {line}: can't be read")
    elif not signer.verify(PURPOSE, checkpoint_message(line.seq, line.at, line.hash), line.signature):
        found.add(f"{files.NAME}, line {line.number}: was changed, or was signed with a key that is not in SECRET_KEY")
    elif line.seq not in hashes:
        found.add(f"{files.NAME}, line {line.number}: rows were cut off; the log reached place {line.seq} and no longer does")
    elif hashes[line.seq] != line.hash:
        found.add(f"{files.NAME}, line {line.number}: the chain was written anew before place {line.seq}")
