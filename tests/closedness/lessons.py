"""Words in practice records, in what they said before, and in what agencies say of a lesson."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.forum.adoptions.models import Adoption
from app.forum.markings import Marking
from app.forum.models import Reply, Thread
from app.forum.practices.models import Practice, PracticeRevision
from tests.closedness.audiences import IN_COMMAND
from tests.people import LONG_AGO

if TYPE_CHECKING:
    from tests.closedness.scene import Scene


def lessons(scene: Scene, session: Session) -> None:
    """Two in the command staff's forum; a moderator has hidden one of them."""
    shown, hidden = (_lesson(scene, session, what) for what in ("lesson", "hidden lesson"))
    _record(scene, session, shown, scene.word("record", *IN_COMMAND))
    _record(scene, session, hidden, scene.word("hidden record"))
    earlier = {"problem": scene.word("earlier record", *IN_COMMAND), "what_we_did": "", "outcome": "", "again_why": "", "staffing": "",
               "again": None, "cost_band": None, "setup_weeks": None, "sworn": None, "measured": False, "review_by": None}  # fmt: skip
    now, author = scene.world.now, scene.id("colleague")
    agency = scene.world.ids.agencies["bexley"]
    session.add_all((
        PracticeRevision(thread_id=shown, version=1, record=earlier, written_at=LONG_AGO, replaced_at=now, replaced_by=author),
        Adoption(thread_id=shown, agency_id=agency, state="adopted", note=scene.word("adoption note", *IN_COMMAND), member_id=author,
                 at=now, adopted_at=now, how_it_went=scene.word("how it went", *IN_COMMAND)),
    ))  # fmt: skip
    session.execute(update(Reply).where(Reply.thread_id == hidden).values(hidden_at=now, hidden_by="A moderator", hidden_reason="x"))
    scene.ids["agency_id"] = [agency]


def _lesson(scene: Scene, session: Session, what: str) -> int:
    reads = ("colleague", "other_moderator") if what.startswith("hidden") else tuple(IN_COMMAND)
    words = (scene.word(f"{what} title", *IN_COMMAND), scene.word(f"{what} body", *reads))
    thread = scene.thread(scene.world.ids.forums["command-staff"], Marking.AMBER, words)
    session.execute(update(Thread).where(Thread.id == thread).values(kind="lesson"))
    return thread


def _record(scene: Scene, session: Session, thread: int, word: str) -> None:
    session.add(Practice(thread_id=thread, problem=word, version=2, confirmed_at=scene.world.now))
