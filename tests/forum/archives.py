"""Archives of old lists as their programs write them, and the import as the command does it."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

from app.core.access import system
from app.forum.archive.applying import Imported, Wish, look, take_in
from tests.world import World

TIMER = "Old Timer <old.timer@lapsed.example>"
DAY = "Tue, 04 Mar 2014 10:{:02}:00 -0500"


def mail(subject: str, body: str | bytes = "Words.", *, by: str = TIMER, date: str | None = DAY.format(0), **more: str | None) -> bytes:
    """A message; `id`, `to` (what it answers) and any other header by its name."""
    named = {"From": by, "Date": date, "Subject": subject}
    for name, value in more.items():
        header = {"id": "Message-ID", "to": "In-Reply-To", "refs": "References"}.get(name, name.replace("_", "-").title())
        named[header] = value
    lines = [f"{name}: {value}" for name, value in named.items() if value is not None]
    return "\n".join(lines).encode() + b"\n\n" + (body.encode() if isinstance(body, str) else body) + b"\n"


def mbox(*messages: bytes) -> bytes:
    return b"".join(b"From list at host.example  Tue Mar  4 10:00:00 2014\n" + one + b"\n" for one in messages)


def listserv(*messages: bytes) -> bytes:
    return b"".join(b"=" * 73 + b"\n" + one + b"\n" for one in messages)


def written(folder: Path, data: bytes, name: str = "archive.mbox", packed: bool = False) -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(data) if packed else data)
    return path


def take(world: World, *messages: bytes, slug: str = "patrol", **wish: Any) -> Imported:
    path = written(world.folder, mbox(*messages))
    return take_in(world.db, system("commands"), Wish([path], slug, **wish))


def count(world: World, *messages: bytes, slug: str = "patrol") -> Imported:
    return look(world.db, system("commands"), Wish([written(world.folder, mbox(*messages))], slug))


def threads(world: World, who: str = "chief", slug: str = "patrol") -> dict[str, dict[str, Any]]:
    """A forum's threads by title, as this person's script gets them."""
    items = world.script(who).call("GET", f"/forums/{slug}/threads?limit=100").json()["items"]
    assert len({item["title"] for item in items}) == len(items)
    return {item["title"]: item for item in items}


def messages(world: World, thread: int, who: str = "chief") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.script(who).call("GET", f"/threads/{thread}/replies?limit=100").json()["items"]
    return found
