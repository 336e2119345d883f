"""The first fence: what a route declares, who is asking, and whether they may. Knows sessions by shape, members not at all."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from app.core.access import Actor, Right
from app.core.errors import Forbidden, NotFound, Refusal

if TYPE_CHECKING:
    from app.web.request import Call


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may use a route. Exactly one of these is named by each route, or the program doesn't start."""

    kind: str
    why: str = ""
    right: Right | None = None


def PUBLIC(why: str) -> Rule:  # reads as the constant it stands for in a route's declaration
    """Anyone. The reason is part of the declaration and is reviewed (C1)."""
    if not why:
        raise TypeError("a public route says why it is public")
    return Rule("public", why=why)


SIGNING_IN = Rule("signing in")
"""Whoever has shown a password and owes something still: their session opens these pages. Others are led to the beginning."""

SIGNED_IN = Rule("signed in")
"""Whoever has a whole session, also one that is good for little."""

MEMBER = Rule("member")
"""A current, vetted member."""


RETURNING = Rule("returning")
"""Whoever signed in while suspended and may ask to come back: their session opens these routes and no others."""


def Allow(right: Right) -> Rule:
    """A member with this right; to other members the page does not exist."""
    return Rule("right", right=right)


class Scope(enum.StrEnum):
    """What a bearer token may do at the most; its owner's own rights cut it further at each call."""

    READ = "read"
    WRITE = "write"
    MODERATE = "moderate"
    ADMIN = "admin"


class NotSignedIn(Refusal):
    """No session, or one that is over. `former` is the account of a session that ran out, whose words are kept."""

    status, title = 401, "Please sign in"

    def __init__(self, former: int | None = None) -> None:
        super().__init__()
        self.former = former


class NotSigningIn(Refusal):
    """Nothing is begun that this page would go on with, or it is ended already."""

    status, title = 401, "Please sign in"


class Waits(Refusal):
    """A member is asked something first: until they answered, their session opens that page alone."""

    status, title = 403, "Please answer this first"

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page


class StepUpNeeded(Refusal):
    """A second factor within the last five minutes is asked for before this."""

    status, title = 403, "Please confirm that it is you"


STEP_UP = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Visit:
    """A session or a token as of this request. `actor` is None for someone who is not a current member."""

    account_id: int
    actor: Actor | None
    name: str
    key: bytes  # the stored hash of the cookie's or bearer's token: what CSRF tokens are derived from
    session_id: int | None = None
    is_whole: bool = False  # the second factor was shown, too
    is_over: bool = False  # ended or timed out
    ends_at: dt.datetime | None = None
    last_seen_at: dt.datetime | None = None
    stepped_up_at: dt.datetime | None = None
    news: int = 0  # notifications that wait to be read, for the bell in the top bar
    rights_wait: bool = False  # a role's rights are withheld until a passkey is shown
    waits_at: str = ""  # the page that this session opens for now, and no other; `actor` is None then
    scopes: frozenset[Scope] | None = None  # None for a browser's session

    def has_stepped_up(self, now: dt.datetime) -> bool:
        return self.stepped_up_at is not None and now - self.stepped_up_at < STEP_UP


Loader = Callable[[Connection, bytes, dt.datetime], Visit | None]
_loaders: dict[str, Loader] = {}


def register(cookie: Loader, bearer: Loader) -> None:
    """Membership says how a session's or a token's hash becomes a Visit: one query each."""
    _loaders["cookie"], _loaders["bearer"] = cookie, bearer


def identify(conn: Connection, call: Call) -> Visit | None:
    """Who asks, by cookie on pages and by bearer token on /api: never the one for the other."""
    key = call.bearer_key if call.is_api else call.cookie_key
    if key is None:
        return None
    return _loaders["bearer" if call.is_api else "cookie"](conn, key, call.now)


def admit(conn: Connection, call: Call, rule: Rule) -> Visit | None:
    """The Visit, or the refusal that the rule calls for. Public routes get the Visit too, if there is one."""
    visit = identify(conn, call)
    if visit is not None and visit.is_over:
        if rule.kind == "public":
            return None
        raise NotSigningIn if rule.kind == SIGNING_IN.kind else NotSignedIn(former=visit.account_id)
    if rule.kind == "public":
        return visit
    if rule.kind == SIGNING_IN.kind:
        return _require_half(visit)
    visit = _require_session(visit, rule)
    if rule.right is not None and (visit.actor is None or not visit.actor.may(rule.right)):
        raise NotFound
    if visit.scopes == frozenset({Scope.READ}) and not call.is_safe:
        raise Forbidden("This token may only read.")
    return visit


def _require_half(visit: Visit | None) -> Visit:
    if visit is None or visit.is_whole or visit.waits_at:  # the last is good for the way back alone
        raise NotSigningIn
    return visit


def _require_session(visit: Visit | None, rule: Rule) -> Visit:
    """A session that is good for this rule. One that is good for returning alone is to all other routes as good as none."""
    if visit is None:
        raise NotSignedIn
    if rule.kind == RETURNING.kind:
        if not visit.is_whole and visit.waits_at:
            return visit
        if visit.is_whole and visit.actor is not None:
            raise NotFound
        raise Waits(visit.waits_at) if visit.waits_at else NotSignedIn
    if not visit.is_whole:
        raise NotSignedIn
    if visit.actor is None and rule.kind != SIGNED_IN.kind:
        raise Waits(visit.waits_at) if visit.waits_at else NotSignedIn
    return visit
