"""`squadroom import mbox`."""

from __future__ import annotations

from dataclasses import asdict

from app.commands.running import Failed, database, settings_of, show
from app.forum.archive.applying import Imported, Wish, look, take_in

__all__ = ["Wish", "mbox"]
MOST_LINES = 50


def mbox(wish: Wish, is_dry: bool, as_json: bool) -> None:
    """Shows what the files would become, or does it. Messages that can't be read are named and left out; then the exit code is 1."""
    from app.core.access import system

    with database(settings_of("import")) as db:
        done = (look if is_dry else take_in)(db, system("commands"), wish)
    if as_json:
        unreadable = [{"file": one.file, "line": one.line, "reason": one.reason} for one in done.unreadable]
        show({"dry_run": is_dry, **asdict(done.figures), "unreadable": unreadable})
    else:
        _print(done, is_dry)
    if done.unreadable and not is_dry:
        first, count = done.unreadable[0], len(done.unreadable)
        raise Failed(f"{count:,} message(s) could not be read, the first in {first.file} at line {first.line}: {first.reason}")


def _print(done: Imported, is_dry: bool) -> None:
    said = done.figures
    for one in done.unreadable[:MOST_LINES]:
        print(f"{one.file}, line {one.line}, left out: {one.reason}")
    if len(done.unreadable) > MOST_LINES:
        print(f"… and {len(done.unreadable) - MOST_LINES:,} more")
    print(f"{said.messages:,} messages {'would be' if is_dry else 'were'} taken in: {said.threads:,} threads and {said.replies:,} replies.")
    print(f"{said.orphans:,} of the threads begin with a reply, because what it answers is not in the archive.")
    print(f"{said.duplicates:,} messages stand in the archive twice, and {said.already_here:,} were here already.")
    print(f"{len(done.unreadable):,} messages can't be read.")
    print(f"{said.matched_authors:,} authors are members, with {said.matched_messages:,} messages; {said.other_authors:,} are not.")
    if is_dry:
        print("Nothing was written.")
