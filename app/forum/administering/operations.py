"""Forums as the administrator shapes them: create, describe, order, and who may do what there."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.access import Actor, Right
from app.core.errors import Conflict, Invalid
from app.core.fields import Form, Line, Name
from app.forum.administering import access
from app.forum.markings import Marking
from app.forum.models import Forum, Grant, GrantRight


def _floor(label: str) -> str:
    if Marking.of(label) == Marking.RED:
        raise ValueError("can't be a forum's floor: only its named readers see a TLP:RED thread")
    return label


class ForumForm(Form):
    """`marking_floor` is a label such as TLP:GREEN, or nothing: then any marking may be chosen."""

    title: Annotated[Name, StringConstraints(max_length=100)]
    description: Annotated[Line, StringConstraints(max_length=500)] = ""
    marking_floor: Annotated[Annotated[str, AfterValidator(_floor)] | None, BeforeValidator(lambda v: None if v == "" else v)] = None

    @property
    def floor(self) -> Marking | None:
        return None if self.marking_floor is None else Marking.of(self.marking_floor)


class EditForumForm(ForumForm):
    """`mail_most`: the most a mail of its messages may hold, whatever a member asks for. `mail_threads`: it takes new threads by mail.
    `anonymous_ok`: members may ask and reply without their name. `export_ok`: its lessons may go out as a file. `edit_hours`: how long a
    message may be edited; nothing: always."""

    version: Annotated[int, Field(ge=1)]
    mail_most: Literal["full", "headlines", "links"] = "full"
    mail_threads: bool = False
    anonymous_ok: bool = False
    export_ok: bool = False
    edit_hours: Annotated[Annotated[int, Field(ge=0, le=8760)] | None, BeforeValidator(lambda v: None if v == "" else v)] = 24


_EDITED = ("title", "description", "marking_floor", "mail_most", "mail_threads", "anonymous_ok", "export_ok", "edit_hours")


def slug_of(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title.replace("&", "and")).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")


def create_forum(session: Session, actor: Actor, form: ForumForm) -> Forum:
    """A forum that nobody sees until a group is given a right in it."""
    actor.require(Right.ADMIN)
    slug = slug_of(form.title)
    if not slug:
        raise Invalid(title="Please use at least one letter or digit.")
    if session.execute(access.all_forums(actor, Forum.id).where(Forum.slug == slug)).first() is not None:
        raise Invalid(title="There is a forum of this name already.")
    last = session.execute(select(func.coalesce(func.max(Forum.sort), -1))).scalar_one()
    forum = Forum(slug=slug, title=form.title, description=form.description, marking_floor=form.floor, sort=last + 1)
    session.add(forum)
    session.flush()
    audit.record(session, actor, "forum.create", ("forum", forum.id), slug=slug, marking_floor=form.marking_floor)
    return forum


def edit_forum(session: Session, actor: Actor, forum_id: int, form: EditForumForm) -> Forum:
    """Title, description, floor, and what goes by mail. Threads that are there keep their marking; the address stays as it is."""
    forum = _as_shown(session, actor, forum_id, form.version)
    before = {name: getattr(forum, name) for name in _EDITED}
    forum.title, forum.description, forum.marking_floor = form.title, form.description, form.floor
    forum.mail_most, forum.mail_threads, forum.anonymous_ok = form.mail_most, form.mail_threads, form.anonymous_ok
    forum.export_ok, forum.edit_hours = form.export_ok, form.edit_hours
    forum.version += 1
    after = {name: getattr(forum, name) for name in _EDITED}
    audit.record(session, actor, "forum.edit", ("forum", forum.id), before=before, after=after)
    return forum


def move_forum(session: Session, actor: Actor, forum_id: int, up: bool) -> None:
    """One place up or down in the association's order. All are locked and numbered anew, so two moves at once can't clash."""
    access.forum_for_edit(session, actor, forum_id)
    forums = list(session.execute(access.all_forums(actor).with_for_update().execution_options(populate_existing=True)).scalars())
    at = next(n for n, forum in enumerate(forums) if forum.id == forum_id)
    to = at - 1 if up else at + 1
    if 0 <= to < len(forums):
        forums[at], forums[to] = forums[to], forums[at]
    for n, forum in enumerate(forums):
        forum.sort = n
    audit.record(session, actor, "forum.move", ("forum", forum_id), up=up)


def set_grants(session: Session, actor: Actor, forum_id: int, rights: dict[int, int], version: int) -> Forum:
    """What each group may do here: group id to a GrantRight, 0 for nothing. Groups that are not named keep theirs."""
    forum = _as_shown(session, actor, forum_id, version)
    standing = {row.group_id: row for row in session.execute(access.grants_of(actor, forum.id))}
    before: dict[int, int] = {group: row.right for group, row in standing.items()}
    changed = {group: right for group, right in rights.items() if before.get(group, 0) != right}
    if any(right not in (0, *GrantRight) for right in changed.values()):
        raise Invalid({"": "Please choose one of the rights."})
    session.execute(delete(Grant).where(Grant.forum_id == forum.id, Grant.group_id.in_(changed)))
    since = {group: row.since for group, row in standing.items()}  # another right to what they read anyhow is no new beginning
    session.add_all(
        Grant(group_id=group, forum_id=forum.id, right=right, since=since.get(group, clock.now()))
        for group, right in changed.items()
        if right
    )
    forum.version += 1
    session.flush()
    audit.record(session, actor, "forum.grants", ("forum", forum.id), before=_named(before, changed), after=_named(changed, changed))
    return forum


def _named(rights: dict[int, int], groups: dict[int, Any]) -> dict[str, str]:
    return {str(group): GrantRight(rights[group]).name.lower() if rights.get(group) else "none" for group in sorted(groups)}


def moderating_groups() -> Select[Any]:
    """The ids of the groups that make a moderator of somebody."""
    return select(Grant.group_id).where(Grant.right >= GrantRight.MODERATE)


def _as_shown(session: Session, actor: Actor, forum_id: int, version: int) -> Forum:
    forum = access.forum_for_edit(session, actor, forum_id)
    if forum.version != version:
        raise Conflict("Somebody changed this forum while you had it open. Check what it says now and save again.")
    return forum
