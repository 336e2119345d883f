"""The outermost layer, pure ASGI: request id, host, the client's address, the body's size, and the headers that every answer carries."""

from __future__ import annotations

import ipaddress
import logging
import math
import secrets
import time
from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.config import LOOPBACK, Settings

access_log = logging.getLogger("squadroom.access")
BODY_LIMIT = 1_000_000  # bytes
LIMIT = "squadroom.body_limit"  # in a request's scope: a route that takes files reads on, and stops by itself where a file is too large
SLOW = 1.0  # seconds


class BodyTooLarge(Exception):
    """A body passed the limit while it was read."""


def _standing_headers(settings: Settings) -> list[tuple[bytes, bytes]]:
    headers = {
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "x-robots-tag": "noindex, nofollow, noarchive",
        "permissions-policy": "camera=(), microphone=(), geolocation=(), browsing-topics=()",
    }
    if settings.is_https:
        headers["strict-transport-security"] = "max-age=63072000; includeSubDomains"
    return [(k.encode(), v.encode()) for k, v in headers.items()]


def _name_in(host: bytes) -> str | None:
    try:
        return urlsplit("//" + host.decode("latin-1")).hostname
    except ValueError:  # an unclosed bracket
        return None


class Frame:
    """Hands requests straight to the application's router: its routes answer every refusal and failure themselves (answer.py), so the
    layers that FastAPI would put between have nothing to do."""

    def __init__(self, app: FastAPI, settings: Settings) -> None:
        self.app, self.settings = app, settings
        self._standing = _standing_headers(settings)
        self._host = settings.host.lower().encode()
        self._proxies = [ipaddress.ip_network(p.strip(), strict=False) for p in settings.trusted_proxies.split(",") if p.strip()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope["squadroom.request_id"] = secrets.token_hex(16)
        scope["squadroom.address"] = self._address(scope)
        started = time.perf_counter()
        status = 0

        async def send_framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._frame(message)
            await send(message)

        refused = self._refuse(scope)
        if refused is not None:
            await refused(scope, receive, send_framed)
        else:
            scope["app"] = self.app
            await self.app.router(scope, self._limited(scope, receive), send_framed)
        self._log(scope, status, time.perf_counter() - started)

    def _frame(self, message: Message) -> None:
        headers: list[tuple[bytes, bytes]] = message.setdefault("headers", [])
        names = {name for name, _ in headers}
        headers.extend(self._standing)
        if b"cache-control" not in names:
            headers.append((b"cache-control", b"no-store"))
        if b"content-security-policy" not in names:
            headers.append((b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"))

    def _refuse(self, scope: Scope) -> ASGIApp | None:
        """Requests for another host, and those through a proxy in a demo, which one-click sign-in must never be reached by."""
        from starlette.responses import PlainTextResponse, RedirectResponse

        headers = scope["headers"]
        host = next((v for k, v in headers if k == b"host"), b"").lower()
        if self.settings.env == "demo" and any(k == b"forwarded" or k.startswith(b"x-forwarded-") for k, _ in headers):
            return PlainTextResponse("This is a demonstration; it is not served through a proxy.", 400)
        if host == self._host:
            return None
        name = _name_in(host)
        if name in LOOPBACK and scope["path"] == "/healthz":
            return None  # a health check has no other name to ask by
        if name in LOOPBACK and self.settings.host.rsplit(":", 1)[0].strip("[]") in LOOPBACK:
            query = scope["query_string"].decode("latin-1")
            raw = scope.get("raw_path", scope["path"].encode()).decode("latin-1")
            return RedirectResponse(self.settings.origin + raw + ("?" + query if query else ""), 308)
        return PlainTextResponse("This server does not answer for that host.", 421)

    def _limited(self, scope: Scope, receive: Receive) -> Receive:
        """A receive that stops reading past the limit, whether the length was declared or not."""
        length = Headers(scope=scope).get("content-length", "0") if scope["method"] not in ("GET", "HEAD") else "0"
        declared = int(length) if length.isdecimal() else math.inf
        seen = 0

        async def limited() -> Message:
            nonlocal seen
            if LIMIT not in scope and declared > BODY_LIMIT:
                raise BodyTooLarge
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > scope.get(LIMIT, BODY_LIMIT):
                raise BodyTooLarge
            return message

        return limited

    def _address(self, scope: Scope) -> str:
        """The client's address; X-Forwarded-For is believed from trusted proxies alone, from the right."""
        address = (scope.get("client") or ("", 0))[0]
        if not self._proxies:
            return str(address)
        forwarded = Headers(scope=scope).get("x-forwarded-for", "")
        for hop in [*reversed([h.strip() for h in forwarded.split(",") if h.strip()])]:
            if not self._is_proxy(address):
                break
            address = hop
        return str(address)[:45]

    def _is_proxy(self, address: str) -> bool:
        try:
            return any(ipaddress.ip_address(address) in network for network in self._proxies)
        except ValueError:
            return False

    def _log(self, scope: Scope, status: int, seconds: float) -> None:
        """Acts, refusals and slow answers; with LOG_LEVEL=debug everything. The route's template, never the path: paths hold tokens."""
        level = logging.INFO if scope["method"] not in ("GET", "HEAD") or status >= 400 or seconds > SLOW else logging.DEBUG
        if access_log.isEnabledFor(level):
            route = getattr(scope.get("route"), "path", "-")
            access_log.log(level, "%s %s %s %.0fms %s", scope["method"], route, status, seconds * 1000, scope["squadroom.request_id"])
