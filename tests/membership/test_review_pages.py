"""What reviewers see of a case, and on which page they act on it."""

from __future__ import annotations

from sqlalchemy import select

from app.core.audit import AuditEvent
from app.membership.models import ApplicationState, Decision
from tests.membership.cases import CALL, REVIEW, state_of, submitted
from tests.world import World


def test_only_reviewers_see_a_case(world: World) -> None:  # C3
    number = submitted(world)
    assert "Hollis Crane" in world.browser("reviewer1").get(f"/moderation/applications/{number}").text
    for key in ("chief", "vendor", "moderator", "admin", "retired"):
        browser, script = world.browser(key), world.script(key, REVIEW)
        for path in ("/moderation", "/moderation/applications", f"/moderation/applications/{number}"):
            real, none = browser.get(path), browser.get("/moderation/applications/999999")
            assert real.status_code == none.status_code == 404, (key, path)
            assert "Crane" not in real.text
        for method, path in (("GET", "/applications"), ("GET", f"/applications/{number}"), ("POST", f"/applications/{number}/claim")):
            answer = script.call(method, path, {"version": 2} if method == "POST" else None)
            assert answer.status_code == 404, (key, path)
    assert world.outsider().get(f"/moderation/applications/{number}").status_code == 303
    assert world.outsider().call("GET", f"/applications/{number}").status_code == 401
    assert state_of(world, number) == ApplicationState.SUBMITTED


def test_a_stale_version_is_refused_and_what_was_written_comes_back(world: World) -> None:
    number = submitted(world)
    browser = world.browser("reviewer1")
    path = f"/moderation/applications/{number}"
    assert browser.post(path + "/notes", {"version": "2", "text": "First."}, page=path).status_code == 303
    answer = browser.post(path + "/notes", {"version": "2", "text": "Second, from an old page."}, page=path)
    assert answer.status_code == 409
    assert "Second, from an old page.</textarea>" in answer.text
    assert 'name="version" value="3"' in answer.text  # sent again from here, it is taken
    for what, body in (("evidence", {"kind": "dues", "note": "x"}), ("decisions", {"verdict": "decline", "reason": "x"})):
        assert world.script("reviewer1", REVIEW).call("POST", f"/applications/{number}/{what}", body | {"version": 2}).status_code == 409
        assert world.script("reviewer1", REVIEW).call("POST", f"/applications/{number}/{what}", body).status_code == 422


def test_the_case_on_one_page(world: World) -> None:
    number = submitted(world, sponsor="sheriff@bexley.example")
    browser = world.browser("reviewer1")
    path = f"/moderation/applications/{number}"
    browser.post(path + "/claim", {"version": "2"}, page=path)
    browser.post(path + "/evidence", {"version": "3", "kind": "roster", "note": "City staff page lists <b>Crane</b>."}, page=path)
    browser.post(path + "/notes", {"version": "4", "text": "Called dispatch."}, page=path)
    call = CALL | {"version": "5", "spoke_at": "2026-11-23T07:30"}
    assert browser.post(path + "/call-backs", call, page=path).status_code == 303
    answer = browser.post(path + "/decisions", {"version": "6", "verdict": "approve", "reason": "Reached the chief."}, page=path)
    assert answer.status_code == 303
    page = browser.get(path).text
    for text in (
        "Corvane Police Department",
        "CS0030100",
        "Dale Okafor",
        "City staff page lists &lt;b&gt;Crane&lt;/b&gt;.",
        "Called dispatch.",
        "Reached the chief.",
        "Needs a second reviewer",
        "1 of 2 signed",
        "Another reviewer must sign too",
    ):
        assert text in page, text
    verbs_done = {
        "application.submit",
        "application.confirm",
        "application.claim",
        "application.evidence",
        "application.note",
        "application.call_back",
        "application.decide",
    }
    with world.db.read() as conn:
        assert verbs_done <= set(conn.execute(select(AuditEvent.verb)).scalars())


def test_a_decision_on_a_page_asks_for_the_second_factor(world: World) -> None:
    number = submitted(world)
    browser = world.browser("reviewer1", stepped_up=False)
    path = f"/moderation/applications/{number}"
    answer = browser.post(path + "/decisions", {"version": "2", "verdict": "approve", "reason": "x"}, page=path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/step-up")
    assert world.count(Decision) == 0
