"""A request as the rest of web/ needs it, and the context that an endpoint is given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from sqlalchemy import Connection
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.core.access import Actor, Origin
from app.core.errors import NotFound, Refusal
from app.core.signing import token_hash
from app.core.uploads import Taken
from app.web import csrf
from app.web.guard import NotSignedIn, Visit

if TYPE_CHECKING:
    from app.web.forms import FormState
    from app.web.platform import Platform

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(slots=True)
class Call:
    """What one request brought: parsed once, before any thread is chosen."""

    request: Request
    platform: Platform
    now: dt.datetime
    fields: list[tuple[str, str]] = field(default_factory=list)  # an HTML form's, in order
    body_hash: bytes = b""
    files: list[Taken] = field(default_factory=list)  # what the route's package made of those that were sent (web/uploads.py)
    file_problem: Refusal | None = None  # told once it is clear who asks

    @property
    def file(self) -> Taken | None:
        """The one, where a route takes no more."""
        return self.files[0] if self.files else None

    @property
    def path(self) -> str:
        path: str = self.request.scope["path"]
        return path

    @property
    def method(self) -> str:
        method: str = self.request.scope["method"]
        return method

    @property
    def is_safe(self) -> bool:
        return self.method in SAFE

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/")

    @property
    def cookie_key(self) -> bytes | None:
        token = self.request.cookies.get(self.platform.cookie_name)
        return token_hash(token) if token else None

    @property
    def bearer_key(self) -> bytes | None:
        scheme, _, token = self.request.headers.get("authorization", "").partition(" ")
        return token_hash(token.strip()) if scheme.lower() == "bearer" and token else None

    @property
    def origin(self) -> Origin:
        scope = self.request.scope
        return Origin(address=scope.get("squadroom.address", ""), request_id=scope.get("squadroom.request_id", ""))


@dataclass(slots=True)
class Context:
    """What every endpoint gets: who asks, what they sent, and how to answer."""

    call: Call
    visit: Visit | None
    form: FormState | None = None
    extra_cookies: list[tuple[str, str, int | None]] = field(default_factory=list)

    @property
    def platform(self) -> Platform:
        return self.call.platform

    @property
    def now(self) -> dt.datetime:
        return self.call.now

    @property
    def actor(self) -> Actor:
        """The member who asks. Only a route that is open to others may find none."""
        if self.visit is None or self.visit.actor is None:
            raise NotSignedIn
        actor = self.visit.actor
        if self.call.is_safe and isinstance(self, Read):
            return actor
        return actor.seen_from(replace(self.call.origin, session_id=actor.origin.session_id))

    @property
    def query(self) -> Mapping[str, str]:
        return self.call.request.query_params

    def csrf_token(self) -> str:
        """For this session, or for this browser before there is one; masked anew each time, so that compressed pages tell nothing."""
        key = self.visit.key if self.visit else csrf.browser_key(self)
        return csrf.issue(self.platform.signer, key)

    def redirect(self, path: str, said: str = "", **query: str | int) -> Response:
        """303 to a path of ours; `said` names one of the fixed texts in web/flash.py."""
        values = {**query, **({"said": said} if said else {})}
        base, hash_, fragment = path.partition("#")
        target = quote(base, safe="/?=&%@:+,~")
        if values:
            target += ("&" if "?" in base else "?") + urlencode(values)
        return RedirectResponse(target + hash_ + fragment, status_code=303)

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        return self.platform.renderer.page(self, template, status, values)

    def kept_page(self, template: str, made_of: Hashable, **values: Any) -> Response:
        """As `page`, for one that costs much to make and changes seldom: see Renderer.kept_page."""
        return self.platform.renderer.kept_page(self, template, made_of, values)

    def set_cookie(self, name: str, value: str, max_age: int | None) -> None:
        """`max_age` in seconds; 0 takes the cookie away, None keeps it until the browser is closed."""
        self.extra_cookies.append((name, value, max_age))


@dataclass(slots=True)
class Read(Context):
    """For safe methods: a connection in autocommit. What must be written on the way (a read mark) goes through `later`."""

    conn: Connection = None  # type: ignore[assignment]  # always given; a default is needed after inherited ones
    laters: list[Callable[[Session], None]] = field(default_factory=list)

    def later(self, act: Callable[[Session], None]) -> None:
        """Run `act` in a transaction of its own after the page is made and before it is sent."""
        self.laters.append(act)


@dataclass(slots=True)
class Write(Context):
    """For unsafe methods: a session on the request's one transaction, committed before the response leaves."""

    session: Session = None  # type: ignore[assignment]

    @property
    def conn(self) -> Connection:
        return self.session.connection()


def one_of(value: str, allowed: Mapping[str, Any]) -> str:
    """A query value that must be one of few; anything else is a page that isn't there."""
    if value not in allowed:
        raise NotFound
    return value
