"""What an import would do: which messages are new, in which threads they go, and who wrote them. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row

from app.core.access import Actor
from app.core.email import normalise
from app.forum.archive import access, threading
from app.forum.archive.reading import Archive, Unreadable
from app.forum.archive.threading import Group, Head
from app.membership.access import members_by_address


@dataclass(slots=True)
class Target:
    """A thread with its new messages in order; without `thread_id` it is to be begun. `missing` are ids that they answer and that
    are not here: should one come with another file, its thread is this."""

    thread_id: int | None
    heads: list[Head]
    missing: list[bytes]


@dataclass(frozen=True, slots=True)
class Figures:
    """What is new: `messages` of which `threads` begin one and `replies` don't; `orphans` are threads that begin with a reply.
    Authors are counted by their addresses."""

    messages: int
    threads: int
    replies: int
    orphans: int
    duplicates: int
    already_here: int
    matched_authors: int
    other_authors: int
    matched_messages: int


@dataclass(slots=True)
class Plan:
    targets: list[Target]
    members: dict[int, int]  # number of an author's address → member
    awaited: set[bytes]  # messages that are known from answers to them, and come now
    figures: Figures
    unreadable: list[Unreadable] = field(default_factory=list)


def plan(conn: Connection, actor: Actor, forum_id: int, archive: Archive) -> Plan:
    found = access.known(conn, actor, forum_id, archive.keys)
    ordered = threading.sort(archive.heads, len(archive.keys))
    here = {head.number for head in archive.heads}
    targets = [target for group in ordered.groups for target in _targets(group, archive.keys, found, here)]
    members = _members(conn, archive.addresses)
    awaited = {key for key, row in found.items() if row.reply_id is None}
    figures = _figures(targets, members, len(archive.heads) - ordered.duplicates, ordered.duplicates)
    return Plan(targets, members, awaited, figures, archive.unreadable)


def _targets(group: Group, keys: Sequence[bytes], found: dict[bytes, Row[Any]], here: set[int]) -> Iterator[Target]:
    """Where the group's new messages go. Earlier imports may have made several threads of what belongs together: then each goes to
    that of the nearest message it answers."""
    new = [head for head in group.heads if keys[head.number] not in found or found[keys[head.number]].reply_id is None]
    threads = {number: int(found[keys[number]].thread_id) for number in group.known if keys[number] in found}
    rest = min(threads.values(), default=None)
    by_thread: dict[int | None, list[Head]] = {}
    for head in new:
        near = next((threads[number] for number in (head.number, *reversed(head.answers)) if number in threads), rest)
        if near is not None:
            threads[head.number] = near
        by_thread.setdefault(near, []).append(head)
    told: set[int] = set()
    for thread_id, heads in by_thread.items():
        named = {number: None for head in heads for number in head.answers}
        missing = [number for number in named if number not in here and keys[number] not in found and number not in told]
        told.update(missing)
        yield Target(thread_id, heads, [keys[number] for number in missing])


def _members(conn: Connection, addresses: list[str]) -> dict[int, int]:
    """Whose each address is, of those that are a member's confirmed one."""
    plain = {number: email for number, address in enumerate(addresses) if (email := _normal(address))}
    wanted = sorted(set(plain.values()))
    owners: dict[str, int] = {}
    for start in range(0, len(wanted), access.CHUNK):
        owners |= members_by_address(conn, wanted[start : start + access.CHUNK])
    return {number: owners[email] for number, email in plain.items() if email in owners}


def _normal(address: str) -> str:
    try:
        return normalise(address)
    except ValueError:
        return ""


def _figures(targets: list[Target], members: dict[int, int], unique: int, duplicates: int) -> Figures:
    new = [head for target in targets for head in target.heads]
    begun = [target.heads[0] for target in targets if target.thread_id is None]
    authors = {head.author for head in new}
    return Figures(
        messages=len(new),
        threads=len(begun),
        replies=len(new) - len(begun),
        orphans=sum(head.is_reply or bool(head.answers) for head in begun),
        duplicates=duplicates,
        already_here=unique - len(new),
        matched_authors=len(authors & members.keys()),
        other_authors=len(authors - members.keys()),
        matched_messages=sum(head.author in members for head in new),
    )
