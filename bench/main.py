"""`bench/run`: seed, serve, measure, tell. docs/performance.md says what each figure means."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import cases, processes
from bench.load import Plan
from bench.places import ENGINES, Ground
from bench.processes import ROOT, BenchError
from bench.report import Report, write_into

PAGE = ROOT / "docs/performance.md"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/run", description="Measure Squadroom beside a FastAPI hello world.")
    parser.add_argument("--engine", choices=[*ENGINES, "both"], default="both")
    parser.add_argument("--quick", action="store_true", help="Rounds of 2 s, one corpus, a smaller digest: to see whether something broke.")
    parser.add_argument("--replies", type=int, default=200_000, help="Size of the main corpus.")
    parser.add_argument("--members", type=int, default=0, help="Members of the digest's corpus; default 100,000, or 2,000 with --quick.")
    parser.add_argument("--rounds", type=int, default=0, help="Rounds of each pair; default 7, or 3 with --quick.")
    parser.add_argument("--seconds", type=int, default=0, help="Length of a round; default 4, or 2 with --quick.")
    parser.add_argument("--only", nargs="+", choices=list(cases.SECTIONS), help="Only these parts.")
    parser.add_argument("--agencies", type=Path, help="A CSV file of agencies, to time its import.")
    parser.add_argument("--dotgov", type=Path, help="A CSV file of .gov names, so that look-alikes are searched for among them.")
    parser.add_argument("--keep", type=Path, help="A folder for the databases, kept for the next time; without it they are thrown away.")
    parser.add_argument("--write", action="store_true", help="Write the tables into docs/performance.md too.")
    return parser.parse_args()


@contextmanager
def ground(keep: Path | None) -> Iterator[tuple[Ground, Path]]:
    with tempfile.TemporaryDirectory(prefix="squadroom-bench-", ignore_cleanup_errors=True) as temporary:
        folder = keep.resolve() if keep else Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        made = Ground(folder)
        try:
            yield made, folder
        finally:
            processes.stop_all()
            made.close()


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A part that fails is told in the table and leaves the other parts standing."""

    report: Report
    failed: list[str]

    def __call__(self, name: str, engine: str, act: Callable[[], None]) -> None:
        try:
            act()
        except BenchError as error:
            self.failed.append(name)
            self.report.note(f"{name}: not measured", engine, str(error))
        except Exception as error:
            traceback.print_exc()
            self.failed.append(name)
            self.report.note(f"{name}: not measured", engine, f"{type(error).__name__}, see what was printed")


def measure(options: argparse.Namespace) -> tuple[Report, list[str]]:
    plan = Plan(options.rounds or (3 if options.quick else 7), options.seconds or (2 if options.quick else 4))
    report = Report()
    failed: list[str] = []
    attempt = _Attempt(report, failed)
    engines = list(ENGINES) if options.engine == "both" else [options.engine]
    with ground(options.keep) as (made, folder):
        for engine in engines:
            bench = cases.Bench(engine, made, folder, plan, report)
            for name, act in cases.SECTIONS.items():
                if options.only is None or name in options.only:
                    attempt(name, engine, lambda act=act, bench=bench: act(bench, options))  # type: ignore[misc]
    return report, failed


def main() -> int:
    options = arguments()
    processes.stop_when_told()
    for name in [name for name in os.environ if name.startswith("SQUADROOM_")]:
        del os.environ[name]  # settings of the caller's own installation have no say here
    try:
        report, failed = measure(options)
    except BenchError as error:
        print(f"bench/run: {error}", file=sys.stderr)
        return 1
    text = report.markdown(shlex.join(["bench/run", *sys.argv[1:]]))
    print("\n" + text)
    if options.write:
        write_into(PAGE, text)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
