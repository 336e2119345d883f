"""What documents say of people besides their words: shown to who sent them, taken out when they ask, and never said of a message without a
name; and what was clean yesterday is scanned again today."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pypdf
import pytest
from PIL import Image
from sqlalchemy import select, update

from app.attachments import access, collecting
from app.attachments.models import Attachment
from app.attachments.workshop import BARE, Spoiled
from app.attachments.workshop import work as in_workshop
from app.forum.models import Forum, Reply
from tests.attachments.scripted import EICAR, Daemon, daemon
from tests.attachments.test_checking import on_disk, posted, with_scanner
from tests.attachments.things import get, of_message, office, picture, printed, upload, work
from tests.forum.steps import open_thread
from tests.people import CAST
from tests.world import World

NAME = CAST["sheriff"].name
CORE = (f'<?xml version="1.0"?><cp:coreProperties xmlns:dc="d"><dc:creator>{NAME} &amp; T.</dc:creator></cp:coreProperties>').encode()
REMARKS = f'<w:comments xmlns:w="w"><w:comment w:author="{NAME}" w:initials="AR"/><w:ins w:id="1" w:author="{NAME}"/></w:comments>'.encode()
TABLE = b'<table displayName="Roster" name="Roster"/>'


def signed_office() -> bytes:
    parts = {"docProps/core.xml": CORE, "word/comments.xml": REMARKS, "word/media/a.jpg": picture("JPEG"), "xl/tables/t.xml": TABLE}
    return office(parts=parts)


def signed_pdf() -> bytes:
    writer, out = pypdf.PdfWriter(clone_from=io.BytesIO(printed("Desk order"))), io.BytesIO()
    writer.add_metadata({"/Author": NAME})
    writer.write(out)
    return out.getvalue()


def test_what_a_word_file_says_is_found_and_left_out_of_its_copy(tmp_path: Path) -> None:  # H7
    found = in_workshop("says", [signed_office()], tmp_path)
    assert ["Author", f"{NAME} & T."] in found["says"]
    assert ["Changed or remarked on by", NAME] in found["says"]
    assert ["Pictures that say where or with what they were taken", "1"] in found["says"]
    assert ["Tracked changes, which stay in it", "1"] in found["says"]
    with zipfile.ZipFile(tmp_path / BARE) as copy:
        assert not [name for name in copy.namelist() if NAME.encode() in copy.read(name) or b"canary" in copy.read(name)]
        assert copy.read("xl/tables/t.xml") == TABLE
        assert b"General order 4.12" in copy.read("word/document.xml")
        with Image.open(io.BytesIO(copy.read("word/media/a.jpg"))) as inside:
            inside.load()


def test_what_a_pdf_says_is_found_and_left_out_of_its_copy(tmp_path: Path) -> None:  # H7
    assert in_workshop("says", [signed_pdf()], tmp_path)["says"] == [["Author", NAME]]
    copy = (tmp_path / BARE).read_bytes()
    assert NAME.encode() not in copy
    assert "Desk order" in pypdf.PdfReader(io.BytesIO(copy)).pages[0].extract_text()


@pytest.mark.parametrize("data", [office(parts={"docProps/core.xml": CORE.decode().encode("utf-16")}), b"%PDF-1.7\nnothing"])
def test_what_can_not_be_read_is_said_to_be_unknown(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(Spoiled):
        in_workshop("says", [data], tmp_path)


def test_its_sender_sees_what_a_file_says_and_takes_it_out(world: World) -> None:  # H7
    sent = upload(world, "sheriff", "order.docx", signed_office())
    thread = open_thread(world, "sheriff", attachments=[sent["id"]])
    upload(world, "sheriff", "plain.pdf", printed("Nothing"))
    work(world, seconds=5)
    browser, other = world.browser("sheriff"), world.browser("colleague")
    page = browser.get("/settings/files").text
    assert page.count("Take this out") == 1
    assert "Tracked changes" in page
    assert "order.docx" not in other.get("/settings/files").text
    before = get(other, sent).content
    assert NAME.encode() in zipfile.ZipFile(io.BytesIO(before)).read("docProps/core.xml")
    assert other.post(f"/attachments/{sent['id']}/bare", page="/settings/files").status_code == 404
    assert browser.post(f"/attachments/{sent['id']}/bare", page="/settings/files").status_code == 303
    after = get(other, sent).content
    assert NAME.encode() not in zipfile.ZipFile(io.BytesIO(after)).read("docProps/core.xml")
    assert len(after) == of_message(world, thread)[0]["size"]
    assert "Take this out" not in browser.get("/settings/files").text
    assert browser.post(f"/attachments/{sent['id']}/bare", page="/settings/files").status_code == 409
    world.later(hours=25)
    collecting.run(world.db, world.settings)
    assert get(world.browser("colleague"), sent).content == after


def test_a_message_without_a_name_has_files_without_names(world: World) -> None:  # H7 C12
    with world.db.write() as session:
        session.execute(update(Forum).values(anonymous_ok=True))
    files = [upload(world, "sheriff", "order.docx", signed_office()), upload(world, "sheriff", "order.pdf", signed_pdf())]
    files += [
        upload(world, "sheriff", "map.png", picture()),
        upload(world, "sheriff", "odd.docx", office(parts={"docProps/core.xml": b"\xff\xfe"})),
    ]
    open_thread(world, "sheriff", kind="question", anonymous=True, attachments=[file["id"] for file in files])
    work(world, seconds=5)
    browser = world.browser("colleague")
    word, report, plan, odd = (get(browser, file) for file in files)
    assert NAME.encode() in zipfile.ZipFile(io.BytesIO(signed_office())).read("word/comments.xml")
    with zipfile.ZipFile(io.BytesIO(word.content)) as copy:
        assert not [name for name in copy.namelist() if NAME.encode() in copy.read(name)]
    assert NAME.encode() not in report.content
    assert plan.status_code == 200
    assert odd.status_code == 403
    assert "could not be taken out" in odd.text
    assert world.browser("vendor").get("/settings/files").text.count("order.docx") == 0


def test_what_was_clean_yesterday_is_scanned_again(world: World) -> None:  # H9
    script = Daemon()
    with daemon(script) as address:
        with_scanner(world, address)
        thread = posted(world, ("map.png", picture()), ("notes.txt", b"Nothing yet."))
        work(world, seconds=5)
        scans = len(script.got)
        work(world, hours=23)
        assert len(script.got) == scans
        script.says = b""  # down: nothing is taken away for that
        work(world, hours=2)
        assert [file["state"] for file in of_message(world, thread)] == ["ready", "ready"]
        script.says = b"stream: Learnt-Since FOUND\0"
        version = _version(world)
        work(world, hours=2)
    assert [file["state"] for file in of_message(world, thread)] == ["refused", "refused"]
    assert get(world.browser("chief"), of_message(world, thread)[0]).status_code == 404
    assert "Learnt-Since" in world.browser("colleague").get(f"/threads/{thread}").text
    assert _version(world) > version
    assert on_disk(world) == []
    assert EICAR not in script.got


def _version(world: World) -> int:
    return int(world.one(select(Reply.version)).version)


def test_the_newest_wait_for_no_scan_of_the_old(world: World) -> None:  # H9
    posted(world, ("a.txt", b"a"))
    work(world, seconds=5)
    with world.db.write() as session:
        session.execute(update(Attachment).values(check_at=world.now))
    new = upload(world, "chief", "b.txt", b"b")
    world.later(hours=1)
    with world.db.read() as conn:
        assert access.due(conn, world.now) == new["id"]
