"""Taking files, and hanging them on something. What a member uploads is not logged until it is posted, and then by whom the message is:
else the log would say who wrote a message that has no name."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.attachments import access, owners
from app.attachments.intake import TakenFile
from app.attachments.limits import MOST_FILES, MOST_OF_A_MEMBER, MOST_UNUSED
from app.attachments.models import Attachment, State
from app.core import audit, clock
from app.core.access import Actor
from app.core.errors import Conflict, Forbidden, Invalid

_LARGEST_ID = 2**31 - 1


def take(session: Session, actor: Actor, taken: Sequence[TakenFile]) -> list[Attachment]:
    """Rows for files that came in; they are looked at by the worker, and nobody's but the actor's until they hang on something."""
    if not actor.may_write:
        raise Forbidden("You can read here, but not post.")
    held = access.held_by(session, actor)
    if held.bytes + sum(file.size for file in taken) > MOST_OF_A_MEMBER:
        raise Invalid(
            file=f"Your files take more than {MOST_OF_A_MEMBER // 1_000_000_000} GB, which is as much as one member may keep here."
        )
    if held.unused + len(taken) > MOST_UNUSED:
        raise Invalid(file="You have sent many files that are in no message yet. Post some of them first.")
    now = clock.now()
    rows = [
        Attachment(
            id=_free_id(session), name=file.name, media_type=file.media_type, size=file.size, sha256=file.sha256, stored_as=file.stored_as,
            state=State.CHECKING, check_at=now, uploaded_by=actor.member_id, created_at=now,
        )
        for file in taken
    ]  # fmt: skip
    session.add_all(rows)
    session.flush()
    return rows


def _free_id(session: Session) -> int:
    while access.is_taken(session, found := secrets.randbelow(_LARGEST_ID) + 1):
        pass
    return found


def detach(session: Session, actor: Actor, owner: tuple[str, int]) -> None:
    """The files of something that the actor wrote and took back are theirs again, to be used elsewhere or thrown away."""
    mine = update(Attachment).where(Attachment.owner_kind == owner[0], Attachment.owner_id == owner[1])
    values = {"owner_kind": "", "owner_id": None, "uploaded_by": actor.member_id}
    session.execute(mine.values(values).execution_options(synchronize_session=False))


def attach(session: Session, actor: Actor, ids: Sequence[int], owner: tuple[str, int], by: int) -> None:
    """Hang the actor's own files on what they wrote just now; `by` is who it stands under. Invalid if one is not theirs to use."""
    if len(ids) > MOST_FILES:
        raise Invalid(attachments=f"A message takes at most {MOST_FILES} files.")
    for position, attachment_id in enumerate(dict.fromkeys(ids)):
        values = {"owner_kind": owner[0], "owner_id": owner[1], "position": position, "uploaded_by": by}
        statement = update(Attachment).where(Attachment.id == attachment_id, access.is_usable(actor)).values(values)
        done = session.execute(statement.execution_options(synchronize_session=False))
        if done.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has it
            raise Invalid(attachments="One of these files can't be used: it is in a message already, was refused, or is not yours.")


def make_bare(session: Session, actor: Actor, attachment_id: int) -> None:
    """From now on the copy is the file that says nothing of people. The one that was sent goes."""
    if not actor.may_write:
        raise Forbidden("You can read here, but not change anything.")
    file = access.own_for_act(session, actor, attachment_id)
    if file.state != State.READY or file.bare_size is None or file.bare_sha256 is None:
        raise Conflict("There is nothing in this file that could be taken out.")
    file.stored_as, file.size, file.sha256 = file.bare_as, file.bare_size, file.bare_sha256
    file.bare_as, file.bare_size, file.bare_sha256, file.says = "", None, None, []
    owners.changed(session, file.owner_kind, file.owner_id)
    audit.record(session, actor, "attachment.make_bare", ("attachment", file.id))
