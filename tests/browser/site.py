"""The demonstration as people meet it: `squadroom demo` and `squadroom serve` in processes of their own, and Chromium in front of them."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-c", "import sys; from app.cli import main; sys.exit(main())")
WIDE, PHONE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}, {"width": 320, "height": 800}


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Site:
    """A running demonstration: where it is, who is in it, and its database for what no page can do (ending a session, reading a letter)."""

    origin: str
    folder: Path
    cast: dict[str, dict[str, Any]]
    notes: dict[str, str] = field(default_factory=dict)  # what one walk must tell a later one

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.folder / "squadroom.db", timeout=10)) as db, db:
            return db.execute(statement, values).fetchall()

    def thread(self, title: str) -> str:
        """The path of the thread whose title begins like this."""
        return f"/threads/{self.rows('SELECT id FROM threads WHERE title LIKE ?', title + '%')[0][0]}"

    def member(self, key: str) -> int:
        return int(self.rows("SELECT id FROM accounts WHERE email = ?", self.cast[key]["email"])[0][0])

    @property
    def members(self) -> set[str]:
        return {key for key in self.cast if key != "applicant"}


@contextmanager
def running(folder: Path) -> Iterator[Site]:
    """Port 0 is of no use: the address must be known before, since every page and cookie depends on it."""
    origin = f"http://localhost:{_free_port()}"
    own = {"SQUADROOM_ENV": "demo", "SQUADROOM_DATA_DIR": str(folder), "SQUADROOM_BASE_URL": origin}
    env = {k: v for k, v in os.environ.items() if not k.startswith("SQUADROOM_")} | own
    made = subprocess.run([*COMMAND, "demo", "--json"], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    cast = {person["key"]: person for person in json.loads(made.stdout)["cast"]}
    with (folder / "serve.log").open("w") as log:
        server = subprocess.Popen([*COMMAND, "serve"], cwd=ROOT, env=env, stdout=log, stderr=log)
    try:
        _wait_for(origin, server, folder / "serve.log")
        yield Site(origin, folder, cast)
    finally:
        server.terminate()
        server.wait(timeout=40)


def _wait_for(origin: str, server: subprocess.Popen[bytes], log: Path) -> None:
    import httpx

    transport = httpx.HTTPTransport(retries=20)  # tries to connect again, a little later each time
    with httpx.Client(transport=transport, base_url=origin) as client:
        while server.poll() is None:
            try:
                assert client.get("/healthz").status_code == 200
            except httpx.ConnectError:
                continue
            return
    raise AssertionError(log.read_text())


class Stage:
    """A browser window for each person, signed in with the demonstration's one click; what they asked for and said is noted."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self.browser, self.site = browser, site
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self._kept: dict[str, BrowserContext] = {}

    def context(self, **options: Any) -> BrowserContext:
        """A new browser profile."""
        context = self.browser.new_context(**({"base_url": self.site.origin, "viewport": WIDE, "reduced_motion": "reduce"} | options))
        context.set_default_timeout(10_000)
        context.on("request", lambda request: self.requests.append(request.url))
        context.on("console", lambda message: self.complaints.append(message.text) if message.type in ("error", "warning") else None)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        return context

    def page(self, who: str = "", **options: Any) -> Page:
        """A page in a new profile, signed in where a name is given."""
        page = self.context(**options).new_page()
        if who:
            self.sign_in(page, who)
        return page

    def page_of(self, who: str) -> Page:
        """A page in the one profile that this person keeps all along; who is not in the cast stays signed out."""
        if who not in self._kept:
            self._kept[who] = self.context()
            if who in self.site.members:
                self.sign_in(self._kept[who].new_page(), who)
        return self._kept[who].new_page()

    def sign_in(self, page: Page, who: str, start: str = "/sign-in") -> None:
        page.goto(start)
        page.locator(f'button[name="member"][value="{self.site.member(who)}"]').click()
        page.locator(".me").wait_for()
