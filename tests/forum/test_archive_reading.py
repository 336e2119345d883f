"""What is read of an old list's messages: in each program's form and in broken ones; when, by whom and about what each was."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from app.forum.archive import headers, reading
from app.forum.archive.files import Files, NotAnArchive
from app.forum.archive.reading import Archive, Letter
from tests.forum.archives import DAY, listserv, mail, mbox, written

NOW = dt.datetime(2026, 11, 23, 16, 0, tzinfo=dt.UTC)


def read(*paths: Path) -> tuple[Archive, list[Letter]]:
    with Files(list(paths)) as files:
        archive = reading.read(files, NOW)
        return archive, [reading.letter(files, head.place, archive.tags) for head in archive.heads]


def texts(data: bytes, folder: Path) -> list[str]:
    return [letter.text.strip() for letter in read(written(folder, data))[1]]


def dates(archive: Archive) -> list[str]:
    return [f"{dt.datetime.fromtimestamp(head.date, dt.UTC):%Y-%m-%d %H:%M}" for head in archive.heads]


# Files ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [mbox, listserv])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("ends", [b"\n", b"\r\n"])
def test_each_form_is_read(tmp_path: Path, form, packed: bool, ends: bytes) -> None:
    data = form(mail("One", "First words.", id="<1@l>"), mail("Two", "Second\n\nwords.", id="<2@l>")).replace(b"\n", ends)
    archive, letters = read(written(tmp_path, data, packed=packed))
    assert [(one.title, one.text.split()) for one in letters] == [("One", ["First", "words."]), ("Two", ["Second", "words."])]
    assert archive.unreadable == []


def test_a_line_that_only_looks_like_the_end_of_a_message_is_none(tmp_path: Path) -> None:
    body = "Before.\n\nFrom the start on Tue Mar 4 10:00:00 we knew.\nFrom now on:\n\n" + "=" * 70 + "\nafter."
    assert len(texts(mbox(mail("One", body)), tmp_path)) == 1
    assert len(texts(listserv(mail("One", body)), tmp_path)) == 1
    quoted = "It said:\n\n>From pat@x.example Tue Mar  4 10:00:00 2014\nSubject: no message"
    assert texts(mbox(mail("One", quoted)), tmp_path)[0].split("\n")[2] == "From pat@x.example Tue Mar  4 10:00:00 2014"


@pytest.mark.parametrize("data", [b"", b"\n\n", b"Dear all,\nFrom me", b"\x00\x01\x02", b"%PDF-1.4", b"PK\x03\x04"])
def test_another_file_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(NotAnArchive):
        read(written(tmp_path, data))
    with pytest.raises(NotAnArchive, match="No such file"):
        read(tmp_path / "missing.mbox")


def test_a_packed_file_that_is_cut_off_gives_what_it_holds(tmp_path: Path) -> None:
    path = written(tmp_path, mbox(*(mail(f"No {n}", f"{n} " * 400) for n in range(200))), packed=True)
    path.write_bytes(path.read_bytes()[:-200])
    archive, letters = read(path)
    assert len(letters) > 50
    assert [one.reason for one in archive.unreadable] == ["the packed file is cut off; what came before that is taken"]


def test_files_are_taken_by_when_they_begin(tmp_path: Path) -> None:
    april = written(tmp_path, mbox(mail("April", date="Tue, 01 Apr 2014 10:00:00 +0000")), "2014-April.txt")
    march = written(tmp_path, mbox(mail("March", date="Tue, 04 Mar 2014 10:00:00 +0000")), "2014-March.txt")
    assert [letter.title for letter in read(april, march)[1]] == [letter.title for letter in read(march, april)[1]] == ["March", "April"]


def test_what_has_no_header_is_told_with_its_line(tmp_path: Path) -> None:
    data = mbox(mail("One")) + b"From x Tue Mar  4 10:00:00 2014\nX-Junk: 1\n\nNothing.\n\n" + mbox(mail("Two"))
    archive, letters = read(written(tmp_path, data))
    assert [letter.title for letter in letters] == ["One", "Two"]
    assert [(one.file, one.line, one.reason) for one in archive.unreadable] == [("archive.mbox", 9, "has no header")]


# Dates ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [None, "yesterday", "", "Tue, 04 Mar 2099 10:00:00 +0000", "Thu, 01 Jan 1970 00:00:00 +0000", "Tue, 99 Mar 2014 99:99:99 +9999", "0 0"],
)
def test_a_missing_date_is_the_neighbours(tmp_path: Path, wrong: str | None) -> None:
    right = [mail(f"At {n}", date=DAY.format(n)) for n in (1, 2)]
    broken = [mail(f"Broken {n}", date=wrong) for n in range(3)]
    archive, _ = read(written(tmp_path, mbox(broken[0], right[0], broken[1], right[1], broken[2])))
    assert dates(archive) == ["2014-03-04 15:01", "2014-03-04 15:01", "2014-03-04 15:01", "2014-03-04 15:02", "2014-03-04 15:02"]


def test_without_any_date_it_is_the_files(tmp_path: Path) -> None:
    import os

    path = written(tmp_path, mbox(mail("One", date=None)))
    os.utime(path, (10**9, 10**9))
    assert dates(read(path)[0]) == ["2001-09-09 01:46"]
    os.utime(path, (10**10, 10**10))
    assert dates(read(path)[0]) == ["2026-11-23 16:00"]  # never the future


# Headers --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "name", "address"),
    [
        ("Old Timer <old.timer@lapsed.example>", "Old Timer", "old.timer@lapsed.example"),
        ('"Timer, Old" <old.timer at lapsed.example>', "Timer, Old", "old.timer@lapsed.example"),
        ("old.timer at lapsed.example (Old Timer)", "Old Timer", "old.timer@lapsed.example"),
        ("old.timer at lapsed.example  (=?iso-8859-1?Q?J=F6rg?=)", "Jörg", "old.timer@lapsed.example"),
        ("=?utf-8?b?SsO2cmc=?= =?utf-8?q?_M?= <j@x.example>", "Jörg M", "j@x.example"),
        ("old.timer@lapsed.example", "old.timer", "old.timer@lapsed.example"),
        ("<old.timer@lapsed.example>", "old.timer", "old.timer@lapsed.example"),
        ('"old.timer@lapsed.example" <old.timer@lapsed.example>', "old.timer", "old.timer@lapsed.example"),
        ('"someone@else.example" <old.timer@lapsed.example>', "old.timer", "old.timer@lapsed.example"),
        ("Only A Name", "Only A Name", ""),
        ("", headers.NO_NAME, ""),
        ("<>", headers.NO_NAME, ""),
        ("A\tB  <A.B@X.Example>", "A B", "a.b@x.example"),
    ],
)
def test_who_wrote_it(value: str, name: str, address: str) -> None:
    assert headers.author({"from": value}) == (name, address)


def test_whom_a_list_stood_in_for() -> None:
    said = {"from": "Pat Doe via Our-List <list@host.example>", "reply-to": "Pat Doe <pat@far.example>"}
    assert headers.author(said) == ("Pat Doe", "pat@far.example")


@pytest.mark.parametrize(
    ("value", "words", "is_reply", "title"),
    [
        ("Body armour", "body armour", False, "Body armour"),
        ("Re: [LIST] RE[2]: AW: Fwd: Body  armour", "body armour", True, "Body armour"),
        ("[LIST] [Question] Body armour", "body armour", False, "[Question] Body armour"),
        ("[Fwd: Body armour]", "body armour", True, "[Fwd: Body armour]"),
        ("=?utf-8?q?K-9_budget_=E2=80=93?= =?utf-8?q?_2014?=", "k-9 budget – 2014", False, "K-9 budget – 2014"),
        ("=?utf-8?b?4oI=?= =?utf-8?b?rCA1?=", "€ 5", False, "€ 5"),
        ("=?x-unknown?q?caf=E9?=", "café", False, "café"),
        ("=?utf-8?b?!!!?=", "", False, headers.NO_SUBJECT),
        ("Regarding: this", "regarding: this", False, "Regarding: this"),
        ("Re:", "", True, headers.NO_SUBJECT),
        ("[LIST]", "[list]", False, "[LIST]"),
        ("", "", False, headers.NO_SUBJECT),
    ],
)
def test_what_it_is_about(value: str, words: str, is_reply: bool, title: str) -> None:
    found = headers.subject(value)
    assert (found.words, found.is_reply) == (words, is_reply)
    assert headers.title(value, frozenset({"LIST"})) == title


def test_the_lists_own_tag_is_the_one_most_subjects_have(tmp_path: Path) -> None:
    many = [mail(f"[LIST] No {n}") for n in range(9)] + [mail("[AMBER ALERT] Missing child")]
    assert [letter.title for letter in read(written(tmp_path, mbox(*many)))[1]] == [
        *[f"No {n}" for n in range(9)],
        "[AMBER ALERT] Missing child",
    ]


@pytest.mark.parametrize(
    ("said", "own", "answers"),
    [
        ({"message-id": "<a@l>", "references": "<x@l>\t<y@l>", "in-reply-to": "<y@l>"}, "a@l", ["x@l", "y@l"]),
        ({"message-id": "<a at l>", "in-reply-to": 'Your message of "Tue" <y at l>'}, "a@l", ["y@l"]),
        ({"message-id": "a@l", "in-reply-to": "Your message of Tuesday"}, "a@l", []),
        ({"message-id": "<>", "references": "<>"}, "", []),
    ],
)
def test_what_it_answers(said: dict[str, str], own: str, answers: list[str]) -> None:
    assert (headers.own_id(said), headers.answered_ids(said)) == (own, answers)
