"""Settings from the environment (prefix SQUADROOM_) and a `.env` file. Names are fixed by the contract."""

from __future__ import annotations

import os
import secrets
from functools import cached_property
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "SQUADROOM_"
ROOT = Path(__file__).resolve().parent.parent.parent
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class ConfigError(Exception):
    """A setting that stops the start; the message is one clear line."""


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True)

    env: Literal["production", "demo"] = "production"
    data_dir: Path = Path("var")
    database_url: str = ""
    base_url: str = "http://localhost:8000"
    profile: Literal["standard", "strict"] = "standard"
    secret_key: str = ""
    evidence_key_file: Path | None = None
    checkpoint_dir: Path | None = None
    metrics_listen: str = ""
    association_name: str = "Cascade Association of Chiefs and Sheriffs"
    association_address: str = "410 Harbor Street, Suite 2, Port Ellery"
    time_zone: str = "America/Los_Angeles"
    smtp_url: str = ""
    mail_from: str = ""
    reply_domain: str = ""
    authserv_id: str = ""
    lmtp_listen: str = ""
    dkim_key_file: Path | None = None
    dkim_selector: str = Field(default="squadroom", pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,61}[A-Za-z0-9])?$")
    storage_url: str = ""
    clamd: str = ""
    trusted_proxies: str = ""
    log_format: Literal["text", "json"] = "text"
    log_level: str = Field(default="info", pattern="(?i)^(debug|info|warning|error)$")

    @field_validator("time_zone")
    @classmethod
    def _zone_exists(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except Exception:
            raise ValueError("is not an IANA time zone, such as America/Los_Angeles") from None
        return name

    @model_validator(mode="after")
    def _address_is_safe(self) -> Settings:
        parts = urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
            raise ValueError("BASE_URL must be an address such as https://forum.example.org, without a path")
        if parts.scheme != "https" and parts.hostname not in LOOPBACK:
            raise ValueError("BASE_URL must be https outside loopback")
        if self.env == "demo" and (self.smtp_url or self.trusted_proxies):
            raise ValueError("ENV=demo refuses to start with SMTP_URL or TRUSTED_PROXIES set")
        return self

    @cached_property
    def origin(self) -> str:
        return self.base_url.rstrip("/")

    @cached_property
    def host(self) -> str:
        """Host and port as a browser sends them."""
        return urlsplit(self.origin).netloc

    @property
    def is_https(self) -> bool:
        return self.origin.startswith("https://")

    @cached_property
    def url(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir.resolve()}/squadroom.db"

    @property
    def evidence_folder(self) -> Path:
        return self.data_dir / "evidence"

    @property
    def evidence_key(self) -> Path:
        return self.evidence_key_file or self.data_dir / "evidence.key"

    @property
    def is_sqlite(self) -> bool:
        return self.url.startswith("sqlite")

    @cached_property
    def mail_domain(self) -> str:
        return self.reply_domain or urlsplit(self.origin).hostname or "localhost"

    @property
    def sender(self) -> str:
        return self.mail_from or f"squadroom@{self.mail_domain}"

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Secret keys: the first signs, all verify. Made on first use if none is given."""
        if self.secret_key:
            return tuple(k.strip() for k in self.secret_key.split(",") if k.strip())
        return (_kept_key(self.data_dir / "secret.key"),)


def _kept_key(path: Path) -> str:
    """The key in this file (0600), made if there is none yet, also when two processes start at once."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    return path.read_text().strip()


def _refuse_unknown_names() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    env_file = Path(".env")
    given = set(os.environ)
    if env_file.is_file():
        given |= {line.split("=", 1)[0].strip().removeprefix("export ").strip() for line in env_file.read_text().splitlines()}
    unknown = sorted(name for name in given if name.upper().startswith(PREFIX) and name.upper() not in known)
    if unknown:
        raise ConfigError(f"{unknown[0]} is not a setting of Squadroom")


def load(**over: object) -> Settings:
    """Settings, or a ConfigError whose text is one clear line."""
    _refuse_unknown_names()
    try:
        return Settings(**over)  # type: ignore[arg-type]  # values are validated by Pydantic
    except ValidationError as error:
        first = error.errors()[0]
        name = f"{PREFIX}{'_'.join(str(p) for p in first['loc']).upper()}: " if first["loc"] else ""
        raise ConfigError(f"{name}{first['msg'].removeprefix('Value error, ')}") from None
