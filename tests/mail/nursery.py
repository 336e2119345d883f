"""Run by test_kill.py as a process of its own: forks workers that queue and send digests, and kills them at random points.

Reads one JSON object from standard input. It has one thread, so forking it is safe; each worker opens its own database.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import signal
import sys
import threading
import time

from app import tables
from app.core import clock
from app.core.config import Settings
from app.core.db import open_database
from app.mail.delivery import Delivery
from app.mail.digest.run import queue_digests

WORKERS = 3
_never = threading.Event()


def work(settings: Settings, at: dt.datetime) -> None:
    db = open_database(settings, pool_size=2)
    began = time.monotonic()
    with clock.at(lambda: at + dt.timedelta(seconds=time.monotonic() - began)):
        queue_digests(db, settings, clock.now())
        Delivery(db, settings).run()
    db.close()


def born(settings: Settings, at: dt.datetime) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        work(settings, at)
        code = 0
    finally:
        os._exit(code)


def main() -> None:
    given = json.load(sys.stdin)
    settings = Settings(**given["settings"], _env_file=None)
    assert tables.metadata
    at, dice = dt.datetime.fromisoformat(given["at"]), random.Random(given["seed"])
    killed = 0
    for _ in range(given["kills"]):
        workers = [born(settings, at) for _ in range(WORKERS)]
        _never.wait(dice.uniform(0.03, 0.35))
        for pid in workers:
            os.kill(pid, signal.SIGKILL)
        killed += sum(os.WIFSIGNALED(os.waitpid(pid, 0)[1]) for pid in workers)
        at += dt.timedelta(minutes=6)  # by then the dead ones' leases are over
    at += dt.timedelta(minutes=40)  # and what could not leave is tried again
    ended = [os.waitpid(pid, 0)[1] for pid in [born(settings, at) for _ in range(WORKERS)]]
    json.dump({"killed": killed, "ended": ended}, sys.stdout)


if __name__ == "__main__":
    main()
