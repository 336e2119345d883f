"""First steps on the first page until done or put away; and the association's texts, each version kept."""

from __future__ import annotations

import re

from sqlalchemy import select, update

from app.association.models import SiteText
from app.core.audit import AuditEvent
from app.core.site import SiteRow
from app.membership.models import Member
from tests.forum.steps import open_thread
from tests.forum.test_rounds import agree, subjects
from tests.world import World

SITE = {"name": "Cascade", "address": "1 Street", "time_zone": "UTC", "mail_most": "full"}


def begin_anew(world: World, *keys: str) -> None:
    with world.db.write() as session:
        ids = [world.id(key) for key in keys]
        session.execute(update(Member).where(Member.id.in_(ids)).values(start_done_at=None))


def steps(page: str) -> dict[str, bool]:
    """Title to whether it is done."""
    box = page.partition('id="h-start"')[2].partition('id="h-new"')[0]
    return {
        re.sub(r"<[^>]+>", "", title).removesuffix(", done"): bool(done)
        for done, title in re.findall(r"<li( class=\"done\")?>.*?<h3>(.*?)</h3>", box, re.S)
    }


def test_each_step_ticks_itself_off_and_the_box_goes_when_all_are_done(world: World) -> None:
    subjects(world)
    admin, at = world.browser("admin"), "/admin/settings"
    fields = {**SITE, "rules": "**Be kind.**", "welcome": "Good to *have* you.", "hello_forum": str(world.ids.forums["patrol"])}
    assert admin.post(at, {**fields, "hello_forum": "999"}, page=at).status_code == 422
    assert admin.post(at, fields, page=at).status_code == 303
    assert re.search(rf'<option value="{world.ids.forums["patrol"]}" selected>', admin.get(at).text)
    begin_anew(world, "chief", "retired", "colleague", "vendor")
    chief = world.browser("chief")
    page = chief.get("/").text
    assert steps(page) == {"Say what you know about": False, "Choose your mail": False, "Say hello": False}
    assert "Good to <em>have</em> you." in page
    # Who may not post there is led to no hello, and who sees other forums alone neither.
    assert list(steps(world.browser("retired").get("/").text)) == list(steps(world.browser("vendor").get("/").text))
    assert "Say hello" not in world.browser("retired").get("/").text
    agree(world, "chief", "records")
    assert steps(chief.get("/").text)["Say what you know about"] is True
    assert chief.post("/start/mail", page="/").status_code == 303
    assert steps(chief.get("/").text)["Choose your mail"] is True
    assert [chief.post(f"/start/{name}", page="/").status_code for name in ("profile", "nothing")] == [404, 404]
    draft = chief.get("/forums/patrol/new?hello=1").text
    assert "Hello from Alderwood" in draft
    assert "You can ask me about: Records." in draft
    assert "Hello from" not in chief.get("/forums/patrol/new").text + chief.get("/forums/command-staff/new?hello=1").text
    assert "1 of 3" not in chief.get("/").text
    open_thread(world, "chief", title="Hello from Alderwood", kind="discussion")
    with world.count_queries() as first:
        assert steps(chief.get("/").text) == {}
    with world.count_queries() as second:
        assert "Start here" not in chief.get("/").text
    assert second.count < first.count, "who is done is asked about nothing more"
    # Put away, for good, and only for oneself.
    colleague = world.browser("colleague")
    assert colleague.post("/start/away", page="/").status_code == 303
    assert (steps(colleague.get("/").text), len(steps(world.browser("retired").get("/").text))) == ({}, 2)
    with world.db.read() as conn:
        verbs = conn.execute(select(AuditEvent.verb).where(AuditEvent.verb.like("start.%")).order_by(AuditEvent.id)).scalars().all()
    assert verbs == ["start.done", "start.put_away"]


def test_rules_and_welcome_are_kept_by_version(world: World) -> None:
    admin, at = world.browser("admin"), "/admin/settings"
    for rules, welcome in (("First <b>rules</b>", "Hello"), ("Second rules", "Hello"), ("Second rules", "Hello again")):
        assert admin.post(at, {**SITE, "rules": rules, "welcome": welcome}, page=at).status_code == 303
        world.later(minutes=1)
    with world.db.read() as conn:
        kept = conn.execute(select(SiteText.name, SiteText.version, SiteText.text).order_by(SiteText.name, SiteText.version)).all()
        assert conn.execute(select(SiteRow.rules_version)).scalar_one() == 2
    assert [tuple(row) for row in kept] == [
        ("rules", 1, "First <b>rules</b>"), ("rules", 2, "Second rules"), ("welcome", 1, "Hello"), ("welcome", 2, "Hello again"),
    ]  # fmt: skip
    page = admin.get(f"{at}/texts").text
    assert "First &lt;b&gt;rules&lt;/b&gt;" in page
    assert "Welcome, version 2" in page
    assert world.browser("chief").get(f"{at}/texts").status_code == 404
    rules = world.browser("chief").get("/rules").text
    assert "Second rules" in rules
    assert "Version 2" in rules
