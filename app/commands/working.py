"""`squadroom worker`: the job loop in this process, until it is told to stop. `squadroom jobs run`: one round of it."""

from __future__ import annotations

import datetime as dt
import os
import signal
import threading

from app.commands.running import database, settings_of
from app.core import clock


def work(beside_server: bool) -> None:
    from app import worker

    settings = settings_of("worker")
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    if beside_server:
        threading.Thread(target=_stop_with_server, args=(stop,), daemon=True).start()
    worker.run(settings, stop)


def run_jobs(at: dt.datetime | None) -> None:
    """All that is due at that time; it is done, and its mail has left, when this returns."""
    from app import worker

    settings = settings_of("jobs")
    with database(settings) as db:
        worker.run_once(db, settings, at or clock.now())


def _stop_with_server(stop: threading.Event) -> None:
    """The server holds the other end of standard input: it ends with the server, also with one that was killed."""
    while os.read(0, 1):  # unbuffered: a buffered reader would hold its lock while the interpreter ends
        pass
    stop.set()
