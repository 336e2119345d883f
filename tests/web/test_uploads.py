"""The gate for files: read as they come, stopped where they are too large, and nothing kept of who may not send one (H6)."""

from __future__ import annotations

import html
import re
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.membership.evidence.limits import MOST_BYTES
from app.membership.evidence.models import EvidenceFile
from tests.core.test_files import FORGED
from tests.membership.cases import REVIEW, submitted, version_of
from tests.membership.papers import call, pdf, send
from tests.membership.test_evidence import own_page
from tests.world import ORIGIN, Client, World

PIECE = b"\x00" * 65_536
EIGHTY_MB = 80_000_000


@pytest.fixture
def engine() -> str:
    return "sqlite"


class Upload:
    """A multipart body that is made as it is read, and says how much of it was."""

    def __init__(self, values: dict[str, str], size: int, name: str = "film.pdf") -> None:
        parts = "".join(f'--x\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in values.items())
        self._head = f'{parts}--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n%PDF-1.7\n'.encode()
        self._size, self.read = size, 0

    async def pieces(self) -> AsyncIterator[bytes]:
        yield self._head
        while self.read < self._size:
            self.read += len(PIECE)
            yield PIECE
        yield b"\r\n--x--\r\n"

    def send(self, client: Client, path: str, **headers: str) -> tuple[int, str]:
        given = {"content-type": "multipart/form-data; boundary=x", "origin": ORIGIN} | headers
        answer = client.request("POST", path, content=self.pieces(), headers=given)
        return answer.status_code, answer.text


def left_behind(world: World) -> list[Path]:
    folder = world.settings.evidence_folder
    return list(folder.iterdir()) if folder.is_dir() else []


def test_80_mb_are_refused_early_in_little_memory_and_what_was_typed_stays(world: World) -> None:  # H6
    _, link = own_page(world)
    client = world.outsider()
    upload = Upload({"csrf": client.csrf(link), "note": "The chief's letter."}, EIGHTY_MB)
    for declared in ({}, {"content-length": str(EIGHTY_MB + 400)}):
        upload.read = 0
        tracemalloc.start()
        status, text = upload.send(client, link + "/evidence", **declared)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert status == 413
        assert "This file is larger than 10 MB. Send a smaller one." in text
        assert "The chief&#39;s letter." in text
        assert MOST_BYTES < upload.read < MOST_BYTES + 200_000
        assert peak < 3_000_000
    assert left_behind(world) == []


def test_a_script_gets_a_problem(world: World) -> None:  # H6
    number = submitted(world)
    script = world.script("reviewer1", REVIEW)
    values = {"version": str(version_of(world, number)), "kind": "letter", "note": "By post."}
    answer = script.request(
        "POST", f"/api/v1/applications/{number}/evidence", content=Upload(values, EIGHTY_MB).pieces(),
        headers={"content-type": "multipart/form-data; boundary=x"},
    )  # fmt: skip
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in answer.json()["errors"]] == ["file"]
    forged = call(script, f"/applications/{number}/evidence", values, ("letter.pdf", b"MZ forged"))
    assert (forged.status_code, forged.json()["errors"][0]["field"]) == (422, "file")
    unknown = call(script, f"/applications/{number}/evidence", values | {"colour": "red"}, ("letter.pdf", pdf()))
    assert unknown.status_code == 422
    assert left_behind(world) == []


LIES = ("no ending", "a program", "a program with another name", "a PNG called JPEG", "a ZIP called PDF", "a ZIP behind a PDF", "a bomb")


@pytest.mark.parametrize("what", LIES)
def test_a_file_that_lies_is_refused_at_its_field_and_what_was_typed_stays(world: World, what: str) -> None:  # H6 V13
    name, data, words = FORGED[what]
    number, link = own_page(world)
    case = f"/moderation/applications/{number}"
    forms = {
        link: (world.outsider(), {"note": "The chief's letter."}),
        case: (world.browser("reviewer1"), {"version": version_of(world, number), "kind": "letter", "note": "The chief's letter."}),
    }
    before = world.all_rows()
    for page, (client, values) in forms.items():
        answer = send(client, f"{page}/evidence", values, (name, data), page=page)
        text = html.unescape(answer.text)
        assert answer.status_code == 422
        assert re.search(rf'id="file-error"[^>]*>(?:(?!</p>).)*{words}', text, re.DOTALL)
        assert "The chief's letter." in text
    assert left_behind(world) == []
    assert changed_since(world, before) <= {"sessions"}


def changed_since(world: World, before: dict[str, list[str]]) -> set[str]:
    return {table for table, rows in world.all_rows().items() if rows != before[table]}


def test_whoever_may_not_send_a_file_leaves_nothing(world: World) -> None:  # H6 A14
    number = submitted(world)
    path = f"/moderation/applications/{number}/evidence"
    values = {"version": version_of(world, number), "kind": "letter", "note": "By post."}
    assert (
        send(world.browser("reviewer1"), path, values, ("letter.pdf", pdf()), page=f"/moderation/applications/{number}").status_code == 303
    )
    held = left_behind(world)
    assert len(held) == world.count(EvidenceFile) == 1
    asked = {"an outsider": (world.outsider(), {}, 303), "a member": (world.browser("chief"), {}, 404),
             "without a token": (world.browser("reviewer1"), {}, 403),
             "from another site": (world.browser("reviewer1"), {"origin": "https://evil.example"}, 403)}  # fmt: skip
    for who, (client, headers, status) in asked.items():
        assert Upload({"note": "Zwicky"}, 200_000).send(client, path, **headers)[0] == status, who
    status, text = Upload({"note": "Zwicky"}, EIGHTY_MB).send(world.browser("reviewer1"), path, origin="https://evil.example")
    assert status == 413
    assert "Zwicky" not in text  # a foreign page gets nothing back
    assert left_behind(world) == held


BODIES = [
    (b"", 403),
    (b"--y--\r\n", 400),
    (b'--x\r\nContent-Disposition: form-data; filename="a.pdf"\r\n\r\nx\r\n--x--\r\n', 400),
    (b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-1.7', 400),
    (b'--x\r\nContent-Disposition: form-data; name="note"\r\n\r\n' + b"n" * 1_100_000 + b"\r\n--x--\r\n", 413),
    (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' * 1100 + b"--x--\r\n", 400),
    (b'--x\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\n\r\n' * 1100 + b"--x--\r\n", 400),
    (b"--x\r\n" + b"A" * 9000 + b": b\r\n\r\n\r\n--x--\r\n", 400),
    (b'--x\r\nContent-Disposition: form-data; name="\xff\xfe"; filename="\xff.pdf"\r\n\r\nx\r\n--x--\r\n', 403),
]


def test_a_body_that_is_no_form_is_said_to_be_none(world: World) -> None:  # L10
    _, link = own_page(world)
    headers = {"content-type": "multipart/form-data; boundary=x", "origin": ORIGIN}
    for body, status in BODIES:
        answer = world.outsider().request("POST", link + "/evidence", content=body, headers=headers)
        assert answer.status_code == status, body[:200]
        assert "<h1>" in answer.text
    assert left_behind(world) == []


def test_two_files_and_an_empty_one_are_told_apart(world: World) -> None:
    _, link = own_page(world)
    client = world.outsider()
    token = client.csrf(link)
    two = [("file", ("a.pdf", pdf("a"))), ("file", ("b.pdf", pdf("b")))]
    for files, words in (
        (two, "one file at a time"),
        ([("file", ("a.pdf", b""))], "This file is empty"),
        ([("file", ("", b""))], "Choose a file"),
    ):
        answer = client.request("POST", link + "/evidence", data={"csrf": token}, files=files, headers={"origin": ORIGIN})
        assert answer.status_code == 422, words
        assert words in answer.text
    assert left_behind(world) == []
