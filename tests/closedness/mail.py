"""Words in mail that came in, in notifications, and in what other servers said."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.mail.health.models import AddressHealth, HealthState
from app.mail.inbound.models import InboundMessage, InboundState
from app.mail.notices.kinds import SECURITY
from app.mail.notices.models import Notification

if TYPE_CHECKING:
    from tests.closedness.scene import Scene


def mail(scene: Scene, session: Session) -> None:
    now, author = scene.world.now, scene.id("colleague")
    came = InboundMessage(
        received_at=now, sender="x@alderwood.example", recipient="reply+…@localhost", print=b"1" * 32, size=9, state=InboundState.REFUSED,
        reason="unproven", member_id=author, title=scene.word("held title", "colleague"), body=scene.word("held words", "colleague"),
        cut=[[scene.word("cut words", "colleague"), "signature"]], raw=zlib.compress(scene.word("raw message", "colleague").encode()),
    )  # fmt: skip
    said = scene.word("server words", "admin")
    back = AddressHealth(
        email="gone@corvane.example", state=HealthState.SUPPRESSED, said=said, first_at=now, last_at=now, suppressed_at=now
    )
    told = scene.word("notification", "colleague")
    session.add_all([came, back, Notification(member_id=author, kind=SECURITY.name, key="k", text=told, at=now)])
    session.flush()
    scene.ids["received"] = [came.id]
