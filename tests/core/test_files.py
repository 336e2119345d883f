"""What a file is: its name, its first bytes and its build must agree (H6)."""

from __future__ import annotations

import contextlib
import random
import struct
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.errors import Invalid
from app.core.files import judged, shown_name
from tests.membership.papers import jpeg, pdf, png, zipped

GOOD = {"letter.pdf": pdf(), "CARD.JPG": jpeg(), "card.jpeg": jpeg(400, 300), "page.png": png(40, 30)}


@pytest.mark.parametrize("name", GOOD)
def test_a_file_that_is_what_its_name_says_is_taken(name: str) -> None:
    assert judged(name, GOOD[name]).media_type in ("application/pdf", "image/jpeg", "image/png")


@pytest.mark.parametrize("trailer", [b"\0" * 100, b"\0\0" + jpeg(), b"\0\0\0\x18ftypmp42" + b"\0" * 40, b"\0\0\x01\nSEFHabcSEFT"])
def test_what_phones_write_behind_a_picture_is_taken(trailer: bytes) -> None:
    assert judged("card.jpg", jpeg() + trailer).name == "JPEG"


MZ = b"MZ\x90\0" + b"\0" * 58 + b"\x80\0\0\0"
FORGED = {  # name: bytes, and words of the answer
    "no ending": ("letter", pdf(), "kind that is not taken"),
    "another kind": ("letter.docx", zipped(), "kind that is not taken"),
    "a program": ("letter.pdf.exe", MZ, "kind that is not taken"),
    "a page": ("card.html", b"<html>", "kind that is not taken"),
    "a drawing": ("card.svg", b"<svg onload=alert(1)>", "kind that is not taken"),
    "nothing in it": ("letter.pdf", b"", "empty"),
    "a program with another name": ("letter.pdf", MZ, "This is not a PDF"),
    "a program with a PDF's mark behind its own": ("letter.pdf", MZ + pdf(), "This is not a PDF"),
    "a PNG called JPEG": ("card.jpg", png(), "This is not a JPEG"),
    "a JPEG called PNG": ("card.png", jpeg(), "This is not a PNG"),
    "a ZIP called PDF": ("letter.pdf", zipped(), "This is not a PDF"),
    "text called PDF": ("letter.pdf", b"Dear chief", "This is not a PDF"),
    "a mark alone": ("letter.pdf", b"%PDF-1.7\n", "damaged"),
    "a PDF cut short": ("letter.pdf", pdf()[:-40], "damaged"),
    "a PNG cut short": ("card.png", png(40, 40)[:-20], "damaged"),
    "a JPEG cut short": ("card.jpg", jpeg()[:60], "damaged"),
    "a PNG's mark and noise": ("card.png", png()[:16] + random.Random(1).randbytes(5000), "damaged"),
    "a JPEG's mark and noise": ("card.jpg", b"\xff\xd8\xff\xe0" + random.Random(2).randbytes(5000), "damaged"),
    "a ZIP behind a PDF": ("letter.pdf", pdf() + zipped(), "follows the end"),
    "a ZIP in a PDF": ("letter.pdf", pdf()[:-6] + zipped() + b"\n%%EOF\n", "follows|another kind"),
    "a ZIP behind a JPEG": ("card.jpg", jpeg() + zipped(), "follows the end"),
    "a ZIP behind a second JPEG": ("card.jpg", jpeg() + jpeg() + zipped(), "another kind"),
    "a ZIP behind a PNG": ("card.png", png() + zipped(), "damaged"),
    "a PDF in a JPEG": ("card.jpg", jpeg()[:2] + b"\xff\xfe\x00\x12%PDF-1.7\n1 0 obj\n"[:20] + jpeg()[2:], "another kind|damaged"),
    "a page in a JPEG": ("card.jpg", jpeg()[:2] + b"\xff\xfe\x00\x1f<html><script>alert(1)</script" + jpeg()[2:], "another kind|damaged"),
    "a program in a PDF": ("letter.pdf", pdf().replace(b"/Catalog", b"/Catalog /OpenAction << /S /JavaScript >>"), "holds a program"),
    "files in a PDF": ("letter.pdf", pdf().replace(b"/Type /Catalog", b"/Type /EmbeddedFile"), "holds a program"),
    "30,000 by 30,000": ("card.png", png(30_000, 30_000, b"\0" * 1000), "too many points"),
    "30,000 by 30,000, as a JPEG": ("card.jpg", jpeg(30_000, 30_000), "too many points"),
    "a bomb": ("card.png", png(8, 8, b"\0" * 50_000_000), "damaged"),
}  # fmt: skip


@pytest.mark.parametrize("what", FORGED)
def test_a_file_that_is_not_what_its_name_says_is_refused(what: str) -> None:  # H6
    name, data, words = FORGED[what]
    with pytest.raises(Invalid, match=words) as refused:
        judged(name, data)
    assert set(refused.value.errors) == {"file"}


SLOW = {
    "card.jpg": b"\xff\xd8\xff\xe0" + b"\xff" * 9_999_000,
    "scan.jpg": jpeg()[:-10] + b"\xff\x00" * 4_900_000,
    "segments.jpg": b"\xff\xd8" + b"\xff\xe1\x00\x02" * 2_400_000,
    "chunks.png": png()[:33] + (struct.pack(">I", 0) + b"tEXt" + struct.pack(">I", 0x6F6B2D60)) * 800_000,
    "letter.pdf": b"%PDF-1.7\n" + b"1 " * 4_900_000,
    "end.pdf": pdf() + b"PK\x05\x06\xff\xff" * 9_000,
}


@pytest.mark.parametrize("name", SLOW)
def test_no_file_takes_long_to_judge(name: str) -> None:
    started = time.process_time()
    with pytest.raises(Invalid):
        judged(name, SLOW[name])
    assert time.process_time() - started < 1.5


@settings(max_examples=60, deadline=None)
@given(kind=st.sampled_from(["letter.pdf", "card.jpg", "card.png"]), data=st.data())
def test_no_bytes_make_it_fail(kind: str, data: st.DataObject) -> None:
    raw = bytearray({"letter.pdf": pdf(), "card.jpg": jpeg(), "card.png": png()}[kind])
    for _ in range(data.draw(st.integers(0, 6))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=40))
        if not raw:
            break
    with contextlib.suppress(Invalid):
        judged(kind, bytes(raw))


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("C:\\Users\\me\\letter.pdf", "letter.pdf"),
        ("../../etc/passwd", "passwd"),
        ("letter\u202efdp.exe", "letterfdp.exe"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie: x.pdf"),
        ("\0", "file"),
        ("", "file"),
        ("...", "file"),
        ("letter.pdf. ", "letter.pdf"),
        ("x" * 300 + ".jpeg", "x" * 115 + ".jpeg"),
    ],
)
def test_a_name_is_a_name_and_no_more(sent: str, shown: str) -> None:
    assert shown_name(sent) == shown


@settings(max_examples=40, deadline=None)
@given(sent=st.text(max_size=150))
def test_any_name_is_short_and_one_line(sent: str) -> None:
    name = shown_name(sent)
    assert 0 < len(name) <= 200
    assert name.isprintable() or " " in name
