"""A case's timeline names all that happened, in the order in which it did."""

from __future__ import annotations

import html
import re

from tests.membership.cases import CALL, act, decide
from tests.membership.test_steps_mailed import applied
from tests.world import World


def told(world: World, number: int) -> list[str]:
    """What the timeline says, the oldest first, without the times."""
    page = world.browser("reviewer1").get(f"/moderation/applications/{number}").text
    found = re.findall(r"<li>([^<]+)<time", page.partition('id="h-tl"')[2])
    return [html.unescape(one) for one in reversed(found)]


def test_it_tells_everything_in_the_order_in_which_it_happened(world: World) -> None:
    client, link, number = applied(world)
    steps = [
        lambda: act(world, "reviewer1", number, "questions", text="Which unit?").status_code == 201,
        lambda: client.post(link + "/answer", {"answer": "Patrol."}, page=link).status_code == 303,
        lambda: act(world, "reviewer1", number, "call-backs", **CALL).status_code == 201,
        lambda: act(world, "reviewer1", number, "evidence", kind="roster", note="The staff page lists them.").status_code == 201,
        lambda: decide(world, "reviewer1", number).status_code == 201,
        lambda: act(world, "reviewer2", number, "evidence", kind="dues", note="Paid in May.").status_code == 201,
        lambda: decide(world, "reviewer2", number).status_code == 201,
    ]
    for step in steps:
        world.later(minutes=2)
        assert step()
    assert told(world, number) == [
        "Application received", "Applicant confirmed the address", "Joan Whitlock asked the applicant", "The applicant answered",
        "Joan Whitlock called back", "Evidence added: agency roster or staff page", "Joan Whitlock signed: approve",
        "Evidence added: dues record", "Gwen Tallis signed: approve",
    ]  # fmt: skip


def test_a_waiver_is_told(world: World) -> None:
    number = applied(world)[2]
    page = f"/moderation/applications/{number}/waiver"
    assert world.browser("admin").post(page, {"version": "2", "reason": "A state without telephones."}, page=page).status_code == 303
    assert told(world, number)[-1].endswith("waived the call-back")
