"""Files sent with the composer's forms, by scripts, and the large ones (H6, H8)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from app.attachments import operations
from app.attachments.models import Attachment
from app.forum.models import Reply
from tests.attachments.things import box, film, get, of_message, office, picture, upload, work
from tests.forum.steps import open_thread
from tests.membership.papers import call, pdf
from tests.world import ORIGIN, Client, World

Files = list[tuple[str, tuple[str, bytes]]]


def send(client: Client, path: str, values: dict[str, Any], files: Files, page: str) -> httpx.Response:
    """A form with files, as a browser without JavaScript sends it."""
    data = {"csrf": client.csrf(page), **values}
    return client.request("POST", path, data=data, files=files, headers={"origin": ORIGIN})


def left(world: World) -> list[Path]:
    return [path for folder in ("files", "incoming") for path in (world.settings.data_dir / folder).rglob("*") if path.is_file()]


def test_files_come_with_a_thread_and_with_a_reply(world: World) -> None:  # H6
    chief = world.browser("chief")
    values = {"kind": "discussion", "title": "Desk order", "body": "See below.", "marking": "TLP:GREEN"}
    two: Files = [("file", ("order 4.12.docx", office())), ("file", ("désk (2)?.png", picture()))]
    answer = send(chief, "/forums/patrol/new", values, two, "/forums/patrol/new")
    assert answer.status_code == 303, answer.text
    thread = int(re.findall(r"/threads/(\d+)", answer.headers["location"])[0])
    reply = send(chief, f"/threads/{thread}/replies", {"body": "And this."}, [("file", ("a.pdf", pdf()))], f"/threads/{thread}")
    assert reply.status_code == 303
    none = send(chief, f"/threads/{thread}/replies", {"body": "No file."}, [("file", ("", b""))], f"/threads/{thread}")
    assert none.status_code == 303
    work(world, seconds=5)
    assert [file["name"] for file in of_message(world, thread)] == ["order 4.12.docx", "désk (2)?.png"]
    assert [file["name"] for file in of_message(world, thread, 1)] == ["a.pdf"]
    assert of_message(world, thread, 2) == []
    odd = of_message(world, thread)[1]
    got = world.browser("colleague").get(odd["url"])
    assert got.status_code == 200
    assert "filename=\"d_sk _2__.png\"; filename*=UTF-8''d%C3%A9sk%20%282%29%3F.png" in got.headers["content-disposition"]
    assert odd["url"].replace("(", "%28") in world.browser("colleague").get(f"/threads/{thread}").text.replace("&#39;", "'")


def test_a_file_that_is_refused_gives_the_text_back(world: World) -> None:  # H6 X5
    thread = open_thread(world)
    chief = world.browser("chief")
    text = "A long reply that nobody wants to lose."
    for name, data, words in (("run.exe", b"MZ", "not taken here"), ("a.pdf", b"MZ" * 50, "not a PDF"), ("a.pdf", b"", "empty")):
        files: Files = [("file", ("good.pdf", pdf())), ("file", (name, data))] if data else [("file", (name, data))]
        answer = send(chief, f"/threads/{thread}/replies", {"body": text}, files, f"/threads/{thread}")
        assert answer.status_code == 422
        assert text in answer.text
        assert re.search(rf'id="file-error"[^>]*>(?:(?!</p>).)*{words}', answer.text, re.DOTALL)
    many: Files = [("file", (f"{n}.pdf", pdf())) for n in range(21)]
    answer = send(chief, f"/threads/{thread}/replies", {"body": text}, many, f"/threads/{thread}")
    assert (answer.status_code, "at most 20 files" in answer.text, text in answer.text) == (422, True, True)
    answer = send(chief, f"/threads/{thread}/replies", {"body": " "}, [("file", ("good.pdf", pdf()))], f"/threads/{thread}")
    assert (answer.status_code, "choose them again" in answer.text) == (422, True)
    preview = send(chief, f"/threads/{thread}/preview", {"body": "**Bold**"}, [("file", ("good.pdf", pdf()))], f"/threads/{thread}")
    assert "<strong>Bold</strong>" in preview.text
    assert left(world) == []
    assert world.count(Attachment) == 0


def test_who_may_not_post_leaves_no_file(world: World) -> None:  # H6 C6
    thread = open_thread(world, slug="command-staff")
    vendor = world.browser("vendor")
    answer = send(vendor, f"/threads/{thread}/replies", {"body": "x"}, [("file", ("a.pdf", pdf()))], "/settings/profile")
    assert answer.status_code == 404
    assert call(world.outsider(), "/attachments", {}, ("a.pdf", pdf())).status_code == 401
    assert left(world) == []


def test_a_script_is_told_at_the_field(world: World) -> None:  # H6
    for name, data in (("run.exe", b"MZ"), ("policy.pdf", b"MZ\x90\0" + bytes(300)), ("empty.png", b"")):
        answer = call(world.script("chief"), "/attachments", {}, (name, data))
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "file"), name
    odd = upload(world, "chief", "../../..\\etc/pass\u202ewd.png", picture())
    assert odd["name"] == "passwd.png"
    assert set(odd) >= {"id", "name", "size", "media_type", "state", "url"}
    work(world, seconds=5)
    assert get(world.browser("chief"), odd).status_code == 200  # one's own, before it is posted
    assert get(world.browser("colleague"), odd).status_code == 404


def test_a_member_may_keep_so_much(world: World, monkeypatch: pytest.MonkeyPatch) -> None:  # H6
    monkeypatch.setattr(operations, "MOST_UNUSED", 2)
    first = upload(world, "chief", "a.pdf", pdf())
    upload(world, "chief", "b.pdf", pdf())
    assert call(world.script("chief"), "/attachments", {}, ("c.pdf", pdf())).status_code == 422
    assert len(left(world)) == 2
    open_thread(world, attachments=[first["id"]])
    upload(world, "chief", "c.pdf", pdf())
    monkeypatch.setattr(operations, "MOST_OF_A_MEMBER", 1000)
    full = call(world.script("chief"), "/attachments", {}, ("d.pdf", pdf()))
    assert "as much as one member may keep" in full.json()["errors"][0]["message"]
    upload(world, "sheriff", "a.pdf", pdf()[:400] + pdf()[400:])


def test_a_form_sent_twice_leaves_one_message_with_its_file(world: World) -> None:
    thread = open_thread(world)
    chief = world.browser("chief")
    page = f"/threads/{thread}"
    values = {"csrf": chief.csrf(page), "body": "Here.", "once": "a-key"}
    for _ in range(2):
        files: Files = [("file", ("a.pdf", pdf()))]
        answer = chief.request("POST", f"{page}/replies", data=values, files=files, headers={"origin": ORIGIN})
        assert answer.status_code == 303
    with world.db.read() as conn:
        assert conn.execute(select(func.count()).select_from(Reply).where(Reply.thread_id == thread)).scalar_one() == 2
    assert world.count(Attachment) == 1


def _memory(what: str) -> int:
    """VmRSS or VmHWM (its highest since it was last set back) of this process, in bytes."""
    found = re.search(rf"{what}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) * 1000


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_200_mb_cost_no_more_than_30_mb_of_memory(world: World) -> None:  # H6
    head, size = film(250)[: -(250 + 8)], 199_000_000

    class Body:
        read = 0

        async def pieces(self) -> AsyncIterator[bytes]:
            yield (
                b'--x\r\nContent-Disposition: form-data; name="file"; filename="night.mp4"\r\n\r\n'
                + head
                + (size + 8).to_bytes(4, "big")
                + b"mdat"
            )
            while self.read < size:
                piece = bytes(min(65_536, size - self.read))
                self.read += len(piece)
                yield piece
            yield box(b"free") + b"\r\n--x--\r\n"

    script, headers = world.script("chief"), {"content-type": "multipart/form-data; boundary=x"}
    upload(world, "chief", "first.mp4", film())  # what is loaded once is loaded
    Path("/proc/self/clear_refs").write_text("5")
    before = _memory("VmRSS")
    answer = script.request("POST", "/api/v1/attachments", content=Body().pieces(), headers=headers)
    assert answer.status_code == 201, answer.text
    assert answer.json()["size"] > size
    work(world, seconds=5)
    opened = world.browser("chief")
    assert opened.get(answer.json()["url"], range=f"bytes={size}-").status_code == 206
    assert _memory("VmHWM") - before < 30_000_000
    over = Body()
    over.read = -60_000_000
    assert script.request("POST", "/api/v1/attachments", content=over.pieces(), headers=headers).status_code == 413
    assert len([path for path in left(world) if path.stat().st_size > 1_000_000]) == 1
