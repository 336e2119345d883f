"""Messages are quoted by their position. Where one is taken back, those after it move up, and what quotes them follows: what was written or
drafted in its thread since, as nothing older can know of them. A quote of what was taken back leads to nobody else's words."""

from __future__ import annotations

import re

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.core import markup
from app.forum import listening
from app.forum.mentions import access as mentioned
from app.forum.mentions import operations as mentions
from app.forum.mentions.models import Mention
from app.forum.models import Reply, Thread
from app.forum.withdrawing import access

GONE = "a message taken back since"


def moved(text: str, thread_id: int, position: int) -> str:
    """The text with its links to messages of this thread as they are named once the one at this position is gone."""
    path = f"/threads/{thread_id}"
    link = re.compile(rf"\[#(?P<name>\d{{1,9}})\]\((?P<site>[^\s()]*){path}/replies/(?P=name)\)|{path}/replies/(?P<at>\d{{1,9}})(?!\d)")

    def renamed(found: re.Match[str]) -> str:
        at = int(found["at"] or found["name"])
        if at < position:
            return found[0]
        if found["name"] is None:
            return path if at == position else f"{path}/replies/{at - 1}"
        return GONE if at == position else f"[#{at - 1}]({found['site']}{path}/replies/{at - 1})"

    return link.sub(renamed, text)


def follow(session: Session, thread: Thread, withdrawn: Reply) -> None:
    """Called before it goes, while all stand where they were."""
    since = access.written_since(session, withdrawn)
    for message in since:
        body = moved(message.body, thread.id, withdrawn.position)
        if body != message.body:
            _say(session, message, body)
    ids = [message.id for message in since]
    if ids:
        quoting = (Mention.reply_id.in_(ids), Mention.quoted.is_not(None))
        session.execute(delete(Mention).where(*quoting, Mention.quoted == withdrawn.position))
        up = update(Mention).where(*quoting, Mention.quoted > withdrawn.position).values(quoted=Mention.quoted - 1)
        session.execute(up.execution_options(synchronize_session=False))
    for draft in access.drafted_since(session, withdrawn):
        draft.body = moved(draft.body, thread.id, withdrawn.position)


def _say(session: Session, message: Reply, body: str) -> None:
    words, _ = mentions.render(session, ("thread", message.thread_id), body, mentioned.mentions_of(session, message.id))
    message.body, message.html, message.render_version = body, words.html, markup.RENDER_VERSION
    message.version += 1
    listening.messages_changed(session, [message.id])
