"""The storage that STORAGE_URL names, and the folder where a file waits until it is whole."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from app.core.config import ConfigError, Settings
from app.core.ports.storage import Storage
from app.core.storage.disk import DiskStorage


def storage_of(settings: Settings) -> Storage:
    return _made(settings.storage_url, settings.data_dir)


@lru_cache(maxsize=8)
def _made(address: str, data_dir: Path) -> Storage:
    """Once a process: a bucket keeps its connections."""
    parts = urlsplit(address)
    if not address:
        return DiskStorage(data_dir / "files")
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        return DiskStorage(Path(unquote(parts.path)))
    if parts.scheme == "s3":
        from app.core.storage.bucket import bucket_of  # late: most have none

        return bucket_of(address)
    raise ConfigError("SQUADROOM_STORAGE_URL: must be an address such as file:///srv/squadroom/files or s3://BUCKET?endpoint=https://HOST")


def incoming(settings: Settings) -> Path:
    """On this machine, whatever the storage; what a crash leaves there is collected."""
    folder = settings.data_dir / "incoming"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
