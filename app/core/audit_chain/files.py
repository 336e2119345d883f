"""Checkpoints as lines of a file, one JSON object each, for another system to keep: CHECKPOINT_DIR/audit-checkpoints.jsonl."""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.core.audit import AuditCheckpoint
from app.core.audit_chain.chain import moment

log = logging.getLogger(__name__)
NAME = "audit-checkpoints.jsonl"


@dataclass(frozen=True, slots=True)
class Line:
    """A checkpoint as the file has it; `number` is the line's, for a message."""

    number: int
    seq: int
    at: dt.datetime
    hash: bytes
    signature: bytes


def append_checkpoint(folder: Path, checkpoint: AuditCheckpoint) -> None:
    """Add a line, in one write, to the file. Called after the commit: a line never speaks of what was rolled back.

    A folder that can't be written is told to the log and stops nothing: the chain itself is the record.
    """
    line = json.dumps(
        {"seq": checkpoint.seq, "at": moment(checkpoint.at), "hash": checkpoint.hash.hex(), "signature": checkpoint.signature.hex()}
    )
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(folder / NAME, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, line.encode() + b"\n")
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        log.error("the audit checkpoint at row %d could not be copied to CHECKPOINT_DIR: %s", checkpoint.seq, error)


def lines(folder: Path) -> Iterator[Line | int]:
    """Each line of the file, or its number where it can't be read."""
    path = folder / NAME
    if not path.is_file():
        return
    with path.open(encoding="ascii", errors="replace") as file:
        for number, text in enumerate(file, 1):
            try:
                found = json.loads(text)
                at = dt.datetime.fromisoformat(found["at"])
                yield Line(number, int(found["seq"]), at, bytes.fromhex(found["hash"]), bytes.fromhex(found["signature"]))
            except (ValueError, KeyError, TypeError):
                yield number
