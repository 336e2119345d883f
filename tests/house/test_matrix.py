"""Role × route × method: every cell of matrix.csv, on both engines (C2). How to change it: tests/house/matrix.py."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.house.matrix import ROLES, Asker, read
from tests.world import World


@pytest.mark.parametrize("role", ROLES)
def test_every_route_answers_this_role_as_the_matrix_says(world: World, role: str) -> None:  # C2
    asker, expected = Asker(world), read()
    found = asker.ask(role)
    assert sorted(set(found) ^ set(expected)) == [], "routes that matrix.csv does not have, or has too much"
    wrong = {key: f"{answer}, not {expected[key][role]}" for key, answer in found.items() if answer != expected[key][role]}
    assert wrong == {}


def test_who_is_not_a_member_gets_nothing_but_what_is_public() -> None:  # A1 C2
    """A password without the second factor, a suspended member and nobody at all are answered alike."""
    for (method, path, which), cells in read().items():
        if path.startswith(("/sign-in", "/enrol")):
            continue  # these are for whoever is half way in
        outside = {role: cells[role] for role in ("anonymous", "password", "suspended")}
        if path in ("/sign-out", "/step-up", "/step-up/challenge", "/kept/{form_id}", "/kept/{form_id}/drop", "/session/extend"):
            outside.pop("suspended")  # signed in, and that is all
        assert len(set(outside.values())) == 1, f"{method} {path} {which}: {outside}"


def test_no_cell_is_a_failure_of_ours() -> None:  # C2
    assert [(key, cells) for key, cells in read().items() if any(answer.startswith("5") for answer in cells.values())] == []


def test_nobody_but_its_author_finds_a_red_thread() -> None:  # C2 H4
    for (method, path, which), cells in read().items():
        if which == "red" and "{thread_id}" in path:
            others = {role: cells[role] for role in ROLES if role not in ("anonymous", "password", "suspended", "colleague")}
            assert set(others.values()) == {"404"}, f"{method} {path}: {others}"


def test_head_is_answered_as_get_is(world: World) -> None:  # C2
    asker = Asker(world)
    gets = [line for line in asker.lines if line.method == "GET"]
    for line in gets:
        for which in asker.samples(line):
            for role in ("anonymous", "chief", "vendor"):
                head = asker.answer(role, replace(line, method="HEAD"), which)
                assert head == asker.answer(role, line, which), f"{line.path} {which} {role}"
