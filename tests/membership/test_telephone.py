"""Numbers in what people write: no way of writing one hides it, and another one is not taken for it (V2)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.membership.telephone import dialled, first_in, is_same, stands_in
from tests.membership.cases import CALL, act, submitted
from tests.world import World

MARKS = ["", " ", "-", ".", "/", "–", "—", "\u2011", "•", "·", "_", "\u00a0", " - ", ") ", "*", "~", "\u200b", " dash ", "…", ":", ", "]
ENDS = ["", " x12", " ext. 4", " extension 100", "x9", "#7", " /3", " 12"]
_AREA = st.from_regex(r"[2-9][0-9]{2}", fullmatch=True)
NUMBERS = st.tuples(_AREA, _AREA, st.from_regex(r"[0-9]{4}", fullmatch=True)).map("".join)
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


@st.composite
def written(draw: st.DrawFn, number: str) -> str:
    """A number, as somebody writes it who does not want it to be found."""
    mark = st.sampled_from(MARKS)
    cut = draw(st.sampled_from([(3, 6), (3, 5, 7), (1, 2, 6), (6,), (), (2, 4, 6, 8)]))
    text = draw(st.sampled_from(["", "1", "+1", "+1 (", "001 ", "1-", "("]))
    for start, end in zip((0, *cut), (*cut, 10), strict=True):
        text += (draw(mark) if start else "") + number[start:end]
    return text.translate(_FULL_WIDTH) if draw(st.booleans()) else text


@st.composite
def among(draw: st.DrawFn, number: str) -> str:
    """The same in a text, with other numbers and words close to it."""
    near = st.sampled_from(["", "since 2019 ", "call ", "276-555-0199 ", "276-555-0199/", "12 ", "x", "room 4, ", "1999. "])
    return draw(near) + draw(written(number)) + draw(st.sampled_from(ENDS)) + draw(near)


@settings(max_examples=400, deadline=None)
@given(st.data(), NUMBERS)
def test_a_number_is_found_however_it_is_written(data: st.DataObject, number: str) -> None:  # V2
    assert stands_in(number, ["nothing here", data.draw(among(number))])


@settings(max_examples=400, deadline=None)
@given(st.data(), NUMBERS)
def test_what_a_reviewer_types_is_that_number_whatever_its_extension(data: st.DataObject, number: str) -> None:  # V2
    plain = data.draw(st.sampled_from(["", "1", "+1 ", "1-"])) + "-".join((number[:3], number[3:6], number[6:]))
    typed = plain + data.draw(st.sampled_from(["", "x1", " x12", " ext. 100", " #4", " extension 3"]))
    assert dialled(typed) == number
    assert stands_in(dialled(typed), [data.draw(among(number))])


@settings(max_examples=400, deadline=None)
@given(st.data(), NUMBERS, NUMBERS)
def test_another_number_is_not_taken_for_it(data: st.DataObject, number: str, other: str) -> None:
    mark = data.draw(st.sampled_from(["", " ", "-", ".", "–"]))
    one = data.draw(st.sampled_from(["", "1-", "+1 ", "("])) + mark.join((other[:3], other[3:6], other[6:]))
    assert stands_in(number, [one]) == (number == other)


@pytest.mark.parametrize(
    ("number", "text", "is_there"),
    [
        ("3605550163", "555-0163", True),
        ("3605550163", "276-555-0163", False),
        ("3605550163", "1 (276) 555-0163", False),
        ("3605550163", "12765550163", False),
        ("3605550163", "in 2019, 555-0163", True),
        ("3605550163", "276 of us share 555-0163", True),
        ("5550163", "276-555-0163", True),
        ("2765550143", "276-555-0142/0143", True),
        ("2765550144", "276-555-0142, 0143 or 44", True),
        ("2765550100", "276-555-0142 x100", False),
        ("2765550199", "276-555-0142 276-555-0199", True),
        ("442079460958", "020 7946 0958", True),
        ("442079460959", "020 7946 0958", False),
        ("2765550142", "", False),
    ],
)
def test_where_a_number_stands(number: str, text: str, is_there: bool) -> None:  # V2
    assert stands_in(number, [text]) is is_there


@pytest.mark.parametrize(
    "text", ["", "12", "276-555", "276-555-0142 276-555-0143", "276-555-0142/0143", "276-555-0142 12", "01 276 555 0142"]
)
def test_what_is_not_one_number_is_none(text: str) -> None:  # V2
    assert dialled(text) == ""


def test_a_number_with_and_without_area_code_is_one() -> None:
    assert is_same("2765550142", "5550142")
    assert not is_same("2765550142", "3605550142")
    assert first_in("276-555-0142 276-555-0143") == first_in("+1 276 555 0142 x3") == "2765550142"
    assert dialled("+44 20 7946 0958") == "442079460958"


@pytest.mark.parametrize(
    ("said", "typed"),
    [
        ({"phone": "276-555-0142"}, "276-555-0142 x12"),
        ({"phone": "276-555-0142 276-555-0143"}, "276-555-0142"),
        ({"phone": "276-555-0142/0143"}, "276-555-0142"),
        ({"phone": "276-555-0142/0143"}, "276-555-0143"),
        ({"supervisor": "Chief Norgaard 276–555–0142"}, "276-555-0142"),
        ({"supervisor": "Chief Norgaard 276 • 555 • 0142"}, "+1 276-555-0142"),
        ({"supervisor": "Chief Norgaard 276_555_0142"}, "276-555-0142"),
    ],
)
def test_the_form_refuses_it(world: World, said: dict[str, str], typed: str) -> None:  # V2
    case = submitted(world, **said)
    answer = act(world, "reviewer1", case, "call-backs", **CALL | {"number": typed})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "number")
    assert act(world, "reviewer1", case, "call-backs", **CALL | {"number": "276-555-0177"}).status_code == 201, "another is taken"


def test_one_number_with_two_extensions_is_called_once(world: World) -> None:  # V2 V7
    case = submitted(world)
    for number in ("276-555-0142 x1", "276-555-0142 x2"):
        assert act(world, "reviewer1", case, "call-backs", **CALL | {"number": number}).status_code == 201
    answer = act(world, "reviewer1", case, "call-backs", **CALL | {"number": "276-555-0142/0143"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "number")
