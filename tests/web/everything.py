"""Someone who may do everything, something of everything to do it to, and the whole database as a value to compare."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.core.signing import token_hash
from app.membership.models import GroupMember, MemberRole, Role
from app.tables import metadata
from app.web import csrf
from tests.closedness.scene import Scene
from tests.house.census import LAST, Line, sample, walk
from tests.world import Client, World

WHO = "admin"
SCOPES = "read,write,moderate,admin"
Rows = dict[str, list[Any]]


def scene_with_one_who_may_all(world: World) -> Scene:
    scene = Scene(world)
    with world.db.write() as session:
        session.add(MemberRole(member_id=world.id(WHO), role=Role.REVIEWER))
        for group in ("sworn", "patrol-moderators", "command-moderators"):
            session.add(GroupMember(member_id=world.id(WHO), group_id=world.ids.groups[group]))
    return scene


def lines(world: World, *, safe: bool) -> Iterator[Line]:
    for line in walk(world.app):
        if line.is_safe == safe and line.method != "HEAD" and line.path != LAST:
            yield line


def address(line: Line, scene: Scene) -> str:
    """The route's path with something that is really there in each place."""
    first = {name: str(values[0]) for name, values in scene.ids.items()}
    nouns = {"members": "member", "agencies": "agency", "groups": "group", "forums": "forum", "applications": "application"}
    nouns["attachments"] = "attachment"
    noun = line.path.split("/{id}")[0].rsplit("/", 1)[-1]
    return sample(line.path, {**first, "id": first.get(nouns.get(noun, ""), "1"), "slug": "patrol"})


def token_for(world: World, browser: Client) -> str:
    """A form's token for this browser's session."""
    return csrf.issue(world.platform.signer, token_hash(browser.cookies[world.platform.cookie_name]))


def rows(world: World) -> Rows:
    """Every row of every table."""
    with world.db.read() as conn:
        return {t.name: [dict(r) for r in conn.execute(t.select().order_by(*t.primary_key)).mappings()] for t in metadata.sorted_tables}


def changed(before: Rows, after: Rows) -> set[str]:
    return {table for table in before if before[table] != after[table]}
