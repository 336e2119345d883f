"""The one worker process that `squadroom serve` runs beside it: started when the server answers, started again if it dies."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)
COMMAND = (sys.executable, "-P", "-m", "app.cli", "worker", "--beside-server")
AGAIN_AFTER = 5.0  # seconds
STOP_WITHIN = 30.0  # seconds, then it is killed; its leases run out by themselves


class WorkerProcess:
    """`is_ready` says when to start: two processes that import at once would both be late."""

    def __init__(self, is_ready: Callable[[], bool]) -> None:
        self._is_ready = is_ready
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._watcher = threading.Thread(target=self._watch, name="worker-watch", daemon=True)

    def start(self) -> None:
        self._watcher.start()

    def stop(self) -> None:
        """End it, and wait until it has: it finishes what it is at and releases its leases (L12)."""
        self._stopping.set()
        process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
        self._watcher.join(AGAIN_AFTER)

    def _watch(self) -> None:
        while not self._is_ready():
            if self._stopping.wait(0.05):
                return
        while not self._stopping.is_set():
            # Its standard input is a pipe that nobody writes to: it ends when this process does, however that ends.
            self._process = subprocess.Popen(COMMAND, stdin=subprocess.PIPE)
            if self._stopping.is_set():
                self._process.terminate()
            code = self._process.wait()
            if self._stopping.wait(AGAIN_AFTER):
                return
            log.error("the worker ended with code %d and is started again", code)
