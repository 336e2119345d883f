"""Agency search: as people type it, in the order they expect, fast, and telling nothing to someone who only applies."""

from __future__ import annotations

import time

import pytest

from app.agencies import queries
from app.agencies.importing import import_file
from app.agencies.queries import Ask
from app.core.errors import Invalid, NotFound
from app.core.paging import cursor
from tests.agencies.files import REAL, SAMPLE, needs_real_file
from tests.people import CAST
from tests.world import World


def names(world: World, text: str, **more: object) -> list[str]:
    with world.db.read() as conn:
        return [row.short_name for row in queries.search(conn, world.actor("chief"), Ask(text, **more)).items]  # type: ignore[arg-type]


@pytest.fixture
def register(world: World) -> World:
    import_file(world.db, SAMPLE)
    return world


MEANT = {
    "Kalamazoo sheriff": "Kalamazoo County SO",
    "kalamazoo SHERIFF'S": "Kalamazoo County SO",
    "Kalamazoo County SO": "Kalamazoo County SO",
    "kalam": "Kalamazoo County SO",
    "Kalamazoo PD": "Kalamazoo PD",
    "kalamazoo twp": "Kalamazoo Township PD",
    "michigan state police kalamazoo": "MI State Police, Kalamazoo County",
    "saint louis pd": "St. Louis County PD",
    "st louis police": "St. Louis County PD",
    "St. Louis police city": "St. Louis PD",
    "ofallon": "O'Fallon PD",
    "O'Fallon": "O'Fallon PD",
    "O Fallon": "O'Fallon PD",
    "de kalb sheriff": "DeKalb County SO",
    "dekalb": "DeKalb County SO",
    "MI3943900": "Kalamazoo PD",
    "Bexley SO": "Bexley County SO",
    "Kalámazoo  pd!!": "Kalamazoo PD",
}


def test_it_finds_what_was_meant(register: World) -> None:
    assert {typed: names(register, typed)[0] for typed in MEANT} == MEANT


def test_every_word_must_match_and_signs_mean_nothing(register: World) -> None:
    for typed in ("Kalamazoo marshal", "kalamazoo sheriff ohio", "'; DROP TABLE agencies --", "%", "_", "!!!", "\0"):
        assert names(register, typed) == [], typed


def test_names_that_begin_with_it_come_before_those_in_its_county(register: World) -> None:
    found = names(register, "kalamazoo")
    assert found[:3] == ["Kalamazoo County SO", "Kalamazoo PD", "Kalamazoo Township PD"]
    assert set(found[3:]) == {"MI State Police, Kalamazoo County", "Portage PD"}


def test_those_with_members_come_before_others_that_fit_as_well(register: World) -> None:
    assert names(register, "police", limit=2) == ["Alderwood PD", "Corvane PD"]


def test_two_letters_are_a_whole_word_beside_others_and_a_beginning_alone(register: World) -> None:
    assert names(register, "po") == ["Portage PD"] + [name for name in names(register, "po") if name != "Portage PD"]
    assert names(register, "po kalamazoo") == []


def test_a_state_narrows_it(register: World) -> None:
    assert names(register, "police", state="MO") == ["St. Louis County PD", "St. Louis PD"]
    assert names(register, "", state="GA") == ["DeKalb County SO"]
    assert names(register, "police", state="TX") == []


def test_without_a_question_those_with_a_member_can_be_asked_for(register: World) -> None:
    assert names(register, "", only_staffed=True) == ["Alderwood PD", "Bexley County SO", "Corvane PD"]


def test_pages_follow_each_other_without_gap_or_repeat(register: World) -> None:
    for text in ("", "police", "county"):
        whole, pages, after = names(register, text, limit=100), [], ""
        with register.db.read() as conn:
            while True:
                found = queries.search(conn, register.actor("chief"), Ask(text, limit=2, cursor=after))
                pages += [row.short_name for row in found.items]
                after = found.next
                if not after:
                    break
        assert len(whole) > 4
        assert pages == whole


def test_a_forged_cursor_is_bad_input(register: World) -> None:
    for bad in ("x", "éé", cursor("a", "b"), cursor(1, "a\0b", 2), cursor(1, "\ud800", 2), cursor(0, "a", 2**40)):
        with pytest.raises(Invalid):
            names(register, "police", cursor=bad)


def test_one_query_however_many_are_found(register: World) -> None:
    counts = []
    for text in ("portage", "kalamazoo", "police"):
        actor = register.actor("chief")
        with register.count_queries() as queries_made, register.db.read() as conn:
            queries.search(conn, actor, Ask(text))
        counts.append(queries_made.count)
    assert counts == [1, 1, 1]


def test_an_applicant_finds_the_same_in_an_order_that_tells_nothing_of_members(register: World) -> None:  # A15
    with register.db.read() as conn:
        public = queries.search_public(conn, "police").items
        assert [row.name for row in public] == sorted(row.name for row in public)
        assert {"Alderwood PD", "Portage PD"} <= {row.short_name for row in public}
        assert [row.short_name for row in queries.search_public(conn, "kalamazoo sheriff").items] == ["Kalamazoo County SO"]
        assert queries.search_public(conn, " ").items == []
        assert not {"sworn", "region"} & set(public[0]._fields)
        assert {row.rank for row in public} == {4}
        assert queries.public_agency(conn, 2**40) is None


def test_each_of_the_cast_but_partners_sees_agencies(register: World) -> None:
    for key, person in CAST.items():
        if key == "suspended":
            continue
        with register.db.read() as conn:
            actor = register.actor(key)
            if person.member_class == "partner":
                with pytest.raises(NotFound):
                    queries.search(conn, actor, Ask("alderwood"))
            else:
                assert len(queries.search(conn, actor, Ask("alderwood")).items) == 1


@needs_real_file
def test_the_real_register_is_searched_in_a_moment(world: World) -> None:
    import_file(world.db, REAL)
    actor = world.actor("chief")
    with world.db.read() as conn:
        for text, first in (
            ("Kalamazoo sheriff", "Kalamazoo County SO"),
            ("saint louis pd", "St. Louis County PD"),
            ("police", "Alderwood PD"),
        ):
            best = 1.0
            for _ in range(10):
                started = time.perf_counter()
                found = queries.search(conn, actor, Ask(text)).items
                best = min(best, time.perf_counter() - started)
            assert found[0].short_name == first
            assert best < 0.05, f"{text}: {best * 1000:.1f} ms"  # 15 ms on a quiet machine
        assert len(queries.states(conn)) == 56
