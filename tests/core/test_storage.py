"""A stored file is written once, read whole or in part, listed, and taken away: in a folder and in a bucket."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from app.core.config import ConfigError, Settings
from app.core.ports.storage import Missing, Storage
from app.core.storage import storage_of
from app.core.storage.bucket import BucketStorage
from app.core.storage.disk import DiskStorage
from app.core.storage.parts import Part

DATA = bytes(range(250)) * 4_000
LATER, BEFORE = dt.datetime(2100, 1, 1, tzinfo=dt.UTC), dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


@pytest.fixture(params=["folder", "bucket"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    return DiskStorage(tmp_path / "files") if request.param == "folder" else BucketStorage(MemoryStore())


def kept(storage: Storage, folder: Path, data: bytes = DATA) -> str:
    part = Part(folder)
    part.write(data)
    return storage.keep(part.path, part.close())


def test_a_file_is_kept_read_and_taken_away(storage: Storage, tmp_path: Path) -> None:
    first, second = kept(storage, tmp_path), kept(storage, tmp_path)
    assert first[:64] == second[:64]  # the hash
    assert first != second  # no two share a file
    assert [path for path in tmp_path.iterdir() if path.is_file()] == []
    assert b"".join(storage.read(first)) == DATA
    assert b"".join(storage.read(first, 1_000, 300_001)) == DATA[1_000:301_001]
    assert b"".join(storage.read(first, len(DATA) - 5)) == DATA[-5:]
    assert set(storage.names(LATER)) == {first, second}
    assert list(storage.names(BEFORE)) == []
    storage.remove(first)
    storage.remove(first)
    assert set(storage.names(LATER)) == {second}
    with pytest.raises(Missing):
        storage.read(first)


def test_a_part_that_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    part = Part(tmp_path)
    with part.whole() as data:
        assert data == b""
    part.write(b"half")
    part.discard()
    assert list(tmp_path.iterdir()) == []


def test_the_address_says_which(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def at(address: str) -> Storage:
        return storage_of(Settings(data_dir=tmp_path, storage_url=address, _env_file=None))

    folder, elsewhere = at(""), at("file:///srv/some%20files")
    assert isinstance(folder, DiskStorage)
    assert folder.folder == tmp_path / "files"
    assert isinstance(elsewhere, DiskStorage)
    assert elsewhere.folder == Path("/srv/some files")
    assert isinstance(at("s3://files?endpoint=http://127.0.0.1:9&region=here"), BucketStorage)
    for wrong in ("files", "file://host/x", "ftp://host/x", "s3://", "s3://files/within", "s3://files?key=secret"):
        with pytest.raises(ConfigError):
            at(wrong)
    monkeypatch.setattr("app.core.storage.bucket.obstore", None)
    with pytest.raises(ConfigError, match="obstore"):
        at("s3://others")
