"""What agencies are called, how large they are, and what an ORI must look like."""

from __future__ import annotations

import pytest

from app.agencies.facts import ori_problem
from app.agencies.naming import city_of, search_text, short_name, tidy
from app.agencies.sizes import size_band


@pytest.mark.parametrize(
    ("name", "state", "kind", "short"),
    [
        ("Kalamazoo Police Department", "MI", "city", "Kalamazoo PD"),
        ("Bexley County Sheriff's Office", "CS", "county", "Bexley County SO"),
        ("Robinson Township Police Department, Washington County", "PA", "city", "Robinson Township PD, Washington County"),
        ("State Police: Kalamazoo County", "MI", "state", "MI State Police, Kalamazoo County"),
        ("Highway Patrol: Butte County", "CA", "state", "CA Highway Patrol, Butte County"),
        ("Department of Natural Resources: Wirt County", "WV", "state", "WV DNR, Wirt County"),
        ("Independent School District: Bastrop", "TX", "other", "Bastrop ISD"),
        ("University of California: Santa Cruz", "CA", "university", "University of California, Santa Cruz"),
        ("Concord", "AR", "city", "Concord PD"),
        ("Baltimore City Sheriff's Office", "MD", "city", "Baltimore City SO"),
        ("Makah Tribal", "WA", "tribal", "Makah Tribal"),
        ("x" * 200, "CA", "other", "x" * 100),
    ],
)
def test_short_names_are_what_people_say(name: str, state: str, kind: str, short: str) -> None:
    assert short_name(name, state, kind) == short


@pytest.mark.parametrize(
    ("raw", "tidied"),
    [
        ("Lawrence  County Sheriff's Office ", "Lawrence County Sheriff's Office"),
        ("CherryValley", "Cherry Valley"),
        ("GarrardCountyPoliceDepartment", "Garrard County Police Department"),
        ("IndependentSchoolDistrict:Bastrop", "Independent School District: Bastrop"),
        ("State Police:Alexandria", "State Police: Alexandria"),
        ("McLean", "McLean"),
        ("DeKalb", "DeKalb"),
        ("LaGrange Police Department", "LaGrange Police Department"),
    ],
)
def test_names_from_files_are_tidied(raw: str, tidied: str) -> None:
    assert tidy(raw) == tidied


def test_a_town_is_read_from_its_police_departments_name_alone() -> None:
    assert city_of("Merced Police Department", "city") == "Merced"
    assert city_of("Robinson Township Police Department, Washington County", "city") == "Robinson Township"
    assert city_of("Shelby County Police Department", "county") == ""
    assert city_of("Concord", "city") == ""


def test_search_text_begins_with_the_name_and_holds_other_ways_to_say_it() -> None:
    text = search_text("St. Mary's County Sheriff's Office", "MD", "St. Mary's")
    assert text.startswith(" st marys county sheriffs office ")
    for word in ("saint", "so", "md", "maryland", "mary", "co"):
        assert f" {word} " in text
    assert " dekalb " in search_text("De Kalb Police Department", "IL")
    assert " kalb " in search_text("DeKalb County Sheriff's Office", "GA")


@pytest.mark.parametrize(
    ("sworn", "band"),
    [
        (None, ""), (0, ""), (1, "1-9 sworn"), (9, "1-9 sworn"), (10, "10-24 sworn"), (24, "10-24 sworn"), (25, "25-49 sworn"),
        (50, "50-99 sworn"), (99, "50-99 sworn"), (100, "100-249 sworn"), (249, "100-249 sworn"), (250, "250-499 sworn"),
        (499, "250-499 sworn"), (500, "500+ sworn"), (36_000, "500+ sworn"),
    ],
)  # fmt: skip
def test_size_bands_meet_without_gap(sworn: int | None, band: str) -> None:
    assert size_band(sworn) == band


@pytest.mark.parametrize("ori", ["MI3913900", "MIDI05500", "DCFBI0000", "USSS00000"])
def test_an_ori_of_the_state_or_of_a_federal_agency_fits(ori: str) -> None:  # V8
    assert ori_problem(ori, "MI") == ""


def test_the_fbis_own_letters_and_the_demos_state_fit() -> None:  # V8
    assert ori_problem("NB0280100", "NE") == ""
    assert ori_problem("GMTGM0000", "GU") == ""
    assert ori_problem("CS0010100", "CS") == ""


@pytest.mark.parametrize(
    ("ori", "said"),
    [
        ("CA0240600", "This ORI is one of California, not of Michigan."),
        ("QQ0240600", "No ORI begins with QQ."),
        ("mi3913900", "two letters and seven letters or digits"),
        ("MI391390", "two letters and seven letters or digits"),
        ("MI39139000", "two letters and seven letters or digits"),
        ("M13913900", "two letters and seven letters or digits"),
        ("MI391390\n", "two letters and seven letters or digits"),
        ("MI39139", "Did you mean MI3913900?"),
    ],
)
def test_what_is_wrong_with_an_ori_is_said_in_words(ori: str, said: str) -> None:  # V8
    assert said in ori_problem(ori, "MI")
