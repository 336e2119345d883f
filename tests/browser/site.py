"""The demonstration as people meet it: `squadroom serve` in a process of its own, and Chromium in front of it."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.later import Hands
from tests.commands.squadroom import COMMAND, Done, Squadroom, free_port
from tests.house.source import ROOT

WIDE, PHONE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}, {"width": 320, "height": 800}


@dataclass(frozen=True)
class Demo:
    """What `squadroom demo` made: made once, and copied for each server."""

    folder: Path
    cast: dict[str, dict[str, Any]]

    @classmethod
    def made(cls, folder: Path) -> Demo:
        done = Squadroom(folder).run("demo", "--json", ENV="demo")
        assert done.returncode == 0, done.stderr
        return cls(folder, {person["key"]: person for person in json.loads(done.stdout)["cast"]})


@dataclass(frozen=True)
class Site:
    """A running demonstration: where it is, who is in it, and its database for what no page can do (ending a session, reading a letter)."""

    origin: str
    folder: Path
    cast: dict[str, dict[str, Any]]
    hands: Hands | None = None  # of a clock that a test sets
    notes: dict[str, str] = field(default_factory=dict)  # what one walk must tell a later one

    @property
    def now(self) -> dt.datetime:
        return self.hands.now() if self.hands else dt.datetime.now(dt.UTC)

    def run(self, *words: str) -> Done:
        """What an operator types where this site runs."""
        return Squadroom(self.folder).run(*words, ENV="demo", BASE_URL=self.origin)

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
def running(demo: Demo, folder: Path, hands: Hands | None = None) -> Iterator[Site]:
    """A copy of the demonstration, served. Port 0 is of no use: the address must be known before, since every page and cookie depends
    on it. With `hands` its clock shows what they say, and nobody works beside it: `jobs run --at` does."""
    shutil.copytree(demo.folder, folder, dirs_exist_ok=True)
    site = Site(f"http://localhost:{free_port()}", folder, demo.cast, hands)
    own = {"SQUADROOM_ENV": "demo", "SQUADROOM_DATA_DIR": str(folder), "SQUADROOM_BASE_URL": site.origin}
    env = {k: v for k, v in os.environ.items() if not k.startswith("SQUADROOM_")} | own
    command = [sys.executable, "-P", "-m", "tests.browser.later", str(hands.file)] if hands else [*COMMAND, "serve"]
    with (folder / "serve.log").open("w") as log:
        server = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)
    try:
        _wait_for(site.origin, server, folder / "serve.log")
        yield site
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
