"""Until when a message may be edited, what is seen of its earlier versions, and striking one of them."""

from __future__ import annotations

import json
import random
import re
import time

from hypothesis import given
from hypothesis import strategies as st

from app.core.audit import AuditEvent
from app.forum.history.diffing import compared
from app.forum.models import Forum, ReplyRevision
from tests.forum.steps import open_thread, reply
from tests.mail.helpers import change
from tests.world import World

MODERATE = "read,write,moderate"
TEXT = st.text("ab .,\n", max_size=40)


@given(TEXT, TEXT)
def test_the_pieces_of_a_difference_make_both_texts(old: str, new: str) -> None:
    pieces = compared(old, new)
    assert "".join(piece.text for piece in pieces if piece.sign != "+") == old
    assert "".join(piece.text for piece in pieces if piece.sign != "-") == new


def test_a_difference_is_by_words_and_never_takes_long() -> None:
    assert [tuple(piece) for piece in compared("We cut it from 41 days.", "We cut it to 6 days.")] == [
        ("", "We cut it "), ("-", "from"), ("+", "to"), ("", " "), ("-", "41"), ("+", "6"), ("", " days."),
    ]  # fmt: skip
    some = random.Random(1)
    words = [str(some.randrange(50)) for _ in range(340_000)]
    mixed = some.sample(words, len(words))
    for old, new in ((" ".join(words), " ".join(mixed)), ("ab " * 333_000, "ba " * 333_000), ("a b\n" * 250_000, "b a\n" * 250_000)):
        began = time.perf_counter()
        assert compared(old, new)
        assert time.perf_counter() - began < 2, (old[:10], len(old))


def test_a_message_is_edited_as_long_as_its_forum_says(world: World) -> None:
    thread = open_thread(world, body="First words.")
    reply(world, "moderator", thread, "The rules of this thread.")
    at, sent = f"/threads/{thread}/replies/0", {"title": "Redaction", "body": "Too late <now>.", "version": "1"}
    world.later(hours=23, minutes=59)
    chief = world.browser("chief")
    token = chief.csrf(f"{at}/edit")
    assert f'href="{at}/edit"' in chief.get(f"/threads/{thread}").text
    assert "for 24 hours after" in chief.get(f"{at}/edit").text
    world.later(minutes=1)
    late = chief.request("POST", f"{at}/edit", data={"csrf": token, **sent})
    assert late.status_code == 403
    assert "can be edited for 24 hours after it was posted" in late.text
    assert "Too late &lt;now&gt;." in late.text  # nobody's text is lost
    assert chief.get(f"{at}/edit").status_code == 403
    assert f'href="{at}/edit"' not in chief.get(f"/threads/{thread}").text
    assert world.script("chief").call("PATCH", at, {"body": "Late.", "version": 1}).status_code == 403
    # A moderator keeps up what they wrote for the forum, and rewrites nobody else's words.
    assert (
        world.script("moderator", MODERATE).call("PATCH", f"/threads/{thread}/replies/1", {"body": "New rules.", "version": 1}).status_code
        == 200
    )
    assert world.script("moderator", MODERATE).call("PATCH", at, {"body": "Not mine.", "version": 1}).status_code == 403
    admin, forum = world.browser("admin"), world.ids.forums["patrol"]
    for hours, status in (("", 200), ("0", 403)):
        page = admin.get(f"/admin/forums/{forum}").text
        version = re.search(r'name="version" value="(\d+)"', page)
        assert version
        fields = {"title": "Patrol", "marking_floor": "TLP:CLEAR", "version": version[1], "edit_hours": hours}
        assert admin.post(f"/admin/forums/{forum}", fields, page=f"/admin/forums/{forum}").status_code == 303
        assert f'name="edit_hours" value="{hours}"' in admin.get(f"/admin/forums/{forum}").text
        fresh = reply(world, "chief", thread, "Just now.")
        answer = world.script("chief").call("PATCH", f"/threads/{thread}/replies/{fresh}", {"body": "Once more.", "version": 1})
        assert answer.status_code == status, hours
        assert (world.script("chief").call("PATCH", at, {"body": "Always.", "version": 1}).status_code == 200) == (hours == "")
    assert admin.post(f"/admin/forums/{forum}", {**fields, "edit_hours": "-1"}, page=f"/admin/forums/{forum}").status_code == 422


def test_a_version_that_was_struck_is_out_of_members_view_and_kept(world: World) -> None:
    change(world, Forum, Forum.slug == "patrol", anonymous_ok=True)
    thread = open_thread(world, kind="question", title="Who?", body="Plain start. The suspect is Kalinka.", anonymous=True)
    at, script = f"/threads/{thread}/replies/0", world.script("chief")
    for version, words in ((1, "Plain start. Somebody called Moravec."), (2, "Plain start. Nobody is named.")):
        assert script.call("PATCH", at, {"body": words, "version": version}).status_code == 200
    page = f"{at}/revisions"
    reader = world.browser("sheriff")

    def seen(key: str) -> str:
        browser = world.browser(key)
        shown = "".join(browser.get(f"{page}?version={n}").text for n in (1, 2, 3))
        return shown + world.script(key).call("GET", page).text

    assert "Kalinka" in seen("sheriff")
    assert "Moravec" in seen("sheriff")
    assert "<del>" in reader.get(page).text
    assert "Strike it" not in reader.get(f"{page}?version=1").text
    assert reader.get(f"{page}?version=9").status_code == 404
    striking = f"{page}/1/strike"
    for key, status in (("sheriff", 403), ("vendor", 404)):
        assert world.script(key).call("POST", striking, {"reason": "x"}).status_code == status, key
    moderator = world.browser("moderator")
    empty = moderator.post(striking, {"reason": ""}, page=f"{page}?version=1")
    assert empty.status_code == 422
    assert "say why" in empty.text
    assert moderator.post(striking, {"reason": "Names a suspect."}, page=f"{page}?version=1").status_code == 303
    assert world.script("moderator", MODERATE).call("POST", striking, {"reason": "Again."}).status_code == 409
    assert world.browser("chief").post(f"{page}/2/strike", {}, page=f"{page}?version=2").status_code == 303  # an author need not say why
    for key in ("sheriff", "colleague"):
        text = seen(key)
        assert "Kalinka" not in text
        assert "Moravec" not in text
        assert "Struck by Captain Teresa Bohannon" in text
        assert "Names a suspect." in text
        assert "Struck by its author" in text
        assert "Marchetti" not in text  # a mask holds here too
    assert "Kalinka" in seen("moderator")
    assert "Moravec" in seen("chief")
    assert [row["struck"] for row in world.script("sheriff").call("GET", page).json()["items"]] == [True, True]
    assert world.one(ReplyRevision.__table__.select().where(ReplyRevision.version == 1)).body.endswith("Kalinka.")
    logged = world.one(AuditEvent.__table__.select().where(AuditEvent.verb == "reply.strike", AuditEvent.actor_name == "a member, masked"))
    assert json.loads(logged.detail)["version"] == 2
