"""The part of wiring.py that a message needs which is posted or refused and changes nobody's membership: a process that takes in one
message and ends would spend most of its time on the rest."""

from __future__ import annotations

from app.core.access import Right
from app.core.config import Settings
from app.core.ports import mail
from app.forum import access as forum_access
from app.forum import listening
from app.mail.outbox import OutboxMail
from app.membership import actors
from app.search.indexing import INDEXING


def wire(settings: Settings) -> None:
    actors.register_right(Right.MODERATE, forum_access.moderates_anything)
    mail.register(OutboxMail(settings))
    listening.register(INDEXING)
