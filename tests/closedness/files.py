"""Files on messages that not everybody sees: a word in what each holds. (A word in a name would stand in the
address that the crawler asks for, which a sign-in page leads back to.)"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.attachments.models import Attachment, AttachmentText, State
from app.core.storage import incoming, storage_of
from app.forum.models import Reply
from tests.closedness.audiences import IN_COMMAND

if TYPE_CHECKING:
    from tests.closedness.scene import Scene


def files(scene: Scene, session: Session) -> None:
    _, command, red, open_ = scene.ids["thread_id"]
    of = {"red file": (red, 1, ("colleague", "reviewer2")), "command file": (command, 1, tuple(IN_COMMAND)),
          "hidden file": (open_, 1, ("colleague", "moderator"))}  # fmt: skip
    for number, (what, (thread, position, who)) in enumerate(of.items(), 1):
        reply = session.execute(select(Reply.id).where(Reply.thread_id == thread, Reply.position == position)).scalar_one()
        name, data = f"order {number}.txt", scene.word(f"{what} text", *who).encode()
        part, sha256 = incoming(scene.world.settings) / str(number), hashlib.sha256(data).digest()
        part.write_bytes(data)
        session.add(
            Attachment(
                id=number, name=name, media_type="text/plain", size=len(data), sha256=sha256, state=State.READY, owner_kind="reply",
                stored_as=storage_of(scene.world.settings).keep(part, sha256), uploaded_by=scene.id("colleague"), owner_id=reply,
                created_at=scene.world.now,
            )
        )  # fmt: skip
        session.flush()
        session.add(AttachmentText(attachment_id=number, text=data.decode()))
        scene.ids.setdefault("attachment", []).append(number)
        scene.ids.setdefault("name", []).append(name)
