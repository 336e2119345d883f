"""Files as people send them, made here so that none has to lie in the repository; and files that are not what their names say."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

import httpx

from tests.world import ORIGIN, Client


def pdf(words: str = "On letterhead") -> bytes:
    stream = f"BT /F1 12 Tf 72 720 Td ({words}) Tj ET".encode()
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    ]  # fmt: skip
    body = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + b"".join(b"%d 0 obj\n%s\nendobj\n" % (n, part) for n, part in enumerate(parts, 1))
    return body + b"xref\n0 1\n0000000000 65535 f \ntrailer << /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(body)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int = 8, height: int = 8, lines: bytes | None = None) -> bytes:
    raw = (b"\0" + b"\x7f\x30\x10" * width) * height if lines is None else lines
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(raw)) + _chunk(b"IEND", b"")


def jpeg(width: int = 8, height: int = 8) -> bytes:
    """Built as one is: its compressed lines are nobody's picture."""
    app0 = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    frame = b"\xff\xc0\x00\x0b\x08" + struct.pack(">HH", height, width) + b"\x01\x01\x11\x00"
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + b"\x12\x34\xff\x00\x56\xff\xd0\x78"
    return b"\xff\xd8" + app0 + b"\xff\xdb\x00\x43\x00" + bytes([1]) * 64 + frame + scan + b"\xff\xd9"


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("run.js", "alert(1)")
    return out.getvalue()


def send(client: Client, path: str, values: dict[str, Any], file: tuple[str, bytes], *, page: str) -> httpx.Response:
    """A form with a file, as a browser sends it: the fields in order, the file last."""
    data = {"csrf": client.csrf(page), **{name: str(value) for name, value in values.items()}}
    return client.request(
        "POST", path, data=data, files={"file": (file[0], file[1], "application/octet-stream")}, headers={"origin": ORIGIN}
    )


def call(client: Client, path: str, values: dict[str, Any], file: tuple[str, bytes]) -> httpx.Response:
    """The same for a script."""
    data = {name: str(value) for name, value in values.items()}
    return client.request("POST", "/api/v1" + path, data=data, files={"file": (file[0], file[1], "application/octet-stream")})
