"""Files as members attach them, and the two or three steps that every test takes with them."""

from __future__ import annotations

import io
import zipfile
from typing import Any
from urllib.parse import quote

import httpx
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from app.worker import run_once
from tests.membership.papers import call, pdf
from tests.world import Client, World

CANARY = "GPS-canary-47.6062N"
_OFFICE = "application/vnd.openxmlformats-officedocument."
_MAIN = {
    "docx": ("word/document.xml", "wordprocessingml.document"),
    "xlsx": ("xl/workbook.xml", "spreadsheetml.sheet"),
    "pptx": ("ppt/presentation.xml", "presentationml.presentation"),
}


def office(kind: str = "docx", parts: dict[str, bytes] | None = None, body: str = "General order 4.12") -> bytes:
    main, media_type = _MAIN[kind]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml", f'<?xml version="1.0"?><Types><Override ContentType="{_OFFICE}{media_type}.main+xml"/></Types>'
        )
        archive.writestr(main, f'<d xmlns:w="w"><w:p><w:r><w:t>{body}</w:t></w:r></w:p></d>')
        for name, data in (parts or {}).items():
            archive.writestr(name, data)
    return out.getvalue()


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), **extra: Any) -> bytes:
    """One that says where it was taken."""
    out, info = io.BytesIO(), PngInfo()
    info.add_text("Comment", CANARY)
    exif = Image.Exif()
    exif[0x010E] = exif[0x013B] = CANARY
    notes: dict[str, Any] = {
        "PNG": {"pnginfo": info},
        "JPEG": {"comment": CANARY},
        "GIF": {"comment": CANARY},
        "WEBP": {"xmp": CANARY.encode()},
    }
    Image.new("RGB", size, (20, 90, 200)).save(out, kind, **({} if kind == "GIF" else {"exif": exif}), **notes[kind], **extra)
    assert CANARY.encode() in out.getvalue()
    return out.getvalue()


def printed(words: str) -> bytes:
    """A PDF with letters of a known font, which can be read back."""
    font = b"/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> /Contents 4 0 R"
    return pdf(words).replace(b"/Contents 4 0 R", font)


def box(name: bytes, data: bytes = b"") -> bytes:
    return (len(data) + 8).to_bytes(4, "big") + name + data


def film(size: int = 5_000) -> bytes:
    """Built as one is: its pictures are nobody's."""
    place = box(b"udta", box(b"\xa9xyz", CANARY.encode()))
    return (
        box(b"ftyp", b"isom\0\0\2\0isomavc1mp41")
        + box(b"moov", box(b"mvhd", bytes(100)) + place)
        + box(b"mdat", bytes(range(250)) * (size // 250))
    )


def upload(world: World, who: str, name: str, data: bytes) -> dict[str, Any]:
    answer = call(world.script(who), "/attachments", {}, (name, data))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def work(world: World, **later: float) -> None:
    world.later(**later)
    run_once(world.db, world.settings, world.now)


def get(client: Client, file: dict[str, Any], end: str = "", **headers: str) -> httpx.Response:
    return client.get(f"/attachments/{file['id']}/{quote(file['name'], safe='')}{end}", **headers)


def of_message(world: World, thread: int, position: int = 0, who: str = "colleague") -> list[dict[str, Any]]:
    answer = world.script(who).call("GET", f"/threads/{thread}/replies?from={position}&limit=1")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"][0]["attachments"]
    return found


def state(world: World, thread: int, position: int = 0) -> str:
    return str(of_message(world, thread, position)[0]["state"])
