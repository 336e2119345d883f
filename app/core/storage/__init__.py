"""The storage that STORAGE_URL names, and the folder where a file waits until it is whole."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from app.core.config import ConfigError, Settings
from app.core.ports.storage import Storage
from app.core.storage.disk import DiskStorage


def storage_of(settings: Settings) -> Storage:
    parts = urlsplit(settings.storage_url)
    if not settings.storage_url:
        return DiskStorage(settings.data_dir / "files")
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        return DiskStorage(Path(unquote(parts.path)))
    raise ConfigError("SQUADROOM_STORAGE_URL: must be an address such as file:///srv/squadroom/files")


def incoming(settings: Settings) -> Path:
    """On this machine, whatever the storage; what a crash leaves there is collected."""
    folder = settings.data_dir / "incoming"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
