"""Routes: each declares who may, what it does (read or write), and nothing runs before that was asked.

One call of `work()` does it all in one place and one hop: open the connection or the transaction, ask the guard, check the form's
token, call the endpoint, commit. Endpoints are plain functions that get a `Read` or a `Write` and cannot skip the guard.
Short reads on SQLite run on the event loop itself (docs/decisions/0003); everything else in a small pool of its own.
"""

from __future__ import annotations

import inspect
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, TypeVar, cast

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from app.web import answer
from app.web.guard import Rule
from app.web.parameters import Parameters
from app.web.work import Endpoint

log = logging.getLogger(__name__)
F = TypeVar("F", bound=Callable[..., Response])
Mode = Literal["read", "write", "own"]


@dataclass(frozen=True, slots=True)
class Declared:
    path: str
    methods: frozenset[str]
    endpoint: Endpoint


class Routes:
    """The routes of one package. `main.py` puts them into the app, in order."""

    def __init__(self, prefix: str = "") -> None:
        self.prefix = prefix
        self.declared: list[Declared] = []

    def get(self, path: str, access: Rule, **options: Any) -> Callable[[F], F]:
        """A page or a read. Options: `slow` (never on the event loop), `counts` (False: polling, which keeps no session alive),
        `same_site` (a link from another site lands on the home page instead), `step_up`, `status`."""
        return self._add(path, access, frozenset({"GET", "HEAD"}), "read", options)

    def post(self, path: str, access: Rule, **options: Any) -> Callable[[F], F]:
        """An act. Options: `again` (the read endpoint that draws the form again with errors), `step_up`, `csrf` (False only for
        RFC 8058), `takes` (a file: core/uploads.py), `once` (False: no act, so it may be sent again), `mode="own"` (opens its own
        transactions), `status`."""
        return self._add(path, access, frozenset({"POST"}), "write", options)

    def put(self, path: str, access: Rule, **options: Any) -> Callable[[F], F]:
        return self._add(path, access, frozenset({"PUT"}), "write", options)

    def patch(self, path: str, access: Rule, **options: Any) -> Callable[[F], F]:
        return self._add(path, access, frozenset({"PATCH"}), "write", options)

    def delete(self, path: str, access: Rule, **options: Any) -> Callable[[F], F]:
        return self._add(path, access, frozenset({"DELETE"}), "write", options)

    def _add(self, path: str, access: Rule, methods: frozenset[str], mode: Mode, options: dict[str, Any]) -> Callable[[F], F]:
        if not isinstance(access, Rule):
            raise TypeError(f"{self.prefix}{path}: a route names exactly one access rule")

        def declare(function: F) -> F:
            endpoint = Endpoint(function, access, **{"mode": mode, **options})
            self.declared.append(Declared(self.prefix + path, methods, endpoint))
            return function

        return declare


def _signature_without_context(function: Callable[..., Any]) -> Callable[..., Any]:
    """What FastAPI reads parameters from: the endpoint without its first parameter, which is ours to give."""

    def facade(**values: Any) -> None:
        raise RuntimeError("a route's endpoint is called by its own handler alone")

    # The annotations are strings where the endpoint lives, so they are resolved there.
    signature = inspect.signature(function, eval_str=True)
    parameters = list(signature.parameters.values())[1:]
    facade.__signature__ = signature.replace(parameters=parameters, return_annotation=inspect.Signature.empty)  # type: ignore[attr-defined]
    facade.__name__, facade.__doc__, facade.__module__ = function.__name__, function.__doc__, function.__module__
    return facade


def _operation_id(declared: Declared) -> str:
    """The same in every process: FastAPI's own takes its method from a set, in whatever order that has today."""
    return re.sub(r"\W+", "_", f"{min(declared.methods).lower()} {declared.path}").strip("_")


class Route(APIRoute):
    """A FastAPI route (its parameters and its place in OpenAPI), answered by our own handler."""

    def __init__(self, declared: Declared) -> None:
        self.squadroom = declared.endpoint
        super().__init__(
            declared.path,
            _signature_without_context(declared.endpoint.function),
            methods=set(declared.methods),
            status_code=declared.endpoint.status,
            response_model=declared.endpoint.answers,
            name=declared.endpoint.function.__name__,
            operation_id=_operation_id(declared),
            include_in_schema=declared.path.startswith("/api/"),
        )
        self.parameters = Parameters(self.dependant, self.body_field, self._embed_body_fields)
        self.app = self._serve

    @property
    def access(self) -> Rule:
        return self.squadroom.access

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Only the whole match counts: another method on a known path falls through to the last route, which asks who it is first."""
        match, child = super().matches(scope)
        return (match, child) if match is Match.FULL else (Match.NONE, {})

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """In place of FastAPI's own handler and its exit stacks: `answer` never raises, and nothing of ours is closed after it."""
        request = Request(scope, receive, send)
        response = await answer.answer(request, self.squadroom, self.parameters)
        await response(scope, receive, send)


@lru_cache(maxsize=1000)
def _route(declared: Declared) -> Route:
    """Routes hold nothing of an application, so that several in one process (tests) share them."""
    return Route(declared)


def install(app: FastAPI, *packages: Routes) -> None:
    """Put the packages' routes into the app, in order. A route object that is not ours has no rule and is refused."""
    seen: set[tuple[str, str]] = set()
    for routes in packages:
        for declared in routes.declared:
            for method in declared.methods:
                if (declared.path, method) in seen:
                    raise RuntimeError(f"{method} {declared.path} is declared twice")
                seen.add((declared.path, method))
            app.router.routes.append(_route(declared))
    for route in app.router.routes:
        if not isinstance(route, Route):
            raise RuntimeError(f"{route!r} has no access rule")
    # No pattern takes a line break, and no route a method that nobody has heard of: the last route answers those too.
    app.router.default = cast(Route, app.router.routes[-1]).app
