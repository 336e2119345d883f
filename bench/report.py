"""The figures as Markdown tables, with what was asked for beside what was reached."""

from __future__ import annotations

import datetime as dt
import platform
import re
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

from bench.load import Pair
from bench.places import ENGINES

BEGIN, END = "<!-- figures: begin (bench/run --write) -->", "<!-- figures: end -->"
_LOCAL = re.compile(r"(--agencies|--dotgov|--keep)[ =]\S+")  # a folder of this machine is nobody's business


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound that a figure must keep: at least, or at most."""

    value: float
    at_least: bool = False
    unit: str = ""

    def is_met(self, figure: float) -> bool:
        return figure >= self.value if self.at_least else figure <= self.value

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.value:,g}{self.unit}"


@dataclass(frozen=True, slots=True)
class Row:
    what: str
    engine: str
    figure: str
    goal: str = ""
    met: str = ""


def verdict(figure: float, goal: Goal | None) -> str:
    """A figure that misses says by how much."""
    if goal is None:
        return ""
    if goal.is_met(figure):
        return "met"
    return f"**missed** by {abs(figure / goal.value - 1):.0%}"


@dataclass(slots=True)
class Report:
    """Shares of the hello world, cost in one case against another, and single figures."""

    shares: list[str] = field(default_factory=list)
    ratios: list[Row] = field(default_factory=list)
    figures: list[Row] = field(default_factory=list)

    def share(self, what: str, engine: str, pair: Pair, goal: Goal | None = None) -> None:
        low, high, share = min(pair.ratios), max(pair.ratios), pair.ratio * 100
        rate, base = pair.middle(lambda lap: lap.rate), pair.middle(lambda lap: lap.rate, second=False)
        worked = pair.middle(lambda lap: lap.cpu), pair.middle(lambda lap: lap.cpu, second=False)
        times = f"{pair.middle(lambda lap: lap.p50):.1f} | {pair.middle(lambda lap: lap.p99):.1f}"
        self.shares.append(
            f"| {what} | {ENGINES[engine]} | {rate:,.0f} | {base:,.0f} | {share:.1f} % | {low * 100:.1f} to {high * 100:.1f} | {times} "
            f"| {worked[0]:.2f} of {worked[1]:.2f} | {worked[1] / worked[0] * 100:.1f} % | {goal or ''} | {verdict(share, goal)} |"
        )
        print(f"{ENGINES[engine]}: {what}: {rate:,.0f}/s of {base:,.0f}/s = {share:.1f} %", flush=True)

    def cost(self, what: str, engine: str, pair: Pair, goal: Goal) -> None:
        """How much dearer the second of the pair is than the first."""
        cost = 1 / pair.ratio
        low, high = 1 / max(pair.ratios), 1 / min(pair.ratios)
        self.ratios.append(Row(what, ENGINES[engine], f"{cost:.2f} × ({low:.2f} to {high:.2f})", str(goal), verdict(cost, goal)))
        print(f"{ENGINES[engine]}: {what}: {cost:.2f} ×", flush=True)

    def figure(self, what: str, engine: str, figure: float, unit: str, goal: Goal | None = None) -> None:
        digits = 2 if figure < 10 and figure != int(figure) else 0
        self.note(what, engine, f"{figure:,.{digits}f}{unit}", Row("", "", "", str(goal or ""), verdict(figure, goal)))

    def note(self, what: str, engine: str, text: str, judged: Row | None = None) -> None:
        """A figure in words; `judged` brings the goal and the verdict."""
        goal, met = (judged.goal, judged.met) if judged else ("", "")
        self.figures.append(Row(what, ENGINES.get(engine, engine), text, goal, met))
        print(f"{ENGINES.get(engine, engine)}: {what}: {text}", flush=True)

    def markdown(self, command: str) -> str:
        sections = [_head(command)]
        if self.shares:
            names: tuple[str, ...] = ("page", "engine", "req/s", "hello req/s", "share", "lowest to highest round", "p50 ms", "p99 ms")
            names += ("CPU ms a request, its and hello's", "share by CPU", "asked for", "")
            sections.append(_table(names, self.shares))
        if self.ratios:
            sections.append(_table(("cost", "engine", "ratio (lowest to highest round)", "asked for", ""), _lines(self.ratios)))
        if self.figures:
            sections.append(_table(("figure", "engine", "reached", "asked for", ""), _lines(self.figures)))
        return "\n\n".join(sections) + "\n"


def _lines(rows: list[Row]) -> list[str]:
    return [f"| {r.what} | {r.engine} | {r.figure} | {r.goal} | {r.met} |" for r in rows]


def _table(names: tuple[str, ...], lines: list[str]) -> str:
    return "\n".join([f"| {' | '.join(names)} |", "|---" * len(names) + "|", *lines])


def _head(command: str) -> str:
    cores = sum(1 for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("processor"))
    versions = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    load = Path("/proc/loadavg").read_text().split()[2]
    day, told = dt.datetime.now(dt.UTC), _LOCAL.sub(r"\1 …", command)
    return (
        f"{day:%Y-%m-%d %H:%M} UTC, `{told}`. {cores} cores, {versions}. "
        f"The machine's load over the last 15 minutes, this measurement included: {load}."
    )


def write_into(page: Path, text: str) -> None:
    """Replace what stands between the two marks."""
    before, begin, rest = page.read_text().partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{page.name} has lost its marks")
    page.write_text(f"{before}{BEGIN}\n{text}{END}{after}")
