"""`squadroom serve`: the web server, and one worker process beside it."""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from app.core.config import LOOPBACK, PREFIX, ConfigError, Settings, load

if TYPE_CHECKING:
    from starlette.types import ASGIApp
    from uvicorn import Config

GRACE = 30  # seconds for requests that are under way when the server is told to stop (L12)
KEEP_ALIVE = 5  # seconds (L11)
HUNG = 60  # seconds without a sign of life after which a web process is replaced; a slow machine needs some of them to start


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line said; no port means BASE_URL's on loopback, else 8000."""

    host: str
    port: int | None
    workers: int
    with_worker: bool


def serve(options: Options) -> None:
    gc.disable()  # until the application is made
    from app.commands import metrics, schema
    from app.core import logs

    settings = _settings(options)
    _check_demo(settings, options)
    logs.configure(settings)
    with _listen(options.host, _port(settings, options)) as listening:
        schema.make_ready(settings)
        _check_demo_database(settings)
        metrics.listen(settings, options.workers)
        # uvicorn hands the signal on to this one when its last request is answered; without it the worker would never be told.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        _announce(settings, options)
        _run(settings, options, listening)


def application() -> ASGIApp:
    """The application of one web process; uvicorn calls this by name in each of several."""
    gc.disable()  # what is imported stays: looking through it for garbage again and again is a tenth of the start
    from app.commands import metrics
    from app.core import logs
    from app.main import create_app

    settings = load()
    logs.configure(settings)
    made = metrics.measured(create_app(settings), settings)
    gc.freeze()
    gc.enable()
    return made


def _settings(options: Options) -> Settings:
    """The settings; a port on the command line is also BASE_URL's, unless that is set: pages and mail name it."""
    settings = load()
    if options.port is not None and "base_url" not in settings.model_fields_set:
        os.environ[f"{PREFIX}BASE_URL"] = f"http://localhost:{options.port}"
        settings = load()
    return settings


def _port(settings: Settings, options: Options) -> int:
    own = urlsplit(settings.origin)
    if options.port is not None:
        return options.port
    return own.port or 8000 if own.hostname in LOOPBACK and own.scheme == "http" else 8000


def _check_demo(settings: Settings, options: Options) -> None:
    if settings.env == "demo" and options.host not in LOOPBACK:
        raise ConfigError("ENV=demo signs anyone in with one click, so it listens on loopback only: leave --host out")


def _check_demo_database(settings: Settings) -> None:
    if settings.env != "demo":
        return
    from app.core import site
    from app.core.db import open_database

    db = open_database(settings, pool_size=1)
    try:
        with db.read() as conn:
            if site.read(conn, settings).made_by != "demo":
                raise ConfigError("ENV=demo serves only a database that `squadroom demo` made")
    finally:
        db.close()


def _announce(settings: Settings, options: Options) -> None:
    print(f"Squadroom is at {settings.origin} (listening on {options.host}:{_port(settings, options)})", flush=True)
    if settings.env == "demo":
        print(f"Sign in as anyone of the demo cast with one click: {settings.origin}/sign-in", flush=True)


def _config(settings: Settings, options: Options) -> Config:
    from uvicorn import Config

    several = options.workers > 1
    asked: dict[str, Any] = {"app": "app.commands.serving:application", "factory": True} if several else {"app": application()}
    return Config(
        **asked, host=options.host, port=_port(settings, options), workers=options.workers, log_config=None, access_log=False,
        server_header=False, proxy_headers=False, ws="none", lifespan="on", timeout_keep_alive=KEEP_ALIVE, timeout_graceful_shutdown=GRACE,
        loop="uvloop", http="httptools",
        timeout_worker_healthcheck=HUNG,
    )  # fmt: skip


def _run(settings: Settings, options: Options, listening: socket.socket) -> None:
    from uvicorn import Server
    from uvicorn.supervisors import Multiprocess

    from app.commands.beside import WorkerProcess

    config = _config(settings, options)
    server = Server(config)
    soon = time.monotonic() + 2  # of several web processes nobody says when they are ready
    beside = WorkerProcess((lambda: server.started) if options.workers == 1 else (lambda: time.monotonic() > soon))
    if options.with_worker:
        beside.start()
    try:
        if options.workers == 1:
            server.run(sockets=[listening])
        else:
            Multiprocess(config, sockets=[listening]).run()
    finally:
        if options.with_worker:
            beside.stop()


def _listen(host: str, port: int) -> socket.socket:
    """Taken before anything is loaded, so that a port in use is one line and not a start that fails half way."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise ConfigError(f"could not listen on {host}:{port}: {error.strerror}") from None
    listening.set_inheritable(True)
    return listening
