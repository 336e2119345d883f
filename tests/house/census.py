"""The real route table of the application, as the tests of the house read it. The one place that knows where FastAPI keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.web.guard import Rule
from app.web.routing import Route

# If the walk below ever found an empty or another table, these would be missing and the census would say so.
KNOWN = {("GET", "/"), ("GET", "/healthz"), ("POST", "/sign-in"), ("GET", "/api/v1/me"), ("POST", "/api/v1/threads/{thread_id}/replies")}
LAST = "/{path:path}"


@dataclass(frozen=True)
class Line:
    method: str
    path: str
    rule: Rule
    route: Route

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/")

    @property
    def is_safe(self) -> bool:
        return self.method in ("GET", "HEAD", "OPTIONS", "TRACE")


def walk(app: Any) -> list[Line]:
    """Every method of every route, in the order in which they are tried. `app` is what create_app gives: frames around FastAPI."""
    while not hasattr(app, "router"):
        app = app.app
    found: list[Line] = []
    for route in app.router.routes:
        assert isinstance(route, Route), f"{route!r} was put in past app.web.routing.install"
        found += [Line(method, route.path, route.access, route) for method in sorted(route.methods)]
    return found


def sample(path: str, values: dict[str, str]) -> str:
    """The path with its parameters filled in: by `prefix{name}` if that is there, else by name."""
    filled = path
    while "{" in filled:
        before, _, rest = filled.partition("{")
        name, _, after = rest.partition("}")
        name = name.split(":")[0]
        filled = before + values.get(f"{before}{{{name}}}", values.get(name, "999999999")) + after
    return filled
