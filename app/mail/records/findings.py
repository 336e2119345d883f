"""`squadroom mail check`: which DNS records the association's mail needs, which are there, and what to add."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from publicsuffixlist import PublicSuffixList

from app.core.config import LOOPBACK, Settings
from app.mail.records.answers import Answers, Unanswered
from app.mail.records.spf import MOST_LOOKUPS, Address, Spf, Wrong
from app.mail.sending.signature import DkimSigner
from app.mail.transports import dkim_of, server_of


@dataclass(frozen=True, slots=True)
class Finding:
    """`add` is a record as it stands in a zone's file."""

    state: Literal["well", "look", "wrong"]
    what: str
    said: str
    add: str = ""


class Check:
    """One look. `sender` is the domain of From, `envelope` that of bounces and replies."""

    def __init__(self, settings: Settings, answers: Answers, addresses: tuple[str, ...] = ()) -> None:
        self._settings, self._answers = settings, answers
        self.sender, self.envelope = settings.sender.rpartition("@")[2], settings.mail_domain
        self._dkim = dkim_of(settings)
        self._given = addresses
        self._dmarc: dict[str, str] = {}

    def run(self) -> list[Finding]:
        lost = [domain for domain in dict.fromkeys((self.sender, self.envelope)) if "." not in domain or _is_number(domain)]
        if lost:
            return [Finding("wrong", "domain", f"{lost[0]} is no domain of the Internet: set BASE_URL, MAIL_FROM and REPLY_DOMAIN")]
        parts: tuple[tuple[str, Callable[[], Iterator[Finding]]], ...] = (
            ("DKIM", self._dkim_record), ("DMARC", self._dmarc_record), ("SPF", self._spf_record), ("alignment", self._alignment),
            ("MX", self._mx_record), ("PTR", self._names_of_addresses),
            ("TLS", self._encryption),
        )  # fmt: skip
        return [finding for what, part in parts for finding in self._asked(what, part)]

    def _asked(self, what: str, part: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
        try:
            yield from part()
        except Unanswered as error:
            yield Finding("wrong", what, f"DNS could not be asked: {error}")

    # The way to the mail server

    def _encryption(self) -> Iterator[Finding]:
        if not self._settings.smtp_url:
            yield Finding("look", "TLS", "SMTP_URL is not set: mail is written into files and reaches nobody")
            return
        server = server_of(self._settings.smtp_url)
        if server.tls == "none" and server.host not in LOOPBACK:
            yield Finding(
                "wrong", "TLS", f"mail goes to {server.host} for all to read: put ?tls=starttls behind SMTP_URL, or smtps:// before"
            )
        else:
            way = "leaves this machine by its own mail server" if server.host in LOOPBACK else f"goes to {server.host} over TLS"
            yield Finding("well", "TLS", f"mail {way}")

    # SPF

    def _spf_record(self) -> Iterator[Finding]:
        addresses = self._addresses()
        if not addresses:
            yield Finding("look", "SPF", "the address that mail leaves from is not known here: give it with --ip")
        domain, good = self.envelope, " ".join(f"ip{one.version}:{one}" for one in addresses) or "mx"
        add = f'{domain}. IN TXT "v=spf1 {good} -all"'
        spf, refused = Spf(self._answers), []
        unknown: list[Address | None] = [None]
        for address in addresses or unknown:
            spf = Spf(self._answers)
            try:
                if spf.allows(domain, address) is False and address is not None:
                    refused.append(str(address))
            except Wrong as error:
                yield Finding("wrong", "SPF", str(error), add)
                return
        yield from self._judged(spf, refused, add)

    def _judged(self, spf: Spf, refused: list[str], add: str) -> Iterator[Finding]:
        if spf.lookups > MOST_LOOKUPS:
            yield Finding("wrong", "SPF", f"it asks DNS {spf.lookups} times, and others stop at {MOST_LOOKUPS}: take includes out")
        if spf.last == "+all":
            yield Finding("wrong", "SPF", "it ends in +all, so that anybody may send in your name: end it in -all")
        elif spf.last in ("", "?all"):
            yield Finding("look", "SPF", "it does not say what to do with others' mail: end it in -all")
        if refused:
            yield Finding("wrong", "SPF", f"mail from {', '.join(refused)} is refused: add it to the record of {self.envelope}", add)
        elif spf.lookups <= MOST_LOOKUPS and spf.last in ("-all", "~all"):
            yield Finding("well", "SPF", f"{self.envelope} lets its server send")

    def _addresses(self) -> list[Address]:
        """Where mail leaves from: what was given, or the mail server's addresses if that is another machine."""
        if self._given:
            return [ipaddress.ip_address(one) for one in self._given]
        host = server_of(self._settings.smtp_url).host if self._settings.smtp_url else "localhost"
        if host in LOOPBACK:
            return []
        if _is_number(host):
            return [ipaddress.ip_address(host)]
        return [ipaddress.ip_address(text) for kind in ("A", "AAAA") for text in self._answers.ask(host, kind)]

    # DKIM

    def _dkim_record(self) -> Iterator[Finding]:
        signer = self._dkim
        if signer is None:
            yield Finding("look", "DKIM", "DKIM_KEY_FILE is not set: unless your mail server signs, large providers refuse your mail")
            return
        name = f"{signer.selector}._domainkey.{signer.domain}"
        add = f"{name}. IN TXT {_quoted(signer.record)}"
        if signer.bits and signer.bits < 2048:
            yield Finding("look", "DKIM", f"the key has {signer.bits} bits: make one of 2048")
        found = self._answers.ask(name, "TXT")
        yield _compared(signer, found, name, add)

    # DMARC

    def _dmarc_record(self) -> Iterator[Finding]:
        add = f'_dmarc.{self.sender}. IN TXT "v=DMARC1; p=reject; rua=mailto:postmaster@{self.sender}"'
        for domain in dict.fromkeys((self.sender, organisation(self.sender))):
            found = [text for text in self._answers.ask(f"_dmarc.{domain}", "TXT") if text.lower().startswith("v=dmarc1")]
            if len(found) > 1:
                yield Finding("wrong", "DMARC", f"_dmarc.{domain} has {len(found)} records, and may have one")
                return
            if found:
                self._dmarc = _tags(found[0])
                yield from self._policy(domain)
                return
        yield Finding("wrong", "DMARC", f"{self.sender} has no DMARC record", add)

    def _policy(self, domain: str) -> Iterator[Finding]:
        policy = (self._dmarc.get("sp", "") if domain != self.sender else "") or self._dmarc.get("p", "")
        if policy not in ("none", "quarantine", "reject"):
            yield Finding("wrong", "DMARC", f"_dmarc.{domain} has no policy that counts: p={policy}")
        elif policy == "none":
            yield Finding("look", "DMARC", "p=none only watches: when the reports are clean, go to p=quarantine and then to p=reject")
        else:
            yield Finding("well", "DMARC", f"{self.sender} has p={policy}")
        if self._dmarc.get("pct", "100") != "100":
            yield Finding("look", "DMARC", f"pct={self._dmarc['pct']}: the policy counts for a part of the mail only")

    def _alignment(self) -> Iterator[Finding]:
        is_strict = self._dmarc.get("aspf", "r").lower() == "s"
        same = self.envelope == self.sender if is_strict else organisation(self.envelope) == organisation(self.sender)
        if same:
            yield Finding("well", "alignment", f"From at {self.sender} and the envelope at {self.envelope} belong together")
            return
        said = f"From is at {self.sender} and the envelope at {self.envelope}, which SPF does not count as one"
        if self._dkim is None:
            yield Finding("wrong", "alignment", f"{said}, and nothing is signed: set DKIM_KEY_FILE, or MAIL_FROM to the same domain")
        else:
            yield Finding("look", "alignment", f"{said}: only the DKIM signature vouches for your mail")

    # Where mail comes in, and the server's own name

    def _mx_record(self) -> Iterator[Finding]:
        host = urlsplit(self._settings.origin).hostname or self.envelope
        add = f"{self.envelope}. IN MX 10 {host}."
        hosts = [text.partition(" ")[2] for text in self._answers.ask(self.envelope, "MX")]
        if not hosts or hosts == [""]:
            yield Finding("wrong", "MX", f"{self.envelope} takes no mail, so that answers and bounces are lost", add)
            return
        lost = [one for one in hosts if not (self._answers.ask(one, "A") or self._answers.ask(one, "AAAA"))]
        if lost:
            yield Finding("wrong", "MX", f"{lost[0]} has no address")
        else:
            yield Finding("well", "MX", f"{self.envelope} takes mail at {', '.join(hosts)}")

    def _names_of_addresses(self) -> Iterator[Finding]:
        for address in self._addresses():
            names = self._answers.ask(address.reverse_pointer, "PTR")
            kind = "A" if address.version == 4 else "AAAA"
            if not names:
                host = urlsplit(self._settings.origin).hostname
                add = f"{address.reverse_pointer}. IN PTR {host}."
                yield Finding("wrong", "PTR", f"{address} has no name: whoever gave you the address can add it", add)
            elif not any(_is_among(address, self._answers.ask(name, kind)) for name in names):
                add = f"{names[0]}. IN {kind} {address}"
                yield Finding("wrong", "PTR", f"{address} is called {names[0]}, which does not lead back to it", add)
            else:
                yield Finding("well", "PTR", f"{address} is {names[0]}, and that is {address}")


def _compared(signer: DkimSigner, found: list[str], name: str, add: str) -> Finding:
    """What is published beside what we sign with."""
    if not found:
        return Finding("wrong", "DKIM", f"{name} has no record", add)
    if len(found) > 1:
        return Finding("wrong", "DKIM", f"{name} has {len(found)} records, and may have one")
    published, ours = _tags(found[0]).get("p", ""), _tags(signer.record)["p"]
    if not published:
        return Finding("wrong", "DKIM", f"{name} has an empty key: it was withdrawn", add)
    if "".join(published.split()) != ours:
        return Finding("wrong", "DKIM", f"{name} has another key than DKIM_KEY_FILE", add)
    if "y" in _tags(found[0]).get("t", ""):
        return Finding("look", "DKIM", f"{name} says t=y, so that it is only tried out: take that away")
    return Finding("well", "DKIM", f"{name} has the key that mail is signed with")


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_among(address: Address, texts: list[str]) -> bool:
    return any(ipaddress.ip_address(text) == address for text in texts)


_suffixes: list[PublicSuffixList] = []


def organisation(domain: str) -> str:
    """The domain that was registered: police.example.org belongs to example.org."""
    if not _suffixes:
        _suffixes.append(PublicSuffixList())
    return _suffixes[0].privatesuffix(domain) or domain


def _tags(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): value.strip() for name, sign, value in pairs if sign}


def _quoted(text: str) -> str:
    """A TXT record's text in pieces of at most 255 characters."""
    return " ".join(f'"{text[n : n + 250]}"' for n in range(0, len(text), 250))
