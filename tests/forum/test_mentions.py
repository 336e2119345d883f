"""Naming members and agencies with an @, and quoting: who is offered, what becomes a link, who is told, and of what nobody learns."""

from __future__ import annotations

import re

from app.core import markup
from app.forum.mentions.finding import candidates, quotes
from app.forum.mentions.models import Mention
from app.forum.models import Forum
from app.membership.models import Member, MemberStatus
from tests.forum.steps import hide, open_thread, reply
from tests.mail.helpers import change, mails, text
from tests.mail.test_at_once import watch, work
from tests.world import World


def test_what_may_be_a_name_in_a_text() -> None:
    def labels(words: str) -> list[list[str]]:
        return [[c.label for c in there] for there in candidates(words)]

    assert labels("Ask @Ellen Marchetti, or @Tom.") == [["@Ellen Marchetti", "@Ellen"], ["@Tom"]]
    assert labels("@Tom Reyes (Alderwood PD)")[0][0] == "@Tom Reyes (Alderwood PD)"
    assert labels("as @Dale Okafor's deputy")[0] == ["@Dale Okafor's deputy", "@Dale Okafor", "@Dale"]
    assert labels("mail me@example.org, @ nobody") == []
    assert len(candidates("@a b c d e f g h " * 50)) == 1
    assert quotes("> **Chief X** wrote in [#3](https://x.example/threads/1/replies/3):\n>\n> Some words.\n\nNo.") == {3: "Some words."}
    assert quotes("> **Chief X** wrote in #0:\n\nNothing of it.") == {}


def test_a_name_becomes_a_link_only_in_the_authors_own_words() -> None:
    known = {"@Ellen Marchetti": "/members/1", "@Bexley County SO": "/agencies/2"}
    link = '<a href="/members/1" class="mention" rel="noopener noreferrer">@Ellen Marchetti</a>'
    for words, shown in (
        ("Ask @Ellen Marchetti.", f"<p>Ask {link}.</p>"),
        ("**@Ellen Marchetti**", f"<strong>{link}</strong>"),
        ("`@Ellen Marchetti`", "<code>@Ellen Marchetti</code>"),
        ("> @Ellen Marchetti", "<p>@Ellen Marchetti</p>"),
        ("x@Ellen Marchettis", "<p>x@Ellen Marchettis</p>"),
    ):
        rendered = markup.render(words, mentions=known)
        assert shown in rendered.html, words
        assert (rendered.linked == {"@Ellen Marchetti"}) == (link in shown)
    assert markup.render("Ask @Ellen Marchetti.", mentions=known).plain == "Ask @Ellen Marchetti."  # as it reads in mail
    for forged in ("[x](/members/1)", '<a class="mention" href="/members/1">x</a>', "[x](javascript:alert(1))"):
        assert '<a href="/' not in markup.render(forged, mentions=known).html


def offered(world: World, who: str, where: str, typed: str) -> list[str]:
    page = world.browser(who).get(f"{where}/mentions?q={typed}")
    return re.findall(r'data-value="([^"]+)"', page.text) if page.status_code == 200 else [str(page.status_code)]


def test_only_who_may_see_it_is_offered_and_becomes_a_link(world: World) -> None:
    thread = open_thread(world, "chief")
    staff = open_thread(world, "chief", "command-staff", kind="discussion", title="Heads alone")
    red = open_thread(world, "chief", kind="discussion", marking="TLP:RED", readers=[world.id("sheriff")])
    at = f"/threads/{thread}"
    assert offered(world, "sheriff", at, "Nair") == ["@Priya Nair"]  # by the family name
    assert offered(world, "sheriff", at, "priya n") == ["@Priya Nair"]
    assert offered(world, "chief", "/forums/patrol/new", "pri") == ["@Priya Nair"]
    assert offered(world, "sheriff", at, "bexley")[-1:] == ["@Bexley County SO (CS)"]
    for where, typed in ((at, "Casey"), (at, "Marsh"), (f"/threads/{staff}", "Nair"), (f"/threads/{red}", "Reyes"), (at, ""), (at, "%")):
        assert offered(world, "sheriff", where, typed) == [], (where, typed)  # a partner, who is suspended, a civilian, who is not named
    assert offered(world, "chief", f"/threads/{red}", "Okafor") == ["@Dale Okafor"]
    assert offered(world, "vendor", at, "Nair") == ["404"]
    assert offered(world, "colleague", f"/threads/{red}", "Okafor") == ["404"]
    with world.count_queries() as queries:
        offered(world, "sheriff", at, "priya")
    assert queries.count <= 8

    body = "@Priya Nair and @Casey Lund, @Owen Marsh; @bexley county so no, @Bexley County SO yes, @Nair no."
    page = world.browser("sheriff").post(f"{at}/preview", {"body": body}, page=at).text
    assert re.findall(r'class="mention"[^>]*>([^<]+)<', page) == ["@Priya Nair", "@Bexley County SO"]
    reply(world, "chief", thread, body)
    shown = world.browser("analyst").get(at).text
    assert f'<a href="/members/{world.id("analyst")}" class="mention"' in shown
    assert world.count(Mention) == 2


def test_of_two_of_one_name_the_brackets_say_which(world: World) -> None:
    change(world, Member, Member.id == world.id("analyst"), name="Tom Reyes", name_key="tom reyes", family_key="reyes tom")
    thread = open_thread(world, "chief")
    assert offered(world, "sheriff", f"/threads/{thread}", "reyes") == ["@Tom Reyes (Alderwood PD)", "@Tom Reyes (Bexley County SO)"]
    reply(world, "chief", thread, "@Tom Reyes is two people. @Tom Reyes (Bexley County SO) is one.")
    assert [row.member_id for row in rows(world)] == [world.id("analyst")]
    # Renamed since, they stay who was meant, also when the message is edited.
    change(world, Member, Member.id == world.id("analyst"), name="Tess Rey", name_key="tess rey")
    edited = {"body": "Put right: @Tom Reyes (Bexley County SO).", "version": 1}
    assert world.script("chief").call("PATCH", f"/threads/{thread}/replies/1", edited).status_code == 200
    assert [row.member_id for row in rows(world)] == [world.id("analyst")]


def rows(world: World) -> list[Mention]:
    with world.db.read() as conn:
        return list(conn.execute(Mention.__table__.select()))


def told(world: World, key: str) -> list[tuple[str, str]]:
    return [(n["kind"], n["text"]) for n in world.script(key).call("GET", "/notifications").json()["items"]]


def test_who_is_named_or_quoted_is_told_once_and_nobody_learns_who_is_behind_a_mask(world: World) -> None:
    change(world, Forum, Forum.slug == "patrol", anonymous_ok=True)
    thread = open_thread(world, "sheriff", kind="question", title="Tethers?", body="Who uses tethers?", anonymous=True)
    work(world)
    world.later(minutes=1)
    page = world.browser("colleague").get(f"/threads/{thread}?quote=0").text
    quote = re.search(r"<textarea[^>]*>\n([^<]+)</textarea>", page)
    assert quote
    body = quote[1].replace("&gt;", ">").replace("&#34;", '"')
    assert body.startswith(f"> **A member** wrote in [#0](http://localhost:8000/threads/{thread}/replies/0):")
    reply(world, "colleague", thread, body + "We do. @Priya Nair knows, and @Tom Reyes is me.")
    assert world.browser("colleague").get(f"/threads/{thread}/replies/0/quote").text.startswith("<pre>&gt; **A member** wrote in [#0](")
    script = world.script("sheriff")
    quoting = {"body": "As I said.", "anonymous": True, "quote": 1}
    assert [script.call("POST", f"/threads/{thread}/replies", {**quoting, "quote": n}).status_code for n in (9, -1)] == [422, 422]
    masked = {"body": "Thank you, @Ellen Marchetti.", "anonymous": True}
    assert world.script("sheriff").call("POST", f"/threads/{thread}/replies", masked).status_code == 201
    watch(world, "other_moderator", thread, "mute")
    reply(world, "chief", thread, "See also @Wade Lindgren and @Casey Lund.")
    assert not told(world, "analyst")  # not before it can no longer be taken back
    world.later(seconds=11)
    work(world)
    assert told(world, "analyst") == [("mention", "Sergeant Tom Reyes, Alderwood PD mentioned you in “Tethers?”")]
    assert [kind for kind, _ in told(world, "sheriff")] == ["reply", "quote"]
    assert told(world, "colleague") == []  # one's own words
    [(kind, said)] = told(world, "chief")
    assert kind == "mention"
    assert "Okafor" not in said
    assert told(world, "other_moderator") == []  # mute beats all
    assert told(world, "vendor") == []
    assert world.id("sheriff") not in [row.member_id for row in rows(world)]
    # An edit names one more, and tells nobody twice.
    edited = {"body": "We do. @Priya Nair and @Teresa Bohannon know.", "version": 1}
    assert world.script("colleague").call("PATCH", f"/threads/{thread}/replies/1", edited).status_code == 200
    work(world)
    work(world, 15)
    assert (len(told(world, "analyst")), len(told(world, "moderator"))) == (1, 1)
    assert ["mentioned you" in text(mail) for mail in mails(world, "moderator", "notification")] != []
    # What was taken out of view, or of whom nothing is to be seen any more, is not told.
    last = reply(world, "chief", thread, "Once more: @Priya Nair.")
    hide(world, thread, last)
    change(world, Member, Member.id == world.id("moderator"), status=MemberStatus.SUSPENDED)
    world.later(seconds=11)
    work(world)
    assert len(told(world, "analyst")) == 1
