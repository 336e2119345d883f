"""SPF (RFC 7208), as far as it takes to tell an administrator whether their record lets their server send."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field

from app.mail.records.answers import Answers

MOST_LOOKUPS = 10
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_ASKS = ("include", "a", "mx", "ptr", "exists", "redirect")


class Wrong(Exception):
    """The record can't be used as it stands; the message says why."""


@dataclass(slots=True)
class Spf:
    """One look at a domain's record. `allows` says for each address whether it may send; None: what is said can't be told here."""

    answers: Answers
    lookups: int = 0
    last: str = ""  # how the record ends: "-all", "~all", "?all", "+all" or ""
    opened: list[str] = field(default_factory=list)

    def record(self, domain: str) -> str:
        found = [text for text in self.answers.ask(domain, "TXT") if text.lower().split(" ")[0] == "v=spf1"]
        if not found:
            raise Wrong(f"{domain} has no SPF record")
        if len(found) > 1:
            raise Wrong(f"{domain} has {len(found)} SPF records, and may have one: put them together")
        return found[0]

    def allows(self, domain: str, address: Address | None) -> bool | None:
        """Whether a server at this address may send for the domain."""
        if domain in self.opened:
            raise Wrong(f"{domain} includes itself")
        self.opened.append(domain)
        said = self._read(domain, self.record(domain).split()[1:], address)
        self.opened.pop()
        return said

    def _read(self, domain: str, terms: list[str], address: Address | None) -> bool | None:
        said: bool | None = None
        redirect = ""
        is_known = address is not None
        for term in terms:
            sign, rest = (term[0], term[1:]) if term[0] in "+-~?" else ("+", term)
            name, _, value = rest.replace("=", ":", 1).partition(":")
            if name.lower() == "redirect":
                redirect = value
                continue
            if name.lower() == "all" and len(self.opened) == 1:
                self.last = f"{sign}all"
            matched = self._matches(name.lower(), value, domain, address)
            is_known = is_known and matched is not None
            if said is None and matched:
                said = sign == "+"
        if redirect and not any(term.lower().endswith("all") for term in terms):
            self._count()
            self.opened[-1] = redirect  # its record stands for this one
            return self._read(redirect, self.record(redirect).split()[1:], address) if said is None else said
        return said if said else False if is_known else None

    def _matches(self, name: str, value: str, domain: str, address: Address | None) -> bool | None:
        name, _, length = name.partition("/")
        if name in _ASKS:
            self._count()
        if name == "all":
            return True
        if "%" in value or name in ("exists", "ptr"):
            return None
        if name in ("ip4", "ip6"):
            return _within(value, address)
        host, _, host_length = value.partition("/")
        length = length or host_length
        if name == "include":
            return self.allows(value, address)
        if name == "a":
            return self._among(host or domain, address, length)
        if name == "mx":
            hosts = [text.partition(" ")[2] for text in self.answers.ask(host or domain, "MX")]
            return any(self._among(one, address, length) for one in hosts)
        return False if name in ("exp", "v") else _unknown(name)

    def _among(self, host: str, address: Address | None, length: str) -> bool:
        kinds = ("A", "AAAA") if address is None else ("A",) if address.version == 4 else ("AAAA",)
        found = [text for kind in kinds for text in self.answers.ask(host, kind)]
        return any(_within(f"{text}/{length}" if length else text, address) for text in found)

    def _count(self) -> None:
        self.lookups += 1
        if self.lookups > 50:
            raise Wrong("it asks DNS more than 50 times")


def _within(network: str, address: Address | None) -> bool:
    try:
        whole = ipaddress.ip_network(network.partition("//")[0], strict=False)
    except ValueError:
        raise Wrong(f"{network} is no address") from None
    return address is not None and address.version == whole.version and address in whole


def _unknown(name: str) -> bool:
    raise Wrong(f"it has a word that SPF does not know: {name}")
