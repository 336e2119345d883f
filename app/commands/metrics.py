"""METRICS_LISTEN: numbers for Prometheus on a listener of their own, never on the site's address. Nothing is counted without it."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from app.core.config import ConfigError, Settings
from app.core.db import open_database

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # where several web processes put their numbers, by prometheus_client's own name


def listen(settings: Settings, workers: int) -> None:
    """Start the listener, in the process that starts the others."""
    if not settings.metrics_listen:
        return
    host, _, port = settings.metrics_listen.rpartition(":")
    if not host or not port.isdigit():
        raise ConfigError("SQUADROOM_METRICS_LISTEN: must be HOST:PORT, such as 127.0.0.1:9100")
    if workers > 1:
        import tempfile

        os.environ[_FOLDER] = tempfile.mkdtemp(prefix="squadroom-metrics-")
    from prometheus_client import REGISTRY, CollectorRegistry, start_http_server
    from prometheus_client.multiprocess import MultiProcessCollector

    from app.mail.sending.metrics import MailCollector

    registry = CollectorRegistry() if workers > 1 else REGISTRY
    if workers > 1:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    registry.register(MailCollector(open_database(settings, pool_size=1)))
    start_http_server(int(port), host.strip("[]"), registry=registry)


def measured(app: ASGIApp, settings: Settings) -> ASGIApp:
    """The application, with each answer counted and timed by method, route and status, if anyone listens."""
    return _Measured(app) if settings.metrics_listen else app


class _Measured:
    def __init__(self, app: ASGIApp) -> None:
        from prometheus_client import Histogram

        self._app = app
        self._seconds = Histogram("squadroom_request_seconds", "Time to the last byte.", ["method", "route", "status"])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        await self._app(scope, receive, noting)
        # The route's template, never the path: paths hold tokens, and would be a new series each.
        route = getattr(scope.get("route"), "path", "none")
        self._seconds.labels(scope["method"], route, str(status)).observe(time.perf_counter() - started)
