"""Drafts: kept on the server from the first words on, the same on each device, and gone once they were sent."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, bindparam, delete
from sqlalchemy.orm import Session

from app.core import clock
from app.core.access import Actor
from app.core.errors import Conflict, Forbidden
from app.core.sql import insert_into
from app.core.together import Said, write
from app.forum.markings import Marking
from app.forum.own import access
from app.forum.own.forms import WORDS, DraftForm
from app.forum.own.models import Draft, DraftOf

MOST = 100
_MARKINGS = [marking.label for marking in Marking]
_DRAFTS: Any = Draft.__table__
_GONE = delete(_DRAFTS).where(
    _DRAFTS.c.member_id == bindparam("me"), _DRAFTS.c.of == bindparam("place"), _DRAFTS.c.about_id == bindparam("about")
)


def save(session: Session, actor: Actor, key: str, form: DraftForm) -> None:
    """In place of what was kept for this place; nothing typed and no file is nothing kept."""
    of, about = access.place_of(session, actor, key)
    if not actor.may_write:
        raise Forbidden("You can read here, but not write.")
    if form.says_nothing:
        forget(session, actor, of, about)
        return
    if access.draft_of(session, actor, of, about) is None and access.count_drafts(session, actor) >= MOST:
        raise Conflict(f"You keep {MOST} drafts already. Send or delete one first.")
    _keep(session, actor, (of, about), form)


def _keep(session: Session, actor: Actor, place: tuple[DraftOf, int], form: DraftForm) -> None:
    files = "".join(f"{one}," for one in form.attachments)
    kept: dict[str, Any] = {"title": form.title, "body": form.body, "fields": form.fields, "files": files and f",{files}"}
    kept["saved_at"] = clock.now()
    row = {"member_id": actor.member_id, "of": place[0], "about_id": place[1]}
    statement = insert_into(session, Draft.__table__).values({**row, **kept})
    session.execute(statement.on_conflict_do_update(index_elements=list(row), set_=kept))


def files_of(draft: Row[Any]) -> list[int]:
    """Ids of a draft's files, of which some may be gone or used since."""
    return [int(one) for one in draft.files.split(",") if one]


def values_of(draft: Row[Any]) -> dict[str, Any]:
    """What a composer's fields hold of it, by their names: a text, or a list of several."""
    fields = {name: given[0] if len(given) == 1 else given for name, given in draft.fields.items()}
    files = files_of(draft)
    return {**fields, "title": draft.title, "body": draft.body, **({"attachments": [str(one) for one in files]} if files else {})}


def words_of(draft: Row[Any]) -> str:
    """All that was typed, one after the other."""
    texts = [draft.body, *[text for name in WORDS for text in draft.fields.get(name, ())]]
    return "\n\n".join(text.strip() for text in texts if text.strip())


def put_back(session: Session, actor: Actor, place: tuple[DraftOf, int], sent: DraftForm) -> None:
    """What was sent and taken back. Words that were begun there since stand before it."""
    begun = access.draft_of(session, actor, *place)
    _keep(session, actor, place, sent if begun is None else _both(begun, sent))


def _both(begun: Row[Any], sent: DraftForm) -> DraftForm:
    fields: dict[str, list[str]] = {**begun.fields, **{name: given for name, given in sent.fields.items() if any(given)}}
    for name in WORDS:
        if text := _after(*begun.fields.get(name, ()), *sent.fields.get(name, ())):
            fields[name] = [text]
    marked = [label for one in (begun, sent) for label in one.fields.get("marking", ()) if label in _MARKINGS]
    if marked:  # the stricter: neither's words may go farther than they were meant to
        fields["marking"] = [max(marked, key=_MARKINGS.index)]
    files = list(dict.fromkeys([*files_of(begun), *sent.attachments]))
    title, other = (begun.title, sent.title) if begun.title.strip() else (sent.title, "")
    body = _after(begun.body, other if other != title else "", sent.body)
    return DraftForm.model_construct(title=title, body=body, fields=fields, attachments=files)


def _after(*texts: str) -> str:
    return "\n\n".join(text.rstrip() for text in texts if text.strip())


def delete_one(session: Session, actor: Actor, key: str) -> None:
    forget(session, actor, *access.place_of(session, actor, key))


def forget(session: Session, actor: Actor, of: DraftOf, about_id: int) -> None:
    """Of one's own: also where the place was closed since, and in the act that sends it."""
    write(session, gone(actor, of, about_id))


def gone(actor: Actor, of: DraftOf, about_id: int) -> Said:
    """The same, to be done with other things."""
    return Said(_GONE, {"me": actor.member_id, "place": of, "about": about_id})
