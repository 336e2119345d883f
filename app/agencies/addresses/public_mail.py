"""Public mail: services where anyone can have an address. It never counts as evidence (V5)."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def _services() -> frozenset[str]:
    lines = Path(__file__).with_name("public-mail.txt").read_text(encoding="ascii").split("\n")
    return frozenset(line for line in lines if line and not line.startswith("#"))


def public_mail_service(host: str) -> str:
    """The service whose domain this is, or under which it lies; nothing for any other."""
    labels = host.split(".")
    above = (".".join(labels[at:]) for at in range(len(labels) - 1))
    return next((name for name in above if name in _services()), "")
