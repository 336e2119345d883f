"""The same form sent twice is one application. A visitor has no session to count in, so the form brings a token of ours, and what an
application gets (its link, its code) follows from that token and what was written. So a form that comes again finds its own case, and
for a while the same page can be shown; nothing of it is stored, and who has the database, or the token alone, can make none of it."""

from __future__ import annotations

import base64
import datetime as dt
from dataclasses import dataclass

from app.accounts.codes import enrolment_code_of
from app.core.signing import Signer, new_token
from app.membership.applications.forms import ApplyForm

SHOWN_AGAIN = dt.timedelta(hours=1)  # a page that is loaded again; later the code is gone, as it is said to be shown once
_PURPOSE = "application sent once"


@dataclass(frozen=True, slots=True)
class Secrets:
    """What one application gets: the token of the letter's link, and the code that is shown."""

    confirm_token: str
    code: str


def issue(signer: Signer) -> str:
    """The hidden field of a form."""
    once = new_token()
    return f"{once}.{_signed(signer, once)}"


def secrets_of(signer: Signer, sent: str, form: ApplyForm, file: bytes = b"") -> Secrets:
    """The same for the same form with the same `file` (its hash), sent again; what brings no token of ours is nobody's second."""
    once, _, mac = sent.partition(".")
    if not _is_ours(signer, once, mac):
        once = new_token()
    written = f"{once}\0{file.hex()}\0{form.model_dump_json()}".encode("utf-8", "surrogatepass")
    return Secrets(_text(signer.mac(f"{_PURPOSE}: link", written)), enrolment_code_of(signer.mac(f"{_PURPOSE}: code", written)))


def _signed(signer: Signer, once: str) -> str:
    return _text(signer.mac(_PURPOSE, once.encode("utf-8", "surrogatepass")))


def _is_ours(signer: Signer, once: str, mac: str) -> bool:
    try:
        raw = base64.urlsafe_b64decode(mac + "=" * (-len(mac) % 4))
    except ValueError:
        return False
    return signer.verify(_PURPOSE, once.encode("utf-8", "surrogatepass"), raw)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
