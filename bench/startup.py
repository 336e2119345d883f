"""How long `squadroom serve` takes to its first page, and what its processes need of memory."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median

from sqlalchemy import func, select

from app.mail.models import MailState, OutboxMessage
from bench import processes
from bench.places import Place
from bench.processes import ROOT, SQUADROOM

TIMES = 5
SETTLE = 90.0  # seconds at most that a worker is given to send what is due


def _program() -> Iterable[Path]:
    """Files that a start reads: ours, the packages', Python's."""
    for folder in (ROOT / "app", ROOT / "templates", ROOT / ".venv", Path(sys.base_prefix) / "lib" / f"python3.{sys.version_info.minor}"):
        yield from (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def forget() -> None:
    """Ask the system to drop these files from memory. What another process has mapped stays, so cold is not quite as after a boot."""
    for path in _program():
        try:
            file = os.open(path, os.O_RDONLY)
        except OSError:
            continue
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(file)


def first_page(place: Place, options: tuple[str, ...] = (), env: dict[str, str] | None = None) -> float:
    """Seconds from the command to the first 200 of the sign-in page."""
    port = processes.free_port()
    command: list[str | Path] = [SQUADROOM, "serve", "--port", str(port), "--workers", "1", *options]
    began = time.perf_counter()
    process = processes.start(command, place.environment(port) | (env or {}), place.folder)
    try:
        processes.wait_for(port, "/sign-in", process)
        return time.perf_counter() - began
    finally:
        processes.stop(process)


def several(place: Place, options: tuple[str, ...], before: Callable[[], None] | None = None) -> float:
    """The median of some starts, each after `before`."""
    found = []
    for _ in range(TIMES):
        if before is not None:
            before()
        found.append(first_page(place, options))
    return median(found)


def very_first(place: Place) -> float:
    """As after a set-up: no module was compiled to bytecode yet."""
    with tempfile.TemporaryDirectory() as empty:
        return first_page(place, ("--no-worker",), {"PYTHONPYCACHEPREFIX": empty})


def worker_memory(place: Place) -> dict[str, float]:
    """Memory of `squadroom worker` after it has queued and sent what was due in this corpus; `sent` says how many messages."""
    process = processes.start([SQUADROOM, "worker"], place.environment(), place.folder)
    try:
        sent = _until_quiet(place)
        return {**processes.memory(process.pid), "sent": sent}
    finally:
        processes.stop(process)


def _until_quiet(place: Place) -> int:
    """Wait until the worker has sent something and nothing is left, or until its time is over; how many it sent."""
    left = select(func.count()).where(OutboxMessage.state == MailState.QUEUED)
    sent = select(func.count()).where(OutboxMessage.state == MailState.SENT)
    end, before, done = time.monotonic() + SETTLE, -1, 0
    with place.database() as db:
        while time.monotonic() < end:
            time.sleep(3)
            with db.read() as conn:
                waiting, done = conn.execute(left).scalar_one(), conn.execute(sent).scalar_one()
            if done and not waiting and done == before:
                break
            before = done
    return int(done)
