"""A case's papers, and what the registry says of its domain, are kept by version: what is done shows at once, what was undone never."""

from __future__ import annotations

from contextlib import suppress

import pytest
from sqlalchemy import select, update

from app.agencies.dotgov.models import GovDomain
from app.core.db import is_settled
from app.membership.applications import decide, queries
from app.membership.applications.forms import NoteForm
from app.membership.evidence.models import EvidenceFile
from app.membership.models import Application, Member
from tests.agencies.files import DOTGOV, import_dotgov
from tests.membership.cases import CALL, act, submitted, version_of
from tests.membership.cases import decide as sign
from tests.membership.papers import jpeg, pdf, send
from tests.membership.test_domain_checks import TOWN, town
from tests.membership.test_evidence import added, own_page
from tests.membership.test_retention import run
from tests.world import World

UNDONE, KEPT = "Nobody answers there.", "The chief answers himself."


class Undone(Exception):
    pass


def page_of(number: int) -> str:
    return f"/moderation/applications/{number}"


def test_each_paper_shows_with_the_next_look(world: World) -> None:  # V2, V3, V13
    number, link = own_page(world)
    reviewer, applicant = world.browser("reviewer2"), world.outsider()
    case = page_of(number)
    acts = {
        "Rang the town hall.": lambda: act(world, "reviewer1", number, "notes", text="Rang the town hall."),
        CALL["person"]: lambda: act(world, "reviewer1", number, "call-backs", **CALL),
        "Who is your sergeant?": lambda: act(world, "reviewer1", number, "questions", text="Who is your sergeant?"),
        "Sergeant Ridley.": lambda: applicant.post(f"{link}/answer", {"answer": "Sergeant Ridley."}, page=link),
        "letter.pdf": lambda: added(world, number, ("letter.pdf", pdf())),
        "card.jpg": lambda: send(applicant, f"{link}/evidence", {"note": "My card."}, ("card.jpg", jpeg()), page=link),
        "No radio today.": lambda: world.browser("admin").post(
            f"{case}/waiver", {"reason": "No radio today.", "version": str(version_of(world, number))}, page=f"{case}/waiver"
        ),
        "1 of 2 signed": lambda: sign(world, "reviewer1", number),
    }
    for word, done in acts.items():
        assert word not in reviewer.get(case).text
        with world.count_queries() as queries_:
            assert word not in reviewer.get(case).text
        assert queries_.count == 3, "the papers were kept: there was something to go stale"
        done()
        assert word in reviewer.get(case).text, word


def test_what_an_act_read_and_then_undid_is_never_shown(world: World) -> None:
    number, reviewer = submitted(world), world.browser("reviewer2")
    actor, version = world.actor("reviewer1"), version_of(world, number)
    with suppress(Undone), world.db.write() as session:
        decide.add_note(session, actor, number, NoteForm(text=UNDONE, version=version))
        case = queries.case_for(session.connection(), actor, number, world.now)
        assert [note.text for note in case.notes] == [UNDONE]
        assert not is_settled(session.connection())
        raise Undone
    assert act(world, "reviewer1", number, "notes", text=KEPT).status_code == 201
    assert version_of(world, number) == version + 1, "the same version as the one that was undone"
    assert UNDONE not in reviewer.get(page_of(number)).text
    assert KEPT in reviewer.get(page_of(number)).text


def test_a_file_that_the_worker_deleted_shows_as_deleted(world: World) -> None:  # V13
    number, link = own_page(world)
    send(world.outsider(), f"{link}/evidence", {"note": "My card."}, ("card.jpg", jpeg()), page=link)
    sign(world, "reviewer1", number, "decline", "The agency does not know you.")
    world.later(days=31)
    reviewer, version = world.browser("reviewer2"), version_of(world, number)
    assert "under the rule for identity documents" not in reviewer.get(page_of(number)).text
    assert run(world) == 1
    assert world.one(select(EvidenceFile.deleted_at)).deleted_at is not None
    assert "under the rule for identity documents" in reviewer.get(page_of(number)).text
    assert version_of(world, number) == version, "nothing of the case itself moved"


def test_who_added_evidence_is_called_as_they_are_now(world: World) -> None:
    number, reviewer = submitted(world), world.browser("reviewer2")
    added(world, number)
    assert "Joan Castellan" not in reviewer.get(page_of(number)).text
    with world.db.write() as session:
        who = update(Member).where(Member.id == world.id("reviewer1"))
        session.execute(who.values(name="Joan Castellan", version=Member.version + 1))
    assert "Joan Castellan" in reviewer.get(page_of(number)).text


def test_each_case_shows_its_own_papers(world: World) -> None:
    first, second = submitted(world), submitted(world, email="k@larkspur.example", name="Kit Marlow")
    act(world, "reviewer1", first, "notes", text="Of the first.")
    act(world, "reviewer1", second, "notes", text="Of the second.")
    assert version_of(world, first) == version_of(world, second)
    reviewer = world.browser("reviewer2")
    texts = [reviewer.get(page_of(number)).text for number in (first, second, first, second)]
    assert ["Of the first." in text for text in texts] == [True, False, True, False]
    assert ["Of the second." in text for text in texts] == [False, True, False, True]


def test_a_registry_of_the_same_names_that_says_something_else_counts_at_once(world: World) -> None:  # V4
    import_dotgov(world)
    number, reviewer = submitted(world, email=f"r@{TOWN}", agency=town(world)), world.browser("reviewer2")
    assert "is registered to Town of Abingdon" in reviewer.get(page_of(number)).text
    import_dotgov(world, DOTGOV.read_text().replace("Town of Abingdon", "Abingdon Water Authority"))
    assert world.one(select(GovDomain.organization).where(GovDomain.domain == TOWN)).organization == "Abingdon Water Authority"
    text = reviewer.get(page_of(number)).text
    assert "is registered to Abingdon Water Authority" in text
    assert "is registered to Town of Abingdon" not in text


def test_what_is_kept_opens_no_case_to_anybody(world: World) -> None:  # V1, A2
    number = submitted(world)
    act(world, "reviewer1", number, "notes", text=KEPT)
    with world.db.write() as session:
        session.execute(update(Application).where(Application.id == number).values(purpose="return", member_id=world.id("reviewer1")))
    assert KEPT in world.browser("reviewer2").get(page_of(number)).text
    about, member = world.browser("reviewer1").get(page_of(number)), world.browser("chief").get(page_of(number))
    assert (about.status_code, member.status_code) == (404, 404)
    assert KEPT not in about.text + member.text


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_psycopg_keeps_every_statement_of_a_case_read(world: World) -> None:
    """It reads longer ones, or of more values, anew each time they are sent."""
    from psycopg._queries import MAX_CACHED_STATEMENT_LENGTH, MAX_CACHED_STATEMENT_PARAMS

    assert world.actor("reviewer2").agency_id is not None, "the longest form of the fence"
    number = submitted(world)
    with world.count_queries() as queries_:
        assert world.browser("reviewer2").get(page_of(number)).status_code == 200
    assert max(len(statement) for statement in queries_.statements) <= MAX_CACHED_STATEMENT_LENGTH
    assert max(statement.count("%(") for statement in queries_.statements) <= MAX_CACHED_STATEMENT_PARAMS
