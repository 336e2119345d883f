"""Lessons of all one's forums, by what their records say, and the file they may go out as."""

from __future__ import annotations

import csv
import io
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import select, update

from app.core.audit import AuditEvent
from app.core.csv_lines import written
from app.forum.models import Forum
from tests.forum.steps import hide, open_thread, titles
from tests.forum.test_adoptions import say
from tests.forum.test_practices import subjects
from tests.world import Client, World


def lesson(world: World, title: str, who: str = "chief", slug: str = "patrol", marking: str = "TLP:GREEN", **practice: Any) -> int:
    world.later(minutes=1)
    record = {"practice": {"problem": f"Problem of {title}", **practice}} if practice else {}
    readers = {"readers": [world.id("colleague")]} if marking == "TLP:RED" else {}
    return open_thread(world, who, slug, title=title, marking=marking, **record, **readers)


def found(client: Client, **filters: str) -> list[str]:
    answer = client.get("/lessons?" + urlencode(filters))
    assert answer.status_code == 200, answer.text
    return titles(answer.text)


def several(world: World) -> None:
    subjects(world)
    lesson(world, "Desk", cost_band="under_25k", again="yes", measured=True, sworn=38, subjects=["patrol", "training"])
    lesson(world, "Cars", cost_band="over_100k", again="no", sworn=38, subjects=["patrol"])
    lesson(world, "Nights", who="moderator", cost_band="none", again="with_changes", measured=True)
    lesson(world, "Plain", who="sheriff")
    lesson(world, "Command", slug="command-staff", marking="TLP:AMBER", cost_band="none")
    lesson(world, "Red", marking="TLP:RED", cost_band="none")
    open_thread(world, kind="question", title="A question")


def test_lessons_are_found_by_what_their_records_say(world: World) -> None:
    several(world)
    sheriff = world.browser("sheriff")
    assert found(sheriff) == ["Command", "Plain", "Nights", "Cars", "Desk"]
    wanted = {
        "Cars Desk": {"subject": "patrol"}, "Desk": {"subject": "training"}, "Nights Desk": {"measured": "yes"}, "Cars": {"again": "no"},
        "Command Nights": {"cost": "none"}, "Command Cars Desk": {"size": "25-49"}, "Nights": {"size": "10-24"},
        "Plain": {"size": "100-249"}, "": {"state": "WA"}, "Command Plain Nights Cars Desk": {"state": "CS"},
    }  # fmt: skip
    assert {name: " ".join(found(sheriff, **filters)) for name, filters in wanted.items()} == {name: name for name in wanted}
    assert found(sheriff, subject="patrol", cost="under_25k", again="yes", measured="yes", size="25-49", state="CS") == ["Desk"]
    assert "Again: yes" in sheriff.get("/lessons?again=yes").text
    for query in ("cost=cheap", "size=5", "again=maybe", "measured=no", "subject=%27", "state=washington", "subject=%00"):
        assert sheriff.get(f"/lessons?{query}").status_code in (404, 422), query
    assert sheriff.get("/lessons?after=x").status_code == 422


def test_nobody_finds_a_lesson_they_may_not_read(world: World) -> None:
    several(world)
    assert found(world.browser("colleague"))[:2] == ["Red", "Command"]
    assert found(world.browser("analyst")) == ["Plain", "Nights", "Cars", "Desk"]
    assert found(world.browser("vendor")) == []
    number = int(re.findall(r'/threads/(\d+)">Cars', world.browser("analyst").get("/lessons").text)[0])
    hide(world, number, 0)
    assert "Cars" not in found(world.browser("analyst"))


def test_the_list_goes_on_by_keys_and_asks_no_more_for_more_rows(world: World) -> None:
    subjects(world)
    asked = []
    for n in range(30):
        lesson(world, f"Lesson {n:02}", cost_band="none", subjects=["patrol"])
        if n in (0, 2):
            world.later(minutes=1)
            reader = world.browser("colleague")
            reader.get("/lessons")
            with world.count_queries() as queries:
                found(reader, cost="none")
            asked.append(queries.count)
    assert asked[0] == asked[1]
    page = world.browser("colleague").get("/lessons?cost=none")
    following = re.findall(r'href="(/lessons\?[^"]+)" rel="next"', page.text)[0].replace("&amp;", "&")
    assert titles(page.text) + titles(world.browser("colleague").get(following).text) == [f"Lesson {n:02}" for n in reversed(range(30))]


def allow(world: World) -> None:
    with world.db.write() as session:
        session.execute(update(Forum).where(Forum.slug.in_(("patrol", "command-staff"))).values(export_ok=True))


def test_a_list_goes_out_as_a_file_only_where_the_forum_allows_it(world: World) -> None:  # H4 R1
    several(world)
    sheriff = world.browser("sheriff")
    assert "Export this list" not in sheriff.get("/lessons").text
    assert sheriff.post("/lessons/export", page="/settings/profile").status_code == 403
    allow(world)
    say(world, "sheriff", int(re.findall(r'/threads/(\d+)">Desk', sheriff.get("/lessons").text)[0]))
    colleague = world.browser("colleague")
    answer = colleague.post("/lessons/export", {"measured": ""}, page="/lessons")
    assert answer.headers["content-disposition"] == 'attachment; filename="lessons-2026-11-23.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [row["title"] for row in rows] == ["Plain", "Nights", "Cars", "Desk"]  # neither AMBER nor RED, though the reader sees them
    desk = rows[-1]
    assert (desk["marking"], desk["agency"], desk["state"], desk["subjects"]) == ("TLP:GREEN", "Alderwood PD", "CS", "Patrol; Training")
    assert (desk["problem"], desk["sworn"], desk["adopted"]) == ("Problem of Desk", "38", "1")
    assert "Marchetti" not in answer.text
    assert [row["title"] for row in csv.DictReader(io.StringIO(
        colleague.post("/lessons/export", {"again": "no"}, page="/lessons").text.removeprefix("\ufeff")))] == ["Cars"]  # fmt: skip
    assert colleague.post("/lessons/export", {"cost": "cheap"}, page="/lessons").status_code == 404
    assert colleague.post("/lessons/export", {"subject": "a\0b"}, page="/lessons").status_code in (404, 422)
    assert world.count(AuditEvent, AuditEvent.verb == "lesson.export") == 2


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\0", "\r"])
def test_no_cell_of_a_file_is_a_formula(begins: str) -> None:  # H11
    assert next(csv.reader(io.StringIO(written([[f"{begins}1+1", "a=b", 5, None]]).removeprefix("\ufeff"), newline=""))) == [
        f"'{begins}1+1", "a=b", "5", "",
    ]  # fmt: skip


def test_an_administrator_says_which_forums_lessons_may_go_out(world: World) -> None:
    admin, at = world.browser("admin"), f"/admin/forums/{world.ids.forums['patrol']}"
    form = {"version": "1", "title": "Patrol", "description": "", "marking_floor": "", "mail_most": "full", "export_ok": "yes"}
    assert admin.post(at, form, page=at).status_code == 303
    assert world.one(select(Forum.export_ok).where(Forum.slug == "patrol"))[0]
    lesson(world, "=HYPERLINK(1)")
    assert "'=HYPERLINK(1)" in world.browser("chief").post("/lessons/export", page="/lessons").text  # H11
