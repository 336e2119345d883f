"""The association under test, and browsers and scripts that talk HTTP to it, in this process but through the whole application."""

from __future__ import annotations

import datetime as dt
import html
import re
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
from anyio.from_thread import start_blocking_portal
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine, func, select

from app.accounts.models import BearerToken, Factor, SessionLevel, SignInSession
from app.core import clock
from app.core.access import Actor
from app.core.config import Settings
from app.core.db import Base, Database
from app.core.signing import new_token, token_hash
from app.main import create_app
from app.membership.actors import actor_of
from app.web.platform import Platform
from tests.people import CAST, NOW, Ids

ORIGIN = "http://localhost:8000"


class CompiledTemplates(BytecodeCache):
    """What templates were compiled to, for all worlds of this process: compiling them anew took most of each test's time."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


_COMPILED = CompiledTemplates()


_FIRST: dict[tuple[str, int], Engine] = {}


def _compile_together(db: Database) -> None:
    """Statements are compiled once for all worlds of this process, each of which has engines of its own: likewise."""
    for place, engine in enumerate(db.engines):
        first = _FIRST.setdefault((engine.dialect.name, place), engine)
        engine.dialect = engine.pool._dialect = first.dialect
        engine._compiled_cache = first._compiled_cache


class World:
    def __init__(self, url: str, ids: Ids, folder: Path, **settings: Any) -> None:
        self.ids, self.folder = ids, folder
        self.now = NOW
        self._stack = ExitStack()
        self._stack.enter_context(clock.at(lambda: self.now))
        self._portal = self._stack.enter_context(start_blocking_portal())
        self.settings = Settings(
            database_url=url, data_dir=folder / "data", base_url=ORIGIN, secret_key="a secret of the tests", _env_file=None, **settings
        )
        self.app = create_app(self.settings)
        self.platform: Platform = self.app.app.state.platform
        self.platform.renderer.env.bytecode_cache = _COMPILED
        self.db = self.platform.db
        _compile_together(self.db)
        self._browsers: list[Client] = []

    def close(self) -> None:
        for browser in self._browsers:
            browser.close()
        self._portal.call(self.platform.close)
        self._stack.close()

    # time
    def later(self, **delta: float) -> None:
        """Let time pass: `world.later(minutes=31)`."""
        self.now += dt.timedelta(**delta)

    # people
    def id(self, key: str) -> int:
        return self.ids.members[key]

    def actor(self, key: str) -> Actor:
        with self.db.read() as conn:
            return actor_of(conn, self.id(key))

    def outsider(self, address: str = "127.0.0.1") -> Client:
        return self._client(address)

    def browser(self, key: str, stepped_up: bool = True, factor: Factor = Factor.PASSKEY) -> Client:
        """A browser in which this person has signed in just now, with a passkey unless another factor is named (the session is
        written straight into its table)."""
        token = new_token()
        with self.db.write() as session:
            session.add(
                SignInSession(
                    account_id=self.id(key), token_hash=token_hash(token), level=SessionLevel.FULL, factor=factor,
                    created_at=self.now, last_seen_at=self.now, expires_at=self.now + dt.timedelta(hours=24),
                    stepped_up_at=self.now if stepped_up else None,
                )
            )  # fmt: skip
        client = self._client()
        client.cookies.set("squadroom", token)
        return client

    def script(self, key: str, scopes: str = "read,write") -> Client:
        """A script with a bearer token of this person."""
        token = new_token()
        with self.db.write() as session:
            session.add(
                BearerToken(
                    account_id=self.id(key), name="test", token_hash=token_hash(token), scopes=scopes, created_at=self.now,
                    expires_at=self.now + dt.timedelta(days=30),
                )
            )  # fmt: skip
        return self._client(Authorization=f"Bearer {token}")

    def _client(self, address: str = "127.0.0.1", **headers: str) -> Client:
        client = Client(self._portal, self.app, headers, address)
        self._browsers.append(client)
        return client

    # rows
    def count(self, model: Any, *where: Any) -> int:
        with self.db.read() as conn:
            return conn.execute(select(func.count()).select_from(model).where(*where)).scalar_one()

    def all_rows(self) -> dict[str, list[str]]:
        """Everything there is, table by table: to see that nothing changed."""
        with self.db.read() as conn:
            return {table.name: sorted(map(repr, conn.execute(select(table)))) for table in Base.metadata.sorted_tables}

    def one(self, statement: Any) -> Any:
        with self.db.read() as conn:
            return conn.execute(statement).one()

    def count_queries(self) -> QueryCount:
        """`with world.count_queries() as queries: …; assert queries.count == 3`."""
        return QueryCount(self.db)


class QueryCount:
    def __init__(self, db: Any) -> None:
        self._engines = db.engines
        self.statements: list[str] = []

    @property
    def count(self) -> int:
        return len(self.statements)

    def __enter__(self) -> QueryCount:
        from sqlalchemy import event

        for engine in self._engines:
            event.listen(engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *exc: object) -> None:
        from sqlalchemy import event

        for engine in self._engines:
            event.remove(engine, "before_cursor_execute", self._note)

    def _note(self, conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")):
            self.statements.append(statement)


class Client:
    """A browser without JavaScript, or a script: `get`, `post` (a form, with the page's own token), `call` (JSON)."""

    def __init__(self, portal: Any, app: Any, headers: dict[str, str], address: str) -> None:
        self._portal = portal
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=True, client=(address, 123))
        self._http = httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers)
        self.cookies = self._http.cookies

    def close(self) -> None:
        self._portal.call(self._http.aclose)

    def request(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            return await self._http.request(method, path, **kwargs)

        return self._portal.call(send)

    def get(self, path: str, follow: bool = False, **headers: str) -> httpx.Response:
        return self.request("GET", path, follow_redirects=follow, headers=headers)

    def csrf(self, path: str) -> str:
        """The token of the first form on a page."""
        page = self.get(path)
        found = re.search(r'name="csrf" value="([^"]+)"', page.text)
        assert found, f"no form on {path}: {page.status_code} {page.text[:300]}"
        return html.unescape(found[1])

    def post(
        self, path: str, values: dict[str, Any] | list[tuple[str, str]] | None = None, *, page: str, follow: bool = False
    ) -> httpx.Response:
        """Send a form to `path` as a person does who has `page` open."""
        fields = list(values.items()) if isinstance(values, dict) else list(values or [])
        body = urlencode([*fields, ("csrf", self.csrf(page))], doseq=True)
        headers = {"content-type": "application/x-www-form-urlencoded", "origin": ORIGIN}
        return self.request("POST", path, content=body, headers=headers, follow_redirects=follow)

    def call(self, method: str, path: str, payload: Any = None, **headers: str) -> httpx.Response:
        """A call of /api/v1; header names with underscores (`idempotency_key=…`)."""
        kwargs: dict[str, Any] = {} if payload is None else {"json": payload}
        return self.request(method, "/api/v1" + path, headers={k.replace("_", "-"): v for k, v in headers.items()}, **kwargs)


__all__ = ["CAST", "ORIGIN", "Client", "World"]
