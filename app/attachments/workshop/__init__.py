"""Decoding what members sent happens in a process of its own, which has little time, little memory and none of our secrets: a file that
was made to break a decoder breaks that process alone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from app.core.config import ROOT

WITHIN = 60.0  # seconds
ORIGINAL, CLEAN, THUMB, TEXT, BARE = "original", "clean", "thumb", "text", "bare"  # files of a workshop's folder


class Spoiled(Exception):
    """The file could not be worked on; the message is for whoever sent it."""


def work(job: str, pieces: Iterable[bytes], folder: Path) -> dict[str, Any]:
    """Let a process do this job on a file, in an empty folder; what it found. Spoiled if it could not."""
    with (folder / ORIGINAL).open("wb") as file:
        file.writelines(pieces)
    command = [sys.executable, "-m", "app.attachments.workshop.bench", job, str(folder)]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(  # noqa: S603  # ourselves, with two words of ours
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=WITHIN, check=False
        )
    except subprocess.TimeoutExpired:
        raise Spoiled("It takes too long to open.") from None
    if done.returncode:
        raise Spoiled(done.stdout.decode("utf-8", "replace").strip()[:200] or "It can't be opened.")
    found: dict[str, Any] = json.loads(done.stdout)
    return found
