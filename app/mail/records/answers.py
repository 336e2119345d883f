"""What DNS says: asked of this system's resolver, or read from a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Protocol

SECONDS = 10.0


class Unanswered(Exception):
    """Nobody could say: no answer, or a failure. That is not the same as a record that isn't there."""


class Answers(Protocol):
    def ask(self, name: str, kind: str) -> list[str]: ...


class Resolver:
    """This system's resolver. TXT as one text each, MX as "10 mx.example.org", names without the last dot."""

    def ask(self, name: str, kind: str) -> list[str]:
        import dns.exception
        import dns.resolver

        try:
            found = dns.resolver.resolve(name, kind, lifetime=SECONDS, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError) as error:
            raise Unanswered(f"{name} {kind}: {type(error).__name__}") from None
        if kind == "TXT":
            return [b"".join(record.strings).decode("utf-8", "replace") for record in found]
        return [record.to_text().removesuffix(".") for record in found]


class FileAnswers:
    """A JSON object such as `{"example.org TXT": ["v=spf1 -all"], "example.org MX": ["10 mx.example.org"]}`; what is not in it is not
    there, and null stands for no answer."""

    def __init__(self, path: Path) -> None:
        self._kept = {" ".join(name.lower().split()): found for name, found in json.loads(path.read_text()).items()}

    def ask(self, name: str, kind: str) -> list[str]:
        found = self._kept.get(f"{name} {kind}".lower(), [])
        if found is None:
            raise Unanswered(f"{name} {kind}: no answer")
        return [str(one).removesuffix(".") if kind != "TXT" else str(one) for one in found]
