"""The worker: scanned before it is released, held while the scanner is down, worked on in a process that may break (H7, H9)."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from app.attachments import access, checking, collecting
from app.attachments.clamd import Clamd, scanner_of
from app.attachments.models import Attachment, AttachmentText
from app.attachments.workshop import CLEAN, Spoiled
from app.attachments.workshop import work as in_workshop
from app.core.audit import AuditEvent
from app.core.config import ConfigError
from app.core.ports.scanner import ScannerDown
from app.forum.models import Reply
from tests.attachments.scripted import EICAR, Daemon, daemon
from tests.attachments.things import CANARY, get, of_message, office, picture, printed, state, upload, work
from tests.forum.steps import open_thread
from tests.membership.papers import pdf, png
from tests.world import World

ONE_ENGINE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def with_scanner(world: World, address: str) -> None:
    world.settings = world.settings.model_copy(update={"clamd": address})


def on_disk(world: World) -> list[Path]:
    return sorted(path for path in (world.settings.data_dir / "files").rglob("*") if path.is_file())


def posted(world: World, *files: tuple[str, bytes]) -> int:
    return open_thread(world, attachments=[upload(world, "chief", *file)["id"] for file in files])


def test_a_file_is_scanned_before_it_is_released(world: World) -> None:  # H9
    script = Daemon()
    with daemon(script) as address:
        with_scanner(world, address)
        thread = posted(world, ("notes.txt", EICAR), ("order.pdf", pdf()))
        work(world, seconds=5)
    bad, good = of_message(world, thread)
    assert (bad["state"], bad["why"]) == ("refused", "The virus scanner found Eicar-Test-Signature.")
    assert good["state"] == "ready"
    assert get(world.browser("chief"), bad).status_code == 404
    assert get(world.browser("colleague"), good).content == pdf()
    assert sorted(script.got) == sorted([EICAR, pdf()])
    assert len(on_disk(world)) == 1  # nothing is left of the other
    page = world.browser("colleague").get(f"/threads/{thread}").text
    assert "Not released: The virus scanner found" in page
    assert "checked and clean" in page
    assert world.count(AuditEvent, AuditEvent.verb == "attachment.refuse") == 1


def test_while_the_scanner_is_down_a_file_is_held_and_tried_again(world: World) -> None:  # H9
    script = Daemon(says=b"")
    with daemon(script) as address:
        with_scanner(world, address)
        thread = posted(world, ("order.pdf", pdf()))
        work(world, seconds=5)
        assert state(world, thread) == "held"
        assert get(world.browser("chief"), of_message(world, thread)[0]).status_code == 404
        assert "Waits for the virus scanner" in world.browser("colleague").get(f"/threads/{thread}").text
        assert "1 file waits for the virus scanner" in world.browser("admin").get("/admin").text
        script.says = b"INSTREAM size limit exceeded. ERROR\0"
        work(world, minutes=2)
        assert state(world, thread) == "held"
        script.says = None
        work(world, minutes=2)
    assert state(world, thread) == "ready"


@ONE_ENGINE
def test_without_a_scanner_the_administrator_is_told(world: World) -> None:  # H9
    assert "are not scanned" in world.browser("admin").get("/admin").text
    for wrong in ("clamd", "tcp://host", "http://host:1"):
        with pytest.raises(ConfigError):
            scanner_of(world.settings.model_copy(update={"clamd": wrong}))
    with pytest.raises(ScannerDown):
        Clamd("/nowhere/clamd.ctl").scan([b"x"])


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_picture_keeps_its_points_and_nothing_else(kind: str, tmp_path: Path) -> None:  # H7
    for extra in ({}, {"save_all": True, "append_images": [Image.new("RGB", (40, 30), (200, 0, 0))]}):
        if extra and kind not in ("GIF", "WEBP"):
            continue
        found = in_workshop("picture", [picture(kind, **extra)], tmp_path)
        assert found == {"width": 40, "height": 30}
        data = (tmp_path / CLEAN).read_bytes()
        assert b"canary" not in data
        with Image.open(io.BytesIO(data)) as clean:
            assert clean.format == kind
            assert not clean.getexif()
            assert getattr(clean, "n_frames", 1) == (2 if extra else 1)
            red, _, blue = clean.convert("RGB").getpixel((5, 5))
            assert blue > 150 > red
            assert not {"comment", "exif", "xmp", "Comment"} & set(clean.info)


def test_a_picture_stands_as_it_was_seen(tmp_path: Path) -> None:  # H7
    turned = Image.Exif()
    turned[0x0112] = 6
    out = io.BytesIO()
    Image.new("RGB", (40, 30)).save(out, "JPEG", exif=turned)
    assert in_workshop("picture", [out.getvalue()], tmp_path) == {"width": 30, "height": 40}


def test_what_breaks_the_workshop_breaks_nothing_else(world: World) -> None:  # H6 H7
    broken = png(40, 40, (b"\x09" + b"\x7f\x30\x10" * 40) * 40)  # no decoder knows this filter
    thread = posted(world, ("a.png", broken), ("b.png", picture()))
    work(world, seconds=5)
    bad, good = of_message(world, thread)
    assert (bad["state"], good["state"]) == ("refused", "ready")
    assert len(on_disk(world)) == 2  # one picture and its small one
    assert list((world.settings.data_dir / "incoming").iterdir()) == []


def test_other_decoders_are_not_even_asked(tmp_path: Path) -> None:  # H7
    out = io.BytesIO()
    Image.new("RGB", (10, 10)).save(out, "TIFF")
    for data in (out.getvalue(), b"8BPS" + bytes(400), b"SIMPLE  =                    T" + bytes(3000)):
        with pytest.raises(Spoiled):
            in_workshop("picture", [data], tmp_path)
    wide = io.BytesIO()
    Image.new("1", (30_000, 2_000)).save(wide, "PNG")
    with pytest.raises(Spoiled, match="too many points"):
        in_workshop("picture", [wide.getvalue()], tmp_path)


def test_the_text_of_documents_is_kept_for_the_search(world: World) -> None:  # H11
    entities = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "bomb">]><d xmlns:w="w"><w:p><w:t>&a;</w:t></w:p></d>'
    shared = b"<sst><si><t>Overtime</t></si><si><t>Nights</t></si></sst>"
    posted(
        world, ("order.docx", office()), ("calls.xlsx", office("xlsx", {"xl/sharedStrings.xml": shared})),
            ("order.pdf", printed("Desk order")),
        ("a.csv", b"name,hours"), ("bomb.docx", office(parts={"word/header1.xml": entities})),
    )  # fmt: skip
    work(world, seconds=5)
    with world.db.read() as conn:
        reply = conn.execute(select(Reply.id).where(access.has_any("reply", Reply.id))).scalar_one()
        texts: dict[str, Any] = {row.name: " ".join(row.text.split()) for row in access.texts_of(conn, "reply", [reply])}
    assert world.count(AttachmentText) == 5
    assert texts == {
        "order.docx": "General order 4.12",
        "calls.xlsx": "Overtime Nights",
        "order.pdf": "Desk order",
        "a.csv": "name,hours",
        "bomb.docx": "General order 4.12",
    }


@ONE_ENGINE
def test_a_file_whose_worker_was_lost_is_taken_up_again_and_given_up_in_the_end(world: World) -> None:  # L12
    thread = posted(world, ("order.pdf", pdf()))
    checker = checking.Checker(world.db, world.settings)
    assert checker.claim() is not None
    assert checker.claim() is None  # while the first may still be at it
    for _ in range(3):
        world.later(minutes=7)
        assert checker.claim() is not None
    work(world, minutes=7)
    assert of_message(world, thread)[0]["why"] == "It could not be checked."


def test_what_nobody_uses_is_collected(world: World) -> None:  # R7
    used, unused = upload(world, "chief", "a.pdf", pdf("a")), upload(world, "chief", "b.pdf", pdf("b"))
    thread = open_thread(world, attachments=[used["id"]])
    work(world, seconds=5)
    (world.settings.data_dir / "incoming" / "broken-off").write_bytes(b"half")
    for path in (*on_disk(world), *(world.settings.data_dir / "incoming").iterdir()):
        os.utime(path, (world.now.timestamp(), world.now.timestamp()))
    assert collecting.run(world.db, world.settings) == 0
    world.later(hours=25)
    assert collecting.run(world.db, world.settings) == 3  # a row, its bytes, and what broke off
    assert world.count(Attachment) == len(on_disk(world)) == 1
    assert unused["id"] not in [file["id"] for file in of_message(world, thread)]
    assert get(world.browser("colleague"), used).status_code == 200


@ONE_ENGINE
def test_an_edit_meets_a_message_that_was_only_redrawn(world: World) -> None:
    thread = posted(world, ("order.pdf", pdf()))
    work(world, seconds=5)
    with world.db.read() as conn:
        version = conn.execute(select(Reply.version).where(Reply.thread_id == thread)).scalar_one()
    answer = world.script("chief").call("PATCH", f"/threads/{thread}/replies/0", {"body": "Better.", "version": version})
    assert answer.status_code == 200
    assert answer.json()["attachments"][0]["state"] == "ready"
    assert CANARY not in answer.text
