"""`squadroom import mbox`."""

from __future__ import annotations

from dataclasses import asdict

from app.commands.running import Failed, database, settings_of, show
from app.forum.archive.applying import Imported, Wish, look, take_in
from app.web.humane import plural

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
        first, count = done.unreadable[0], plural(len(done.unreadable), "message")
        raise Failed(f"{count} could not be read, the first in {first.file} at line {first.line}: {first.reason}")


def _print(done: Imported, is_dry: bool) -> None:
    said = done.figures
    for one in done.unreadable[:MOST_LINES]:
        print(f"{one.file}, line {one.line}, left out: {one.reason}")
    if len(done.unreadable) > MOST_LINES:
        print(f"… and {len(done.unreadable) - MOST_LINES:,} more")
    taken = "would be" if is_dry else _verb(said.messages, "was", "were")
    became = f"{plural(said.threads, 'thread')} and {plural(said.replies, 'reply', 'replies')}"
    print(f"{plural(said.messages, 'message')} {taken} taken in: {became}.")
    begun = f"{plural(said.orphans, 'thread')} {_verb(said.orphans, 'begins', 'begin')} with a reply"
    print(f"{begun}, because what it answers is not in the archive.")
    twice = f"{plural(said.duplicates, 'message')} {_verb(said.duplicates, 'stands', 'stand')} in the archive twice"
    print(f"{twice}, and {said.already_here:,} {_verb(said.already_here, 'was', 'were')} here already.")
    matched = f"{plural(said.matched_authors, 'author')} {_verb(said.matched_authors, 'is a member', 'are members')}"
    print(
        f"{matched}, with {plural(said.matched_messages, 'message')}; {said.other_authors:,} {_verb(said.other_authors, 'is', 'are')} not."
    )
    if is_dry:
        print("Nothing was written.")


def _verb(count: int, one: str, several: str) -> str:
    return one if count == 1 else several
