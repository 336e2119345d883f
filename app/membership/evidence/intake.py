"""How a file gets into the evidence store: encrypted as it comes, judged from what was written, and only then given its name."""

from __future__ import annotations

import logging
import shutil
from dataclasses import dataclass

from app.core import files
from app.core.config import Settings
from app.core.errors import Invalid
from app.core.uploads import Taken, Takes
from app.core.vault import KeyMissing, Stored, Vault, Writing
from app.membership.evidence.limits import MOST_BYTES

log = logging.getLogger(__name__)
KEPT_FREE = 500_000_000  # bytes on the disk, for the database
_NOT_NOW = "Files can't be taken at the moment. Send the rest without one, and add the file later."


def vault_of(settings: Settings) -> Vault:
    return Vault(settings.evidence_folder, settings.evidence_key)


@dataclass(frozen=True, slots=True)
class TakenFile:
    """A file in the store that no case refers to yet. The worker collects what is left behind (retention.py)."""

    vault: Vault
    stored: Stored
    name: str
    media_type: str

    def discard(self) -> None:
        self.vault.remove(self.stored.name)


class Intake:
    def __init__(self, vault: Vault, writing: Writing) -> None:
        self._vault, self._writing = vault, writing

    def write(self, data: bytes) -> None:
        self._writing.write(data)

    def finish(self, name: str) -> TakenFile:
        name = files.shown_name(name)
        self._writing.close()
        kind = files.judged(name, self._writing.plaintext())
        return TakenFile(self._vault, self._writing.finish(), name, kind.media_type)

    def discard(self) -> None:
        self._writing.discard()


def begin(settings: Settings) -> Intake:
    vault = vault_of(settings)
    try:
        writing = vault.begin()
    except KeyMissing:
        log.exception("the evidence store has no usable key in %s", settings.evidence_key)
        raise Invalid(file=_NOT_NOW) from None
    if shutil.disk_usage(settings.evidence_folder).free < KEPT_FREE:
        writing.discard()
        log.error("the evidence store takes no files: the disk is nearly full")
        raise Invalid(file=_NOT_NOW)
    return Intake(vault, writing)


def taken_of(taken: Taken | None) -> TakenFile | None:
    """What a route that takes `ONE_FILE` was sent."""
    assert taken is None or isinstance(taken, TakenFile)
    return taken


ONE_FILE = Takes(begin, MOST_BYTES)
