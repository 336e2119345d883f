"""Sealed files: what was changed, moved, cut off or sealed with another key is found, and keys are rotated by a line (V13)."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.vault import KeyMissing, Stored, Unreadable, Vault
from app.core.vault.keys import new_key
from app.core.vault.sealed import CHUNK, MAGIC, TAG

BLOCK = CHUNK + TAG
WORDS = b"canary of the evidence store. "


def kept(vault: Vault, data: bytes, piece: int = 50_000) -> Stored:
    writing = vault.begin()
    for start in range(0, len(data), piece):
        writing.write(data[start : start + piece])
    writing.close()
    assert writing.plaintext() == data
    return writing.finish()


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "evidence", tmp_path / "keys" / "evidence.key")


def whole(vault: Vault, stored: Stored) -> bytes:
    return b"".join(vault.read(stored))


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_what_goes_in_comes_out(vault: Vault, tmp_path: Path, size: int) -> None:
    data = (WORDS * (size // len(WORDS) + 1))[:size]
    stored = kept(vault, data)
    assert whole(vault, stored) == data
    assert stored.size == size
    assert WORDS not in (tmp_path / "evidence" / stored.name).read_bytes()
    assert (tmp_path / "keys" / "evidence.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "evidence" / stored.name).stat().st_mode & 0o777 == 0o600


def _tampered(raw: bytes) -> dict[str, bytes]:
    head, blocks = raw[: len(MAGIC)], raw[len(MAGIC) :]
    one, two, rest = blocks[:BLOCK], blocks[BLOCK : 2 * BLOCK], blocks[2 * BLOCK :]
    return {
        "a byte changed": raw[:1000] + bytes([raw[1000] ^ 1]) + raw[1001:],
        "the last byte changed": raw[:-1] + bytes([raw[-1] ^ 1]),
        "the end cut off": raw[:-1],
        "the last chunk left out": head + one + two,
        "chunks changed over": head + two + one + rest,
        "a chunk twice": head + one + one + two + rest,
        "something appended": raw + b"x",
        "another form": b"x" + raw[1:],
        "nothing": b"",
        "no chunk": head,
    }


@pytest.mark.parametrize("how", list(_tampered(bytes(4 * BLOCK))))
def test_a_file_that_was_changed_gives_nothing(vault: Vault, tmp_path: Path, how: str) -> None:  # V13
    stored = kept(vault, WORDS * 6000)
    path = tmp_path / "evidence" / stored.name
    assert whole(vault, stored)
    path.write_bytes(_tampered(path.read_bytes())[how])
    with pytest.raises(Unreadable):
        vault.read(stored)


def test_one_file_in_the_place_of_another_is_found(vault: Vault, tmp_path: Path) -> None:  # V13
    one, two = kept(vault, b"one"), kept(vault, b"two")
    (tmp_path / "evidence" / one.name).write_bytes((tmp_path / "evidence" / two.name).read_bytes())
    for stored in (one, Stored(one.name, two.key, two.size, two.sha256)):
        with pytest.raises(Unreadable):
            vault.read(stored)
    (tmp_path / "evidence" / two.name).unlink()
    with pytest.raises(Unreadable):
        vault.read(two)


def test_keys_are_rotated_by_a_line_and_a_wrong_one_opens_nothing(vault: Vault, tmp_path: Path) -> None:  # V13
    old = kept(vault, b"old")
    file = tmp_path / "keys" / "evidence.key"
    first = file.read_text()
    file.write_text(new_key() + "\n" + first)
    new = kept(vault, b"new")
    assert (whole(vault, old), whole(vault, new)) == (b"old", b"new")
    file.write_text(first)
    assert vault.opens(old)
    assert not vault.opens(new)
    with pytest.raises(Unreadable, match="not in the key file"):
        vault.read(new)


@pytest.mark.parametrize("text", ["", "# only a remark\n", "not base64\n", "c2hvcnQ=\n"])
def test_a_key_that_was_lost_is_not_replaced_by_a_new_one(vault: Vault, tmp_path: Path, text: str) -> None:
    stored = kept(vault, b"old")
    file = tmp_path / "keys" / "evidence.key"
    file.unlink()
    with pytest.raises(KeyMissing):
        vault.begin()
    file.write_text(text)
    with pytest.raises(KeyMissing):
        vault.read(stored)
    assert [path.name for path in (tmp_path / "evidence").iterdir()] == [stored.name]


def test_a_file_that_was_given_up_leaves_nothing(vault: Vault, tmp_path: Path) -> None:
    writing = vault.begin()
    writing.write(WORDS)
    writing.discard()
    assert list((tmp_path / "evidence").iterdir()) == []
    stored, later = kept(vault, WORDS), dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
    assert list(vault.names(later)) == [stored.name]
    os.utime(tmp_path / "evidence" / stored.name, (later.timestamp() + 1,) * 2)
    assert list(vault.names(later)) == []


@settings(max_examples=40, deadline=None)
@given(pieces=st.lists(st.binary(max_size=2 * CHUNK), max_size=4), flip=st.integers(min_value=0))
def test_any_data_comes_back_whole_or_not_at_all(tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes], flip: int) -> None:
    folder = tmp_path_factory.mktemp("vault")
    vault = Vault(folder / "evidence", folder / "key")
    writing = vault.begin()
    for piece in pieces:
        writing.write(piece)
    writing.close()
    stored = writing.finish()
    assert whole(vault, stored) == b"".join(pieces)
    path = folder / "evidence" / stored.name
    raw = bytearray(path.read_bytes())
    raw[flip % len(raw)] ^= 1 << flip % 8
    path.write_bytes(raw)
    with pytest.raises(Unreadable):
        vault.read(stored)
