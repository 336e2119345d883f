"""The real command with a data folder of its own: what ends by itself in this process, the server in one of its own."""

from __future__ import annotations

import io
import logging
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from app.cli import main
from app.core.config import Settings
from app.core.db import Database, open_database
from tests.house.source import ROOT

COMMAND = (sys.executable, "-P", "-m", "app.cli")
_never = threading.Event()


def wait_for(look: Callable[[], Any], seconds: float = 90) -> Any:
    """What `look` gives as soon as it gives something; fails after so many seconds."""
    until = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < until, "waited in vain"
        _never.wait(0.05)
    return seen


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


class Squadroom:
    def __init__(self, data: Path) -> None:
        self.data = data
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("SQUADROOM_")} | {"SQUADROOM_DATA_DIR": str(data)}
        self.settings = Settings(data_dir=data, _env_file=None)

    def run(self, *words: str, stdin: bytes = b"", **env: str) -> Done:
        """A command that ends by itself, in this process: what it prints and its exit code."""
        given = self.env | {f"SQUADROOM_{name}": value for name, value in env.items()}
        out, err, umask, root = io.StringIO(), io.StringIO(), os.umask(0o022), logging.getLogger()
        handlers, level = root.handlers[:], root.level
        with (
            patch.dict(os.environ, given, clear=True),
            patch.object(sys, "argv", ["squadroom", *words]),
            patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin))),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            try:
                code = main()
            finally:
                os.umask(umask)
                root.handlers[:] = handlers
                root.setLevel(level)
        return Done(code, out.getvalue(), err.getvalue())

    @contextmanager
    def database(self) -> Iterator[Database]:
        db = open_database(self.settings, pool_size=1)
        try:
            yield db
        finally:
            db.close()

    @contextmanager
    def serving(self, *options: str, **env: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
        """A server that answers, and its port; ended at the end, however the test ended."""
        port = free_port()
        given = self.env | {f"SQUADROOM_{name}": value for name, value in env.items()}
        with (self.data.parent / "server.log").open("ab") as log:
            process = subprocess.Popen([*COMMAND, "serve", "--port", str(port), *options], env=given, cwd=ROOT, stdout=log, stderr=log)
        try:
            wait_for(lambda: process.poll() is not None or answers(port))
            assert process.poll() is None, (self.data.parent / "server.log").read_text()
            yield process, port
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait(40)


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def children(pid: int) -> list[int]:
    done = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(word) for word in done.stdout.split() if Path(f"/proc/{word}").exists()]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rsplit(") ", 1)[1][0] != "Z"
