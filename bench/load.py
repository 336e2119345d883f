"""wrk, and how its figures become ratios: always in rounds that alternate between two things, so that a slow moment meets both."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bench import processes
from bench.processes import PYTHON, BenchError

CLIENTS = 8
LUA = Path(__file__).parent
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


@dataclass(frozen=True, slots=True)
class Target:
    """What wrk asks for, of which process. `script` is a Lua file of this folder, `words` what it is given."""

    pid: int
    url: str
    cookie: str = ""
    script: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lap:
    rate: float  # requests a second
    p50: float  # ms
    p99: float
    cpu: float  # ms of the server's processor time for a request; that of PostgreSQL's own processes is not in it


@dataclass(frozen=True, slots=True)
class Plan:
    """How long is measured: so many rounds of so many seconds each."""

    rounds: int
    seconds: int


@dataclass(slots=True)
class Pair:
    """Rounds of two things. A ratio is of `second` to the mean of the `first` laps before and after it."""

    first: list[Lap] = field(default_factory=list)
    second: list[Lap] = field(default_factory=list)

    @property
    def ratios(self) -> list[float]:
        return [lap.rate * 2 / (self.first[i].rate + self.first[i + 1].rate) for i, lap in enumerate(self.second)]

    @property
    def ratio(self) -> float:
        return median(self.ratios)

    def middle(self, of: Callable[[Lap], float], second: bool = True) -> float:
        return median(of(lap) for lap in (self.second if second else self.first))


def wrk(target: Target, seconds: int) -> Lap:
    """One lap. BenchError where any request failed: a figure with errors in it is none."""
    command = ["wrk", "-t1", f"-c{CLIENTS}", f"-d{seconds}s", "--latency"]
    command += ["-H", f"Cookie: {target.cookie}"] if target.cookie else []
    command += ["-s", str(LUA / target.script)] if target.script else []
    command += [target.url, *(["--", *target.words] if target.words else [])]
    before = processes.cpu(target.pid)
    try:
        out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except FileNotFoundError:
        raise BenchError("the program wrk is not installed (Debian has it as a package)") from None
    except subprocess.CalledProcessError as error:
        raise BenchError(f"wrk failed: {error.stderr.strip()}") from None
    wrong = re.search(r"Non-2xx.*|Socket errors.*|unexpected answers.*", out)
    if wrong:
        raise BenchError(f"{target.url}: {wrong[0]}")
    cpu = (processes.cpu(target.pid) - before) * 1000 / int(_found(r"(\d+) requests in", out)[1])
    return Lap(float(_found(r"Requests/sec:\s+([\d.]+)", out)[1]), _percentile(out, 50), _percentile(out, 99), cpu)


def _found(pattern: str, out: str) -> re.Match[str]:
    found = re.search(pattern, out)
    if found is None:
        raise BenchError(f"wrk said something unknown: {out[:200]!r}")
    return found


def _percentile(out: str, which: int) -> float:
    found = _found(rf"{which}%\s+([\d.]+)(us|ms|s|m)\b", out)
    return float(found[1]) * _UNITS[found[2]]


def alternate(first: Target, second: Target, plan: Plan) -> Pair:
    """first, second, first, … first: after a warm-up of both."""
    for target in (first, second):
        wrk(target, 1)
    pair = Pair(first=[wrk(first, plan.seconds)])
    for _ in range(plan.rounds):
        pair.second.append(wrk(second, plan.seconds))
        pair.first.append(wrk(first, plan.seconds))
    return pair


@contextmanager
def hello(folder: Path) -> Iterator[Target]:
    """The yardstick: an async FastAPI hello world on uvicorn with uvloop and httptools, one process."""
    port = processes.free_port()
    options = f"--port {port} --workers 1 --loop uvloop --http httptools --no-access-log --log-level warning"
    process = processes.start([PYTHON, "-m", "uvicorn", "bench.hello:app", *options.split()], processes.environment(), folder)
    try:
        processes.wait_for(port, "/", process)
        yield Target(process.pid, f"http://127.0.0.1:{port}/")
    finally:
        processes.stop(process)
