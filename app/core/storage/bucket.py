"""Files in a bucket, over S3's protocol. The keys come from the environment, as for every S3 client (AWS_ACCESS_KEY_ID, …)."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from app.core.config import ConfigError
from app.core.ports.storage import PIECE, Missing

try:
    import obstore
    from obstore.store import S3Store
except ImportError:  # the extra `s3` is not installed
    obstore = None  # type: ignore[assignment]


class BucketStorage:
    def __init__(self, store: Any) -> None:
        self._store = store

    def keep(self, part: Path, sha256: bytes) -> str:
        name = f"{sha256.hex()}-{secrets.token_hex(8)}"
        with part.open("rb") as file:
            obstore.put(self._store, name, file)
        part.unlink()
        return name

    def read(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        wanted: Any = {"offset": start} if length is None else (start, start + length)
        try:
            found = obstore.get(self._store, name, options={"range": wanted})
        except FileNotFoundError:
            raise Missing(name) from None
        return (bytes(piece) for piece in found.stream(PIECE))

    def remove(self, name: str) -> None:
        try:
            obstore.delete(self._store, name)
        except FileNotFoundError:
            return

    def names(self, before: dt.datetime) -> Iterator[str]:
        for some in obstore.list(self._store):
            yield from (one["path"] for one in some if one["last_modified"] < before)


def bucket_of(address: str) -> BucketStorage:
    """`s3://BUCKET?endpoint=https://…&region=…`."""
    if obstore is None:
        raise ConfigError("SQUADROOM_STORAGE_URL: s3:// needs the package obstore (the extra `s3`)")
    parts = urlsplit(address)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    if not parts.netloc or parts.path not in ("", "/") or set(options) - {"endpoint", "region"}:
        raise ConfigError("SQUADROOM_STORAGE_URL: must be s3://BUCKET?endpoint=https://HOST, and &region=NAME if there is one")
    is_plain = options.get("endpoint", "").startswith("http://")
    return BucketStorage(S3Store(parts.netloc, client_options={"allow_http": is_plain}, **options))  # type: ignore[arg-type]
