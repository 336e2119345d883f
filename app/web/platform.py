"""What a running server holds: settings, database, keys, templates and the threads that work is done in. Made once, in main.py."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from app.core.config import Settings
from app.core.db import Database
from app.core.signing import Signer
from app.core.site import SiteCache
from app.core.writers import Writers
from app.web.render import Renderer


class Platform:
    """`readers` are for SQLite reads that are too long for the event loop; few on purpose, more only fight for the interpreter. `writers`
    carry out acts (core/writers.py). `slow` is for password hashing and the like, so that it never stands in the way of either."""

    def __init__(self, settings: Settings, db: Database) -> None:
        self.settings, self.db = settings, db
        self.signer = Signer(settings.keys)
        self.site = SiteCache(settings)
        self.renderer = Renderer(settings)
        self.readers = ThreadPoolExecutor(2, thread_name_prefix="read")
        self.writers = Writers(db)
        self.slow = ThreadPoolExecutor(2, thread_name_prefix="slow")
        # __Host- binds a cookie to this very host over https (A12); browsers refuse the prefix on plain http.
        prefix = "__Host-" if settings.is_https else ""
        self.cookie_name = f"{prefix}squadroom"
        self.browser_cookie_name = f"{prefix}squadroom-browser"

    async def close(self) -> None:
        self.writers.close()
        for pool in (self.readers, self.slow):
            pool.shutdown(wait=True)
        await self.db.aclose()
