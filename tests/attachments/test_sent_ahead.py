"""Files that are sent while a message is being written: they hang on nothing until it is posted, and come back with a refused form."""

from __future__ import annotations

import re

from app.attachments.models import Attachment
from tests.attachments.things import of_message, picture
from tests.forum.steps import open_thread, reply
from tests.world import ORIGIN, Client, World


def send(browser: Client, page: str, name: str, data: bytes) -> tuple[int, str]:
    answer = browser.request(
        "POST", "/attachments", data={"csrf": browser.csrf(page)}, files={"file": (name, data)}, headers={"origin": ORIGIN}
    )
    return answer.status_code, answer.text


def test_a_file_goes_ahead_of_its_message(world: World) -> None:
    thread = open_thread(world, "colleague")
    at = f"/threads/{thread}"
    chief = world.browser("chief")
    status, row = send(chief, at, "map.png", picture())
    assert status == 201
    found = re.search(r'name="attachments" value="(\d+)"', row)
    assert found
    assert "map.png" in row
    status, row = send(chief, at, "tool.exe", b"MZ" + bytes(200))
    assert (status, "attachments" in row) == (422, False)
    assert 'class="error"' in row
    assert world.count(Attachment) == 1

    reply(world, "sheriff", thread, "Meanwhile.")
    said = {"body": "With a map.", "attachments": found[1], "seen": "0"}
    clash = chief.post(f"{at}/replies", said, page=at)
    assert clash.status_code == 409
    assert f'name="attachments" value="{found[1]}"' in clash.text  # it stays with the text
    # Of somebody else's file a form that is drawn again shows nothing, and no message takes it.
    other = world.browser("sheriff").post(f"{at}/replies", {**said, "seen": "0"}, page=at)
    assert "map.png" not in other.text
    assert world.browser("sheriff").post(f"{at}/replies", {**said, "seen": "1"}, page=at).status_code == 422
    assert chief.post(f"{at}/replies", {**said, "seen": "1"}, page=at).status_code == 303
    assert [file["name"] for file in of_message(world, thread, 2)] == ["map.png"]
    assert 'name="attachments"' not in chief.get(at).text
