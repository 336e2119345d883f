"""Codes of an authenticator app: RFC 6238, SHA-1, six digits, 30 s, by the server's clock alone (A7)."""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import secrets

from app.core.signing import Signer

STEP = 30  # seconds
DIGITS = 6
PURPOSE = "totp"


def new_secret() -> str:
    """160 random bits in base32."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def seal(signer: Signer, secret: str) -> bytes:
    return signer.seal(PURPOSE, secret.encode())


def unseal(signer: Signer, sealed: bytes) -> str:
    return signer.unseal(PURPOSE, sealed).decode()


def step_of(now: dt.datetime) -> int:
    return int(now.timestamp()) // STEP


def code_at(secret: str, step: int) -> str:
    from pyotp import HOTP  # late: signing in alone needs it

    return str(HOTP(secret, digits=DIGITS).at(step))


def matching_step(secret: str, code: str, now: dt.datetime) -> int | None:
    """The step whose code this is: the present one or the one before, none ahead."""
    present = step_of(now)
    steps = [step for step in (present, present - 1) if hmac.compare_digest(code_at(secret, step).encode(), code.encode())]
    return steps[0] if steps else None


def uri(secret: str, address: str, site: str) -> str:
    from pyotp import TOTP

    return str(TOTP(secret).provisioning_uri(name=address, issuer_name=site.replace(":", "")))


def qr(secret: str, address: str, site: str) -> str:
    """The QR code as a `data:` address for an img element."""
    import segno  # late: 60 ms

    return segno.make(uri(secret, address, site), error="m", micro=False).svg_data_uri(border=1, scale=4)
