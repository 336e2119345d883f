"""An application in review: what reviewers may meet, and the applicant alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.core.signing import token_hash
from app.membership.evidence.intake import vault_of
from app.membership.evidence.models import EvidenceFile, EvidenceFileLink
from app.membership.models import (
    Application,
    ApplicationState,
    CallBack,
    CaseNote,
    Decision,
    Evidence,
    Question,
    Waiver,
)
from app.membership.staying.models import Confirmation
from tests.closedness.audiences import REVIEWERS
from tests.people import LONG_AGO

if TYPE_CHECKING:
    from tests.closedness.scene import Scene


def case(scene: Scene, session: Session) -> None:
    """An application in review. Its own status page is reached by its token, which the crawl has too."""
    word = lambda what: scene.word(f"applicant's {what}", *REVIEWERS)  # noqa: E731
    case = Application(
        state=ApplicationState.IN_REVIEW,
        name=word("name"),
        rank=word("rank"),
        email=word("email") + "@nowhere.example",
        agency_name=scene.word("agency as claimed", *REVIEWERS, "admin"),  # who waives a call-back sees whose it is
        member_class="sworn",
        supervisor=word("supervisor"),
        reach=word("way to reach the agency"),
        phone=scene.word("applicant's phone"),
        sponsor_named=scene.word("sponsor named", *REVIEWERS),
        created_at=LONG_AGO,
        submitted_at=LONG_AGO,
        status_token_hash=token_hash("status-token"),
        confirm_token_hash=token_hash("confirm-token"),
    )
    session.add(case)
    session.flush()
    at, reviewer = scene.world.now, scene.id("reviewer1")
    session.add_all(
        [
            Evidence(application_id=case.id, kind="letter", note=scene.word("evidence", *REVIEWERS), added_by=reviewer, created_at=at),
            CallBack(
                application_id=case.id,
                number=scene.word("call back number", *REVIEWERS),
                found_at=scene.word("call back source", *REVIEWERS),
                person=scene.word("call back person", *REVIEWERS),
                spoke_at=at,
                caller_id=reviewer,
                caller_name="J",
                created_at=at,
            ),
            Waiver(
                application_id=case.id, admin_id=scene.id("admin"), admin_name="A", reason=scene.word("waiver", *REVIEWERS), created_at=at
            ),
            Question(
                application_id=case.id,
                text="Which unit?",  # on the status page, for whoever has its token
                asked_by=reviewer,
                asked_name=scene.word("asker", *REVIEWERS),
                asked_at=at,
                answer=scene.word("answer", *REVIEWERS),
                answered_at=at,
            ),
            CaseNote(application_id=case.id, author_id=reviewer, author_name="J", text=scene.word("case note", *REVIEWERS), created_at=at),
            Decision(
                application_id=case.id,
                step=1,
                reviewer_id=reviewer,
                reviewer_name="J",
                verdict="approve",
                reason=scene.word("decision reason", *REVIEWERS),
                created_at=at,
            ),
        ]
    )
    renewal = Confirmation(
        member_id=scene.id("sheriff"), says="moved", words=scene.word("renewal words", *REVIEWERS), state="paused", created_at=at,
        settled_by=reviewer, settled_name=scene.word("settler", *REVIEWERS), settled_at=at, note=scene.word("renewal note", *REVIEWERS),
    )  # fmt: skip
    session.add(renewal)
    session.flush()
    scene.ids["renewal"] = [renewal.id]
    _file(scene, session, case.id)
    scene.ids["application"], scene.ids["token"] = [case.id], ["status-token", "confirm-token"]


def _file(scene: Scene, session: Session, application_id: int) -> None:
    """A file in the store: reviewers alone meet its name and what it holds; the applicant's own page names what they sent themselves."""
    writing = vault_of(scene.world.settings).begin()
    writing.write(scene.word("file content", *REVIEWERS).encode())
    writing.close()
    stored = writing.finish()
    evidence = Evidence(
        application_id=application_id,
        kind="other",
        note=scene.word("applicant's note", *REVIEWERS),
        added_by=None,
        created_at=scene.world.now,
    )
    file = EvidenceFile(
        application_id=application_id,
        name=scene.word("file name", *REVIEWERS) + ".pdf",
        size=stored.size,
        media_type="application/pdf",
        sha256=stored.sha256,
        stored_as=stored.name,
        sealed_key=stored.key,
        shows_identity=False,
        added_by=scene.id("reviewer1"),
        created_at=scene.world.now,
    )
    session.add_all([evidence, file])
    session.flush()
    session.add(EvidenceFileLink(evidence_id=evidence.id, file_id=file.id))
    scene.ids["file_id"] = [file.id]
