"""The import of an old list's archive: how long 15,000 messages take, and how much memory 500 MB of mail need.

`python -m bench.archive` makes archives that look like a list's (threads with quotes, wrapped lines, signatures, some without an id or a
date, some twice), imports them with the real command into databases of its own on both engines, and prints a table.
"""

from __future__ import annotations

import argparse
import base64
import datetime as dt
import os
import random
import subprocess
import tempfile
import time
from collections.abc import Iterator
from email.utils import format_datetime
from pathlib import Path
from typing import NamedTuple

from app.seeding import _WORDS as WORDS
from bench.places import ENGINES, Ground, Place
from bench.processes import SQUADROOM

BEGUN = dt.datetime(2003, 5, 1, 8, tzinfo=dt.UTC)
A_THREAD = 5  # messages, on average
AUTHORS = 900


class Run(NamedTuple):
    seconds: float
    cpu: float  # its processor time in seconds; on PostgreSQL without the database's
    peak: float  # MB
    said: str


def messages(count: int, padding: int, seed: int = 1) -> Iterator[bytes]:
    """`padding` is the size of the attachment that every message has, in bytes; 0 for none."""
    chance, ids, subject = random.Random(seed), [""], ""
    attachment = base64.encodebytes(chance.randbytes(padding * 3 // 4)) if padding else b""
    for number in range(count):
        at = BEGUN + dt.timedelta(minutes=37 * number)
        if not number or chance.random() < 1 / A_THREAD:
            ids, subject = [], f"[OUR-LIST] {' '.join(chance.choices(WORDS, k=6))} {number}"
        author = chance.randrange(AUTHORS)
        lines = [f"From author{author} at agency{author % 200}.example  {at:%a %b %d %H:%M:%S %Y}",
                 f"From: author{author} at agency{author % 200}.example (Author {author})",
                 f"Subject: {'Re: ' if ids else ''}{subject}"]  # fmt: skip
        if chance.random() > 0.01:
            lines.append(f"Date: {format_datetime(at)}")
        if ids and chance.random() > 0.1:
            lines += [f"In-Reply-To: <{ids[-1]}>", "References: " + "\n ".join(f"<{one}>" for one in ids[-8:])]
        if chance.random() > 0.02:
            ids.append(f"m{number}.{chance.getrandbits(64):x}@mail.agency{author % 200}.example")
            lines.append(f"Message-ID: <{ids[-1]}>")
        whole = "\n".join(lines).encode() + _body(chance, bool(ids), attachment) + b"\n"
        yield whole
        if chance.random() < 0.01:
            yield whole


def _body(chance: random.Random, is_reply: bool, attachment: bytes) -> bytes:
    paragraphs = [_wrapped(chance, 40) for _ in range(chance.randint(1, 5))]
    if is_reply:
        paragraphs.insert(0, "Someone wrote:\n" + "\n".join("> " + line for line in _wrapped(chance, 60).split("\n")))
    text = "\n\n".join([*paragraphs, "--\nAuthor of the list\nTown Police Department\n*555-0100*"]).encode()
    if not attachment:
        return b"\n\n" + text + b"\n"
    return (
        b"\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=bench\n\n--bench\nContent-Type: text/plain\n\n" + text
        + b"\n--bench\nContent-Type: application/octet-stream; name=policy.doc\nContent-Transfer-Encoding: base64\n\n" + attachment
        + b"--bench--\n"
    )  # fmt: skip


def _wrapped(chance: random.Random, count: int) -> str:
    lines, line = [], ""
    for word in chance.choices(WORDS, k=count):
        if len(line) + len(word) > 70:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return "\n".join([*lines, line])


def write(path: Path, count: int, padding: int = 0) -> None:
    with path.open("wb") as file:
        for message in messages(count, padding):
            file.write(message)


def measured(place: Place, *words: str) -> Run:
    """The command's time from its start to its end, and the most memory it ever had."""
    began = time.perf_counter()
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen([str(SQUADROOM), *words], env=place.environment(), cwd=place.folder, stdout=out)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        said = out.read().decode()
    if process.returncode:
        raise SystemExit(f"squadroom {' '.join(words[:2])} failed")
    cpu = used.ru_utime + used.ru_stime
    return Run(time.perf_counter() - began, cpu, used.ru_maxrss / 1024, said.splitlines()[0] if said else "")


def main() -> None:
    parser = argparse.ArgumentParser(description="Time the import of a list's archive.")
    parser.add_argument("--messages", type=int, default=15_000)
    parser.add_argument("--engine", choices=(*ENGINES, "both"), default="both")
    parser.add_argument("--large", action="store_true", help="Also 500 MB of mail, for its memory.")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="squadroom-bench-") as folder:
        ground = Ground(Path(folder))
        try:
            for engine in ENGINES if asked.engine == "both" else (asked.engine,):
                _measure(ground.place(engine, "archive"), Path(folder), asked)
        finally:
            ground.close()


def _measure(place: Place, folder: Path, asked: argparse.Namespace) -> None:
    place.command("db", "upgrade")
    place.command("seed", "--members", "2000", "--threads", "2000", "--replies", "20000")
    sizes = {"": (asked.messages, 0)}
    if asked.large:
        sizes |= {", with attachments": (asked.messages, 500_000_000 // asked.messages), ", of words alone": (asked.messages * 25, 0)}
    for what, (count, padding) in sizes.items():
        path = folder / "archive.mbox"
        write(path, count, padding)
        name = f"{count:,} messages, {path.stat().st_size / 1e6:,.0f} MB{what}"
        forum = f"forum-{list(sizes).index(what) + 1}"
        steps = {"dry run": ("--dry-run",), "import": (), "again": ()} if count == asked.messages else {"dry run": ("--dry-run",)}
        for step, more in steps.items():
            run = measured(place, "import", "mbox", str(path), "--forum", forum, *more)
            print(
                f"| {name}: {step} | {ENGINES[place.engine]} | {run.seconds:.1f} s | {run.cpu:.1f} s | {run.peak:.0f} MB | {run.said} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
