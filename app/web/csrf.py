"""Cross-site requests are refused twice: by the browser's word on where a request came from, and by a token in the form (A14)."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from typing import TYPE_CHECKING

from app.core.errors import Forbidden
from app.core.signing import Signer, token_hash

if TYPE_CHECKING:
    from app.web.request import Call, Context

FIELD = "csrf"
HEADER = "x-csrf-token"
BROWSER_COOKIE_AGE = 86_400


class StaleForm(Forbidden):
    """The token is missing or belongs to another session. From our own pages the text is given back; a foreign page gets nothing."""

    title = "This form is out of date"


def _xor(a: bytes, b: bytes) -> bytes:
    return bytes(x ^ y for x, y in zip(a, b, strict=True))


def issue(signer: Signer, key: bytes) -> str:
    value, pad = signer.mac("csrf", key)[:16], secrets.token_bytes(16)
    return base64.urlsafe_b64encode(pad + _xor(pad, value)).decode().rstrip("=")


def _holds(signer: Signer, key: bytes, token: str) -> bool:
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        return False
    return len(raw) == 32 and hmac.compare_digest(_xor(raw[:16], raw[16:]), signer.mac("csrf", key)[:16])


def browser_key(ctx: Context) -> bytes:
    """The key for forms used before signing in: from a random cookie of this browser, set with the page if it has none."""
    name = ctx.platform.browser_cookie_name
    value = ctx.call.request.cookies.get(name, "")
    for cookie, fresh, _age in ctx.extra_cookies:
        value = fresh if cookie == name else value
    if not 20 <= len(value) <= 100:
        value = secrets.token_urlsafe(24)
        ctx.set_cookie(name, value, BROWSER_COOKIE_AGE)
    return token_hash(value)


def came_from_elsewhere(call: Call) -> bool:
    """Whether the browser says that another site sent this. With `Referrer-Policy: no-referrer` browsers send `Origin: null`
    from our own forms, and Sec-Fetch-Site tells them apart from a sandboxed frame's."""
    headers = call.request.headers
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return True
    if origin is None or (origin == "null" and site == "same-origin"):
        return False
    return origin != call.platform.settings.origin


def require(call: Call, key: bytes | None) -> None:
    """Refuse an unsafe request that is not from a page of ours for this very session."""
    if came_from_elsewhere(call):
        raise Forbidden("This request came from another site.")
    token = next((v for k, v in call.fields if k == FIELD), None) or call.request.headers.get(HEADER, "")
    if key is None:
        cookie = call.request.cookies.get(call.platform.browser_cookie_name)
        key = token_hash(cookie) if cookie else None
    if key is None or not _holds(call.platform.signer, key, token):
        raise StaleForm
