"""Programs that a measurement starts. Each is the leader of its own process group, and is ended by its own number."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv/bin/python"
SQUADROOM = ROOT / ".venv/bin/squadroom"
_started: list[subprocess.Popen[bytes]] = []


class BenchError(Exception):
    """A measurement that can't be made; the message is one line."""


def environment(**values: str) -> dict[str, str]:
    """This environment without any settings of Squadroom but these. The programs run elsewhere, and are this checkout's all the same,
    whichever one its packages were installed for."""
    own = {k: v for k, v in os.environ.items() if not k.startswith("SQUADROOM_")}
    return own | {"PYTHONPATH": str(ROOT)} | {f"SQUADROOM_{k}": v for k, v in values.items()}


def start(command: Sequence[str | Path], env: Mapping[str, str], folder: Path) -> subprocess.Popen[bytes]:
    """Start a program in `folder`, where no .env lies; what it says goes to a file there."""
    with (folder / f"{Path(command[0]).name}.log").open("ab") as log:
        process = subprocess.Popen(
            [str(part) for part in command], env=dict(env), cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    _started.append(process)
    return process


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask it to end, then end it and whatever it started."""
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
    with suppress(ProcessLookupError):  # all of it ended by itself
        os.killpg(process.pid, signal.SIGKILL)  # its group has its number
    process.wait()
    if process in _started:
        _started.remove(process)


def stop_all() -> None:
    for process in list(_started):
        stop(process)


def stop_when_told() -> None:
    """A bench that is told to stop cleans up as one that ends."""

    def leave(number: int, _frame: FrameType | None) -> None:
        sys.exit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)


def run(command: Sequence[str | Path], env: Mapping[str, str], folder: Path) -> tuple[float, str]:
    """Run a program to its end: seconds, and what it printed. BenchError if it failed."""
    began = time.perf_counter()
    done = subprocess.run([str(part) for part in command], env=dict(env), cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [""])[-1]
        raise BenchError(f"{Path(command[0]).name} {' '.join(str(c) for c in command[1:4])} failed: {last}")
    return time.perf_counter() - began, done.stdout


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_for(port: int, path: str, process: subprocess.Popen[bytes], within: float = 120) -> None:
    """Ask every few milliseconds until the answer is 200."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        if process.poll() is not None:
            raise BenchError(f"the server on port {port} ended with code {process.returncode}")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path, headers={"Host": f"localhost:{port}"})
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.005)
    raise BenchError(f"no answer on port {port} within {within:.0f} s")


def cpu(pid: int) -> float:
    """Seconds of processor time that a process has used so far, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> dict[str, float]:
    """MB of a process: `rss` all that is in memory, `own` of it what is no file's, `peak` the most `rss` ever was."""
    names = {"VmRSS": "rss", "RssAnon": "own", "VmHWM": "peak"}
    lines = (line.partition(":") for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return {names[name]: int(value.split()[0]) / 1024 for name, _, value in lines if name in names}
